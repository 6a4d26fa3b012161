"""Which addresses only the machine itself can reach."""

from __future__ import annotations

import ipaddress


def is_loopback(host: str) -> bool:
    """Whether only the machine itself can reach a host: ``127.0.0.2``, ``::1``, ``[::1]``, ``localhost``."""
    bare = host[1:-1] if host.startswith("[") and host.endswith("]") else host
    try:
        address = ipaddress.ip_address(bare)
    except ValueError:
        name = bare.lower().removesuffix(".")
        return name == "localhost" or name.endswith(".localhost")  # RFC 6761, 6.3
    return (getattr(address, "ipv4_mapped", None) or address).is_loopback
