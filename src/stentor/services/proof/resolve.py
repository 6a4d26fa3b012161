"""What names resolve to: on this machine, and by the fleet's own DNS server."""

from __future__ import annotations

import os
import socket
import struct

from stentor.services.proof import dns
from stentor.services.proof.ask import reason_of
from stentor.services.proof.ways import Ways

LIMIT = 3.0
"""Seconds for one answer."""


def here(name: str) -> tuple[str, ...]:
    """Return the addresses that this machine finds for a name; none where it finds no such name."""
    try:
        found = socket.getaddrinfo(name, None, type=socket.SOCK_STREAM)
    except (OSError, UnicodeError):
        return ()
    return tuple(dict.fromkeys(str(one[4][0]) for one in found))


def problem(name: str, address: str, ways: Ways, port: int) -> str:
    """Ask a DNS server for a name, and return what is wrong with its answer; empty if nothing is.

    Args:
        address: what it must resolve to.
        ways: to the server.
        port: of the server.
    """
    kind = dns.AAAA if ":" in address else dns.A
    try:
        said, found = _ask(name, kind, ways, port)
    except ValueError as error:
        return f"DNS does not answer: {error}"
    except OSError as error:
        return f"DNS does not answer: {reason_of(error, LIMIT)}"
    if address in found:
        return ""
    return f"DNS answers {', '.join(found) or said or 'with no address'}, not {address}"


def _ask(name: str, kind: int, ways: Ways, port: int) -> tuple[str, tuple[str, ...]]:
    number = int.from_bytes(os.urandom(2), "big")
    with ways.front(port) as sock:
        sock.settimeout(LIMIT)
        sock.sendall(dns.query(name, kind, number))
        (length,) = struct.unpack(">H", _exactly(sock, 2))
        return dns.parse(_exactly(sock, length), number, kind)


def _exactly(sock: socket.socket, count: int) -> bytes:
    data = b""
    while len(data) < count:
        more = sock.recv(count - len(data))
        if not more:
            raise ConnectionResetError("the connection was closed")
        data += more
    return data
