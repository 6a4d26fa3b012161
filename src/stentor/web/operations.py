"""Operations of the page: carried out by the API in a thread each, shown while they go on.

One way for everything that acts: the same ``xxx_operation`` of :mod:`stentor.api` as behind the command
line, with the same guard, locks, waves and journal.
"""

from __future__ import annotations

import sys
import threading
import traceback
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from typing import TYPE_CHECKING

from stentor import journal
from stentor.api.operations import Terms
from stentor.errors import Refused, StentorError
from stentor.fanout.cancellation import Cancellation
from stentor.operation.events import Began
from stentor.operation.guarding import Confirm, refuse
from stentor.web.caller import Caller
from stentor.web.fleets import Fleets
from stentor.web.hub import Hub
from stentor.web.progress import Progress

if TYPE_CHECKING:
    from stentor.api.fleet import Fleet
    from stentor.operation.operation import Operation

Make = Callable[["Fleet", Terms, ExitStack], "Operation"]
"""Makes an operation for a fleet on these terms; what it needs until its end is entered into the stack."""

_ANSWER = 20.0  # seconds in which an operation has its number, or says why it does not begin
_MOST = 16  # operations that people may have under way at once
_KEPT = 32  # of those that are over, so many are still shown as they went on


class Job:
    """An operation that goes on, or is over."""

    def __init__(self, cancellation: Cancellation) -> None:
        self.number = 0  # its number in the journal; 0 before it has one
        self.progress: Progress | None = None  # what it has come to so far
        self.error: StentorError | None = None  # why it did not begin, or ended too early
        self.cancellation = cancellation
        self.begun = threading.Event()
        self.over = threading.Event()


class Operations:
    """All operations of this process."""

    def __init__(self, fleets: Fleets, hub: Hub) -> None:
        self._fleets = fleets  # the fleet
        self._hub = hub  # for the open pages
        self._lock = threading.Lock()
        self._jobs: dict[int, Job] = {}
        self._running: dict[Job, threading.Thread | None] = {}
        self._looks: set[Cancellation] = set()
        self._ending = ""

    def start(self, make: Make, caller: Caller, confirm: Confirm = refuse) -> Job:
        """Begin an operation in a thread of its own, and return when it has begun.

        Args:
            caller: who asked for it; the journal says so.
            confirm: answers the guard.

        Raises:
            StentorError: it did not begin.
        """
        job = Job(Cancellation())
        terms = Terms(confirm=confirm, cancellation=job.cancellation)
        fleet = self._fleets.of(caller)

        def work() -> None:
            try:
                with ExitStack() as stack:
                    self._carry_out(make(fleet, terms, stack), job)
            except StentorError as error:
                job.error = error
            except Exception:  # as uvicorn does for a request
                traceback.print_exc(file=sys.stderr)
                job.error = StentorError("an error of stentor's own; the log of 'stentor serve' has it")
            finally:
                self._end_of(job)

        thread = threading.Thread(target=work, name="operation")
        with self._lock:
            if self._ending:
                raise Refused(self._ending)
            if len(self._running) >= _MOST:
                raise Refused(f"{_MOST} operations are under way", hint="wait for one of them to end")
            self._running[job] = thread
        thread.start()
        job.begun.wait(_ANSWER)
        if job.error is not None and not job.number:
            raise job.error
        return job

    def carry_out(self, operation: Operation) -> None:
        """Carry an operation out in this thread, and show it on open pages meanwhile.

        Raises:
            StentorError: it cannot go on; as ``operation.events()``.
        """
        job = Job(operation.cancellation)
        with self._lock:
            if self._ending:
                raise Refused(self._ending)
            self._running[job] = None
        try:
            self._carry_out(operation, job)
        finally:
            self._end_of(job)

    @contextmanager
    def looking(self) -> Iterator[Cancellation]:
        """Yield what ends a look at nodes (a plan, say) when the page is being stopped."""
        cancellation = Cancellation()
        try:
            with self._lock:
                if self._ending:
                    raise Refused(self._ending)
                self._looks.add(cancellation)
            yield cancellation
        finally:
            with self._lock:
                self._looks.discard(cancellation)
                cancellation.close()

    def job(self, number: int) -> Job | None:
        """Return an operation of this process by its number in the journal."""
        return self._jobs.get(number)

    def running(self) -> list[Job]:
        """Return what is under way."""
        with self._lock:
            return [*self._running]

    def stop(self, number: int, reason: str) -> bool:
        """Ask an operation to stop, as Ctrl-C does; whether it is under way here."""
        job = self._jobs.get(number)
        if job is None or job.over.is_set():
            return False
        with self._lock:  # its descriptors are not closed meanwhile
            if not job.over.is_set():
                _ask(job, reason)
        return True

    def end(self, reason: str) -> None:
        """Ask the operations of :meth:`start` and all looks to stop, and begin no other.

        Whoever calls :meth:`carry_out` ends its own: a second request would not wait for a revert.
        """
        with self._lock:
            self._ending = reason
            for job, thread in self._running.items():
                if thread is not None:
                    _ask(job, reason)
            for look in self._looks:
                look.request(reason)

    def join(self) -> None:
        """Wait for the operations of :meth:`start` to end."""
        while True:
            with self._lock:
                threads = [thread for thread in self._running.values() if thread is not None]
            if not threads:
                return
            for thread in threads:
                thread.join()

    def _carry_out(self, operation: Operation, job: Job) -> None:
        hub = self._hub
        progress = job.progress = Progress(operation.request.nodes)
        topic = ""
        try:
            for event in operation.events():
                progress.take(event)
                if isinstance(event, Began):
                    job.number = event.number
                    topic = f"operation/{event.number}"
                    self._keep(job)
                    job.begun.set()
                    hub.changed("operations")
                if topic:
                    hub.changed(topic)
        finally:
            progress.end()
            journal.close_left()  # a server lives on
            for one in (topic, "operations", "nodes"):
                if one:
                    hub.changed(one)

    def _keep(self, job: Job) -> None:
        with self._lock:
            self._jobs[job.number] = job
            over = [number for number, one in self._jobs.items() if one.over.is_set()]
            for number in over[: max(0, len(over) - _KEPT)]:
                del self._jobs[number]

    def _end_of(self, job: Job) -> None:
        with self._lock:
            thread = self._running.pop(job, None)
            job.over.set()
            if thread is not None:  # else the maker of the operation closes it
                job.cancellation.close()
        job.begun.set()
        if job.number:  # it can be stopped no more, and run again
            self._hub.changed(f"operation/{job.number}")


def _ask(job: Job, reason: str) -> None:
    """Ask once: a second request does not wait for what is being reverted."""
    if not job.cancellation.requests:
        job.cancellation.request(reason)
