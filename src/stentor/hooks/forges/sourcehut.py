"""sourcehut: an Ed25519 signature of the body and a nonce, by one key for all users of an instance.

So it proves that the instance sent it, and not for whom: anybody may have it call any address, with a query
of their own. What is rolled out is therefore only ever a commit of our branch at our remote.

The query of the webhook must ask for ``repository`` and ``updates`` (docs/hooks.md has it).
Source: https://man.sr.ht/api-conventions.md and core-go/crypto/crypto.go
"""

from __future__ import annotations

import msgspec

from stentor.hooks.delivery import Forge, Push, Received, Secret
from stentor.hooks.signature import MISSING, WRONG, unbase64

KEY = b"uX7KWyyDNMaBma4aVbJ/cbUQpdjqczuCyK/HxzV/u+4="  # gitleaks:allow
"""The public key of sr.ht, from its documentation."""

PUSHED = "GIT_POST_RECEIVE"


class _Owner(msgspec.Struct, rename="camel"):
    canonical_name: str


class _Repository(msgspec.Struct):
    name: str
    owner: _Owner


class _Reference(msgspec.Struct):
    name: str


class _Object(msgspec.Struct):
    id: str


class _Update(msgspec.Struct):
    ref: _Reference
    old: _Object | None = None
    new: _Object | None = None


class _Event(msgspec.Struct):
    repository: _Repository
    updates: list[_Update]


class _Data(msgspec.Struct):
    webhook: _Event


class _Push(msgspec.Struct):
    data: _Data


def _check(received: Received, secret: Secret) -> str:
    sent, nonce = received.header("x-payload-signature"), received.header("x-payload-nonce")
    if not sent or not nonce:
        return MISSING
    signature, key = unbase64(sent), unbase64(secret.value.decode("ascii", "replace"))
    if len(key) != 32:
        return "the public key here is not one of Ed25519 in base64"
    if len(signature) != 64:
        return WRONG
    message = received.body + nonce.encode("utf-8", "replace")
    return "" if secret.verify(key, message, signature) else WRONG


def _pushes(event: str, payload: bytes) -> list[Push] | None:
    if event != PUSHED:
        return None
    said = msgspec.json.decode(payload, type=_Push).data.webhook
    name = f"{said.repository.owner.canonical_name}/{said.repository.name}"
    return [
        Push(name, one.ref.name, one.old.id if one.old else "", one.new.id if one.new else "")
        for one in said.updates
    ]


FORGE = Forge(
    _check,
    lambda received: received.header("x-webhook-event"),
    lambda received: received.header("x-webhook-delivery"),
    _pushes,
)
