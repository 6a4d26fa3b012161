"""Decides what a delivery is: whose, of which branch, and whether anything is to be done."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Mapping
from urllib.parse import parse_qs

import msgspec

from stentor.fleet.policy.serving import Hook
from stentor.hooks.delivery import HEADS, MAX_BODY, TAGS, Delivery, Forge, Push, Received, Refusal, Secret
from stentor.hooks.forges import TABLE

_COMMIT = re.compile(r"[0-9a-f]{40}|[0-9a-f]{64}")
_NONE = re.compile(r"0*")
_ID = re.compile(r"[!-~]{1,200}")
_EVENT = re.compile(r"[!-~]([ -~]{0,98}[!-~])?")
_FORM, _JSON = "application/x-www-form-urlencoded", re.compile(r"application/([\w.-]+\+)?json")
_FIELDS = 8  # of a form at most
_LONGEST_REF = 512


def read(
    headers: Mapping[str, str], body: bytes, hook: Hook, secret: Secret, now: float
) -> Delivery | Refusal:
    """Decide what a delivery is.

    Args:
        headers: of the request, by name in any case.
        body: its bytes.
        hook: what the policy says of this webhook.
        secret: what its signature is checked with.
        now: seconds since 1970.
    """
    forge = TABLE[hook.forge]
    if len(body) > MAX_BODY:
        return Refusal(413, "the body is too large")
    if not secret.value:
        return Refusal(503, "the secret of this webhook is empty")
    lower = {name.lower(): value for name, value in headers.items()}
    payload = _payload(lower, body, forge, strict=hook.forge != "plain")
    if isinstance(payload, Refusal):
        return payload
    received = Received(lower, body, payload, now)
    if wrong := forge.check(received, secret):
        return Refusal(401, wrong)
    event, ident = forge.event(received), forge.delivery(received)
    if not _EVENT.fullmatch(event):
        return Refusal(400, f"no event's name: not a delivery of {hook.forge}")
    if ident and not _ID.fullmatch(ident):
        return Refusal(400, "the name of the delivery is malformed")
    digest = hashlib.sha256(event.encode() + b"\0" + payload).hexdigest()
    delivery = Delivery(ident or digest, digest, hook.forge, event)
    try:
        pushes = forge.pushes(event, payload)
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError) as error:
        return Refusal(400, f"not a push of {hook.forge}: {error}"[:200])
    return decide(delivery, pushes, hook)


def named(headers: Mapping[str, str], hook: Hook) -> Delivery:
    """Return what a refused delivery calls itself, as far as it is well formed; only for people."""
    forge = TABLE[hook.forge]
    received = Received({name.lower(): value for name, value in headers.items()}, b"", b"", 0.0)
    event, ident = forge.event(received), forge.delivery(received)
    return Delivery(
        ident if _ID.fullmatch(ident) else "", "", hook.forge, event if _EVENT.fullmatch(event) else ""
    )


def decide(delivery: Delivery, pushes: list[Push] | None, hook: Hook) -> Delivery | Refusal:
    """Decide whether anything is to be done.

    Args:
        delivery: without what moved.
        pushes: what moved; None where the event is no push.
    """
    if pushes is None:
        return delivery._replace(ignored=f"{delivery.event} is no push")
    for push in pushes:
        if push.repository.casefold() != hook.repository.casefold():
            return Refusal(403, "it is about another repository")
        if len(push.ref) > _LONGEST_REF or not push.ref.isprintable():
            return Refusal(400, "the name of the reference is malformed")
    ours = [push for push in pushes if push.ref == HEADS + hook.branch]
    if len(ours) > 1:
        return Refusal(400, "the branch has moved twice in one push")
    if not ours:
        return delivery._replace(ref=pushes[0].ref if pushes else "", ignored=_elsewhere(pushes, hook))
    return _moved(delivery, ours[0])


def _moved(delivery: Delivery, push: Push) -> Delivery | Refusal:
    before, after = ("" if _NONE.fullmatch(one) else one for one in (push.before, push.after))
    for commit in (before, after):
        if commit and not _COMMIT.fullmatch(commit):
            return Refusal(400, "a commit is not named by its whole hash")
    known = delivery._replace(ref=push.ref, before=before)
    if not after:
        return known._replace(ignored="the branch was deleted")
    if push.forced:
        return known._replace(ignored="a forced push: history was rewritten; roll it out by hand")
    return known._replace(after=after)


def _elsewhere(pushes: list[Push], hook: Hook) -> str:
    if not pushes:
        return "nothing has moved"
    ref = pushes[0].ref
    if ref.startswith(TAGS):
        return "a tag"
    if ref.startswith(HEADS):
        return f"another branch than {hook.branch}"
    return "no branch"


def _payload(headers: Mapping[str, str], body: bytes, forge: Forge, *, strict: bool) -> bytes | Refusal:
    """Return the JSON of a request, which a form may wrap."""
    kind = headers.get("content-type", "").partition(";")[0].strip().lower()
    if not strict or _JSON.fullmatch(kind):
        return body
    if kind != _FORM or not forge.forms:
        return Refusal(415, "the content type is not application/json")
    try:
        fields = parse_qs(body.decode("ascii"), max_num_fields=_FIELDS, strict_parsing=True, errors="strict")
    except ValueError:
        return Refusal(400, "the form cannot be read")
    found = fields.get("payload", [])
    if len(found) != 1:
        return Refusal(400, "the form has no field 'payload'")
    return found[0].encode()
