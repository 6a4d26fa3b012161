"""The records of ``stentor playbook --dry-run``."""

from __future__ import annotations

from typing import Annotated

from msgspec import Meta

from stentor.render.json_fields import Node, Shape


class Play(Shape, tag="play"):
    """A play of the playbook."""

    name: str
    hosts: Annotated[str, Meta(description="Its pattern.")]
    place: Annotated[str, Meta(description="file:line.")]
    nodes: Annotated[list[Node], Meta(description="Those selected that it is for.")]
    tasks: Annotated[int, Meta(ge=0, description="As far as they are known before it runs.")]


class Checked(Shape, tag="checked"):
    """What the playbook would change on a node, as Ansible's check mode says."""

    node: Node
    changes: Annotated[list[str], Meta(description="A line for each task that would change something.")]
    diff: Annotated[str, Meta(description="The differences, as a unified diff.")]
    unknown: Annotated[str, Meta(description="Why not all can be said; empty if it can.")]
