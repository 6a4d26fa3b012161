"""What is read from shell text: simple commands and redirections, each with all that is known around it."""

from __future__ import annotations

from stentor.guard.words import Values
from stentor.typed import NamedTuple


class Call(NamedTuple):
    """One simple command.

    Attributes:
        words: name and arguments, one reading of them; see :mod:`stentor.guard.words` for the marks.
        text: its source.
        cwd: the directories it may run in; ``~`` is the login directory.
        fed_by: the commands before it in its pipeline.
        stdin: what it reads, where that is written in the line; None where it is not.
        values: the variables as they are at this place.
        substitutes: commands whose output is one of its words.
        listed: whether it reads a file which the line names.
    """

    words: tuple[str, ...]
    text: str
    cwd: tuple[str, ...] = ("~",)
    fed_by: tuple[Call, ...] = ()
    stdin: str | None = None
    values: Values = Values()
    substitutes: tuple[Call, ...] = ()
    listed: bool = False


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
