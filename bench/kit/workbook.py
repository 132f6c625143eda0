"""The report as the workbook that a town hall would keep: one worksheet a sheet, laid out as the printed form.

Run as a program in the private environment, because it needs a package: python -m kit.workbook DOCUMENT OUT.xlsx
"""

import sys
import unicodedata
from math import ceil
from pathlib import Path

import xlsxwriter
from xlsxwriter.format import Format
from xlsxwriter.workbook import Workbook
from xlsxwriter.worksheet import Worksheet

from kit.grids import COLUMNS, Cell, Grid, Json, Kind, Page, Slice, load, pages, title

A4 = 9
FONT = "BIZ UDGothic"
FONT_SIZE = 8
LINE = 11  # points
PADDING = 4  # points, both sides of a cell together
PRINTED_WIDTH = {True: 785, False: 510}  # points between the margins: landscape, portrait
PIXELS_A_POINT = 96 / 72

LOOKS = {
    Kind.TEXT: {"align": "left", "valign": "top"},
    Kind.CENTRE: {"align": "center", "valign": "vcenter"},
    Kind.ROW_HEADER: {"align": "left", "valign": "top", "bg_color": "#DCE6F1"},
    Kind.COLUMN_HEADER: {"align": "center", "valign": "vcenter", "bg_color": "#DCE6F1"},
    Kind.BAR: {"align": "center", "valign": "vcenter", "bg_color": "#B8CCE4"},
}


class Drawing:
    """A workbook being drawn: the formats are made once, as a workbook shares them."""

    def __init__(self, workbook: Workbook) -> None:
        base = {"font_name": FONT, "font_size": FONT_SIZE, "text_wrap": True}
        self.workbook = workbook
        self.formats = {kind: workbook.add_format(base | {"border": 1} | look) for kind, look in LOOKS.items()}
        self.heading = workbook.add_format(base | {"font_size": 14, "bold": True})
        self.line = workbook.add_format(base | {"valign": "top"})

    def page(self, number: int, page: Page) -> None:
        sheet = self.workbook.add_worksheet(f"{number:03}")
        point = PRINTED_WIDTH[page.is_landscape] / COLUMNS
        set_up(sheet, page.is_landscape, point)
        row = 0
        if page.heading:
            row = write_line(sheet, row, page.heading, self.heading, 2 * LINE)
        for text in page.lines:
            row = write_line(sheet, row, text, self.line, lines(text, COLUMNS * point) * LINE)
        for grid in page.grids:
            row = self.grid(sheet, row, grid, point) + 1
        if page.pie:
            self.pie(sheet, row, page.pie)

    def grid(self, sheet: Worksheet, top: int, grid: Grid, point: float) -> int:
        for at, height in enumerate(heights(grid, point)):
            sheet.set_row(top + at, height)
        for at, cells in enumerate(grid.rows):
            for cell in cells:
                write_cell(sheet, top + at, cell, self.formats[cell.kind])
        return top + len(grid.rows)

    def pie(self, sheet: Worksheet, top: int, slices: list[Slice]) -> None:
        """A native chart; its figures stand beside the printed columns."""
        name, outside, last = sheet.get_name(), COLUMNS + 2, top + len(slices) - 1
        for at, one in enumerate(slices):
            sheet.write_row(top + at, outside, [one.label, one.count])
        chart = self.workbook.add_chart({"type": "pie"})
        chart.add_series(
            {
                "categories": [name, top, outside, last, outside],
                "values": [name, top, outside + 1, last, outside + 1],
            }
        )
        sheet.insert_chart(top, 4, chart)
        sheet.print_area(0, 0, top + 20, COLUMNS - 1)


def set_up(sheet: Worksheet, is_landscape: bool, point: float) -> None:
    sheet.set_paper(A4)
    if is_landscape:
        sheet.set_landscape()
    sheet.set_margins(left=0.39, right=0.39, top=0.39, bottom=0.59)
    sheet.fit_to_pages(1, 0)
    sheet.set_footer("&C&8&P")
    sheet.set_column_pixels(0, COLUMNS - 1, round(point * PIXELS_A_POINT))


def write_line(sheet: Worksheet, row: int, text: str, look: Format, height: float) -> int:
    sheet.set_row(row, height)
    sheet.merge_range(row, 0, row, COLUMNS - 1, text, look)
    return row + 1


def write_cell(sheet: Worksheet, row: int, cell: Cell, look: Format) -> None:
    if cell.rows == 1 and cell.columns == 1:
        sheet.write_string(row, cell.column, cell.text, look)
        return
    last = (row + cell.rows - 1, cell.column + cell.columns - 1)
    sheet.merge_range(row, cell.column, *last, "", look)
    sheet.write_string(row, cell.column, cell.text, look)


def heights(grid: Grid, point: float) -> list[float]:
    """The rows' heights in points: a merged cell never grows by itself, so its lines are counted here."""
    needed = [float(LINE + 3)] * len(grid.rows)
    cells = [(at, cell) for at, row in enumerate(grid.rows) for cell in row]
    for at, cell in sorted(cells, key=lambda placed: placed[1].rows):
        span = range(at, at + cell.rows)
        missing = lines(cell.text, cell.columns * point) * LINE + 3 - sum(needed[row] for row in span)
        if missing > 0:
            for row in span:
                needed[row] += missing / cell.rows
    return [min(height, 409.0) for height in needed]  # 409 points is the most that a row may have


def lines(text: str, width: float) -> int:
    """How many lines a text takes in a width; one more where it is long, for line ends moved by punctuation."""
    room = (width - PADDING) / FONT_SIZE
    count = sum(max(1, ceil(ems(part) / room)) for part in text.split("\n"))
    return count + (1 if count > 5 else 0)


def ems(text: str) -> float:
    return sum(1.0 if unicodedata.east_asian_width(char) in "WFA" else 0.5 for char in text)


def write(document: Json, path: Path) -> None:
    """Writes the whole report."""
    # The widths of columns are counted in digits of the default font: it has to be one that is there.
    default = {"font_name": FONT, "font_size": 11}
    with xlsxwriter.Workbook(str(path), {"default_format_properties": default}) as workbook:
        workbook.set_properties({"title": title(document)})
        drawing = Drawing(workbook)
        for number, page in enumerate(pages(document), start=1):
            drawing.page(number, page)


if __name__ == "__main__":
    write(load(Path(sys.argv[1])), Path(sys.argv[2]))
