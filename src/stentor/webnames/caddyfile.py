"""Web names as site blocks of a Caddyfile.

Caddy merges sites that are spelt differently, and the second never answers; names come here in small
letters and once each. ``caddy --adapter caddyfile`` reads the file, whatever it is called.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from stentor.fleet.services import Site

# Endings for which nobody gives out certificates. Caddy itself uses its own authority for some of them only.
_PRIVATE = (
    "corp", "example", "home", "home.arpa", "internal", "intranet", "invalid", "lan", "local", "localdomain",
    "localhost", "private", "test",
)  # fmt: skip
_CODES = (301, 303, 307, 308)  # of redirects; Caddy's own is 302


def sites(found: Sequence[Site]) -> str:
    """Return the blocks of these web names."""
    return "".join(map(_block, found))


def _block(site: Site) -> str:
    lines = [f"{site.fqdn} {{\n"]
    if is_private(site.fqdn):
        lines.append("\ttls internal\n")
    lines += [f"\t{line}\n" for line in _handled(site)]
    return "".join([*lines, "}\n"])


def is_private(fqdn: str) -> bool:
    """Whether nobody gives out a certificate for this name, so that Caddy's own authority signs it."""
    return "." not in fqdn or any(fqdn.endswith(f".{ending}") for ending in _PRIVATE)


def _handled(site: Site) -> Iterator[str]:
    if site.kind == "redirect":
        code = f" {site.code}" if site.code in _CODES else ""
        yield f"redir {site.to}{'{uri}' if site.keeps_path else ''}{code}"
        return
    inner = list(_of_proxy(site))
    if not inner:
        yield f"reverse_proxy {site.backend}"
        return
    yield f"reverse_proxy {site.backend} {{"
    yield from (f"\t{line}" for line in inner)
    yield "}"


def _of_proxy(site: Site) -> Iterator[str]:
    https = site.backend.startswith("https://")
    if https:
        yield "header_up Host {host}"  # rewritten by Caddy 2.11, kept by 2.6
    if site.kind == "sse":
        yield "flush_interval -1"
    transport = []
    if https and site.skip_verify:
        transport.append("\ttls_insecure_skip_verify")
    if site.http_version:
        # Without TLS, Caddy takes "2" for HTTP/1.1.
        plain = site.http_version == "2" and not https
        transport.append(f"\tversions {'h2c' if plain else site.http_version}")
    if transport:
        yield "transport http {"
        yield from transport
        yield "}"
