"""A longer report from a given one: its sheets again and again, each time with other texts.

Every text differs, because a typesetter remembers what it has already laid out: mere copies would come for nothing.
"""

from copy import deepcopy
from decimal import ROUND_HALF_UP, Decimal

from kit.grids import Json, result

LONG_TEXTS = ["goal", "challenge"]


def with_sheets(document: Json, count: int) -> Json:
    """The document with this many sheets, and its list and tally to match."""
    sheets = document["sheets"]
    pages = max((sheet["page"] or 0) for sheet in sheets)
    longer = deepcopy(document)
    longer["sheets"] = [again(sheets[at % len(sheets)], at // len(sheets), pages) for at in range(count)]
    longer["index"] = [line for sheet in longer["sheets"] for line in index_lines(document, sheet, pages)]
    count_again(longer)
    return longer


def again(sheet: Json, turn: int, pages: int) -> Json:
    """One sheet, in a later turn under another number and with every text marked by the turn."""
    sheet = deepcopy(sheet)
    if turn == 0:
        return sheet
    mark = f"（{turn + 1}巡目）"
    root = sheet["path"][0]
    root["number"] = str(int(root["number"]) + 100 * turn) if root["number"].isdecimal() else root["number"]
    if sheet["id"]:
        sheet["id"] += f"-{turn + 1}"
    if sheet["page"]:
        sheet["page"] += turn * pages
    for node in sheet["path"]:
        node["title"] += mark
    for content in sheet["content"]:
        content["bullets"] = [bullet + mark for bullet in content["bullets"]]
    for name in LONG_TEXTS:
        sheet[name] = sheet[name] and sheet[name] + mark
    for answer in sheet["responses"]:
        answer["narrative"] = answer["narrative"] and answer["narrative"] + mark
    for labelled in sheet["activities"] + sheet["roadmap"]:
        labelled["label"] += f"{turn + 1}"
    return sheet


def index_lines(document: Json, sheet: Json, pages: int) -> list[Json]:
    """The lines of the list for a sheet: those of the sheet that it repeats, with its own page."""
    if not sheet["page"]:
        return []
    original = (sheet["page"] - 1) % pages + 1
    return [line | {"page": sheet["page"]} for line in document["index"] if line["page"] == original]


def count_again(document: Json) -> None:
    """Counts the results, grade by grade in the scale's order, and their share of all."""
    results = [result(document, sheet, lead) for sheet in document["sheets"] for lead in sheet["lead_departments"]]
    document["tally"] = {code: results.count(code) for code in document["tally"]}
    total = sum(document["tally"].values()) or 1
    document["percent"] = {code: share(number, total) for code, number in document["tally"].items()}


def share(number: int, total: int) -> str:
    return str((Decimal(100 * number) / total).quantize(Decimal("0.1"), ROUND_HALF_UP))
