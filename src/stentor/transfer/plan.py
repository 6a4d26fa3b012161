"""What is to be copied, and what of it a node has already. Pure."""

from __future__ import annotations

import posixpath
from collections.abc import Iterable, Mapping
from typing import NamedTuple

from stentor.errors import UsageError

SUMS = ".stentor-sums"  # the checksums' name in the stream


class Entry(NamedTuple):
    """One file, link or directory of the source.

    Attributes:
        name: relative to the destination, with ``/``.
        kind: ``file``, ``link`` or ``directory``.
        mode: permission bits.
        modified: seconds since 1970.
        size: bytes of a file.
        digest: SHA-256 of a file's contents, or a link's target.
        source: where it is here.
    """

    name: str
    kind: str
    mode: int
    modified: int
    size: int = 0
    digest: str = ""
    source: str = ""


def needed(entries: Iterable[Entry], there: Mapping[str, str]) -> tuple[Entry, ...]:
    """Return what a node does not have with the same contents.

    Args:
        entries: all of the source.
        there: digest by name, of what the node has.
    """
    return tuple(entry for entry in entries if entry.kind != "file" or there.get(entry.name) != entry.digest)


def check(entries: Iterable[Entry]) -> None:
    """Refuse names which would collide or leave the destination.

    Raises:
        UsageError: two sources have the same name, or a name has a line end.
    """
    seen: set[str] = set()
    for entry in entries:
        normal = posixpath.normpath(entry.name)
        if normal in seen:
            raise UsageError(f"two sources would both be {entry.name}", hint="copy them one after the other")
        if normal.startswith(("/", "../")) or "\n" in entry.name or normal == "..":
            raise UsageError(f"{entry.name!r} cannot be sent under this name")
        seen.add(normal)


def listing(text: str) -> dict[str, str]:
    r"""Read ``sha256sum``'s lines: digest by name. A line that begins with ``\\`` has its name escaped."""
    found = {}
    for line in text.splitlines():
        digest, _, name = line.partition("  ")
        if digest.startswith("\\"):
            digest, name = digest[1:], name.replace("\\\\", "\\")
        if len(digest) == 64:
            found[name.removeprefix("./")] = digest
    return found
