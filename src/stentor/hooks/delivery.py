"""What a webhook received, and what is to be made of it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import NamedTuple

MAX_BODY = 25 * 1024 * 1024
"""Bytes of a body at most: as large as the largest that GitHub sends
(https://docs.github.com/en/webhooks/webhook-events-and-payloads#payload-cap)."""

HEADS, TAGS = "refs/heads/", "refs/tags/"


class Received(NamedTuple):
    """A request as it came."""

    headers: Mapping[str, str]  # by their names in lower case
    body: bytes  # the bytes
    payload: bytes  # the JSON in it, which a form wraps
    now: float  # seconds since 1970

    def header(self, name: str) -> str:
        """Return a header's value without white space around it; empty if it was not sent."""
        return self.headers.get(name, "").strip()


class Secret(NamedTuple):
    """What a signature is checked with."""

    value: bytes  # the secret shared with the forge, or the forge's public key in base64
    # Checks an Ed25519 signature: public key, message, signature.
    verify: Callable[[bytes, bytes, bytes], bool] = lambda _, __, ___: False


class Push(NamedTuple):
    """A reference of a repository that has moved."""

    repository: str  # as the forge names it
    ref: str  # the whole name: ``refs/heads/main``
    before: str  # the commit there before; empty where the reference is new
    after: str  # the commit there now; empty where it was deleted
    # Whether the forge says that history was rewritten; None where it says nothing.
    forced: bool | None = None


class Delivery(NamedTuple):
    """A delivery that is the forge's own."""

    id: str  # the forge's name for it; the digest of its content where it has none
    digest: str  # SHA-256 of its content: the same under another name is the same
    forge: str  # whose
    event: str  # as the forge names it
    ref: str = ""  # the reference that has moved; empty if none has
    before: str = ""  # the commit before; empty if there was none
    after: str = ""  # the commit to be rolled out; empty if nothing is to be done
    ignored: str = ""  # why nothing is to be done; empty if ``after`` is to be rolled out


class Refusal(NamedTuple):
    """A delivery that is not accepted."""

    status: int  # of HTTP
    reason: str  # why; says nothing that a stranger should not know


class Forge(NamedTuple):
    """How deliveries of a forge are read; a module of ``forges`` each."""

    check: Callable[[Received, Secret], str]  # why the signature is not good; empty if it is
    event: Callable[[Received], str]  # the event's name; empty if the request has none
    delivery: Callable[[Received], str]  # the forge's name for the delivery; empty if it has none
    # What moved; None where the event is no push. May raise ``msgspec.MsgspecError``.
    pushes: Callable[[str, bytes], list[Push] | None]
    forms: bool = False  # whether the JSON may come in a form's field ``payload``
