"""A time that goes on only when somebody waits: for tests of timers without a clock."""

from __future__ import annotations

import selectors

from stentor.ssh.reactor import Reactor


class _Selector(selectors.DefaultSelector):
    """Skips the waiting."""

    def __init__(self) -> None:
        super().__init__()
        self.now = 0.0

    def select(self, timeout: float | None = None) -> list[tuple[selectors.SelectorKey, int]]:
        found = super().select(0)
        if not found:
            self.now += timeout or 0.0
        return found


def virtual_reactor() -> Reactor:
    """A reactor whose clock jumps over every wait."""
    selector = _Selector()
    return Reactor(lambda: selector.now, selector)
