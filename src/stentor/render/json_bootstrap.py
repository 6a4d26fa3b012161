"""Records of ``stentor bootstrap``."""

from __future__ import annotations

from typing import Annotated

from msgspec import Meta

from stentor.render.json_fields import Node, Shape


class BootstrapPlan(Shape, tag="bootstrap_plan"):
    """What ``stentor bootstrap`` would do on a node, before it is done."""

    node: Node
    changes: list[str]
    unknown: Annotated[
        str, Meta(description="Why the node was not looked at, so that all steps are named; else empty.")
    ]
