"""What runs on the nodes, in POSIX sh with stat, tar and a checksum program; busybox has them all.

What is sent is kept beside the destination, so on the same file system, in a file named after its contents.
Its folder ``.stentor-copy.PID.LETTERS`` is newly made, for the login alone. When the process is gone, the
next copy of the same contents takes the file over and goes on at its end. Only what has arrived whole, with
the right checksum, is moved into place, by renaming: a name is the old file or the whole new one.
"""

from __future__ import annotations

import posixpath
from collections.abc import Iterable, Sequence
from typing import NamedTuple

from stentor.digits import whole
from stentor.fleet.policy.sections import Copy
from stentor.sh import assign, command, join
from stentor.sh.quoting import quote

WORK = ".stentor-copy"
MANY = 50  # names, from which on one program for all is quicker than a loop of the shell


class Target(NamedTuple):
    """Where to."""

    path: str  # as it was typed; a leading ``~`` is the node's
    single: str = ""  # the name of the one file that is copied, which may get a new name; else empty


class Parcel(NamedTuple):
    """What is sent, and how it is known to be whole."""

    key: str  # names it by its contents
    size: int  # bytes
    sums: dict[str, str]  # checksum by the program that computes it
    name: str = ""  # of the one file which is sent as it is; empty for an archive
    mode: int = 0  # of the one file
    modified: str = ""  # of the one file, as ``touch -t`` takes it
    seconds: int = 0  # the same since 1970
    # Key and checksum of ``stentor.transfer.source.with_mac``; empty for none.
    mac: tuple[str, str] = ("", "")


def place(path: str) -> str:
    """Quote a path so that a leading ``~`` or ``~user`` still is a home, and no path is an option."""
    head, slash, rest = path.partition("/")
    if head == "~":
        return '"$HOME"' + (quote("/" + rest) if slash else "")
    name = head[1:]
    if (
        head.startswith("~")
        and name.replace("-", "").replace("_", "").replace(".", "").isalnum()
        and name.isascii()
    ):
        return head + (quote("/" + rest) if slash else "")
    return quote(f"./{path}" if path.startswith("-") else path)


def lines(names: Iterable[str]) -> bytes:
    """Names as the scripts read them, a line each; what a line cannot hold is escaped."""
    return "".join(escaped(name) + "\n" for name in names).encode("utf-8", "surrogateescape")


def escaped(name: str) -> str:
    """Return a name as ``copy/where`` unescapes it."""
    return name.replace("\\", "\\\\").replace("\n", "\\n")


def look(target: Target, lock: str = "", *, many: bool = False, top: str = "") -> str:
    """Return the command which says what is there; names come by standard input (:func:`lines`).

    Args:
        lock: functions of :mod:`stentor.rollout.lock`, to say who has it; empty for no lock.
        many: the names are as :func:`plain_lines` has them; they are told with the names if the node can.
        top: a name which all of them have, or begin with; where it is not there, nothing else is asked. Empty
            for none.
    """
    held = 'lock_held && say "held $lock_token $lock_said"\n' if lock else ""
    given = _where(target) + assign(many="yes" if many else "", top=top)
    return command(join("copy/look", front=given, call=f"{lock}{held}look"))


def digests(target: Target, *, many: bool = False) -> str:
    """Return the command which says the checksum of each name from standard input.

    Args:
        many: as of :func:`look`.
    """
    given = _where(target) + assign(many="yes" if many else "")
    return command(join("copy/look", front=given, call="digests"))


def many(names: Sequence[str]) -> bool:
    """Whether programs on a node can be given these names as :func:`plain_lines` has them.

    It is worth it for many, and possible where a line can hold each of them.
    """
    text = "\n".join(names)
    return len(names) >= MANY and "\\" not in text and text.count("\n") < len(names)


def plain_lines(names: Sequence[str]) -> bytes:
    """Many names as programs are given them, a line each."""
    return ("./" + "\n./".join(names) + "\n").encode("utf-8", "surrogateescape")


def receive(
    target: Target,
    parcel: Parcel,
    tool: str,
    offset: int = 0,
    lock: str = "",
    reads: str = "",
    letters: str = "",
    partial: float = Copy.partial,
) -> str:
    """Return the command which takes a parcel from its standard input and puts it in place.

    Args:
        tool: what computes checksums there.
        offset: bytes which the node has already; those do not come.
        lock: functions of :mod:`stentor.rollout.lock`; it is held while this runs. Empty for no lock.
        reads: a line which it says when it begins to read; empty for none.
        letters: which nobody can guess, for the name of the folder it works in; empty for the node's own.
        partial: seconds after which unfinished files of other copies are removed.
    """
    mac_key, mac = parcel.mac if tool == "openssl" else ("", "")
    given = assign(
        key=parcel.key,
        size=str(parcel.size),
        offset=str(offset),
        expected=parcel.sums.get(tool, ""),
        tool=tool,
        mac=mac,
        mac_key=mac_key,
        letters=letters,
        partial=str(int(partial // 60)),
        reads=reads,
        mode=f"{parcel.mode:o}",
        name=parcel.name,
        modified=parcel.modified,
        seconds=str(parcel.seconds),
    )
    return command(join("copy/receive", front=_where(target) + given, call=f"{lock}receive"))


def set_modes(target: Target, mode: int, modified: str, lock: str = "") -> str:
    """Return the command which only sets mode and time of the one file.

    Args:
        mode: permission bits.
        modified: as ``touch -t`` takes it.
        lock: as of :func:`receive`.
    """
    given = _where(target) + assign(mode=f"{mode:o}", modified=modified)
    return command(join("copy/receive", front=given, call=f"{lock}set_only"))


def send(path: str) -> str:
    """Return the command which packs a path or pattern of the node to its standard output."""
    return command(join("copy/send", front=_inside(path), call="send"))


def measure(path: str) -> str:
    """Return the command which says how many files and kilobytes a path or pattern of the node has."""
    return command(join("copy/send", front=_inside(path), call="measure"))


def measured(said: bytes) -> tuple[int, int]:
    """Read what :func:`measure` said: files and kilobytes, 0 where that cannot be read."""
    numbers = [whole(word) for word in said.decode("utf-8", "replace").split()]
    return (numbers[0] or 0, numbers[1] or 0) if len(numbers) == 2 else (0, 0)


def _inside(path: str) -> str:
    """What ``copy/send`` is given: the folder of a path, and its name there with the pattern."""
    whole = path.rstrip("/") or "/"
    if "/" not in whole and whole.startswith("~"):
        inside, name = place(whole), "."
    else:
        folder, name = posixpath.split(whole)
        while is_pattern(folder):
            folder, last = posixpath.split(folder)
            name = f"{last}/{name}"
        inside = place(folder) if folder else "."
    return f"folder={inside}\n" + assign(name=f"./{name or '.'}", path=path)


def is_pattern(path: str) -> bool:
    """Whether a shell may find several names for this one."""
    return any(letter in path for letter in "*?[")


def _where(target: Target) -> str:
    """What ``copy/where`` is given: the destination; with a slash at its end it is a folder to be made."""
    make_it = "yes" if target.path.endswith("/") else ""
    return f"into={place(target.path.rstrip('/') or '/')}\n" + assign(single=target.single, make_it=make_it)
