"""Results as a table: what, how much, what was aimed at."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple


class Row(NamedTuple):
    """One line of the table.

    Attributes:
        what: was compared.
        reached: the number, in ``unit``.
        aim: not more than this; None where there is no aim.
        unit: ``x`` for a ratio, else ``ms``, ``KB``, ``MB`` or ``%``.
        detail: the numbers behind it.
        rival: whether it is divided by what another tool took.
        section: measured by ``python -m bench --only SECTION``.
    """

    what: str
    reached: float
    aim: float | None = None
    unit: str = "x"
    detail: str = ""
    rival: bool = False
    section: str = ""

    @property
    def met(self) -> bool | None:
        """Whether the aim was reached; None where there is none."""
        return None if self.aim is None else self.reached <= self.aim


def text(value: float, unit: str) -> str:
    """A number with its unit: ratios with two or three digits, the rest whole."""
    if unit == "x":
        return f"{value:.3f}" if value < 0.1 else f"{value:.2f}"
    if unit == "%":
        return f"{value:.1f} %"
    return f"{value:.0f} {unit}"


def markdown(rows: Sequence[Row]) -> str:
    """The table as it stands in docs/performance.md and in a terminal."""
    cells = [("what", "reached", "aim", "", "the numbers behind it", "--only")]
    for row in rows:
        aim = "" if row.aim is None else "at most " + text(row.aim, row.unit)
        verdict = {True: "yes", False: "no", None: ""}[row.met]
        cells.append((row.what, text(row.reached, row.unit), aim, verdict, row.detail, row.section))
    widths = [max(len(line[column]) for line in cells) for column in range(len(cells[0]))]
    lines = [
        "| " + " | ".join(cell.ljust(width) for cell, width in zip(line, widths, strict=True)) + " |"
        for line in cells
    ]
    lines.insert(1, "|" + "|".join("-" * (width + 2) for width in widths) + "|")
    return "\n".join(lines) + "\n"


def ahead(rows: Sequence[Row]) -> str:
    """Who is faster than stentor, by how much: a list of lines, or one that says that nobody is."""
    found = [row for row in rows if row.rival and row.unit == "x" and row.reached > 1]
    return "".join(f"- {row.what}: {text(row.reached, row.unit)}\n" for row in found) or "- nobody\n"


def put(page: str, name: str, block: str) -> str:
    """Return a page with another text between ``<!-- NAME: begin -->`` and ``<!-- NAME: end -->``.

    Raises:
        ValueError: it has no such lines.
    """
    begin, end = f"<!-- {name}: begin -->\n", f"<!-- {name}: end -->\n"
    head, found, rest = page.partition(begin)
    _, closed, tail = rest.partition(end)
    if not found or not closed:
        raise ValueError(f"the page has no lines {begin.strip()} and {end.strip()}")
    return f"{head}{begin}\n{block.strip()}\n\n{end}{tail}"
