"""What ``stentor serve`` does besides answering: webhooks and their work, and the keeper."""

from __future__ import annotations

import sys
import threading
import traceback
from collections.abc import Callable

from stentor.api.hook_receiver import Receiver
from stentor.api.hook_worker import Worker
from stentor.api.keeper import Keeper
from stentor.errors import StentorError
from stentor.operation.operation import Operation
from stentor.render.style import printable
from stentor.web.service import Service

DELIVERIES = "deliveries"  # the topic of open pages


class Background:
    """Webhooks and keeper, each in a thread."""

    def __init__(self, service: Service) -> None:
        self._service = service  # for the fleet, the operations and the open pages
        self.hooks = Receiver(service.fleets.fresh, service.environ, self._carry_out, log=log)
        self.keeper = Keeper(self.hooks, service.watch.ping_seen)
        self._stop = service.stopping
        self._threads = [
            threading.Thread(target=self._run, args=(work,), name=name)
            for name, work in (("hooks", Worker(self.hooks).run), ("keeper", self.keeper.run))
        ]

    def start(self) -> None:
        """Begin."""
        for thread in self._threads:
            thread.start()

    def join(self) -> None:
        """Wait for the end, which :meth:`Service.stop` asks for, and say what is left for the next start."""
        self.hooks.came.set()
        for thread in self._threads:
            if thread.ident is not None:
                thread.join()

    def left(self) -> str:
        """Return what the next start goes on with, for people; empty for nothing."""
        try:
            count = self.hooks.queue().waiting()
        except StentorError as error:
            return str(error)
        what = "1 delivery goes" if count == 1 else f"{count} deliveries go"
        return f"{what} on at the next start" if count else ""

    def _carry_out(self, operation: Operation) -> None:
        try:
            self._service.operations.carry_out(operation)
        finally:
            self._service.hub.changed(DELIVERIES)

    def _run(self, work: Callable[[threading.Event], None]) -> None:
        """Work until the end; an error of stentor's own is written to the log, and it begins anew."""
        while not self._stop.is_set():
            try:
                work(self._stop)
            except Exception:
                traceback.print_exc(file=sys.stderr)
                self._stop.wait(10.0)


def log(text: str) -> None:
    """Write to the log of the service, each line by itself; nodes may have said some of it."""
    sys.stderr.writelines(f"stentor: {printable(line)}\n" for line in text.splitlines())
    sys.stderr.flush()
