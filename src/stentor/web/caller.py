"""Who asks: the address, and the user with a role where somebody is signed in; and how often one may ask."""

from __future__ import annotations

import hmac
import ipaddress
from collections import OrderedDict
from typing import Literal, NamedTuple

Role = Literal["viewer", "operator"]
RANK: dict[Role, int] = {"viewer": 1, "operator": 2}
CSRF = "csrf"  # the field of forms; in a header it is X-CSRF-Token


class Caller(NamedTuple):
    """Who asks."""

    address: str  # the client's IP address, not the proxy's
    user: str = ""  # the name of who is signed in; empty for nobody
    role: Role | None = None  # None for nobody
    session: str = ""  # the session's secret; empty where a token came with the request itself

    def may(self, role: Role) -> bool:
        """Whether they have this role or a higher one."""
        return self.role is not None and RANK[self.role] >= RANK[role]

    @property
    def csrf(self) -> str:
        """What a form of this session must bring along; another site cannot read it."""
        return hmac.new(self.session.encode(), b"stentor csrf", "sha256").hexdigest() if self.session else ""

    def sent(self, token: str) -> bool:
        """Whether a request that changes something comes from a form of this session."""
        return not self.session or hmac.compare_digest(self.csrf.encode(), token.encode("utf-8", "replace"))


def _client(address: str) -> str:
    """Return the address, of IPv6 the network: whoever has one address has all that it holds (RFC 6177)."""
    if ":" not in address:
        return address
    try:
        found = ipaddress.IPv6Address(address)
    except ValueError:
        return address
    return str(found.ipv4_mapped or ipaddress.IPv6Network((int(found) >> 64 << 64, 64)))


_MOST = 4096  # addresses that are kept; those that came longest ago are forgotten first


class Rate:
    """A limit per key."""

    def __init__(self, burst: float, per_second: float) -> None:
        self._burst = burst  # so many at once
        self._per_second = per_second  # so many are added each second
        self._left: OrderedDict[str, tuple[float, float]] = OrderedDict()

    def take(self, key: str, now: float) -> float:
        """Take one token; return 0.0, or the seconds until there is one again.

        Args:
            key: an address.
            now: seconds of a clock that never goes back.
        """
        key = _client(key)
        wait = self.wait(key, now)
        left = self._now(key, now)
        self._left.pop(key, None)
        self._left[key] = (left if wait else left - 1, now)
        while len(self._left) > _MOST:
            self._left.popitem(last=False)
        return wait

    def wait(self, key: str, now: float) -> float:
        """Return the seconds until there is a token, and take none."""
        left = self._now(_client(key), now)
        return 0.0 if left >= 1 else (1 - left) / self._per_second

    def _now(self, key: str, now: float) -> float:
        left, at = self._left.get(key, (self._burst, now))
        return min(self._burst, left + (now - at) * self._per_second)
