"""Who asks: the address, and the user with a role where somebody is signed in."""

from __future__ import annotations

import hmac
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
