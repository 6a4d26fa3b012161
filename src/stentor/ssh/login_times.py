"""What each node's last login took: a file of lines beside the masters, which only a cold start reads."""

from __future__ import annotations

from collections.abc import Container

from stentor.ssh.login_order import DOWN

_MOST = 10_000_000  # bytes; ours has some twenty a node
_DIGITS = 10  # of milliseconds: fewer than these


class LoginTimes:
    """Remembers what logins take.

    Args:
        directory: where the fleet's masters listen, which only the user may enter.
    """

    def __init__(self, directory: str) -> None:
        self._path = f"{directory}/logins"
        self._seen: dict[str, int] = {}

    def last(self) -> dict[str, int]:
        """Return what each node's last login took in milliseconds, or ``DOWN``; damaged lines are skipped."""
        try:
            with open(self._path, "rb") as file:
                lines = file.read(_MOST).decode("utf-8", "replace").splitlines()
        except OSError:
            return {}
        found = {}
        for line in lines:
            took, _, alias = line.partition(" ")
            if alias and took.isascii() and took.isdecimal() and len(took) < _DIGITS:
                found[alias] = int(took)
            elif alias and took == "down":
                found[alias] = DOWN
        return found

    def took(self, alias: str, seconds: float) -> None:
        """Note a login, or more time that a node took until its first command ran."""
        self._seen[alias] = max(0, self._seen.get(alias, 0)) + round(1000 * seconds)

    def down(self, alias: str) -> None:
        """Note that a node did not answer."""
        self._seen[alias] = DOWN

    def save(self, nodes: Container[str]) -> None:
        """Write down what is new; where that fails, the next order is the old one.

        Args:
            nodes: the fleet's; others are forgotten.
        """
        if not self._seen:
            return
        from stentor.atomic_write import replacing

        # Another stentor may have written meanwhile.
        known = {alias: took for alias, took in {**self.last(), **self._seen}.items() if alias in nodes}
        self._seen = {}
        lines = (f"{'down' if took == DOWN else took} {alias}\n" for alias, took in known.items())
        try:
            with replacing(self._path, mode=0o600, durable=False) as file:
                file.write("".join(lines).encode("utf-8", "replace"))
        except OSError:
            return
