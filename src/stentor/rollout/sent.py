"""What of its user's own a change sends, for the guard to look at."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from stentor.typed import NamedTuple


class Sent(NamedTuple):
    """A command line or script, or files.

    Attributes:
        line: a command line, or the text of a script.
        stdin: what it will read, where that is known.
        files: paths that are written on the nodes.
        whole: False where the line or its input is longer than what is given here.
        variables: with which it is run; of a script the arguments too, by their numbers.
        meant: rules that ask nothing here, since the command is for just that: a reboot takes nodes down.
        shown: what a question calls it; the command line itself by default.
        by_sudo: whether all of it is run by sudo.
    """

    line: str = ""
    stdin: str | None = None
    files: Sequence[str] = ()
    whole: bool = True
    meant: tuple[str, ...] = ()
    shown: str = ""
    variables: Mapping[str, str] = {}
    by_sudo: bool = False
