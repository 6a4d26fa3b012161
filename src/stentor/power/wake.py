"""Wake-on-LAN: the magic packet, from here or from a node of the same network."""

from __future__ import annotations

import re

from stentor.errors import UsageError

PORT = 9


def packet(mac: str) -> bytes:
    """Return the magic packet: six bytes of ones, and the address sixteen times (AMD publication 20213).

    Raises:
        UsageError: it is no hardware address.
    """
    digits = re.sub(r"[:-]", "", mac)
    if not re.fullmatch(r"[0-9a-fA-F]{12}", digits):
        raise UsageError(f"'{mac}' is no hardware address", hint="like aa:bb:cc:dd:ee:ff")
    return b"\xff" * 6 + bytes.fromhex(digits) * 16


def send(mac: str, broadcast: str = "255.255.255.255", port: int = PORT) -> None:
    """Send it as a broadcast of this machine's networks.

    Raises:
        OSError: there is no way to that address.
    """
    import socket

    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sender:
        sender.setsockopt(socket.SOL_SOCKET, socket.SO_BROADCAST, 1)
        sender.sendto(packet(mac), (broadcast, port))


def command(mac: str, broadcast: str = "255.255.255.255", port: int = PORT) -> str:
    """Return a command which sends it from another node, by whatever that node has."""
    from stentor import sh

    data = packet(mac).hex()
    python = (
        "import socket;s=socket.socket(socket.AF_INET,socket.SOCK_DGRAM);"
        "s.setsockopt(socket.SOL_SOCKET,socket.SO_BROADCAST,1);"
        f"s.sendto(bytes.fromhex('{data}'),('{broadcast}',{port}))"
    )
    perl = (
        "$s=IO::Socket::INET->new(Proto=>q(udp),Broadcast=>1) or die;"
        f"$s->send(pack(q(H*),q({data})),0,pack_sockaddr_in({port},inet_aton(q({broadcast})))) or die"
    )
    octal = "".join(f"\\0{byte:03o}" for byte in packet(mac))
    return sh.command(sh.join("wake", call='wake "$@"'), mac, broadcast, str(port), python, perl, octal)


def broadcasts(addresses: tuple[str, ...]) -> tuple[str, ...]:
    """Return where packets for a node go: everybody here, and the broadcast addresses of its networks.

    A machine with several networks sends the first only into one of them.
    """
    from ipaddress import IPv4Network

    own = sorted(str(IPv4Network(network).broadcast_address) for network in networks(addresses))
    return ("255.255.255.255", *own)


def networks(addresses: tuple[str, ...], prefix: int = 24) -> set[str]:
    """Return the networks of a node's IPv4 addresses, as far as addresses say it (a /24 is assumed)."""
    from ipaddress import IPv4Address, IPv4Network

    found = set()
    for address in addresses:
        try:
            found.add(str(IPv4Network((int(IPv4Address(address)), prefix), strict=False)))
        except ValueError:
            continue
    return found
