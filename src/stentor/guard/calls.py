"""What is read from shell text, what of it is handed from wrappers to rules, and what the guard finds."""

from __future__ import annotations

import re

from stentor.guard.words import Values
from stentor.typed import NamedTuple


class Call(NamedTuple):
    """One simple command."""

    # Name and arguments, one reading of them; see ``stentor.guard.words`` for the marks.
    words: tuple[str, ...]
    text: str  # its source
    cwd: tuple[str, ...] = ("~",)  # the directories it may run in; ``~`` is the login directory
    fed_by: tuple[Call, ...] = ()  # the commands before it in its pipeline
    stdin: str | None = None  # what it reads, where that is written in the line; None where it is not
    values: Values = Values()  # the variables as they are at this place
    substitutes: tuple[Call, ...] = ()  # commands whose output is one of its words
    listed: str = ""  # the file that it reads, where the line names one


class Write(NamedTuple):
    """A redirection which writes, whether it appends, and by which commands."""

    target: str
    appends: bool
    text: str
    cwd: tuple[str, ...]
    by: tuple[Call, ...] = ()


class Reading(NamedTuple):
    """All that was found in a text; ``troubles`` are places that could not be read."""

    calls: tuple[Call, ...]
    writes: tuple[Write, ...]
    bombs: tuple[str, ...]
    troubles: tuple[str, ...]


_VERSIONED = re.compile(r"(python3|pypy3|perl|ruby|php|lua|tclsh)-?\d*\.\d[\d.]*")


class Inner(NamedTuple):
    """What a wrapper runs: words, or text for a shell with its positional parameters."""

    words: tuple[str, ...] = ()
    text: str | None = None
    positional: tuple[str, ...] = ()


def name_of(words: tuple[str, ...]) -> str:
    """The command's name without its folder."""
    name = words[0].rpartition("/")[2]
    versioned = _VERSIONED.fullmatch(name)
    return "mkfs" if name.startswith("mkfs.") else versioned[1] if versioned else name


class Finding(NamedTuple):
    """One dangerous thing in a line."""

    rule: str  # its name, by which the policy can silence it
    command: str  # the part of the line that is meant
    reason: str  # what it would do, for people
