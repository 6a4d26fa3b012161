"""The records of ``hook``."""

from __future__ import annotations

from typing import Annotated, Literal, Self

from msgspec import Meta

from stentor.hooks.queue import Delivered
from stentor.render.json_fields import Header, Moment, Shape


class HookTests(Header, tag="hook-tests"):
    """The first line of ``hook test``."""


class HookTrial(Shape, tag="hook-trial"):
    """What ``hook test`` tried: the repository, and deliveries that it sent."""

    hook: str
    forge: str
    what: Annotated[str, Meta(description="How it was signed; or the repository, which is looked at first.")]
    expected: Annotated[int, Meta(description="HTTP's status that it should get; 0 where nothing was sent.")]
    status: Annotated[int, Meta(description="The one it got; 0 where there was no answer.")]
    text: str
    ok: bool


class HookDeliveries(Header, tag="hook-deliveries"):
    """The first line of ``hook deliveries``; a ``hook-delivery`` for each follows, the newest first."""


class HookDelivery(Shape, tag="hook-delivery"):
    """What a webhook received."""

    id: int
    hook: str
    received_at: Moment
    delivery: Annotated[str, Meta(description="The forge's name for it; or empty.")]
    forge: str
    event: str
    ref: str
    before: str
    after: Annotated[str, Meta(description="The commit to be rolled out; empty if nothing is to be done.")]
    state: Annotated[
        Literal["queued", "running", "done", "merged", "ignored", "refused", "failed", "reverted"],
        Meta(description="merged: a newer one was rolled out in its place. ignored: answered only."),
    ]
    reason: str
    attempts: int
    ended_at: Moment | None
    operation: Annotated[int, Meta(description="Its number in the journal; 0 for none.")]

    @classmethod
    def from_queue(cls, one: Delivered) -> Self:
        """Return the record of a delivery."""
        return cls.of(one, received_at=one.at, ended_at=one.ended)
