"""What a command runs, as it is handed from the wrappers to the rules."""

from __future__ import annotations

import re

from stentor.typed import NamedTuple

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
