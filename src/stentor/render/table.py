"""Plain aligned columns, as wide as the terminal allows."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from stentor.render.style import RESET, STYLES, paint, printable, shorten
from stentor.render.wrap import LEAST, columns_of, fill, hanging, widest
from stentor.typed import NamedTuple

GAP = 2


class Column(NamedTuple):
    """How one column is drawn."""

    title: str  # above it
    right: bool = False  # aligned to the right, for numbers
    shrink: bool = False  # may be cut when the table is too wide; the widest such column gives first
    least: int = 8  # it is never cut below this
    text: bool = False  # sentences, which are never cut: they go on below themselves


def columns(titles: str, right: str = "", text: str = "", **least: int) -> list[Column]:
    """Return columns by their titles, separated by blanks.

    Args:
        right: titles of those aligned to the right.
        text: title of the one with sentences (a reason, say).
        least: titles of those that may be cut, each with the width below which it never is.
    """
    return [
        Column(title, title in right.split(), title in least, least.get(title, 8))
        if title != text
        else Column(title, shrink=True, least=LEAST, text=True)
        for title in titles.split()
    ]


class Cell(NamedTuple):
    """A cell with a style of ``render.style.STYLES``."""

    text: str
    style: str = ""


def table(
    columns: Sequence[Column],
    rows: Sequence[Sequence[str | Cell]],
    *,
    width: int | None = None,
    colour: bool = False,
    header: bool = True,
) -> list[str]:
    """Return the lines of a table, without spaces at their ends.

    Args:
        columns: one for each cell of a row.
        rows: cells; a newline in one becomes a space.
        width: columns to draw in; None for as wide as it gets (a pipe: nothing is cut there). Columns that
            do not fit even when they are cut stand in a table below, behind the first column again.
        header: whether to write the titles. A column in which every cell is empty is left out.
    """
    cells = [[_cell(cell) for cell in row] for row in rows]
    kept = [i for i in range(len(columns)) if not cells or any(row[i].text for row in cells)]
    columns = [columns[i] for i in kept]
    cells = [[row[i] for i in kept] for row in cells]
    titles = [len(column.title) if header else 0 for column in columns]
    widths = [max([title, *(columns_of(row[i].text) for row in cells)]) for i, title in enumerate(titles)]
    if width is not None and sum(widths) + GAP * (len(widths) - 1) > width:
        columns = [
            _whole(column, [row[i].text for row in cells], width - widths[0] - GAP) if column.text else column
            for i, column in enumerate(columns)
        ]
    parts = _parts(_fit(columns, widths, width), width)
    if len(parts) > 1 and not header:  # nobody would know which values stand in the part below
        return table(columns, cells, width=width, colour=colour)
    shown = [[Cell(column.title, "strong") for column in columns], *cells] if header else cells
    lines: list[str] = []
    for part in parts:
        drawn, natural = [columns[i] for i in part], [widths[i] for i in part]
        fitted = _fit(drawn, natural, width)
        below = bool(lines)  # where a row that has nothing more is left out
        lines += [""] * below
        for row in shown:
            if not below or any(row[i].text for i in part[1:]):
                lines += _lines([row[i] for i in part], drawn, fitted, colour)
    return lines


def _whole(column: Column, texts: Sequence[str], most: int) -> Column:
    """Return a column of sentences with space for what is not broken in them, up to ``most`` columns."""
    return column._replace(least=min(max(column.least, *map(widest, texts)), max(most, column.least)))


def pairs(values: Mapping[str, str], *, colour: bool = False, width: int | None = None) -> list[str]:
    """Return ``name  value`` lines, the names in one column; values with newlines continue below.

    Args:
        width: columns to draw in, where values are broken between words; None for as wide as it gets.
    """
    wide = max((len(name) for name in values), default=0) + GAP
    lines = []
    for name, value in values.items():
        first, *rest = [hanging(line, wide, width) for line in value.split("\n")] or [""]
        lines.append(f"{paint(name, 'quiet', colour)}{' ' * (wide - len(name))}{first}".rstrip())
        lines.extend(f"{' ' * wide}{line}".rstrip() for line in rest)
    return lines


def _cell(cell: str | Cell) -> Cell:
    made = cell if isinstance(cell, Cell) else Cell(cell)
    return made if made.text.isprintable() else made._replace(text=printable(" ".join(made.text.split())))


def _parts(widths: Sequence[int], width: int | None) -> list[list[int]]:
    """Which columns stand beside each other: all of them, or as many as fit behind the first."""
    parts, used = [[0]] if widths else [[]], widths[0] if widths else 0
    for index, wide in enumerate(widths[1:], 1):
        if width is not None and used + GAP + wide > width and len(parts[-1]) > 1:
            parts.append([0])
            used = widths[0]
        parts[-1].append(index)
        used += GAP + wide
    return parts


def _fit(columns: Sequence[Column], widths: Sequence[int], width: int | None) -> list[int]:
    fitted = list(widths)
    if width is None:
        return fitted
    over = sum(fitted) + GAP * (len(fitted) - 1) - width
    while over > 0:
        candidates = [i for i, c in enumerate(columns) if c.shrink and fitted[i] > c.least]
        if not candidates:
            break
        widest = max(candidates, key=lambda i: fitted[i])
        fitted[widest] -= 1
        over -= 1
    return fitted


def _lines(
    cells: Sequence[Cell], columns: Sequence[Column], widths: Sequence[int], colour: bool
) -> list[str]:
    """Draw one row, which takes more than one line where a sentence does."""
    texts = [
        fill(cell.text, width).split("\n") if column.text and columns_of(cell.text) > width else [cell.text]
        for cell, column, width in zip(cells, columns, widths, strict=True)
    ]
    lines = []
    for number in range(max(map(len, texts))):
        row = [
            cell._replace(text=text[number] if number < len(text) else "")
            for cell, text in zip(cells, texts, strict=True)
        ]
        lines.append(_line(row, columns, widths, colour))
    return lines


def _line(cells: Sequence[Cell], columns: Sequence[Column], widths: Sequence[int], colour: bool) -> str:
    drawn = []
    for index, (cell, column, width) in enumerate(zip(cells, columns, widths, strict=True)):
        text = cell.text if column.text or columns_of(cell.text) <= width else shorten(cell.text, width)
        space = " " * (width - columns_of(text))
        styled = f"{STYLES[cell.style]}{text}{RESET}" if colour and cell.style and text else text
        last = index == len(cells) - 1
        drawn.append(space + styled if column.right else styled + ("" if last else space))
    return (" " * GAP).join(drawn).rstrip()
