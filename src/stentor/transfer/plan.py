"""What is to be copied, what a node has of it, and what it lacks."""

from __future__ import annotations

import posixpath
import re
import stat
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import NamedTuple

from stentor.digits import whole
from stentor.errors import UsageError
from stentor.transfer.remote import escaped

# From here on rsync's way of sending only what differs inside a file pays for its start and its reading.
RSYNC_FROM = 8 * 1024 * 1024
RESUME_FROM = 64 * 1024  # what is smaller is sent again as a whole


class Entry(NamedTuple):
    """One file, link or directory of the source."""

    name: str  # relative to the destination, with ``/``
    kind: str  # ``file``, ``link`` or ``directory``
    mode: int  # permission bits
    modified: int  # seconds since 1970
    size: int = 0  # bytes of a file
    target: str = ""  # a link's target
    source: str = ""  # where it is here


class There(NamedTuple):
    """What a node has under an entry's name."""

    kind: str  # ``file``, ``link``, ``directory``, ``other``, or ``none``
    size: int = 0  # bytes of a file
    modified: int = 0  # seconds since 1970
    mode: int = 0  # permission bits
    target: str = ""  # a link's target


NOTHING = There("none")


class Look(NamedTuple):
    """A node's answer to the first question."""

    base: bool  # whether the folder that would be written to is there
    sums: str  # what computes checksums there: ``sha256sum``, ``shasum``, ``openssl``, ``cksum`` or ``""``
    rsync: bool  # whether rsync is there
    tar: bool  # whether tar is there
    there: Mapping[int, There]  # by the entry's number
    parts: Mapping[str, int]  # bytes that an earlier, broken copy left, by the key of what was sent
    # Who has the node's lock, as :func:`stentor.rollout.lock.answer` reads it; empty for nobody.
    held: str = ""
    # A 1 for each entry that is a file of the same size, time and mode there, and so not in ``there``;
    # empty where there are none.
    alike: bytes = b""


class Need(NamedTuple):
    """What a node lacks, as numbers of entries."""

    send: tuple[int, ...] = ()  # contents that must be sent
    modes: tuple[int, ...] = ()  # only modes and times are to be set
    refused: str = ""  # why nothing can be sent; empty when it can


_ODD = ("", ".", "/")  # so begin names that may be written in another way
_TOLD = re.compile(r"^t ([0-9a-f]{1,8}) ([0-9]{1,18}) (-?[0-9]{1,18})(?:\.[0-9]*)? (.+)$", re.MULTILINE)
_TOLD_LINK = re.compile(r"^t a[0-9a-f]{3} ([0-9]{1,18}) -?[0-9.]+ (.+)$", re.MULTILINE)
_OCTAL = re.compile(r"[0-7]{0,8}$")
_KINDS = {"-": "none", "o": "other", "l": "link", "d": "directory", "f": "file"}


def parse_look(text: str, numbers: Mapping[str, int] = {}, order: Sequence[int] = ()) -> Look:
    """Read what the node's script said; lines that make no sense are left out, so the entry is sent.

    Args:
        text: the script's output.
        numbers: of the entries by name, where it was asked for many at once.
        order: the entries' numbers in the order in which it was asked for them, if that is not theirs.
    """
    base, sums, held, tools = False, "", "", set()
    there: dict[int, There] = {}
    waiting: list[tuple[int, str]] = []
    stats: list[tuple[int, int, int]] = []
    parts: dict[str, int] = {}
    if numbers:
        text = _sure(text)
    for line in text.split("\n"):
        if line.startswith("t "):
            continue
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
            case ["part", key, digits] if (size := whole(digits)) is not None:
                parts[key] = max(size, parts.get(key, 0))
            case ["l", digits, *target] if (number := whole(digits)) is not None:
                there[number] = There("link", target=" ".join(target))
            case ["-" | "o" as kind, digits] if (number := whole(digits)) is not None:
                there[number] = There(_KINDS[kind])
            case ["d" | "f" as sort, digits] if (number := whole(digits)) is not None:
                waiting.append((number, _KINDS[sort]))
            case ["s", digits, modified, mode] if (size := whole(digits)) is not None and _OCTAL.match(mode):
                stats.append((size, _seconds(modified), int(mode or "0", 8)))
    if len(stats) == len(waiting):
        for (entry, what), state in zip(waiting, stats, strict=True):
            there[entry] = There(what, *state)
    else:  # something changed while it looked; without knowledge everything is sent
        there.update((entry, There(what, -1, -1)) for entry, what in waiting)
    if order:
        there = {order[line]: found for line, found in there.items() if line < len(order)}
    if numbers:
        _told(text, numbers, there)
    return Look(base, sums, "rsync" in tools, "tar" in tools, there, parts, held)


def _sure(text: str) -> str:
    """The answer up to a link whose target is not in its line: what follows may be the target's other lines.

    Who may write a link on the node could otherwise have files taken for unchanged that are not.
    """
    for said in _TOLD_LINK.finditer(text):
        if not _link(said[2], int(said[1]))[0]:
            return text[: said.start()]
    return text


