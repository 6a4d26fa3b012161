"""What is to be copied, what a node has of it, and what it lacks."""

from __future__ import annotations

import posixpath
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import NamedTuple

from stentor.errors import UsageError

# From here on rsync's way of sending only what differs inside a file pays for its start and its reading.
RSYNC_FROM = 8 * 1024 * 1024
RESUME_FROM = 64 * 1024  # what is smaller is sent again as a whole


class Entry(NamedTuple):
    """One file, link or directory of the source.

    Attributes:
        name: relative to the destination, with ``/``.
        kind: ``file``, ``link`` or ``directory``.
        mode: permission bits.
        modified: seconds since 1970.
        size: bytes of a file.
        target: a link's target.
        source: where it is here.
    """

    name: str
    kind: str
    mode: int
    modified: int
    size: int = 0
    target: str = ""
    source: str = ""


class There(NamedTuple):
    """What a node has under an entry's name.

    Attributes:
        kind: ``file``, ``link``, ``directory``, ``other``, or ``none``.
        size: bytes of a file.
        modified: seconds since 1970.
        mode: permission bits.
        target: a link's target.
    """

    kind: str
    size: int = 0
    modified: int = 0
    mode: int = 0
    target: str = ""


class Look(NamedTuple):
    """A node's answer to the first question.

    Attributes:
        base: whether the folder that would be written to is there.
        sums: what computes checksums there: ``sha256sum``, ``shasum``, ``openssl``, ``cksum`` or ``""``.
        rsync: whether rsync is there.
        tar: whether tar is there.
        there: by the entry's number.
        parts: bytes that an earlier, broken copy left, by the key of what was sent.
        held: who has the node's lock, as :func:`stentor.rollout.lock.answer` reads it; empty for nobody.
    """

    base: bool
    sums: str
    rsync: bool
    tar: bool
    there: Mapping[int, There]
    parts: Mapping[str, int]
    held: str = ""


class Need(NamedTuple):
    """What a node lacks, as numbers of entries.

    Attributes:
        send: contents that must be sent.
        modes: only modes and times are to be set.
        refused: why nothing can be sent; empty when it can.
    """

    send: tuple[int, ...] = ()
    modes: tuple[int, ...] = ()
    refused: str = ""


_KINDS = {"-": "none", "o": "other", "l": "link", "d": "directory", "f": "file"}


def parse_look(text: str) -> Look:
    """Read what the node's script said; lines that make no sense are left out, so the entry is sent."""
    base, sums, held, tools = False, "", "", set()
    there: dict[int, There] = {}
    waiting: list[tuple[int, str]] = []
    stats: list[list[str]] = []
    parts: dict[str, int] = {}
    for line in text.splitlines():
        words = line.split(" ")
        match words:
            case ["held", *_]:
                held = line
            case ["base", "yes"]:
                base = True
            case ["sums", name]:
                sums = name
            case ["tool", name]:
                tools.add(name)
            case ["part", key, size] if size.isdigit():
                parts[key] = max(int(size), parts.get(key, 0))
            case ["l", number, *target] if number.isdigit():
                there[int(number)] = There("link", target=" ".join(target))
            case ["-" | "o" as kind, number] if number.isdigit():
                there[int(number)] = There(_KINDS[kind])
            case ["d" | "f" as sort, number] if number.isdigit():
                waiting.append((int(number), _KINDS[sort]))
            case ["s", size, modified, mode] if size.isdigit() and set(mode) <= set("01234567"):
                stats.append([size, modified.partition(".")[0], mode])
    if len(stats) == len(waiting):
        for (entry, what), (length, modified, mode) in zip(waiting, stats, strict=True):
            seconds = int(modified) if modified.removeprefix("-").isdigit() else -1
            there[entry] = There(what, int(length), seconds, int(mode or "0", 8))
    else:  # something changed while it looked; without knowledge everything is sent
        there.update((entry, There(what, -1, -1)) for entry, what in waiting)
    return Look(base, sums, "rsync" in tools, "tar" in tools, there, parts, held)


