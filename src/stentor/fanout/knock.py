"""Knocking at many cold nodes within the reactor that also serves their sessions."""

from __future__ import annotations

from collections.abc import Callable

from stentor.ssh.door import Level
from stentor.ssh.reach import PATIENCE_IF_EXPECTED_DOWN, Door, Reach
from stentor.ssh.reactor import Reactor

# Called with rung, address and reason.
Answer = Callable[[Level, str, str], None]


class Knocking:
    """Tells of each node how far it can be reached.

    Args:
        reactor: what waits for us.
        timeout: seconds, once for all.
    """

    def __init__(self, reactor: Reactor, timeout: float) -> None:
        self._reach = Reach(reactor.selector, timeout=timeout)
        self._answers: dict[str, Answer] = {}
        reactor.join(self)

    def add(
        self,
        key: str,
        addresses: tuple[str, ...],
        port: int,
        answer: Answer,
        *,
        expected_down: bool = False,
    ) -> None:
        """Knock at a node's door and tell ``answer``; not for long if nobody is expected there."""
        self._answers[key] = answer
        patience = min(self._reach.timeout, PATIENCE_IF_EXPECTED_DOWN) if expected_down else None
        self._reach.add(Door(key, addresses, port, patience))

    def wait(self) -> float | None:
        """Seconds until the next timer."""
        return self._reach.wait()

    def turn(self) -> None:
        """Pass on what has been found out."""
        for reached in self._reach.take():
            self._answers.pop(reached.key)(reached.rung, reached.address, reached.reason)

    def close(self) -> None:
        """Close what is still open."""
        self._reach.close()
