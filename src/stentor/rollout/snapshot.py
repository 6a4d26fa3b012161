"""Snapshots of named files on a node before a change, kept until it is undone. Commands, and their answers.

A snapshot is a folder on the node, made by POSIX sh alone: no git, no tar, nothing installed. Of each file it
has what it was, and after the change what it became, so that going back never goes over what somebody has
done since. There are three kinds, by what the change does to the file:

* ``moved``: it goes away; the file itself is moved into the snapshot. A rename needs no room, so where the
  snapshot's folder cannot be made the file is renamed where it is.
* ``mode``: its mode becomes another; only that is kept, so that no private key is ever copied.
* ``contents``: it is written, or comes to be; a copy is kept, or that it was absent.

A snapshot that cannot be written means that nothing is changed. The last ``KEPT`` of them stay on a node.
"""

from __future__ import annotations

from collections.abc import Sequence

from stentor.sh import assign, command, join
from stentor.sh.quoting import quote
from stentor.typed import NamedTuple

KEPT = 20


class File(NamedTuple):
    """A file which a change is going to touch."""

    kind: str  # ``moved``, ``mode`` or ``contents``
    path: str  # from the home directory; empty for that itself, which has a mode

    @property
    def word(self) -> str:
        """The path for a shell which stands in the home directory."""
        return quote(self.path or ".")


class Answer(NamedTuple):
    """What a node said of a snapshot."""

    taken: bool  # whether the change was done, with a snapshot behind it
    refused: str  # why there is no snapshot, and nothing was changed
    failed: str  # what of the change did not go, after which the rest was put back
    restored: tuple[str, ...]  # paths which are as they were
    left: tuple[str, ...]  # paths which were not put back, each with the reason
    none: bool  # there is no such snapshot there


def guarded(name: str, files: Sequence[File], change: str = "") -> str:
    """Return the command which takes a snapshot and then makes the change, for any login shell.

    Args:
        name: of the snapshot: letters, digits, ``-`` and ``.``; new with each.
        files: what the change touches. Those of kind ``moved`` are moved by this; the others by ``change``.
        change: lines of sh, run in the home directory; each ends in ``|| go_back REASON``.
    """
    moves = [f"move {n} {f.word} || go_back {f.word}" for n, f in enumerate(files, 1) if f.kind == "moved"]
    rename_only = [file.kind for file in files] == ["moved"]
    lines = [
        "snapshot_begin",
        *(f"take {file.kind} {file.word}" for file in files),
        "snapshot_end",
        *moves,
        change,
        f"snapshot_seal {KEPT + 1}",
    ]
    given = assign(name=name, rename_only="yes" if rename_only else "")
    return command(join("snapshot_take", front=given, call="\n".join(lines)))


def restore(name: str, beside: Sequence[str] = ()) -> str:
    """Return the command which puts back what a snapshot, or those of one operation, hold.

    Args:
        name: of the snapshot; those called ``NAME.1``, ``NAME.2`` are taken with it, the newest first.
        beside: paths which may have been renamed where they are.
    """
    call = " ".join(["restore", *map(quote, beside)])
    return command(join("snapshot_restore", front=assign(name=name), call=call))


def answer(text: str) -> Answer:
    """Read what a node said to either of them."""
    found: dict[str, list[str]] = {}
    for line in text.splitlines():
        first, _, rest = line.partition(" ")
        if first == "snapshot":
            word, _, more = rest.partition(" ")
            found.setdefault(word, []).append(more)
    return Answer(
        "taken" in found,
        next(iter(found.get("refused", [])), ""),
        next(iter(found.get("failed", [])), ""),
        tuple(found.get("restored", ())),
        tuple(found.get("left", ())),
        "none" in found,
    )
