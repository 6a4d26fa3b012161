"""GitLab: a token as it is, or with a signing token (``whsec_``) a signature of the Standard Webhooks.

Which of both is accepted follows from the secret here, never from what a request brings.
Source: https://docs.gitlab.com/user/project/integrations/webhooks/
"""

from __future__ import annotations

import msgspec

from stentor.hooks.delivery import Forge, Push, Received, Secret
from stentor.hooks.signature import standard, token

PUSHES = ("Push Hook", "System Hook")


class _Project(msgspec.Struct):
    path_with_namespace: str


class _Kind(msgspec.Struct):
    object_kind: str = ""
    event_name: str = ""


class _Push(msgspec.Struct):
    ref: str
    project: _Project
    before: str = ""
    after: str = ""


def _check(received: Received, secret: Secret) -> str:
    if secret.value.startswith(b"whsec_"):
        return standard(received, secret.value)
    return token(received.header("x-gitlab-token"), secret.value)


def _delivery(received: Received) -> str:
    for name in ("webhook-id", "idempotency-key", "x-gitlab-event-uuid"):
        if sent := received.header(name):
            return sent
    return ""


def _pushes(event: str, payload: bytes) -> list[Push] | None:
    if event not in PUSHES:
        return None
    kind = msgspec.json.decode(payload, type=_Kind)
    if "push" not in (kind.object_kind, kind.event_name):
        return None  # system hooks tell of much else
    said = msgspec.json.decode(payload, type=_Push)
    return [Push(said.project.path_with_namespace, said.ref, said.before, said.after)]


FORGE = Forge(_check, lambda received: received.header("x-gitlab-event"), _delivery, _pushes)
