"""Plain: an HMAC of the body over a small JSON, for one's own scripts and for forges that are not known here.

``{"repository": "you/dotfiles", "ref": "refs/heads/main", "after": "COMMIT"}``, signed as GitHub does
(``X-Hub-Signature-256``), or with a secret that begins with ``whsec_`` as the Standard Webhooks say.
"""

from __future__ import annotations

import msgspec

from stentor.hooks.delivery import Forge, Push, Received, Secret
from stentor.hooks.signature import hex_hmac, standard


class _Push(msgspec.Struct):
    repository: str
    ref: str
    after: str
    before: str = ""
    forced: bool | None = None


def _check(received: Received, secret: Secret) -> str:
    if secret.value.startswith(b"whsec_"):
        return standard(received, secret.value)
    return hex_hmac(received.body, secret.value, received.header("x-hub-signature-256"), prefix="sha256=")


def _pushes(event: str, payload: bytes) -> list[Push] | None:
    if event != "push":
        return None
    said = msgspec.json.decode(payload, type=_Push)
    return [Push(said.repository, said.ref, said.before, said.after, said.forced)]


FORGE = Forge(
    _check,
    lambda received: received.header("x-event") or "push",
    lambda received: received.header("webhook-id") or received.header("x-delivery"),
    _pushes,
)
