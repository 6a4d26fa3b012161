"""Where a gateway serves each name: read from what Caddy makes of its Caddyfile."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from typing import Any, NamedTuple

_HTTPS = 443


class Front(NamedTuple):
    """Where a web name is served on its gateway."""

    port: int = _HTTPS
    tls: bool = True


def fronts_of(adapted: str) -> dict[str, Front]:
    """Return name to where it is served; a name that is served with and without TLS is asked with it.

    Args:
        adapted: what ``caddy adapt`` writes; nothing is known of what is no such JSON.
    """
    try:
        http = json.loads(adapted)["apps"]["http"]
        servers = [*http["servers"].values()]
    except (ValueError, KeyError, TypeError, AttributeError):
        return {}
    https, plain = http.get("https_port", _HTTPS), http.get("http_port", 80)
    found: dict[str, Front] = {}
    for server in servers:
        ports = [
            int(port)
            for port in (one.rpartition(":")[2] for one in server.get("listen", ()))
            if port.isdecimal()
        ]
        if not ports:
            continue
        tls = https in ports or bool(server.get("tls_connection_policies")) or ports[0] != plain
        if plain in ports and https not in ports:
            tls = False
        port = https if https in ports else ports[0]
        for name in _hosts(server.get("routes", ())):
            if name not in found or tls:
                found[name] = Front(port, tls)
    return found


def _hosts(routes: Any) -> Iterator[str]:
    for route in routes:
        matches = route.get("match", ()) if isinstance(route, Mapping) else ()
        for match in matches:
            yield from match.get("host", ())
