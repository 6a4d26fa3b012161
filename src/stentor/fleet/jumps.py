"""Jump hosts as ``ssh -J`` takes them: ``[user@]host[:port]`` or ``ssh://...``, several with commas."""

from __future__ import annotations

from stentor.typed import NamedTuple


class Hop(NamedTuple):
    """One jump host."""

    host: str  # a name or address, or the alias of a node
    user: str = ""  # the login name, or empty
    port: int = 0  # or 0

    @classmethod
    def parse(cls, text: str) -> Hop:
        """Read one hop; what has no valid port is all host, and ssh refuses it."""
        user, _, rest = text.removeprefix("ssh://").rpartition("@")
        if text.startswith("ssh://"):
            rest = rest.removesuffix("/")
        host, colon, port = rest.rpartition(":")
        if rest.startswith("[") and "]" in rest:
            host, _, port = rest[1:].partition("]")
            colon, port = port[:1], port[1:]
            if not colon:
                return cls(host, user)
        elif ":" in host:
            return cls(rest, user)
        if colon == ":" and port.isascii() and port.isdigit():
            return cls(host, user, int(port))
        return cls(rest, user)

    def text(self) -> str:
        """Write it as ``ssh -J`` takes it."""
        host = f"[{self.host}]" if ":" in self.host else self.host
        return (f"{self.user}@" if self.user else "") + host + (f":{self.port}" if self.port else "")


def hops(jump: str) -> list[Hop]:
    """Return the hops in the order in which they are passed."""
    return [Hop.parse(one) for one in jump.split(",")]
