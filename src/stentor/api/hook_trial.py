"""Trials of webhooks: deliveries of their forges' shapes, well signed and forged; nothing is rolled out."""

from __future__ import annotations

import os
import time
from collections.abc import Iterator, Mapping, Sequence
from typing import NamedTuple

from stentor.api.fleet import Fleet
from stentor.api.hook_action import said
from stentor.api.hook_receiver import Answer, Receiver
from stentor.api.hook_worker import source_of
from stentor.errors import StentorError, UsageError
from stentor.fleet.policy.serving import Hook
from stentor.hooks.forges import TABLE
from stentor.hooks.samples import Moved, Sample, sample
from stentor.hooks.secret import secret_of

TIMEOUT = 10.0
SOURCE = "the repository, from here"
GOOD, FORGED = "signed with the secret", "signed with another secret"


class Trial(NamedTuple):
    """A delivery that was sent, and its answer."""

    hook: str  # the name of the webhook
    forge: str  # whose shape it had
    what: str  # how it was signed; or the repository, which is looked at first
    expected: int  # HTTP's status that it should get; 0 where nothing was sent
    status: int  # the one it got; 0 where there was no answer
    text: str  # of the answer, or why there was none
    ok: bool  # whether the answer is the expected one, and the repository can be fetched


def trials(receiver: Receiver, names: Sequence[str] = (), *, url: str = "") -> Iterator[Trial]:
    """Send deliveries to webhooks and yield what they are answered.

    They tell of a push to a branch that the webhook does not roll out. Without a server it is first looked
    whether a real one could be fetched here.

    Args:
        names: of those that are tried; none for all.
        url: where a server receives: ``https://fleet.example``; empty for no server, in this process.

    Raises:
        UsageError: the policy has no such webhook.
    """
    if url and not url.startswith(("http://", "https://")):
        raise UsageError(f"'{url}' is no address", hint="it begins with http:// or https://")
    fleet = receiver.fleet()
    hooks = fleet.data.policy.hooks.each
    for name in names:
        if name not in hooks:
            listed = ", ".join(hooks) or "none"
            raise UsageError(f"the policy has no webhook '{name}'", hint=f"it has {listed}; see hooks:")
    if not hooks:
        hint = "name one below hooks: in policy.yaml; see docs/hooks.md"
        raise UsageError("the policy has no webhooks", hint=hint)
    for name in names or tuple(hooks):
        hook = hooks[name]
        if not url:
            yield _source(name, fleet, hook, receiver)
        try:
            secret = secret_of(hook, fleet.data.root, receiver.environ).value
        except StentorError as error:
            yield Trial(name, hook.forge, GOOD, 200, 0, said(error), ok=False)
            continue
        for what, expected, made in _samples(hook, secret):
            answer = _posted(f"{url.rstrip('/')}/hook/{name}", made) if url else _here(receiver, name, made)
            yield Trial(name, hook.forge, what, expected, *answer, ok=answer.status == expected)


def _source(name: str, fleet: Fleet, hook: Hook, receiver: Receiver) -> Trial:
    try:
        text, ok = source_of(name, fleet, hook, receiver), True
    except StentorError as error:
        text, ok = said(error), False
    return Trial(name, hook.forge, SOURCE, 0, 0, text, ok)


def _samples(hook: Hook, secret: bytes) -> Iterator[tuple[str, int, Sample]]:
    before, after = os.urandom(20).hex(), os.urandom(20).hex()
    moved, now = Moved(f"{hook.branch}-stentor-test", before, after), time.time()

    def made(key: bytes, *, form: bool = False) -> Sample:
        return sample(hook, key, moved, f"stentor-{os.urandom(8).hex()}", now, form=form)

    if hook.forge != "sourcehut":  # nobody else can sign for it
        yield GOOD, 200, made(secret)
    if TABLE[hook.forge].forms:
        moved = moved._replace(before=os.urandom(20).hex())
        yield f"{GOOD}, as a form", 200, made(secret, form=True)
    yield FORGED, 401, made(b"whsec_AAAA" if secret.startswith(b"whsec_") else os.urandom(16).hex().encode())


def _here(receiver: Receiver, name: str, made: Sample) -> Answer:
    return receiver.receive(name, made.headers, made.body)


def _posted(url: str, made: Sample) -> Answer:
    import http.client
    import urllib.error
    import urllib.request

    headers: Mapping[str, str] = {**made.headers, "User-Agent": "stentor"}
    request = urllib.request.Request(url, made.body, dict(headers), method="POST")  # noqa: S310 - checked above
    try:
        with urllib.request.urlopen(request, timeout=TIMEOUT) as answer:  # noqa: S310
            return Answer(answer.status, _line(answer.read(500)))
    except urllib.error.HTTPError as error:
        return Answer(error.code, _line(error.read(500)))
    except (OSError, ValueError, http.client.HTTPException) as error:
        return Answer(0, f"no answer: {getattr(error, 'reason', error)}; does 'stentor serve' run?")


def _line(data: bytes) -> str:
    return " ".join(data.decode("utf-8", "replace").split())
