"""The report as tables, the same for every peer: the workbook and the web page draw these grids cell by cell.

Every grid is 28 columns wide, so that all grids of a sheet can stand in one worksheet: a label takes four columns and
each of the twelve months two.
"""

import json
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from enum import Enum
from itertools import pairwise
from pathlib import Path
from typing import Any

COLUMNS = 28
LABEL = 4
INDEX_COLUMNS = [(0, 8), (8, 2), (10, 5), (15, 7), (22, 2), (24, 2), (26, 2)]
MONTHS = [4, 5, 6, 7, 8, 9, 10, 11, 12, 1, 2, 3]

Json = dict[str, Any]


class Kind(Enum):
    """What a cell is for, which decides how it looks and whether it is a header."""

    TEXT = "text"
    CENTRE = "centre"
    ROW_HEADER = "row-header"
    COLUMN_HEADER = "column-header"
    BAR = "bar"


@dataclass(frozen=True)
class Cell:
    """A cell at its first column; a cell that spans rows is in the first of them only."""

    text: str
    column: int
    columns: int
    rows: int = 1
    kind: Kind = Kind.TEXT


@dataclass
class Grid:
    """One table."""

    rows: list[list[Cell]] = field(default_factory=list)


@dataclass
class Slice:
    """One slice of the pie: a grade and how many got it."""

    label: str
    count: int


@dataclass
class Page:
    """A worksheet of the workbook, a section of the web page: lines of text, then grids, then a pie."""

    heading: str = ""
    lines: list[str] = field(default_factory=list)
    grids: list[Grid] = field(default_factory=list)
    pie: list[Slice] = field(default_factory=list)
    is_landscape: bool = False


def load(path: Path) -> Json:
    """Reads a report document."""
    return json.loads(path.read_text(encoding="utf-8-sig"))


def title(document: Json) -> str:
    """The report's title, as the document's properties carry it."""
    return f"{year_name(document['fiscal_year'])}取組結果報告書"


def pages(document: Json) -> list[Page]:
    """The whole report in the printed order: the pages before the sheets, then a page a sheet.

    The words are those of the form `iwakuni`; another form's document has the same amount of text under them.
    """
    front = [cover(document), index(document), by_rating(document), achievements(document)]
    return front + [sheet(document, one) for one in document["sheets"]]


# The pages before the sheets.


def cover(document: Json) -> Page:
    plan = document["plan"]
    span = f"{plan['from_year']}年度～{plan['to_year']}年度"
    town = (document["municipality"] or {}).get("name", "")
    lines = [plan["title"], span, plan.get("principle") or "", town]
    return Page(heading=title(document), lines=lines)


def index(document: Json) -> Page:
    scale = Grid(
        [
            [
                Cell(grade["code"], 0, 2, kind=Kind.ROW_HEADER),
                Cell(grade.get("label") or "", 2, 6),
                Cell(grade.get("definition") or "", 8, COLUMNS - 8),
            ]
            for grade in document["scale"]
        ]
    )
    listing = Grid([index_header(document)])
    above: list[Json] = []
    for one in document["sheets"]:
        listing.rows += [group_row(node) for node in one["path"][:-1] if node not in above]
        listing.rows += index_rows(document, one)
        above = one["path"]
    return Page(heading="１ 取組結果一覧（プラン掲載順）", grids=[scale, listing])


def index_header(document: Json) -> list[Cell]:
    year = document["fiscal_year"]
    names = ["取組", "区分", "主担当部署", "連携部署", short_year(year - 1), short_year(year), "ページ"]
    return [Cell(name, at, width, kind=Kind.COLUMN_HEADER) for name, (at, width) in zip(names, INDEX_COLUMNS)]


def group_row(node: Json) -> list[Cell]:
    return [Cell(f"{node['level']}{node['number']}：{node['title']}", 0, COLUMNS, kind=Kind.ROW_HEADER)]


def index_rows(document: Json, one: Json) -> Iterator[list[Cell]]:
    """A row for each department that answers; what the printed list lacks is taken from the sheet."""
    printed = {(entry["page"], entry["department"]): entry for entry in document["index"]}
    for lead in one["lead_departments"] or [""]:
        entry = printed.get((one["page"], lead), {})
        texts = [
            numbered(one["path"][-1]),
            one["mark"] or "",
            lead,
            "、".join(entry.get("supporting") or one["supporting_departments"]),
            entry.get("previous") or "",
            entry.get("current") or result(document, one, lead) or "",
            str(one["page"] or ""),
        ]
        yield [Cell(text, at, width) for text, (at, width) in zip(texts, INDEX_COLUMNS)]


