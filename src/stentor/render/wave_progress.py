"""How far an operation is that goes in waves."""

from __future__ import annotations

from stentor.render.progress import Progress
from stentor.rollout.events import WaveBegan


class WaveProgress(Progress):
    """Waits for the nodes of the wave that has begun, and not for those whose turn has not come."""

    __slots__ = ()

    def show(self, event: object) -> None:
        if isinstance(event, WaveBegan):
            self.wait_for(event.wave.nodes)
        super().show(event)
