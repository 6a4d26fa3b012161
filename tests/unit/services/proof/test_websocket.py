"""The handshake and the frames of RFC 6455, by its own examples."""

from __future__ import annotations

import base64

from stentor.services.proof.websocket import accepted, find_pong, headers, ping

NONCE = base64.b64decode("dGhlIHNhbXBsZSBub25jZQ==")  # section 1.3


def test_handshake_is_that_of_the_example() -> None:
    assert headers(NONCE)["Sec-WebSocket-Key"] == "dGhlIHNhbXBsZSBub25jZQ=="
    assert accepted(NONCE) == "s3pPLMBiTxaQ9kYGzzhZRbK+xOo="


def test_masked_text_is_that_of_the_example() -> None:
    """Section 5.7 masks "Hello" with 37 fa 21 3d."""
    frame = ping(b"Hello", bytes.fromhex("37fa213d"))
    assert frame == bytes.fromhex("898537fa213d7f9f4d5158")


def test_a_pong_is_found_behind_other_frames() -> None:
    long = b"\x82\x7e" + (300).to_bytes(2, "big") + bytes(300)
    longer = b"\x82\x7f" + (70000).to_bytes(8, "big") + bytes(70000)
    text, pong = bytes.fromhex("810548656c6c6f"), bytes.fromhex("8a0548656c6c6f")
    assert find_pong(text + long + longer + pong, b"Hello")
    for data in (b"", text, pong[:4], long[:9], bytes.fromhex("8a0578656c6c6f"), b"\x81"):
        assert not find_pong(data, b"Hello")