def by_rating(document: Json) -> Page:
    lines = []
    for grade in document["scale"]:
        lines.append(f"◆ 「{grade['code']}」と評価した取組項目")
        lines += [f"○ {name}" for name in measures_rated(document, grade["code"])]
    labels = {grade["code"]: grade.get("label") or "" for grade in document["scale"]}
    tally, percent = document["tally"], document["percent"]
    table = Grid(
        [
            [
                Cell(f"{code}（{labels.get(code, '')}）", 0, 10, kind=Kind.ROW_HEADER),
                Cell(f"{count}項目", 10, 9),
                Cell(f"{percent.get(code, '')}％", 19, 9),
            ]
            for code, count in tally.items()
        ]
    )
    pie = [Slice(code, count) for code, count in tally.items()]
    return Page(heading="２ 取組結果一覧（取組結果の分類順）", lines=lines, grids=[table], pie=pie)


def measures_rated(document: Json, code: str) -> Iterator[str]:
    for one in document["sheets"]:
        leads = one["lead_departments"]
        for lead in leads:
            if result(document, one, lead) == code:
                yield one["path"][-1]["title"] + (f"【{lead}】" if len(leads) > 1 else "")


def achievements(document: Json) -> Page:
    lines = []
    category = None
    for one in document["achievements"]:
        if one["category"] != category:
            category = one["category"]
            lines.append(f"【{category}】")
        lines.append(f"○ {one['text']}（{one['ref'] or ''}）")
    return Page(heading="３ 取組の成果", lines=lines)


# A sheet.


def sheet(document: Json, one: Json) -> Page:
    """One measure's sheet: what it is, the year's goal and result, the chart of twelve months, the years' plan."""
    grids = [head(one), year(document, one), chart(one), roadmap(document, one), further_fields(one)]
    return Page(grids=[grid for grid in grids if grid.rows], is_landscape=True)


def head(one: Json) -> Grid:
    """The path and the content at the left, the departments at the right over all those rows."""
    bullets = [f"➢{bullet}" for content in one["content"] for bullet in content["bullets"]]
    left = [(node["level"], numbered(node)) for node in one["path"]] + [("取組内容", "\n".join(bullets))]
    upper = len(left) // 2
    right = {
        0: ("主担当部署", "・".join(one["lead_departments"]), upper),
        upper: ("連携部署", "・".join(one["supporting_departments"]), len(left) - upper),
    }
    rows = []
    for at, (label, text) in enumerate(left):
        row = [Cell(label, 0, LABEL, kind=Kind.ROW_HEADER), Cell(text, LABEL, 14)]
        if at in right:
            label, text, height = right[at]
            row += [Cell(label, 18, 3, height, Kind.ROW_HEADER), Cell(text, 21, 7, height)]
        rows.append(row)
    return Grid(rows)


def year(document: Json, one: Json) -> Grid:
    name = year_name(document["fiscal_year"])
    header = [
        Cell(f"{name}の取組目標・課題", 0, 11, kind=Kind.COLUMN_HEADER),
        Cell("取組結果", 11, 3, kind=Kind.COLUMN_HEADER),
        Cell("取組状況（C又はDの場合は、原因及び今後の方針）", 14, 14, kind=Kind.COLUMN_HEADER),
    ]
    answers = [
        [
            Cell(f"{answer['period']}\n{answer['rating'] or ''}", 11, 3, kind=Kind.CENTRE),
            Cell(f"{whose(one, answer)}{answer['period']}\n{answer['narrative'] or ''}", 14, 14),
        ]
        for answer in one["responses"]
    ] or [[Cell("", 11, 3), Cell("", 14, 14)]]
    aims = f"目標\n{one['goal'] or ''}\n課題\n{one['challenge'] or ''}"
    answers[0].insert(0, Cell(aims, 0, 11, len(answers)))
    return Grid([header, *answers])


def whose(one: Json, answer: Json) -> str:
    return f"【{answer['department']}】" if len(one["lead_departments"]) > 1 else ""


def chart(one: Json) -> Grid:
    header = [Cell("具体的な活動", 0, LABEL, kind=Kind.COLUMN_HEADER)]
    header += [Cell(f"{month}月", LABEL + 2 * at, 2, kind=Kind.COLUMN_HEADER) for at, month in enumerate(MONTHS)]
    rows = [header]
    months = [(LABEL + 2 * at, 2) for at in range(12)]
    for activity in one["activities"]:
        bars = [
            (MONTHS.index(bar["from_month"]), MONTHS.index(bar["to_month"]), bar["text"] or "")
            for bar in activity["bars"] or []
        ]
        rows += labelled(f"・{activity['label']}", [bar_row(lane, months) for lane in lanes(bars)])
    rows += [[Cell(note, 0, COLUMNS)] for note in one["activity_notes"]]
    return Grid(rows)


