"""Where to knock, and how far one came."""

from __future__ import annotations

from stentor.typed import NamedTuple

RUNGS = ("unresolved", "unreachable", "refused", "no-banner", "up")


class Door(NamedTuple):
    """Where to knock.

    Attributes:
        key: whose door it is; comes back in the answer, and is otherwise not looked at.
        addresses: names or IP addresses, in the order in which they are to be tried.
        port: TCP port.
        patience: seconds for this door in place of the timeout of all; None for that.
    """

    key: str
    addresses: tuple[str, ...]
    port: int = 22
    patience: float | None = None


class Reached(NamedTuple):
    """How far one node was reached.

    Attributes:
        key: of the ``Door``.
        rung: one of ``RUNGS``.
        address: the IP address that got there; the name, when it is unresolved.
        seconds: from the first attempt to this rung.
        banner: the server's identification line, ``SSH-2.0-OpenSSH_9.2p1``; else empty.
        reason: one line for people; empty when up.
    """

    key: str
    rung: str
    address: str
    seconds: float
    banner: str = ""
    reason: str = ""
