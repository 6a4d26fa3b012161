"""What of its user's own a change sends, for the guard to look at."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from stentor.typed import NamedTuple


class Sent(NamedTuple):
    """A command line or script, or files."""

    line: str = ""  # a command line, or the text of a script
    stdin: str | None = None  # what it will read, where that is known
    files: Sequence[str] = ()  # paths that are written on the nodes
    whole: bool = True  # False where the line or its input is longer than what is given here
    # Rules that ask nothing here, since the command is for just that: a reboot takes nodes down.
    meant: tuple[str, ...] = ()
    shown: str = ""  # what a question calls it; the command line itself by default
    variables: Mapping[str, str] = {}  # with which it is run; of a script the arguments too, by their numbers
    by_sudo: bool = False  # whether all of it is run by sudo