def _told(text: str, numbers: Mapping[str, int], there: dict[int, There]) -> None:
    """Read the lines of ``stat``: ``t``, mode in hexadecimal, size, time, name, and the target of a link."""
    kinds: dict[str, tuple[str, int]] = {}
    for bits, size, modified, name in _TOLD.findall(text):
        known = kinds.get(bits)
        if known is None:
            known = kinds[bits] = _kind(int(bits, 16))
        kind, mode = known
        if kind == "link":
            name, target = _link(name, int(size))
            if target and name in numbers:
                there[numbers[name]] = There(kind, target=target)
        elif name in numbers:
            there[numbers[name]] = There(kind, int(size), int(modified), mode)


def _kind(mode: int) -> tuple[str, int]:
    kinds = {stat.S_IFLNK: "link", stat.S_IFDIR: "directory", stat.S_IFREG: "file"}
    return kinds.get(stat.S_IFMT(mode), "other"), stat.S_IMODE(mode)


def _link(text: str, length: int) -> tuple[str, str]:
    """Return both sides of ``NAME -> TARGET``, which may hold arrows; busybox has them in quotes."""
    said = text.encode("utf-8", "surrogateescape")
    arrow = b" -> "
    if said.startswith(b"'"):
        said, arrow = said[1:-1], b"' -> '"
    at = len(said) - length - len(arrow)
    if at < 0 or said[at : at + len(arrow)] != arrow:
        return "", ""
    name, target = said[:at], said[at + len(arrow) :]
    return name.decode("utf-8", "surrogateescape"), target.decode("utf-8", "surrogateescape")


def _seconds(text: str) -> int:
    """Whole seconds since 1970, before it with a sign; -1 where that is not said."""
    digits = whole(text.partition(".")[0].removeprefix("-"))
    return -1 if digits is None else -digits if text.startswith("-") else digits


def doubtful(entries: Sequence[Entry], look: Look, *, always: bool = False) -> list[int]:
    """Return the files whose contents must be compared: the same size, but another time.

    Args:
        entries: the source.
        look: what the node has.
        always: compare those with the same time too.
    """
    found = [number for number, mark in enumerate(look.alike) if mark and always]
    for number, there in look.there.items():
        if there.kind != "file" or number >= len(entries):
            continue
        entry = entries[number]
        same_size = entry.kind == "file" and there.size == entry.size
        if same_size and (always or there.modified != entry.modified):
            found.append(number)
    return sorted(found)


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
    alike = look.alike or bytes(len(entries))
    for number, entry in enumerate(entries):
        if alike[number] and same.get(number, not always):
            continue
        there = look.there.get(number, NOTHING)
        if entry.kind == "directory":
            if there.kind in ("file", "other"):
                return Need(refused=f"{entry.name} is no directory there")
            if there.kind == "link":
                where = f"{entry.name} is a link there, to {there.target!r}"
                return Need(refused=f"{where}: copy to the place where it leads, or remove it")
            if there.kind == "none":
                send.append(number)
            elif there.kind == "directory" and there.mode != entry.mode:
                modes.append(number)
            continue
        name = entry.name or "the destination"
        if there.kind == "directory":
            return Need(refused=f"{name} is a directory there")
        if there.kind == "other":
            return Need(refused=f"{name} is a device, a socket or a pipe there; it is not replaced")
        if there.kind == "link" and entry.kind == "file":
            where = f"{name} is a link there, to {there.target!r}"
            return Need(refused=f"{where}: copy to the place where it leads, or remove it")
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
        normal = entry.name
        if "/." in normal or "//" in normal or normal[:1] in _ODD:
            normal = posixpath.normpath(normal)
        if normal in seen:
            raise UsageError(f"two sources would both be {entry.name}", hint="copy them one after the other")
        if normal == ".." or normal.startswith(("/", "../")):
            raise UsageError(f"{entry.name!r} cannot be sent under this name", hint="give its whole path")
        seen.add(normal)


def folders_above(entries: Sequence[Entry], chosen: Iterable[int]) -> tuple[int, ...]:
    """Return the directories above chosen entries: putting these in place changes their times."""
    folders = {entries[number].name.rpartition("/")[0] for number in chosen}
    above = {prefix for folder in folders for prefix in _prefixes(folder)}
    return tuple(n for n, entry in enumerate(entries) if entry.kind == "directory" and entry.name in above)


def top(names: Sequence[str]) -> str:
    """Return the first name if all others are in it; else nothing."""
    return names[0] if posixpath.commonprefix(names[1:]).startswith(f"{names[0]}/") else ""


def _prefixes(path: str) -> list[str]:
    parts = path.split("/") if path else []
    return ["/".join(parts[: length + 1]) for length in range(len(parts))]


def attributes(entries: Iterable[Entry], stamp: Callable[[int], str]) -> str:
    """Return the modes and times to be set in the destination, a line each; deepest first.

    They are data and no program, since they lie on the node until they are read. The slash at the end keeps
    blanks of a name, which sh's ``read`` would take away.

    Args:
        entries: files and directories; links have none of their own.
        stamp: seconds to what ``touch -t`` takes in UTC.
    """
    chosen = [entry for entry in entries if entry.kind != "link"]
    chosen.sort(key=lambda entry: -entry.name.count("/"))
    return "".join(f"{entry.mode:o} {stamp(entry.modified)} {escaped(entry.name)}/\n" for entry in chosen)
