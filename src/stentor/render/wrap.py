"""Where a text is broken for a narrow terminal: the one place, for messages, tables and help.

Only blanks become ends of lines. What is copied or read as one is never broken, also where it is wider than
the terminal: a word (a path, a list of nodes), a command of ours, what stands in quotes, an option or a
number with what belongs to it, and what stands in brackets in a usage line.
"""

from __future__ import annotations

from stentor.typed import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

# A command ends with a comma or semicolon before a blank, or before a parenthesis.
_COMMAND = r"stentor(?: +(?!\()(?:'[^']*'|[^\s,;']|[,;](?=\S))+)+"
_WHOLE = "|".join(
    (
        rf"(?<=: ){_COMMAND}",
        rf"(?<=, ){_COMMAND}",
        r"\(?'[^'\s][^']*'",
        r"\[(?=-|[A-Z]+\b)(?:[^][]|\[[^][]*\])*\]",
        r"\((?=-)[^()]*\)",
        r"\d+(?:\.\d+)? (?:ms|s|min|h)(?!\w)",
        r"--?[a-z][\w-]* (?:[A-Z][A-Z_]*|\d[\w,.%]*)(?!\w)",
    )
)
# Blanks are taken all at once: those at the end of a text would be tried in each part of them.
_UNIT = rf"(?<! )( *+)((?:(?<!\S)(?:{_WHOLE})|\S)+)"
LEAST = 24  # columns that a second column needs, or it stands below the first


def columns_of(text: str) -> int:
    """How many columns a terminal draws a text in, whose colours take none."""
    if text.isascii() and text.isprintable():
        return len(text)
    from unicodedata import combining, east_asian_width

    from stentor.render.visible import without_colours

    shown = without_colours(text)
    return sum(0 if combining(c) else 2 if east_asian_width(c) in "WF" else 1 for c in shown)


def fill(text: str, width: int, first: str = "", below: str = "") -> str:
    """Break one line between what stays whole.

    Args:
        text: without ends of lines.
        width: columns of the terminal.
        first: what stands before it.
        below: what stands before each line after the first.
    """
    rows, row, empty = [], first, True
    for space, unit in _units(text):
        if not empty and columns_of(f"{row}{space}{unit}") > width:
            rows.append(row)
            row, space = below, ""
        row += unit if empty else space + unit
        empty = False
    return "\n".join([*rows, row])


def _units(text: str) -> Iterator[tuple[str, str]]:
    """What is not broken, each with the blanks before it."""
    import re  # what is not broken needs none

    for found in re.finditer(_UNIT, text):
        yield found[1], found[2]


def widest(text: str) -> int:
    """How many columns the widest part of a text takes that is not broken."""
    return max((columns_of(unit) for _, unit in _units(text)), default=0)


def hanging(text: str, indent: int, width: int | None) -> str:
    """Break a text behind ``indent`` columns, below which it goes on; None for as wide as it gets."""
    if width is None or indent + columns_of(text) <= width or width - indent < LEAST - 4:
        return text
    return fill(text, width - indent).replace("\n", f"\n{' ' * indent}")


def message(text: str, width: int) -> str:
    """Break the sentences of a message, where a terminal would break within a word.

    Lines with columns stay whole, and so does what a hint says last: it may be a command of any program.
    Before that a hint is broken behind a semicolon.
    """
    if len(text) <= width and text.isascii():
        return text
    return "\n".join(
        line if columns_of(line) <= width or "  " in line else _sentence(line, width)
        for line in text.split("\n")
    )


def _sentence(line: str, width: int) -> str:
    if not line.startswith("hint: "):
        return fill(line, width, below="  ")
    rows = [""]
    for part in line.replace("; ", ";\n").split("\n"):  # a shell reads a command so, too
        if not rows[-1] or columns_of(f"{rows[-1]} {part}") <= width:
            rows[-1] = f"{rows[-1]} {part}".lstrip()
        else:
            rows.append(f"  {part}")
    return "\n".join(row if columns_of(row) <= width else _before_last(row, width) for row in rows)


def _before_last(row: str, width: int) -> str:
    """Break what a hint says before its last part, which stays whole."""
    import re

    at = row.rfind(": ")
    while at > len("hint") and re.search(r"(?<!\S)\(?'[^']*$", row[:at]):  # within quotes
        at = row.rfind(": ", 0, at)
    if at <= len("hint"):
        return row
    before, last = row[:at], row[at + 2 :]
    told = fill(f"{before}:", width, below="  ")
    fits = columns_of(f"{told.rpartition(chr(10))[2]} {last}") <= width
    return f"{told} {last}" if fits else f"{told}\n  {last}"


def page(text: str, width: int) -> str:
    """Break what is too wide of a page of help: sentences, and the second column of rows below itself.

    Commands stay as written, and what one does then stands below it.
    """
    if all(len(line) <= width for line in text.split("\n")):
        return text
    import re

    # The second column may go on in the next line of the source.
    joined = re.sub(r"(?m)(^ +\S.*? {2,}\S.*)\n {8,}(?=\S)", r"\1 ", text)
    return "\n".join(line if len(line) <= width else _row(line, width) for line in joined.split("\n"))


def _row(line: str, width: int) -> str:
    import re

    row = re.match(r"( *)(\S.*?)( {2,})(?=\S)", line)
    text = line.lstrip()
    if re.search(r"(?<![\w/])stentor ", row[2] if row else text) and line != text:
        under = " " * 6
        return f"{row[1]}{row[2]}\n{fill(line[row.end() :], width, under, under)}" if row else line
    indent = row[0] if row else line[: len(line) - len(text)]
    below = " " * (len(indent) if width - len(indent) >= LEAST else 6)
    return fill(line[len(indent) :], width, indent, below)


def usage(text: str, width: int) -> str:
    """Break usage lines between options; what follows stands indented, as far to the left as it must."""
    import re

    lines = []
    for way in re.split(r"\n(?= {7}\S)", text.rstrip()):  # of a command that can be called in several
        before = re.match(r"usage: |\s*", way)
        first = before[0] if before else ""
        lines.append(fill(" ".join(way.removeprefix(first).split()), width, first, " " * 10))
    return "\n".join(lines) + "\n\n"
