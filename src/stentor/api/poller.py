"""Poll all nodes again and again, in a thread: behind ``stentor top``."""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import NamedTuple

from stentor import journal
from stentor.api.base import BaseSelection
from stentor.api.probes import statuses
from stentor.errors import StentorError
from stentor.fanout.cancellation import Cancellation
from stentor.fanout.task import Settings
from stentor.journal.operation import Record
from stentor.journal.query import Filter, history
from stentor.probe import gpus
from stentor.probe.status import Status

LIMITS = Settings(connect_timeout=5.0, timeout=10.0)
_OPERATIONS = 100  # so far back is looked for a node's last one


class Last(NamedTuple):
    """What was done last on a node."""

    at: float  # seconds since 1970
    kind: str  # the outcome's
    command: str  # what it was


def latest(records: list[Record]) -> dict[str, Last]:
    """Return each node's last operation.

    Args:
        records: the newest first.
    """
    found: dict[str, Last] = {}
    for record in records:
        what = record.command if record.kind == "run" else f"{record.kind} {record.command}".strip()
        for node in record.nodes:
            kind = node.kind or ("running" if record.state == "running" else "missing")
            found.setdefault(node.node, Last(node.at or record.began, kind, what))
    return found


class Poller:
    """Rounds of the probe."""

    def __init__(
        self,
        selection: BaseSelection,
        interval: float,
        took: Callable[[Status], None],
        round_over: Callable[[dict[str, Last], str], None],
    ) -> None:
        self.interval = interval  # seconds between two rounds
        self._selection = selection  # whom to look at
        self._took = took  # told each node's status as it comes
        # Told what was done last on each node, and what went wrong with the whole round.
        self._round_over = round_over
        self._awake = threading.Event()
        self._end = threading.Event()
        self._lock = threading.Lock()
        self._cancellation: Cancellation | None = None
        self._thread = threading.Thread(target=self._rounds, name="poller")

    def start(self) -> None:
        """Begin."""
        self._thread.start()

    def now(self) -> None:
        """Look at once."""
        self._awake.set()

    def end(self) -> None:
        """Stop polling; a round under way is given up, and its remote processes ended."""
        with self._lock:
            self._end.set()
            if self._cancellation is not None:
                self._cancellation.request("stentor top was left")
        self._awake.set()

    def join(self) -> None:
        """Wait for the thread's end."""
        if self._thread.ident is not None:
            self._thread.join()

    def _rounds(self) -> None:
        while not self._end.is_set():
            self._awake.clear()
            trouble = ""
            try:
                self._round()
                done = self._last_operations()
            except StentorError as error:
                done, trouble = {}, str(error)
            except OSError as error:
                done, trouble = {}, error.strerror or str(error)
            if self._end.is_set():
                return
            self._round_over(done, trouble)
            self._awake.wait(self.interval)

    def _round(self) -> None:
        with self._lock:
            if self._end.is_set():
                return
            cancellation = self._cancellation = Cancellation()
        try:
            for status in statuses(
                self._selection, LIMITS, environment=gpus.ASKED, cancellation=cancellation
            ):
                if isinstance(status, Status) and not self._end.is_set():
                    self._took(status)
        finally:
            with self._lock:
                self._cancellation = None
                cancellation.close()

    def _last_operations(self) -> dict[str, Last]:
        fleet = self._selection.fleet
        with journal.read(fleet.environ) as book:
            return latest(history(book, Filter(fleet=fleet.data.root), limit=_OPERATIONS))
