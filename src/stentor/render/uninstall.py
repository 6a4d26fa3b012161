"""What ``stentor uninstall`` would remove and has removed: as records of ``--json``, and for people."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Annotated

from msgspec import Meta

from stentor import sizes
from stentor.render.json_fields import Kind, Node, Shape

Kilobytes = Annotated[int, Meta(ge=0, description="On disk.")]


class KeptThing(Shape):
    """One thing that is kept on a node."""

    what: Annotated[str, Meta(extra_json_schema={"enum": ["timer", "boot", "copy", "state"]})]
    place: Annotated[str, Meta(description="A path, or what keeps a timer.")]
    kilobytes: Kilobytes


class Keeps(Shape, tag="keeps"):
    """What a node keeps, and why it may not be removed now."""

    node: Node
    kind: Kind
    reason: str
    kept: list[KeptThing]
    others: Annotated[list[str], Meta(description="In the state directory, not stentor's; they stay.")]
    blocker: str


class Here(Shape, tag="here"):
    """Something that is kept on this machine."""

    part: Annotated[
        str,
        Meta(extra_json_schema={"enum": ["masters", "unit", "cache", "state", "journal", "practice fleet"]}),
    ]
    path: str
    kilobytes: Kilobytes
    masters: Annotated[int, Meta(description="Connections that are kept there.")]
    stays: bool
    problem: Annotated[str, Meta(description="Why it could not be removed; empty before it was tried.")]


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
