"""How a program's words are read: options with their values, and operands, by ``tables/programs.options``.

A row of that file: names | options with a value | options with which nothing is changed | source.
Short options are one word of letters. ``words`` for programs whose options are single words after one dash,
``bundle`` where the first word may be letters without a dash, ``pairs`` for ``name=value``, ``prefix`` where
words may be cut short, ``anycase`` where capitals mean nothing. ``-c:ex`` is an option of ``ex`` alone.
``.help`` is an operand.
"""

from __future__ import annotations

from collections.abc import Iterator

from stentor.guard.calls import name_of
from stentor.typed import NamedTuple


class Tool(NamedTuple):
    """How a program's words are read."""

    valued: frozenset[str] = frozenset()
    harmless: frozenset[str] = frozenset()
    traits: frozenset[str] = frozenset()


_NOT = ("false", "none", "no", "False")  # --dry-run=none


class Line(NamedTuple):
    """A command's words, read: its options with their values, and its operands."""

    name: str
    options: tuple[tuple[str, str], ...]
    operands: tuple[str, ...]
    tool: Tool

    def values(self, names: str) -> list[str]:
        """Return the values of an option; ``names`` are its names, with ``/`` between."""
        wanted = names.split("/")
        return [value for name, value in self.options if any(_same(name, one) for one in wanted)]

    @property
    def changes_nothing(self) -> bool:
        """Whether it only looks, checks or says what it would do."""
        names = {name for name, _ in self.options}
        if "--help" in names or (names in ({"--version"}, {"-version"}) and not self.operands):
            return True
        return any(
            _same(name, one) and value not in _NOT
            for name, value in self.options
            for one in self.tool.harmless
        ) or any(f".{word}" in self.tool.harmless for word in self.operands)


def _same(given: str, name: str) -> bool:
    """Whether an option is this one; long ones may be cut short."""
    return given == name or (given[:2] == "--" and len(given) > 4 and name.startswith(given))


def _letters(text: str, name: str) -> set[str]:
    found: set[str] = set()
    for word in text.split():
        option, _, only = word.partition(":")
        if only and only != name:
            continue
        if option.startswith("--") or not option.startswith("-") or len(option) < 3:
            found.add(option)
        else:
            found |= {f"-{letter}" for letter in option[1:]}
    return found


def rows(table: str) -> Iterator[list[str]]:
    """Return the columns of each row; a line that begins with spaces goes on with the row before it."""
    for line in table.replace("\n  ", " ").splitlines():
        if line and not line.startswith("#"):
            yield [column.strip() for column in line.split("|")]


_FOLDER = __file__.rpartition("/")[0]


def rows_of(file: str) -> Iterator[list[str]]:
    """Return the columns of each row of a file in ``tables``."""
    with open(f"{_FOLDER}/tables/{file}", encoding="utf-8") as opened:
        return rows(opened.read())


TOOLS = [*rows_of("programs.options")]
"""What is known of every program, a row each."""
_ROWS = {name: row for row in TOOLS for name in row[0].split()}
_TRAITS = frozenset({"words", "prefix", "bundle", "pairs", "anycase"})
_tools: dict[str, Tool] = {}


def tool_of(name: str) -> Tool:
    """Return what is known of a program."""
    if name not in _tools:
        row = _ROWS.get(name) or _ROWS.get("mkfs" if name.startswith("mkfs.") else "", ["", "", "--help", ""])
        traits = _TRAITS & set(row[1].split())
        valued = set(row[1].split()) - _TRAITS if "words" in traits else _letters(row[1], name) - _TRAITS
        harmless = {word.partition(":")[0] for word in row[2].split() if word.partition(":")[2] in ("", name)}
        if "words" in traits:  # which take one dash or two for the same
            harmless = {f"-{word.lstrip('-')}" if word[0] == "-" else word for word in harmless}
        _tools[name] = Tool(frozenset(valued), frozenset(harmless), traits)
    return _tools[name]


def read_line(words: tuple[str, ...], *, unknown_takes_value: bool = False) -> Line:
    """Read a command's words as the program does.

    Args:
        words: with the name.
        unknown_takes_value: the word behind an option that is not known is read as its value.
    """
    tool = tool_of(words[0].rpartition("/")[2])
    options: list[tuple[str, str]] = []
    operands: list[str] = []
    rest = iter(words[1:])
    for number, word in enumerate(rest):
        name, equals, value = word.partition("=")
        if word == "--":
            operands += rest
        elif "pairs" in tool.traits and equals and not word.startswith("-"):
            options.append((f"{name}=", value))
        elif word.startswith("--") or ("words" in tool.traits and word.startswith("-") and len(word) > 1):
            name = name[1:] if "words" in tool.traits and word.startswith("--") else name
            if not equals and (name in tool.valued or (unknown_takes_value and name not in tool.harmless)):
                value = next(rest, "")
            options.append((name, value))
        elif (word.startswith("-") and len(word) > 1) or (number == 0 and "bundle" in tool.traits):
            found = _cluster(word.removeprefix("-"), tool, rest, bundle=not word.startswith("-"))
            if unknown_takes_value and len(word) == 2 and found[0][0] not in tool.valued | tool.harmless:
                found = [(found[0][0], next(rest, ""))]
            options += found
        else:
            operands.append(word.lower() if "anycase" in tool.traits else word)
    if "anycase" in tool.traits:
        options = [(name, value.lower()) for name, value in options]
    return Line(name_of(words), tuple(options), tuple(operands), tool)


def _cluster(letters: str, tool: Tool, rest: Iterator[str], *, bundle: bool) -> list[tuple[str, str]]:
    """Short options in one word; the value is the rest of the word, or the next word."""
    found: list[tuple[str, str]] = []
    for position, letter in enumerate(letters):
        option = f"-{letter}"
        if option not in tool.valued:
            found.append((option, ""))
        elif bundle:
            found.append((option, next(rest, "")))
        else:
            found.append((option, letters[position + 1 :] or next(rest, "")))
            break
    return found
