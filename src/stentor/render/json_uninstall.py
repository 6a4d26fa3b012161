"""The records of ``uninstall``: built by its command, encoded as JSON and shown to people alike."""

from __future__ import annotations

from typing import Annotated

from msgspec import Meta

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
