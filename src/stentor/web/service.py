"""What all routes and parts share: the fleet, the state, the running operations, the open pages."""

from __future__ import annotations

import threading

import anyio

from stentor.api.fleet import Fleet
from stentor.web.examining import Examining
from stentor.web.fleets import Fleets
from stentor.web.gate import Gate
from stentor.web.hub import Hub, Rendered
from stentor.web.operations import Operations
from stentor.web.settings import Settings
from stentor.web.state import directory_of
from stentor.web.templates import Templates
from stentor.web.watch import Watch

ASKING = 8  # threads for requests that wait for nodes


class Service:
    """What all routes share.

    Args:
        fleet: as it is now.
        settings: where it is served, and for whom.
        path: where the fleet is; None for the place from which it was read.

    Attributes:
        environ: the environment of operations.
        directory: where state is kept, only for this user.
        fleets: the fleet, read again when its files have changed.
        hub: what has changed, for open pages.
        rendered: how the parts of pages look that change.
        gate: who may come in.
        operations: what is under way.
        stopping: set when the page is being stopped.
        asking: the threads of requests that wait for nodes.
        examining: what the doctor found.
        watch: how nodes look now.
        templates: the frame of every page.
    """

    def __init__(self, fleet: Fleet, settings: Settings, *, path: str | None = None) -> None:
        self.settings = settings
        self.environ = fleet.environ
        self.directory = directory_of(self.environ)
        self.fleets = Fleets(fleet, path)
        self.hub = Hub()
        self.rendered = Rendered(self.hub)
        self.gate = Gate(settings, self.directory)
        self.operations = Operations(self.fleets, self.hub)
        self.stopping = threading.Event()
        self.asking = anyio.CapacityLimiter(ASKING)
        self.examining = Examining(self.hub)
        self.watch = Watch(self.fleets, self.hub)
        self.templates = Templates(self.fleets, self.gate)

    def stop(self) -> list[int]:
        """Ask everything to end; return the numbers of the operations that are stopped or reverted first."""
        self.stopping.set()
        under_way = sorted(job.number for job in self.operations.running() if job.number)
        self.operations.end("the page is being stopped")
        return under_way

    def fleet(self) -> Fleet:
        """Return the fleet as its files say; the last good one while they have faults."""
        return self.fleets.now()
