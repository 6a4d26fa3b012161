"""What comes to webhooks: checked, written down and answered; what is to be done is done by a worker."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Mapping
from typing import NamedTuple

from stentor.api.fleet import Fleet
from stentor.errors import StentorError
from stentor.fleet.policy.serving import Hook
from stentor.hooks.database import Database
from stentor.hooks.delivery import Delivery, Refusal, Secret
from stentor.hooks.messages import Messages
from stentor.hooks.queue import Queue
from stentor.hooks.read import named, read
from stentor.hooks.secret import secret_of
from stentor.operation.operation import Operation

__all__ = ["Answer", "CarryOut", "OpenFleet", "Receiver", "consume"]

OpenFleet = Callable[[], Fleet]
CarryOut = Callable[[Operation], object]

_FRESH = 2.0  # seconds for which the fleet files are not read again


class Answer(NamedTuple):
    """What the forge is answered: HTTP's status, and a line of text."""

    status: int
    text: str


def consume(operation: Operation) -> None:
    """Carry an operation out; nobody looks."""
    for _ in operation.events():
        pass


def _unheard(_: str) -> None:
    """Nobody reads the log."""


class Receiver:
    """The webhooks of a fleet. Safe to use from several threads."""

    def __init__(
        self,
        open_fleet: OpenFleet,
        environ: Mapping[str, str],
        carry_out: CarryOut = consume,
        *,
        log: Callable[[str], None] = _unheard,
        clock: Callable[[], float] = time.time,
    ) -> None:
        self.environ = environ
        self.carry_out = carry_out  # carries an operation out; another may show its events
        self.open_fleet = open_fleet  # opens the fleet, as its files are now
        self.log = log  # is given a line for each thing that was done, or could not be
        self.clock = clock  # seconds since 1970
        self.came = threading.Event()
        self.acting = threading.Lock()  # one change at a time, by whoever holds it
        self._lock = threading.Lock()
        self._fleet: Fleet | None = None
        self._read_at = float("-inf")
        self._database: Database | None = None

    def known(self, name: str) -> bool:
        """Whether the policy has a webhook of this name."""
        try:
            return name in self.fleet().data.policy.hooks.each
        except StentorError:
            return False

    def receive(self, name: str, headers: Mapping[str, str], body: bytes) -> Answer:
        """Check a delivery, write it down, and return the answer; what is to be done is done later."""
        try:
            fleet = self.fleet()
            hook = fleet.data.policy.hooks.each.get(name)
            if hook is None:
                return Answer(404, "no webhook of this name")
            secret = secret_of(hook, fleet.data.root, self.environ)
            return self._written(name, hook, headers, body, secret)
        except StentorError as error:
            self._refused(name, Delivery("", "", "", ""), str(error))
            return Answer(503, "this webhook cannot be used now; 'stentor hook deliveries' says why")

    def _written(
        self, name: str, hook: Hook, headers: Mapping[str, str], body: bytes, secret: Secret
    ) -> Answer:
        found = read(headers, body, hook, secret, self.clock())
        if isinstance(found, Refusal):
            self._refused(name, named(headers, hook), found.reason)
            return Answer(found.status, found.reason)
        number, same = self.queue().add(name, found)
        if same:
            return Answer(200, f"received before, as delivery {same}")
        if found.ignored:
            return Answer(200, f"nothing to do: {found.ignored}")
        self.came.set()
        return Answer(202, f"accepted as delivery {number}")

    def _refused(self, name: str, delivery: Delivery, reason: str) -> None:
        try:
            self.queue().refuse(name, delivery, reason)
        except StentorError:
            return  # it is refused all the same

    def tell(self, name: str, state: str, reason: str) -> None:
        """Have those told, by the keeper, who are to be told of a push's end."""
        self.log(f"webhook {name}: {state}: {reason}")
        try:
            policy = self.fleet().data.policy
            hook = policy.hooks.each.get(name)
            tell = hook.tell if hook is not None and hook.tell else policy.keep.tell
            good = state == "done"
            self.messages().add(tell, f"webhook {name}: {state}", reason, good=good)
        except StentorError:
            return  # what was done is written down; only nobody is told

    def messages(self) -> Messages:
        """Return the messages that wait.

        Raises:
            StentorError: they cannot be opened.
        """
        return Messages(self.database(), self.environ)

    def queue(self) -> Queue:
        """Return the queue of this fleet.

        Raises:
            StentorError: it cannot be opened.
        """
        return Queue(self.database())

    def database(self) -> Database:
        """Return what is kept of this fleet.

        Raises:
            StentorError: it cannot be opened.
        """
        fleet = self.fleet()
        with self._lock:
            if self._database is None:
                self._database = Database(self.environ, fleet.data.root, self.clock)
            return self._database

    def fleet(self) -> Fleet:
        """Return the fleet, as its files were a moment ago; with faults in them as it was before.

        Raises:
            StentorError: it has faults, and was never without.
        """
        with self._lock:
            now = self.clock()
            if self._fleet is not None and 0 <= now - self._read_at < _FRESH:
                return self._fleet
            try:
                self._fleet = self.open_fleet()
            except StentorError:
                if self._fleet is None:
                    raise
            self._read_at = now
            return self._fleet
