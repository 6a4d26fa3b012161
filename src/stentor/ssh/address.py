"""IP addresses as sockets want them."""

from __future__ import annotations

import socket

from stentor.typed import Any


def is_numeric(address: str) -> bool:
    """Whether this is an IP address rather than a name."""
    if ":" in address:
        return True
    try:
        socket.inet_pton(socket.AF_INET, address)
    except (OSError, ValueError):
        return False
    return True


def socket_address(address: str, port: int) -> tuple[Any, ...]:
    """What ``connect`` takes for an IP address; an IPv6 scope (``fe80::1%eth0``) is looked up.

    Raises:
        OSError: there is no such address or interface.
    """
    if ":" not in address:
        return (address, port)
    host, _, scope = address.partition("%")
    if not scope:
        return (host, port, 0, 0)
    return (host, port, 0, int(scope) if scope.isdecimal() else socket.if_nametoindex(scope))