def roadmap(document: Json, one: Json) -> Grid:
    plan = document["plan"]
    if not one["roadmap"] and not one["roadmap_values"]:
        return Grid()
    years = list(range(plan["from_year"], plan["to_year"] + 1))
    slots = split(COLUMNS, len(years))
    header = [Cell(year_name(year), at, width, kind=Kind.COLUMN_HEADER) for year, (at, width) in zip(years, slots)]
    rows = [header]
    for bar in one["roadmap"]:
        if bar["from_year"] in years and bar["to_year"] in years:
            rows.append(bar_row([(years.index(bar["from_year"]), years.index(bar["to_year"]), bar["label"])], slots))
        else:
            rows.append([Cell(bar["label"], 0, COLUMNS)])
    for indicator in dict.fromkeys(value["indicator"] for value in one["roadmap_values"]):
        values = [value for value in one["roadmap_values"] if value["indicator"] == indicator]
        rows += value_rows(values, years, slots)
    return Grid(rows)


def value_rows(values: list[Json], years: list[int], slots: list[tuple[int, int]]) -> Iterator[list[Cell]]:
    """One row with the figures under their years, and one each for figures whose year is not known."""
    dated = {value["year"]: figure(value) for value in values if value["year"] in years}
    if dated:
        yield [Cell(dated.get(year, ""), at, width) for year, (at, width) in zip(years, slots)]
    for value in values:
        if value["year"] not in years:
            yield [Cell(figure(value), 0, COLUMNS)]


def figure(value: Json) -> str:
    return f"{value['indicator']} {value['value']}{value['unit'] or ''}"


def further_fields(one: Json) -> Grid:
    """What a town's form has beyond the common fields: all of its text, a row a field."""
    return Grid(
        [
            [Cell(code, 0, LABEL, kind=Kind.ROW_HEADER), Cell("、".join(texts(value)), LABEL, COLUMNS - LABEL)]
            for code, value in one["fields"].items()
        ]
    )


def texts(value: Any) -> Iterator[str]:
    if isinstance(value, dict):
        value = list(value.values())
    if isinstance(value, list):
        for part in value:
            yield from texts(part)
    elif value is not None:
        yield str(value)


# Bars.

Bar = tuple[int, int, str]


def lanes(bars: Iterable[Bar]) -> list[list[Bar]]:
    """Bars of one activity may overlap: each goes into the first row where it has room."""
    rows: list[list[Bar]] = [[]]
    for bar in sorted(bars):
        free = next((row for row in rows if not row or row[-1][1] < bar[0]), None)
        if free is None:
            rows.append(free := [])
        free.append(bar)
    return rows


def bar_row(bars: list[Bar], slots: list[tuple[int, int]]) -> list[Cell]:
    """The row of a chart: an empty cell for each free slot, one wide cell for each bar."""
    cells = []
    at = 0
    for first, last, text in bars:
        cells += [Cell("", *slot) for slot in slots[at:first]]
        start, (last_start, last_width) = slots[first][0], slots[last]
        cells.append(Cell(text, start, last_start + last_width - start, kind=Kind.BAR))
        at = last + 1
    return cells + [Cell("", *slot) for slot in slots[at:]]


def labelled(label: str, rows: list[list[Cell]]) -> list[list[Cell]]:
    return [[Cell(label, 0, LABEL, len(rows), Kind.ROW_HEADER), *rows[0]], *rows[1:]]


def split(width: int, parts: int) -> list[tuple[int, int]]:
    edges = [width * at // parts for at in range(parts + 1)]
    return [(start, end - start) for start, end in pairwise(edges)]


# Words.


def result(document: Json, one: Json, lead: str) -> str | None:
    """The grade of the period that gives the year's result: the last one."""
    answers = [answer for answer in one["responses"] if answer["department"] == lead]
    last = [answer["rating"] for answer in answers if answer["period"] == document["periods"][-1]]
    return last[0] if last else None


def numbered(node: Json) -> str:
    return f"{node['number']} {node['title']}"


def year_name(year: int) -> str:
    return f"{era_year(year, '令和', '平成')}年度"


def short_year(year: int) -> str:
    return era_year(year, "R", "H")


def era_year(year: int, reiwa: str, heisei: str) -> str:
    if year < 2019:
        return f"{heisei}{year - 1988}"
    return f"{reiwa}元" if year == 2019 else f"{reiwa}{year - 2018}"
