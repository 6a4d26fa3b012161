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
        path: where the fleet is; None for the place from which it was read.
    """

    def __init__(self, fleet: Fleet, settings: Settings, *, path: str | None = None) -> None:
        self.settings = settings
        self.environ = fleet.environ  # the environment of operations
        self.directory = directory_of(self.environ)  # where state is kept, only for this user
        self.fleets = Fleets(fleet, path)  # the fleet, read again when its files have changed
        self.hub = Hub()  # what has changed, for open pages
        self.rendered = Rendered(self.hub)  # how the parts of pages look that change
        self.gate = Gate(settings, self.directory)  # who may come in
        self.operations = Operations(self.fleets, self.hub)  # what is under way
        self.stopping = threading.Event()  # set when the page is being stopped
        self.asking = anyio.CapacityLimiter(ASKING)  # the threads of requests that wait for nodes
        self.examining = Examining(self.hub)  # what the doctor found
        self.watch = Watch(self.fleets, self.hub)  # how nodes look now
        self.templates = Templates(self.fleets, self.gate)  # the frame of every page

    def stop(self) -> list[int]:
        """Ask everything to end; return the numbers of the operations that are stopped or reverted first."""
        self.stopping.set()
        under_way = sorted(job.number for job in self.operations.running() if job.number)
        self.operations.end("the page is being stopped")
        return under_way

    def fleet(self) -> Fleet:
        """Return the fleet as its files say; the last good one while they have faults."""
        return self.fleets.now()
