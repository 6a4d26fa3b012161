"""Mutates signed deliveries: ``python -m tests.fuzz.webhooks [SECONDS] [SEED]``.

A case is wrong when anything but a delivery or a refusal comes of it, when it takes more than a second, when
one that is not signed with the secret is accepted, or when a commit is accepted that is no whole hash.
"""

from __future__ import annotations

import base64
import random
import re
import sys
import time

from stentor.fleet.policy.serving import FORGES, Hook
from stentor.hooks.delivery import Delivery, Secret
from stentor.hooks.read import named, read
from stentor.hooks.samples import Moved, sample

SLOW = 1.0
NOW = 1_800_000_000.0
SECRETS = (b"a secret", b"whsec_" + base64.b64encode(b"a key of some length"))
PIECES = [
    *(b"\0", b"\xff", b"\xed\xa0\x80", b"\\ud800", b"{" * 2000, b"[" * 2000, b"null", b"1e999", b"-0", b'"'),
    *(b"\\", b"%", b"%00", b"+", b"&payload=", b"refs/tags/", b"refs/heads/", b"0" * 40, b"f" * 64, b"../"),
    *(b'"ref":', b'"after":', b'"repository":', b"\xe2\x80\xae", b" " * 3000, b"9" * 5000, b"\r\n", b"--"),
]  # fmt: skip


def mutated(data: bytes, chance: random.Random) -> bytes:
    """A body with a few faults."""
    for _ in range(chance.choice((1, 1, 2, 3, 8))):
        here, there = sorted((chance.randint(0, len(data)), chance.randint(0, len(data))))
        kind = chance.randrange(4)
        if kind == 0:
            data = data[:here] + chance.choice(PIECES) + data[here:]
        elif kind == 1:
            data = data[:here] + data[here + chance.randint(1, 8) :]
        elif kind == 2:
            data = data[:here] + bytes([chance.randrange(256)]) + data[here + 1 :]
        else:
            data = data[:here] + data[here:there] * 2 + data[there:]
    return data


def one(chance: random.Random) -> str:
    """Try a case; return what is wrong."""
    forge, secret = chance.choice(FORGES), chance.choice(SECRETS)
    hook = Hook(forge=forge, repository="you/dotfiles", secret="file", selector=("a",))
    moved = Moved(chance.choice(("main", "topic")), "a" * 40, chance.choice(("b" * 40, "")))
    form = forge in ("github", "gitea", "forgejo") and chance.random() < 0.3
    sent = sample(hook, secret, moved, f"d{chance.random()}", NOW, form=form)
    headers, body = dict(sent.headers), sent.body
    signed = chance.random() < 0.7
    if signed:  # the shape is broken, and signed so
        body = mutated(body, chance)
        again = sample(hook, secret, moved, "d", NOW, form=form)
        headers = _signed(hook, secret, body, dict(again.headers))
    else:
        name = chance.choice([*headers])
        headers[name] = mutated(headers[name].encode(), chance).decode("latin-1")
        body = mutated(body, chance) if chance.random() < 0.5 else body
    began = time.monotonic()
    try:
        named(headers, hook)
        found = read(headers, body, hook, Secret(secret), NOW)
    except Exception as error:
        return f"{forge}: {type(error).__name__}: {error}: {headers} {body[:300]!r}"
    if time.monotonic() - began > SLOW:
        return f"{forge}: it took {time.monotonic() - began:.1f} s: {body[:300]!r}"
    if isinstance(found, Delivery):
        if found.after and not re.fullmatch(r"[0-9a-f]{40}|[0-9a-f]{64}", found.after):
            return f"{forge}: no commit was accepted: {found}"
        # A token signs nothing; and however a form is written, its JSON is what Gitea signs.
        unsigned = (forge == "gitlab" and secret == SECRETS[0]) or (form and forge != "github")
        if not signed and body != sent.body and not unsigned:
            return f"{forge}: a changed body was accepted: {body[:300]!r}"
    return ""


def _signed(hook: Hook, secret: bytes, body: bytes, headers: dict[str, str]) -> dict[str, str]:
    """Sign a body as the forge would, whatever it is."""
    import hashlib
    import hmac

    from stentor.hooks.samples import standard_headers

    signature = hmac.new(secret, body, hashlib.sha256).hexdigest()
    for name in headers:
        if name in ("X-Hub-Signature-256", "X-Hub-Signature"):
            headers[name] = f"sha256={signature}"
        elif name in ("X-Gitea-Signature", "X-Forgejo-Signature"):
            headers[name] = signature
    if secret.startswith(b"whsec_") and hook.forge in ("gitlab", "plain"):
        headers |= standard_headers(secret, body, "d", NOW)
    return headers


def main(seconds: float = 60, seed: int | None = None) -> int:
    """Try cases for some time; print the seed and what is wrong."""
    seed = random.randrange(10**9) if seed is None else seed
    chance, end, count = random.Random(seed), time.monotonic() + seconds, 0
    while time.monotonic() < end:
        count += 1
        if wrong := one(chance):
            print(f"seed {seed}, case {count}: {wrong}")
            return 1
    print(f"seed {seed}: {count} cases, nothing wrong")
    return 0


if __name__ == "__main__":
    words = sys.argv[1:]
    sys.exit(main(float(words[0]) if words else 60, int(words[1]) if words[1:] else None))
