"""The first line an SSH server says (RFC 4253, section 4.2)."""

from __future__ import annotations

# OpenSSH allows 1024 lines of 8192 bytes before the identification (kex.c). No server needs so much, and
# it would be held in memory for each waiting node.
MAX_BYTES = 65536
SHOWN = 60


class NoBannerError(Exception):
    """This is no SSH server; the message says what it did instead."""


def read_banner(received: bytes, *, ended: bool = False) -> str:
    """Find the identification in what a server has said so far.

    Args:
        received: all bytes from the beginning of the connection.
        ended: whether no more will come.

    Returns:
        ``SSH-2.0-OpenSSH_9.2p1 Debian-2``, or an empty string when it may still come.

    Raises:
        NoBannerError: it cannot come any more.
    """
    position = 0
    while (end := received.find(b"\n", position)) >= 0:
        line = received[position:end].rstrip(b"\r")
        if line.startswith(b"SSH-"):
            # 1.99 is a server that speaks 2.0 and older dialects too (RFC 4253, section 5.1).
            if line.startswith((b"SSH-2.0-", b"SSH-1.99-")):
                return shown(line, 255)
            raise NoBannerError(f"speaks only an old dialect: {shown(line)}")
        position = end + 1
    if ended:
        first = received.split(b"\n", 1)[0].strip()
        if not first:
            raise NoBannerError("closed the connection before its SSH banner")
        raise NoBannerError(f'no SSH there: it said "{shown(first)}"')
    if len(received) > MAX_BYTES:
        raise NoBannerError("no SSH there: it talks without end")
    return ""


def shown(line: bytes, limit: int = SHOWN) -> str:
    """Return bytes as text that cannot control the terminal, cut to ``limit`` characters."""
    text = "".join(chr(byte) if 32 <= byte < 127 else "?" for byte in line[: limit + 1])
    return text if len(text) <= limit else text[: limit - 1] + "…"
