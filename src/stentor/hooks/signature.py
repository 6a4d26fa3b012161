"""Signatures of deliveries. Every comparison takes the same time wherever the difference is."""

from __future__ import annotations

import base64
import binascii
import hashlib
import hmac

from stentor.hooks.delivery import Received

TOLERANCE = 300.0
"""Seconds by which a signed time may differ from ours, as the Standard Webhooks specification recommends."""

MISSING = "no signature"
WRONG = "the signature is wrong"


def hex_hmac(message: bytes, secret: bytes, signature: str, *, prefix: str = "") -> str:
    """Return why an HMAC-SHA256 in hexadecimal is not that of a message; empty if it is.

    Args:
        message: the bytes that were signed.
        signature: as it was sent; forges without a secret send it empty.
        prefix: what stands before the digits.
    """
    if not signature.startswith(prefix) or not signature.removeprefix(prefix):
        return MISSING
    good = prefix + hmac.new(secret, message, hashlib.sha256).hexdigest()
    return "" if hmac.compare_digest(good.encode(), signature.lower().encode("utf-8", "replace")) else WRONG


def standard(received: Received, secret: bytes) -> str:
    """Return why a signature of the Standard Webhooks is not good; empty if it is.

    Source: https://github.com/standard-webhooks/standard-webhooks/blob/main/spec/standard-webhooks.md
    """
    sent, ident = received.header("webhook-signature"), received.header("webhook-id")
    stamp = received.header("webhook-timestamp")
    if not sent or not ident:
        return MISSING
    key = secret
    if secret.startswith(b"whsec_"):
        decoded = unbase64(secret.removeprefix(b"whsec_").decode("ascii", "replace"))
        if not decoded:
            return "the secret here is not the base64 that whsec_ announces"
        key = decoded
    if not (stamp.isascii() and stamp.isdecimal() and len(stamp) < 16):
        return "webhook-timestamp is not a number of seconds"
    message = f"{ident}.{stamp}.".encode("utf-8", "replace") + received.body
    good = b"v1," + base64.b64encode(hmac.new(key, message, hashlib.sha256).digest())
    candidates = [one.encode("utf-8", "replace") for one in sent.split()[:8]]
    if not any([hmac.compare_digest(good, one) for one in candidates]):  # noqa: C419 - all are compared
        return WRONG
    if abs(received.now - int(stamp)) > TOLERANCE:
        return "it was signed more than five minutes ago, or the clocks differ"
    return ""


def token(sent: str, secret: bytes) -> str:
    """Return why a secret that is sent as it is differs from ours; empty if it is the same."""
    if not sent:
        return "no token"
    return "" if hmac.compare_digest(secret, sent.encode("utf-8", "replace")) else "the token is wrong"


def unbase64(text: str) -> bytes:
    """Return the bytes of a base64 text; none if it is not base64."""
    try:
        return base64.b64decode(text, validate=True)
    except (binascii.Error, ValueError):
        return b""
