"""A table for the terminal that is Markdown as well; Japanese letters are two columns wide."""

import unicodedata


def table(header: list[str], rows: list[list[str]]) -> str:
    """The first column to the left, all others to the right."""
    widths = [max(width(row[at]) for row in [header, *rows]) for at in range(len(header))]
    rule = ["-" * widths[0], *("-" * (each - 1) + ":" for each in widths[1:])]
    return "\n".join(line(row, widths) for row in [header, rule, *rows])


def line(cells: list[str], widths: list[int]) -> str:
    padding = [" " * (wanted - width(cell)) for cell, wanted in zip(cells, widths)]
    first, *others = [(cell, blank) for cell, blank in zip(cells, padding)]
    return "| " + " | ".join(["".join(first), *(blank + cell for cell, blank in others)]) + " |"


def width(text: str) -> int:
    return sum(2 if unicodedata.east_asian_width(char) in "WF" else 1 for char in text)
