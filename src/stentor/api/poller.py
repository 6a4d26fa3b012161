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
from stentor.journal import Reader
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


def last_operations(book: Reader, root: str) -> dict[str, Last]:
    """Return each node's last operation in this fleet."""
    return latest(history(book, Filter(fleet=root), limit=_OPERATIONS))


class Rounds:
    """Rounds of the probe, one at a time; another thread may end them."""

    def __init__(self) -> None:
        self.over = threading.Event()
        self._lock = threading.Lock()
        self._cancellation: Cancellation | None = None

    def look(self, selection: BaseSelection, took: Callable[[Status], None]) -> None:
        """Look at these nodes once; ``took`` is told each one's status as it comes."""
        with self._lock:
            if self.over.is_set():
                return
            cancellation = self._cancellation = Cancellation()
        try:
            for status in statuses(selection, LIMITS, environment=gpus.ASKED, cancellation=cancellation):
                if isinstance(status, Status) and not self.over.is_set():
                    took(status)
        finally:
            with self._lock:
                self._cancellation = None
                cancellation.close()

    def end(self, why: str) -> None:
        """Look no more; a round under way is given up, and its remote processes ended."""
        with self._lock:
            self.over.set()
            if self._cancellation is not None:
                self._cancellation.request(why)


class Poller:
    """Looks at nodes again and again, in a thread."""

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
        self._rounds = Rounds()
        self._thread = threading.Thread(target=self._poll, name="poller")

    def start(self) -> None:
        """Begin."""
        self._thread.start()

    def now(self) -> None:
        """Look at once."""
        self._awake.set()

    def end(self) -> None:
        """Stop polling; a round under way is given up."""
        self._rounds.end("stentor top was left")
        self._awake.set()

    def join(self) -> None:
        """Wait for the thread's end."""
        if self._thread.ident is not None:
            self._thread.join()

    def _poll(self) -> None:
        fleet = self._selection.fleet
        while not self._rounds.over.is_set():
            self._awake.clear()
            trouble = ""
            try:
                self._rounds.look(self._selection, self._took)
                with journal.read(fleet.environ) as book:
                    done = last_operations(book, fleet.data.root)
            except StentorError as error:
                done, trouble = {}, str(error)
            except OSError as error:
                done, trouble = {}, error.strerror or str(error)
            if self._rounds.over.is_set():
                return
            self._round_over(done, trouble)
            self._awake.wait(self.interval)
