"""The records of ``serve doctor``."""

from __future__ import annotations

from typing import Annotated, Literal

from msgspec import Meta

from stentor.render.json_fields import Header, Shape


class ServeDoctor(Header, tag="serve_doctor"):
    """The first line of ``serve doctor``."""


class ServeCheck(Shape, tag="serve_check"):
    """Something about how the page is served."""

    severity: Literal["bad", "warning", "note", "ok"]
    what: str
    hint: Annotated[str, Meta(description="What to do next; or empty.")]
