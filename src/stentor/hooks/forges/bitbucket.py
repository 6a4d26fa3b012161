"""Bitbucket, in the cloud and as Data Center: an HMAC of the body; one push may move several references.

Sources: https://support.atlassian.com/bitbucket-cloud/docs/event-payloads/ and
https://confluence.atlassian.com/bitbucketserver/event-payload-938025882.html
"""

from __future__ import annotations

import msgspec

from stentor.hooks.delivery import HEADS, TAGS, Forge, Push, Received, Secret
from stentor.hooks.signature import hex_hmac

CLOUD, SERVER = "repo:push", "repo:refs_changed"


class _Named(msgspec.Struct):
    full_name: str


class _Target(msgspec.Struct):
    hash: str


class _Reference(msgspec.Struct):
    type: str
    name: str
    target: _Target | None = None


class _Change(msgspec.Struct):
    new: _Reference | None = None
    old: _Reference | None = None
    forced: bool = False


class _Changes(msgspec.Struct):
    changes: list[_Change]


class _CloudPush(msgspec.Struct):
    repository: _Named
    push: _Changes


class _Project(msgspec.Struct):
    key: str


class _Slug(msgspec.Struct):
    slug: str
    project: _Project


class _Moved(msgspec.Struct, rename="camel"):
    ref_id: str
    from_hash: str = ""
    to_hash: str = ""
    type: str = ""


class _ServerPush(msgspec.Struct):
    repository: _Slug
    changes: list[_Moved]


def _check(received: Received, secret: Secret) -> str:
    return hex_hmac(received.body, secret.value, received.header("x-hub-signature"), prefix="sha256=")


def _delivery(received: Received) -> str:
    return received.header("x-request-uuid") or received.header("x-request-id")


def _pushes(event: str, payload: bytes) -> list[Push] | None:
    if event == CLOUD:
        return _of_cloud(msgspec.json.decode(payload, type=_CloudPush))
    if event == SERVER:
        said = msgspec.json.decode(payload, type=_ServerPush)
        name = f"{said.repository.project.key}/{said.repository.slug}"
        return [
            Push(name, one.ref_id, one.from_hash, "" if one.type == "DELETE" else one.to_hash)
            for one in said.changes
        ]
    return None


def _of_cloud(said: _CloudPush) -> list[Push]:
    moved = []
    for change in said.push.changes:
        named = change.new or change.old
        if named is None:
            continue
        # A tag and a branch may have the same name; what else there is (bookmarks) is no branch of git.
        folder = {"branch": HEADS, "tag": TAGS}.get(named.type, f"refs/{named.type}/")
        before, after = (one.target.hash if one and one.target else "" for one in (change.old, change.new))
        moved.append(Push(said.repository.full_name, folder + named.name, before, after, change.forced))
    return moved


FORGE = Forge(_check, lambda received: received.header("x-event-key"), _delivery, _pushes)
