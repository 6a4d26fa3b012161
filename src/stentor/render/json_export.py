"""The records of ``export --all``."""

from __future__ import annotations

from typing import Annotated, Literal

from msgspec import Meta

from stentor.render.json_fields import Header, Node, Shape


class Exports(Header, tag="exports", kw_only=True):
    """The first line of ``export --all``; an ``export`` for each file and place follows, and a ``report``."""

    fleet: Annotated[str, Meta(description="The fleet directory.")]
    check: Annotated[bool, Meta(description="Whether the files are only compared.")]


class LeftOut(Shape):
    """Something that the format has no word for."""

    node: Annotated[str, Meta(description="A node's alias; empty for the whole fleet.")]
    field: Annotated[str, Meta(description="As in the fleet file: vars, jump, ...")]
    what: Annotated[str, Meta(description="The value or the variable; empty for the whole field.")]
    why: str
    where: Annotated[str, Meta(description="FILE:LINE:COLUMN of the fleet; or empty.")]


class Export(Shape, tag="export"):
    """One file in one place, by ``export --all``."""

    format: str
    path: str
    node: Annotated[Node | None, Meta(description="That has the file; null: this machine.")]
    state: Literal["written", "current", "stale", "skipped", "failed"]
    text: Annotated[str, Meta(description="The difference of a stale file, or why it failed.")]
    exit_code: int
    left: list[LeftOut]
