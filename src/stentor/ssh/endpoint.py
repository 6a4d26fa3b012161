"""Where to connect to, and how far a connection came."""

from __future__ import annotations

from stentor.typed import Literal, NamedTuple, get_args

# The reachability levels that can be told without a login, lowest first.
Level = Literal["unresolved", "unreachable", "refused", "no-banner", "up"]
LEVELS: tuple[Level, ...] = get_args(Level)


class Endpoint(NamedTuple):
    """Where to connect to."""

    key: str  # comes back in the answer, and is otherwise not looked at
    addresses: tuple[str, ...]  # names or IP addresses, in the order in which they are to be tried
    port: int = 22  # TCP port
    patience: float | None = None  # seconds for this endpoint in place of the timeout of all; None for that


class Reached(NamedTuple):
    """How far one endpoint was reached."""

    key: str  # of the ``Endpoint``
    level: Level  # the reachability level
    address: str  # the IP address that got there; the name, when it is unresolved
    seconds: float  # from the first attempt to this level
    banner: str = ""  # the server's identification line, ``SSH-2.0-OpenSSH_9.2p1``; else empty
    reason: str = ""  # one line for people; empty when up
