"""The webhooks of a fleet: what 'stentor serve' receives, and what is rolled out because of it."""

from __future__ import annotations

import threading

from stentor.api.hook_receiver import Answer, CarryOut, OpenFleet, Receiver, consume
from stentor.hooks.delivery import MAX_BODY

__all__ = ["MAX_BODY", "Answer", "CarryOut", "Hooks", "OpenFleet", "consume"]


class Hooks(Receiver):
    """The webhooks of a fleet, and the work that they make. Safe to use from several threads."""

    def work(self, stop: threading.Event) -> None:
        """Roll out what has come, until ``stop`` is set."""
        from stentor.api.hook_worker import Worker

        Worker(self).run(stop)
