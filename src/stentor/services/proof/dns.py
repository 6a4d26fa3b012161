"""Questions to a DNS server and its answers, as bytes (RFC 1035), over TCP."""

from __future__ import annotations

import ipaddress
import struct

A, AAAA = 1, 28
_IN = 1
_CODES = {0: "", 2: "SERVFAIL", 3: "NXDOMAIN", 5: "REFUSED"}


def query(name: str, kind: int, number: int) -> bytes:
    """Return a question for TCP: its length, then the message.

    Args:
        name: a name in ASCII, with labels of at most 63 bytes.
        kind: ``A`` or ``AAAA``.
        number: by which the answer is known, 16 bits.
    """
    labels = b"".join(bytes([len(label)]) + label.encode("ascii") for label in name.rstrip(".").split("."))
    message = (
        struct.pack(">HHHHHH", number, 0x0100, 1, 0, 0, 0) + labels + b"\0" + struct.pack(">HH", kind, _IN)
    )
    return struct.pack(">H", len(message)) + message


def parse(message: bytes, number: int, kind: int) -> tuple[str, tuple[str, ...]]:
    """Return why there is no answer (``NXDOMAIN``, or nothing), and the addresses that are answered.

    Args:
        message: without its length.
        number: of the question.
        kind: of the question.

    Raises:
        ValueError: it is no answer to this question.
    """
    try:
        given, flags, questions, answers, _, _ = struct.unpack_from(">HHHHHH", message)
        if given != number or not flags & 0x8000:
            raise ValueError("it answers another question")
        at = 12
        for _ in range(questions):
            at = _past_name(message, at) + 4
        found = []
        for _ in range(answers):
            at = _past_name(message, at)
            this, _, _, length = struct.unpack_from(">HHIH", message, at)
            data = message[at + 10 : at + 10 + length]
            at += 10 + length
            if this == kind:
                found.append(str(ipaddress.ip_address(data)))
    except (struct.error, IndexError) as error:
        raise ValueError(f"its answer is cut short: {error}") from None
    return _CODES.get(flags & 15, f"code {flags & 15}"), tuple(found)


def _past_name(message: bytes, at: int) -> int:
    """Where a name ends: at a zero, or at a pointer to its rest (section 4.1.4)."""
    while True:
        length = message[at]
        if length & 0xC0:
            return at + 2
        at += 1 + length
        if not length:
            return at
