"""What a command runs, as it is handed from the wrappers to the rules."""

from __future__ import annotations

from stentor.typed import NamedTuple


class Inner(NamedTuple):
    """What a wrapper runs: words, or text for a shell with its positional parameters."""

    words: tuple[str, ...] = ()
    text: str | None = None
    positional: tuple[str, ...] = ()


def name_of(words: tuple[str, ...]) -> str:
    """The command's name without its folder."""
    name = words[0].rpartition("/")[2]
    return "mkfs" if name.startswith("mkfs.") else name
