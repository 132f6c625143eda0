"""The report as one web page: what Chromium prints and WeasyPrint typesets."""

from html import escape
from math import cos, pi, sin

from kit.grids import COLUMNS, Cell, Grid, Json, Kind, Page, Slice, pages, title

STYLE = """
@page { size: A4 portrait; margin: 15mm; @bottom-center { content: counter(page); font-size: 8pt } }
@page sheet { size: A4 landscape; margin: 10mm }
body { margin: 0; font: 8pt/1.35 "BIZ UDGothic", "Noto Sans JP", "Noto Sans Symbols 2", sans-serif }
section { break-after: page }
section:last-child { break-after: auto }
section.sheet { page: sheet }
h1 { font-size: 14pt }
p { margin: 0 }
table { width: 100%; border-collapse: collapse; table-layout: fixed; margin-bottom: 2mm }
th, td { border: .5pt solid #000; padding: 1pt 2pt; font-weight: normal; text-align: left; vertical-align: top }
th { background: #dce6f1; print-color-adjust: exact }
td.bar { background: #b8cce4; text-align: center; print-color-adjust: exact }
th.column-header, td.centre { text-align: center; vertical-align: middle }
svg { width: 60mm; height: 60mm }
"""

COLOURS = ["#1f3864", "#2e75b6", "#9dc3e6", "#7f7f7f", "#d9d9d9"]


def webpage(document: Json) -> str:
    """The whole report as HTML, complete in one file."""
    sections = "\n".join(section(page) for page in pages(document))
    name = escape(title(document))
    head = f'<meta charset="utf-8"><title>{name}</title><style>{STYLE}</style>'
    return f'<!DOCTYPE html>\n<html lang="ja"><head>{head}</head><body>\n{sections}\n</body></html>\n'


def section(page: Page) -> str:
    parts = [f"<h1>{escape(page.heading)}</h1>"] if page.heading else []
    parts += [f"<p>{lines(text)}</p>" for text in page.lines]
    parts += [table(grid) for grid in page.grids]
    if page.pie:
        parts.append(pie(page.pie))
    kind = ' class="sheet"' if page.is_landscape else ""
    return f"<section{kind}>{''.join(parts)}</section>"


def table(grid: Grid) -> str:
    columns = "<col>" * COLUMNS
    rows = "\n".join(f"<tr>{''.join(cell(one) for one in row)}</tr>" for row in grid.rows)
    return f"<table><colgroup>{columns}</colgroup><tbody>\n{rows}\n</tbody></table>"


def cell(one: Cell) -> str:
    scope = {Kind.ROW_HEADER: "row", Kind.COLUMN_HEADER: "col"}.get(one.kind)
    name = "th" if scope else "td"
    attributes = f' class="{one.kind.value}"'
    attributes += f' scope="{scope}"' if scope else ""
    attributes += f' colspan="{one.columns}"' if one.columns > 1 else ""
    attributes += f' rowspan="{one.rows}"' if one.rows > 1 else ""
    return f"<{name}{attributes}>{lines(one.text)}</{name}>"


def lines(text: str) -> str:
    return escape(text).replace("\n", "<br>")


def pie(slices: list[Slice]) -> str:
    total = sum(one.count for one in slices)
    paths = []
    angle = 0.0
    for at, one in enumerate(one for one in slices if one.count):
        end = angle + 2 * pi * one.count / total
        paths.append(sector(angle, end, COLOURS[at % len(COLOURS)]))
        angle = end
    label = "、".join(f"{one.label} {one.count}" for one in slices)
    return f'<svg viewBox="-1 -1 2 2" role="img" aria-label="{escape(label)}">{"".join(paths)}</svg>'


def sector(start: float, end: float, colour: str) -> str:
    if end - start > 2 * pi - 1e-9:  # an arc that ends where it starts is not drawn
        return f'<circle r="1" fill="{colour}"/>'
    far = 1 if end - start > pi else 0
    first, last = (f"{sin(angle):.4f} {-cos(angle):.4f}" for angle in (start, end))
    return f'<path d="M0 0L{first}A1 1 0 {far} 1 {last}Z" fill="{colour}"/>'
