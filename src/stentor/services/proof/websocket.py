"""The few bytes of a websocket that a proof needs (RFC 6455): the handshake, a ping and its pong."""

from __future__ import annotations

import base64
import hashlib

_GUID = "258EAFA5-E914-47DA-95CA-C5AB0DC85B11"  # section 1.3
_PONG, _PING = 0xA, 0x9


def headers(nonce: bytes) -> dict[str, str]:
    """Return the headers that ask for a websocket.

    Args:
        nonce: 16 random bytes.
    """
    key = base64.b64encode(nonce).decode()
    return {
        "Connection": "Upgrade",
        "Upgrade": "websocket",
        "Sec-WebSocket-Version": "13",
        "Sec-WebSocket-Key": key,
    }


def accepted(nonce: bytes) -> str:
    """Return what the header ``Sec-WebSocket-Accept`` must say to this nonce."""
    key = base64.b64encode(nonce).decode() + _GUID
    return base64.b64encode(hashlib.sha1(key.encode(), usedforsecurity=False).digest()).decode()


def ping(payload: bytes, mask: bytes) -> bytes:
    """Return a ping with at most 125 bytes, masked with four as a client must (section 5.3)."""
    masked = bytes(byte ^ mask[index % 4] for index, byte in enumerate(payload))
    return bytes([0x80 | _PING, 0x80 | len(payload)]) + mask + masked


def find_pong(data: bytes, payload: bytes) -> bool:
    """Whether the frames of a server hold the pong to a ping with this payload, among others."""
    at = 0
    while at + 2 <= len(data):
        opcode, length = data[at] & 0xF, data[at + 1] & 0x7F
        start = at + 2
        if length > 125:
            wide = 2 if length == 126 else 8
            length = int.from_bytes(data[start : start + wide], "big")
            start += wide
        if opcode == _PONG and data[start : start + length] == payload:
            return True
        at = start + length
    return False
