"""GitHub: an HMAC of the whole body, also where that is a form.

Source: https://docs.github.com/en/webhooks/using-webhooks/validating-webhook-deliveries
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
    deleted: bool = False
    forced: bool = False


def _check(received: Received, secret: Secret) -> str:
    sent = received.header("x-hub-signature-256")
    return hex_hmac(received.body, secret.value, sent, prefix="sha256=")


def _pushes(event: str, payload: bytes) -> list[Push] | None:
    if event != "push":
        return None
    said = msgspec.json.decode(payload, type=_Push)
    after = "" if said.deleted else said.after
    return [Push(said.repository.full_name, said.ref, said.before, after, said.forced)]


FORGE = Forge(
    _check,
    lambda received: received.header("x-github-event"),
    lambda received: received.header("x-github-delivery"),
    _pushes,
    forms=True,
)
