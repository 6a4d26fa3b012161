"""A delivery of each forge's shape, signed: for 'stentor hook test' and for tests."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
from collections.abc import Mapping
from typing import NamedTuple
from urllib.parse import urlencode

from stentor.fleet.policy.serving import Hook
from stentor.hooks.delivery import HEADS
from stentor.hooks.forges import bitbucket, sourcehut

ZEROS = "0" * 40


class Sample(NamedTuple):
    """A request to a webhook."""

    headers: Mapping[str, str]
    body: bytes


class Moved(NamedTuple):
    """What a sample says has moved; an empty commit for none."""

    branch: str
    before: str
    after: str
    forced: bool = False


def sample(hook: Hook, secret: bytes, moved: Moved, ident: str, now: float, *, form: bool = False) -> Sample:
    """Return a push of the shape that a webhook's forge sends, signed with a secret.

    A sourcehut's cannot be signed by anybody but sourcehut: its signature is wrong.

    Args:
        hook: with the forge and the repository.
        secret: what it is signed with.
        moved: what has moved.
        ident: the forge's name for the delivery.
        now: seconds since 1970.
        form: as a form, where the forge sends such.
    """
    said = json.dumps(_SAID[hook.forge](hook, moved), ensure_ascii=False).encode()
    body, kind = said, "application/json"
    if form:
        body, kind = urlencode({"payload": said.decode()}).encode(), "application/x-www-form-urlencoded"
    own = _HEADERS[hook.forge](secret, said, body, ident, now)
    return Sample({"Content-Type": kind, **own}, body)


def _digest(secret: bytes, message: bytes) -> str:
    return hmac.new(secret, message, hashlib.sha256).hexdigest()


def standard_headers(secret: bytes, body: bytes, ident: str, now: float) -> dict[str, str]:
    """Return the headers of the Standard Webhooks."""
    key = base64.b64decode(secret.removeprefix(b"whsec_"))
    stamp = str(int(now))
    made = hmac.new(key, f"{ident}.{stamp}.".encode() + body, hashlib.sha256).digest()
    signature = f"v1,{base64.b64encode(made).decode()}"
    return {"webhook-id": ident, "webhook-timestamp": stamp, "webhook-signature": signature}


def _github_said(hook: Hook, moved: Moved) -> dict[str, object]:
    return {
        "ref": HEADS + moved.branch,
        "before": moved.before or ZEROS,
        "after": moved.after or ZEROS,
        "deleted": not moved.after,
        "forced": moved.forced,
        "repository": {"full_name": hook.repository},
    }


def _gitea_said(hook: Hook, moved: Moved) -> dict[str, object]:
    said = _github_said(hook, moved)
    return {name: said[name] for name in ("ref", "before", "after", "repository")}


def _gitlab_said(hook: Hook, moved: Moved) -> dict[str, object]:
    return {
        "object_kind": "push",
        "ref": HEADS + moved.branch,
        "before": moved.before or ZEROS,
        "after": moved.after or ZEROS,
        "checkout_sha": moved.after or None,
        "project": {"path_with_namespace": hook.repository},
    }


def _bitbucket_said(hook: Hook, moved: Moved) -> dict[str, object]:
    old, new = (
        dict(type="branch", name=moved.branch, target={"hash": commit}) if commit else None  # noqa: C408
        for commit in (moved.before, moved.after)
    )
    change = {"old": old, "new": new, "forced": moved.forced, "closed": new is None}
    return {"repository": {"full_name": hook.repository}, "push": {"changes": [change]}}


def _sourcehut_said(hook: Hook, moved: Moved) -> dict[str, object]:
    owner, _, name = hook.repository.partition("/")
    old, new = ({"id": commit} if commit else None for commit in (moved.before, moved.after))
    update = {"ref": {"name": HEADS + moved.branch}, "old": old, "new": new}
    repository = {"name": name, "owner": {"canonicalName": owner}}
    return {"data": {"webhook": {"repository": repository, "updates": [update]}}}


def _plain_said(hook: Hook, moved: Moved) -> dict[str, object]:
    said = {"repository": hook.repository, "ref": HEADS + moved.branch, "after": moved.after}
    return {**said, "before": moved.before, "forced": moved.forced}


_SAID = {
    "github": _github_said,
    "gitea": _gitea_said,
    "forgejo": _gitea_said,
    "gitlab": _gitlab_said,
    "bitbucket": _bitbucket_said,
    "sourcehut": _sourcehut_said,
    "plain": _plain_said,
}


def _github(secret: bytes, _: bytes, body: bytes, ident: str, __: float) -> dict[str, str]:
    signature = f"sha256={_digest(secret, body)}"
    return {"X-GitHub-Event": "push", "X-GitHub-Delivery": ident, "X-Hub-Signature-256": signature}


def _gitea(secret: bytes, said: bytes, _: bytes, ident: str, __: float) -> dict[str, str]:
    signature = _digest(secret, said)
    own = {"Event": "push", "Delivery": ident, "Signature": signature}
    github = {"X-GitHub-Event": "push", "X-Hub-Signature-256": f"sha256={signature}"}
    return {**{f"X-Gitea-{name}": value for name, value in own.items()}, **github}


def _forgejo(secret: bytes, said: bytes, body: bytes, ident: str, now: float) -> dict[str, str]:
    found = _gitea(secret, said, body, ident, now)
    return {**found, **{name.replace("Gitea", "Forgejo"): value for name, value in found.items()}}


def _gitlab(secret: bytes, _: bytes, body: bytes, ident: str, now: float) -> dict[str, str]:
    if secret.startswith(b"whsec_"):
        return {"X-Gitlab-Event": "Push Hook", **standard_headers(secret, body, ident, now)}
    token = secret.decode("latin-1")
    return {"X-Gitlab-Event": "Push Hook", "X-Gitlab-Token": token, "X-Gitlab-Event-UUID": ident}


def _bitbucket(secret: bytes, _: bytes, body: bytes, ident: str, __: float) -> dict[str, str]:
    signature = f"sha256={_digest(secret, body)}"
    return {"X-Event-Key": bitbucket.CLOUD, "X-Request-UUID": ident, "X-Hub-Signature": signature}


def _sourcehut(_: bytes, __: bytes, ___: bytes, ident: str, ____: float) -> dict[str, str]:
    wrong = base64.b64encode(bytes(64)).decode()
    own = {"X-Webhook-Event": sourcehut.PUSHED, "X-Webhook-Delivery": ident}
    return {**own, "X-Payload-Nonce": "0" * 16, "X-Payload-Signature": wrong}


def _plain(secret: bytes, _: bytes, body: bytes, ident: str, now: float) -> dict[str, str]:
    if secret.startswith(b"whsec_"):
        return standard_headers(secret, body, ident, now)
    return {"X-Delivery": ident, "X-Hub-Signature-256": f"sha256={_digest(secret, body)}"}


_HEADERS = {
    "github": _github,
    "gitea": _gitea,
    "forgejo": _forgejo,
    "gitlab": _gitlab,
    "bitbucket": _bitbucket,
    "sourcehut": _sourcehut,
    "plain": _plain,
}