def doubtful(entries: Sequence[Entry], look: Look, *, always: bool = False) -> list[int]:
    """Return the files whose contents must be compared: the same size, but another time.

    Args:
        entries: the source.
        look: what the node has.
        always: compare those with the same time too.
    """
    return [
        number
        for number, entry in enumerate(entries)
        if entry.kind == "file"
        and (there := look.there.get(number, There("none"))).kind == "file"
        and there.size == entry.size
        and (always or there.modified != entry.modified)
    ]


def needs(entries: Sequence[Entry], look: Look, same: Mapping[int, bool], *, always: bool = False) -> Need:
    """Decide what a node must be sent.

    Args:
        entries: the source.
        look: what the node has.
        same: for the doubtful ones, whether the contents are the same.
        always: same size and time are not enough to be the same.
    """
    send: list[int] = []
    modes: list[int] = []
    for number, entry in enumerate(entries):
        there = look.there.get(number, There("none"))
        if entry.kind == "directory":
            if there.kind in ("file", "other"):
                return Need(refused=f"{entry.name} is no directory there")
            if there.kind == "none":
                send.append(number)
            elif there.kind == "directory" and there.mode != entry.mode:
                modes.append(number)
            continue
        if there.kind == "directory":
            return Need(refused=f"{entry.name or 'the destination'} is a directory there")
        if entry.kind == "link":
            if there.kind != "link" or there.target != entry.target:
                send.append(number)
        elif _same_file(number, entry, there, same, always):
            if (there.modified, there.mode) != (entry.modified, entry.mode):
                modes.append(number)
        else:
            send.append(number)
    return Need(tuple(send), tuple(modes))


def _same_file(number: int, entry: Entry, there: There, same: Mapping[int, bool], always: bool) -> bool:
    if there.kind != "file" or there.size != entry.size:
        return False
    if number in same:
        return same[number]
    return not always and there.modified == entry.modified


def by_rsync(entry: Entry, there: There, *, here: bool, on_node: bool) -> bool:
    """Whether rsync is worth it: one large file of which the node has a like one.

    It reads both and sends only what differs; for new or small files that is slower than a plain stream.

    Args:
        entry: what is to be sent.
        there: what the node has.
        here: whether this machine has rsync.
        on_node: whether the node has it.
    """
    return (
        here
        and on_node
        and entry.kind == "file"
        and there.kind == "file"
        and entry.size >= RSYNC_FROM
        and entry.size // 2 <= there.size <= entry.size * 2
    )


def check(entries: Iterable[Entry]) -> None:
    """Refuse names which would collide or leave the destination.

    Raises:
        UsageError: two sources have the same name.
    """
    seen: set[str] = set()
    for entry in entries:
        normal = posixpath.normpath(entry.name)
        if normal in seen:
            raise UsageError(f"two sources would both be {entry.name}", hint="copy them one after the other")
        if normal == ".." or normal.startswith(("/", "../")):
            raise UsageError(f"{entry.name!r} cannot be sent under this name", hint="give its whole path")
        seen.add(normal)


def folders_above(entries: Sequence[Entry], chosen: Iterable[int]) -> tuple[int, ...]:
    """Return the directories above chosen entries: putting these in place changes their times."""
    above = {prefix for number in chosen for prefix in _prefixes(posixpath.dirname(entries[number].name))}
    return tuple(n for n, entry in enumerate(entries) if entry.kind == "directory" and entry.name in above)


def _prefixes(path: str) -> list[str]:
    parts = path.split("/") if path else []
    return ["/".join(parts[: length + 1]) for length in range(len(parts))]


def attributes(entries: Iterable[Entry], quote: Callable[[str], str], stamp: Callable[[int], str]) -> str:
    """Return the shell lines which set modes and times, to be run in the destination; deepest first.

    Args:
        entries: files and directories; links have none of their own.
        quote: for the shell.
        stamp: seconds to what ``touch -t`` takes in UTC.
    """
    lines = []
    for entry in sorted(entries, key=lambda entry: -entry.name.count("/")):
        if entry.kind != "link":
            name = quote(f"./{entry.name}")
            lines.append(f"chmod {entry.mode:o} {name} || exit 1\n")
            lines.append(f"TZ=UTC0 touch -t {stamp(entry.modified)} {name} || exit 1\n")
    return "".join(lines)
