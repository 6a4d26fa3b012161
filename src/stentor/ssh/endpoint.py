"""Where to connect to, and how far a connection came."""

from __future__ import annotations

from stentor.typed import Literal, NamedTuple, get_args

# The reachability levels that can be told without a login, lowest first.
Level = Literal["unresolved", "unreachable", "refused", "no-banner", "up"]
LEVELS: tuple[Level, ...] = get_args(Level)


class Endpoint(NamedTuple):
    """Where to connect to.

    Attributes:
        key: comes back in the answer, and is otherwise not looked at.
        addresses: names or IP addresses, in the order in which they are to be tried.
        port: TCP port.
        patience: seconds for this endpoint in place of the timeout of all; None for that.
    """

    key: str
    addresses: tuple[str, ...]
    port: int = 22
    patience: float | None = None


class Reached(NamedTuple):
    """How far one endpoint was reached.

    Attributes:
        key: of the ``Endpoint``.
        level: the reachability level.
        address: the IP address that got there; the name, when it is unresolved.
        seconds: from the first attempt to this level.
        banner: the server's identification line, ``SSH-2.0-OpenSSH_9.2p1``; else empty.
        reason: one line for people; empty when up.
    """

    key: str
    level: Level
    address: str
    seconds: float
    banner: str = ""
    reason: str = ""
