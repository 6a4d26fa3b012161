"""Values which many of the lines of ``--json`` hold."""

from __future__ import annotations

from typing import Annotated, Literal

from msgspec import Meta

from stentor.outcome import KINDS

Node = Annotated[str, Meta(description="A node's alias.")]
Stream = Literal["stdout", "stderr"]
Kind = Annotated[str, Meta(description="What came of a node.", extra_json_schema={"enum": list(KINDS)})]
Seconds = Annotated[float, Meta(ge=0)]
Moment = Annotated[float, Meta(description="In seconds since 1970-01-01T00:00:00Z.")]
