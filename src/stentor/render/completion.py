"""Completion scripts for bash, zsh and fish, from a table of what can be typed.

Each script is a small fixed engine (``completion.bash`` and its like, beside this file) and the table as
a ``case`` of its shell. The engine walks the words before the cursor as the program's own parser would:
command, verb, options with their values, operands. Names of nodes, groups and services come from
``stentor completion --words``, asked at most once in ten seconds.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from importlib.resources import files
from typing import NamedTuple

from stentor.sh.quoting import quote, quote_any


class Option(NamedTuple):
    """One option."""

    names: tuple[str, ...]  # every spelling, ``("-w", "--window")``
    summary: str = ""  # one line of help
    # What follows it: ``""`` (nothing), ``any``, ``nodes`` (with groups), ``services``, ``names`` (both),
    # ``files``, ``dirs``, ``command``, or ``words:`` and the words, separated by commas.
    value: str = ""


class Place(NamedTuple):
    """What can be typed after certain words."""

    options: Sequence[Option] = ()  # known here
    # Kinds of the operands in their order (as ``Option.value``); the last is repeated where it ends with
    # ``*``.
    operands: Sequence[str] = ()
    words: Mapping[str, str] = {}  # commands or verbs which lead to another place, each with its summary


# From "" (the program), "run" (a command), "lab up" (a verb) to what can be typed there.
Table = Mapping[str, Place]


def script(shell: str, table: Table) -> str:
    """The completion script.

    Args:
        shell: ``bash``, ``zsh`` or ``fish``.
        table: what can be typed where.
    """
    case = _CASES[shell]
    text = files("stentor.render").joinpath(f"completion.{shell}").read_text(encoding="utf-8")
    return text.replace("@TABLE@", "\n".join(case(path, place) for path, place in table.items()))


def _valued(place: Place) -> list[tuple[str, str]]:
    return [(name, option.value) for option in place.options if option.value for name in option.names]


def _bash_case(path: str, place: Place) -> str:
    names = " ".join(name for option in place.options for name in option.names)
    valued = "".join(f" {name}={value}" for name, value in _valued(place))
    words = "".join(word + "|" for word in place.words)
    return (
        f"    {quote(path)}) options={quote(names)} valued={quote(valued)} "
        f"operands={quote(' '.join(place.operands))} words={quote(words)} ;;"
    )


def _zsh_case(path: str, place: Place) -> str:
    def pair(name: str, summary: str) -> str:
        return quote(name.replace(":", "\\:") + ":" + summary)

    options = " ".join(pair(name, option.summary) for option in place.options for name in option.names)
    valued = " ".join(f"{name} {quote(value)}" for name, value in _valued(place))
    words = " ".join(pair(word, summary) for word, summary in place.words.items())
    operands = " ".join(quote(operand) for operand in place.operands)
    return (
        f"    {quote(path)})\n      options=({options})\n      valued=({valued})\n"
        f"      operands=({operands})\n      words_here=({words}) ;;"
    )


def _fish_case(path: str, place: Place) -> str:
    rows = [("word", word, summary) for word, summary in place.words.items()]
    rows += [("option", name, option.summary) for option in place.options for name in option.names]
    rows += [("value", name, value) for name, value in _valued(place)]
    lines = ["\t".join(row) for row in rows] + [f"operand\t{operand}" for operand in place.operands]
    quoted = " ".join(quote_any(line) for line in lines)
    return f"    case {quote_any(path)}\n      string join \\n -- {quoted}"


_CASES: dict[str, Callable[[str, Place], str]] = {
    "bash": _bash_case,
    "zsh": _zsh_case,
    "fish": _fish_case,
}
