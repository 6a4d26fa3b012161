"""Gitea and Forgejo: an HMAC of the JSON, also where that comes in a form.

They send GitHub's headers as well, with the signature of the same JSON; only their own are read.
Source: services/webhook/deliver.go of both.
"""

from __future__ import annotations

import msgspec

from stentor.hooks.delivery import Forge, Push, Received, Secret
from stentor.hooks.signature import hex_hmac


class _Repository(msgspec.Struct):
    full_name: str


class _Push(msgspec.Struct):
    ref: str
    repository: _Repository
    before: str = ""
    after: str = ""


def _own(received: Received, name: str) -> str:
    """Return a header of Forgejo's or Gitea's own."""
    return received.header(f"x-forgejo-{name}") or received.header(f"x-gitea-{name}")


def _check(received: Received, secret: Secret) -> str:
    return hex_hmac(received.payload, secret.value, _own(received, "signature"))


def _pushes(event: str, payload: bytes) -> list[Push] | None:
    if event != "push":
        return None  # a deleted branch is an event 'delete'
    said = msgspec.json.decode(payload, type=_Push)
    return [Push(said.repository.full_name, said.ref, said.before, said.after)]


FORGE = Forge(
    _check,
    lambda received: _own(received, "event"),
    lambda received: _own(received, "delivery"),
    _pushes,
    forms=True,
)
