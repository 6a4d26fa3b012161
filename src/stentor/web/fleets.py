"""The fleet as its files say now, and for whom operations on it are."""

from __future__ import annotations

import threading
import time
from collections.abc import Mapping

from stentor.api.fleet import Fleet
from stentor.api.hook_action import acting
from stentor.errors import FleetError
from stentor.web.caller import Caller

_FRESH = 1.0  # seconds for which the files are not looked at again


class Fleets:
    """The fleet, read again when its files have changed.

    Args:
        path: where it is; None for the place from which it was read.
    """

    def __init__(self, fleet: Fleet, path: str | None = None) -> None:
        self.environ: Mapping[str, str] = fleet.environ  # the environment of operations
        # What is wrong with the files; None if they are as they were read last.
        self.fault: FleetError | None = None
        self._fleet = fleet
        self._path = path or fleet.data.root
        self._looked = time.monotonic()
        self._lock = threading.Lock()

    def now(self) -> Fleet:
        """Return the fleet as its files say; the last good one while they have faults."""
        with self._lock:
            if time.monotonic() - self._looked >= _FRESH and self._fleet.engine is None:
                self._look()
            return self._fleet

    def fresh(self) -> Fleet:
        """Return the fleet as its files say at this moment: they may have been changed a moment ago."""
        with self._lock:
            if self._fleet.engine is None:
                self._look()
            return self._fleet

    def of(self, caller: Caller) -> Fleet:
        """Return the fleet for operations of somebody: the journal says who it was."""
        return acting(self.now(), caller.user, caller.address)

    def _look(self) -> None:
        try:
            self._fleet = Fleet.open(self._path, environ=self.environ)
            self.fault = None
        except FleetError as error:
            self.fault = error
        self._looked = time.monotonic()
