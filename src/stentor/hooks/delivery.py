"""What a webhook received, and what is to be made of it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import NamedTuple

MAX_BODY = 25 * 1024 * 1024
"""Bytes of a body at most: as large as the largest that GitHub sends
(https://docs.github.com/en/webhooks/webhook-events-and-payloads#payload-cap)."""

HEADS, TAGS = "refs/heads/", "refs/tags/"


class Received(NamedTuple):
    """A request as it came.

    Attributes:
        headers: by their names in lower case.
        body: the bytes.
        payload: the JSON in it, which a form wraps.
        now: seconds since 1970.
    """

    headers: Mapping[str, str]
    body: bytes
    payload: bytes
    now: float

    def header(self, name: str) -> str:
        """Return a header's value without white space around it; empty if it was not sent."""
        return self.headers.get(name, "").strip()


class Secret(NamedTuple):
    """What a signature is checked with.

    Attributes:
        value: the secret shared with the forge, or the forge's public key in base64.
        verify: checks an Ed25519 signature: public key, message, signature.
    """

    value: bytes
    verify: Callable[[bytes, bytes, bytes], bool] = lambda _, __, ___: False


class Push(NamedTuple):
    """A reference of a repository that has moved.

    Attributes:
        repository: as the forge names it.
        ref: the whole name: ``refs/heads/main``.
        before: the commit there before; empty where the reference is new.
        after: the commit there now; empty where it was deleted.
        forced: whether the forge says that history was rewritten; None where it says nothing.
    """

    repository: str
    ref: str
    before: str
    after: str
    forced: bool | None = None


class Delivery(NamedTuple):
    """A delivery that is the forge's own.

    Attributes:
        id: the forge's name for it; the digest of its content where it has none.
        digest: SHA-256 of its content: the same under another name is the same.
        forge: whose.
        event: as the forge names it.
        ref: the reference that has moved; empty if none has.
        before: the commit before; empty if there was none.
        after: the commit to be rolled out; empty if nothing is to be done.
        ignored: why nothing is to be done; empty if ``after`` is to be rolled out.
    """

    id: str
    digest: str
    forge: str
    event: str
    ref: str = ""
    before: str = ""
    after: str = ""
    ignored: str = ""


class Refusal(NamedTuple):
    """A delivery that is not accepted.

    Attributes:
        status: of HTTP.
        reason: why; says nothing that a stranger should not know.
    """

    status: int
    reason: str


class Forge(NamedTuple):
    """How deliveries of a forge are read; a module of ``forges`` each.

    Attributes:
        check: why the signature is not good; empty if it is.
        event: the event's name; empty if the request has none.
        delivery: the forge's name for the delivery; empty if it has none.
        pushes: what moved; None where the event is no push. May raise ``msgspec.MsgspecError``.
        forms: whether the JSON may come in a form's field ``payload``.
    """

    check: Callable[[Received, Secret], str]
    event: Callable[[Received], str]
    delivery: Callable[[Received], str]
    pushes: Callable[[str, bytes], list[Push] | None]
    forms: bool = False
