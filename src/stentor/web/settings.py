"""Where the page is served, and for whom: what ``stentor serve`` was told."""

from __future__ import annotations

import ipaddress
import re
from collections.abc import Sequence
from typing import NamedTuple

from stentor.errors import Refused, UsageError
from stentor.fleet.loopback import is_loopback

PORT = 8440
_NAME = re.compile(r"[a-z0-9_]([a-z0-9_.-]*[a-z0-9_])?")
Network = ipaddress.IPv4Network | ipaddress.IPv6Network


class Settings(NamedTuple):
    """What ``stentor serve`` was told."""

    address: str = "127.0.0.1"  # the IP address to listen on
    port: int = PORT  # TCP port
    # Further names by which the page is called, as a browser sends them: ``fleet.lan``.
    names: tuple[str, ...] = ()
    certificate: str = ""  # path of a certificate chain (PEM) for TLS; empty without
    key: str = ""  # path of its private key
    proxies: tuple[Network, ...] = ()  # from where a proxy may connect that does TLS for us
    # By which the proxy says that the client's connection is TLS: its value is ``https``.
    proxy_header: str = "X-Forwarded-Proto"
    tokens: str = ""  # path of a file of tokens; empty without

    @property
    def loopback(self) -> bool:
        """Whether only this machine can connect."""
        return is_loopback(self.address)

    @property
    def secure(self) -> bool:
        """Whether browsers see ``https``: by our own certificate or a proxy's."""
        return bool(self.certificate or self.proxies)

    @property
    def url(self) -> str:
        """How a browser calls the page."""
        scheme = "https" if self.secure else "http"
        if self.names:
            # Behind a proxy the port is the proxy's own.
            port = "" if self.proxies or self.port == 443 else f":{self.port}"
            return f"{scheme}://{self.names[0]}{port}"
        address = ipaddress.ip_address(self.address)
        if address.is_unspecified:
            address = ipaddress.ip_address("127.0.0.1" if address.version == 4 else "::1")
        shown = f"[{address}]" if address.version == 6 else str(address)
        return f"{scheme}://{shown}:{self.port}"


def listen(text: str) -> tuple[str, int]:
    """Read ``127.0.0.1:8440``, ``[::1]:8440``, ``localhost:8440``, ``8440`` or an address alone.

    Raises:
        UsageError: it is none of these.
    """
    address, port = text.strip(), str(PORT)
    if address.isdecimal():
        address, port = "127.0.0.1", address
    elif address.startswith("["):
        address, _, rest = address[1:].partition("]")
        port = rest[1:] if rest[:1] == ":" else rest or port
        if "]" not in text:
            address = text
    elif address.count(":") == 1:
        address, _, port = address.partition(":")
    if address == "localhost":
        address = "127.0.0.1"
    try:
        found = ipaddress.ip_address(address)
    except ValueError:
        raise UsageError(
            f"--listen {text}: '{address}' is no IP address", hint="for example 127.0.0.1:8440 or [::1]:8440"
        ) from None
    if not (port.isascii() and port.isdecimal() and 0 <= int(port) <= 65535):
        raise UsageError(f"--listen {text}: '{port}' is no port", hint="a port is a number from 1 to 65535")
    return str(found), int(port)


def networks(texts: Sequence[str]) -> tuple[Network, ...]:
    """Read addresses and networks of proxies: ``192.0.2.1``, ``10.0.0.0/8``.

    Raises:
        UsageError: one is neither.
    """
    found: list[Network] = []
    for text in texts:
        try:
            found.append(ipaddress.ip_network(text))
        except ValueError as error:
            raise UsageError(f"--proxy {text}: {error}", hint="an address or a network: 10.0.0.0/8") from None
    return tuple(found)


def check(settings: Settings) -> None:
    """Make sure that nothing is served beyond this machine without TLS.

    Raises:
        Refused: it would be.
        UsageError: certificate and key are not both given, or a name is none.
    """
    for name in settings.names:
        if not _NAME.fullmatch(name):
            raise UsageError(f"--host {name}: no host name", hint="only the name, without https:// and port")
    if bool(settings.certificate) != bool(settings.key):
        raise UsageError("--tls-cert and --tls-key belong together", hint="name both files")
    if settings.certificate and settings.proxies:
        raise UsageError("--tls-cert and --proxy at once", hint="TLS ends here or at the proxy: name one")
    if not settings.loopback and not settings.secure:
        raise Refused(
            f"{settings.address} can be reached from other machines, and there is no TLS",
            hint="--tls-cert FILE --tls-key FILE, or --proxy ADDRESS for a proxy that does TLS",
        )
