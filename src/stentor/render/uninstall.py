"""What ``uninstall`` would remove, as lines for people."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from stentor import sizes
from stentor.render.json_uninstall import Here, Keeps, KeptThing

_WORDS = {"timer": "timer", "boot": "check at boot", "copy": "partial copy", "state": "state"}


def node_lines(keeps: Keeps) -> Iterator[str]:
    """Say what a node keeps."""
    if keeps.kind != "ok":
        yield f"{keeps.node}: {keeps.reason or keeps.kind}"
        return
    if not keeps.kept and not keeps.blocker:
        yield f"{keeps.node}: nothing of stentor's"
    else:
        yield f"{keeps.node}:"
    for thing in keeps.kept:
        yield f"  remove  {_WORDS[thing.what]:<13}  {_place(thing)}"
    for path in keeps.others:
        yield f"  stays   {'not ours':<13}  {path}"
    if keeps.blocker:
        yield f"  blocked: {keeps.blocker}"


def _place(thing: KeptThing) -> str:
    if thing.what in ("timer", "boot"):
        return f"by {thing.place}"
    return f"{thing.place}  {sizes.shown(thing.kilobytes * 1024)}"


def here_lines(places: Iterable[Here]) -> Iterator[str]:
    """Say what this machine keeps."""
    yield "here:"
    for place in places:
        word = "stays " if place.stays else "remove"
        size = sizes.shown(place.kilobytes * 1024)
        count = f", {place.masters} connections" if place.masters else ""
        yield f"  {word}  {place.part:<14} {place.path}  {size}{count}"
