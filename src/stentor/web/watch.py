"""What nodes look like now: the last ping, the last status, and what was done last on each.

Pings come from whoever makes them (:meth:`Watch.ping_seen`). Nodes are asked for their status only while
somebody looks, and the journal is read again only when it has changed; so a page that nobody has open costs
next to nothing.
"""

from __future__ import annotations

import sys
import threading
import time
import traceback
from typing import TYPE_CHECKING, NamedTuple

from stentor import journal
from stentor.api.fleet import Selection
from stentor.api.poller import Last, Rounds, last_operations
from stentor.errors import StentorError
from stentor.render.style import printable
from stentor.web.fleets import Fleets
from stentor.web.hub import Hub

if TYPE_CHECKING:
    from stentor.journal import Reader
    from stentor.probe.ping import Ping
    from stentor.probe.status import Status

NODES, OPERATIONS = "nodes", "operations"  # topics
_STATUS = 15.0  # seconds between two rounds of status while somebody looks
_JOURNAL = 0.5  # seconds between two looks whether the journal has changed


class Seen(NamedTuple):
    """A node as it was seen last; None: not yet."""

    ping: Ping | None = None  # how far it was reached
    pinged: float = 0.0  # when, in seconds since 1970
    status: Status | None = None  # what it is and how it fares
    asked: float = 0.0  # when
    last: Last | None = None  # what was done last there


class Watch:
    """How the nodes look."""

    def __init__(self, fleets: Fleets, hub: Hub) -> None:
        self._fleets = fleets  # the fleet
        self._hub = hub  # for the open pages
        self._lock = threading.Lock()
        self._seen: dict[str, Seen] = {}
        self._probe = Rounds()
        self._stop = self._probe.over
        self._wanted = threading.Event()
        self._threads = [
            threading.Thread(target=self._rounds, name="status"),
            threading.Thread(target=self._journal, name="journal"),
        ]
        self._trouble = ""

    def start(self) -> None:
        """Begin to look."""
        for thread in self._threads:
            thread.start()

    def stop(self) -> None:
        """Look no more; a round under way is given up."""
        self._probe.end("the page is being stopped")
        self._wanted.set()
        for thread in self._threads:
            if thread.ident is not None:
                thread.join()

    def seen(self) -> dict[str, Seen]:
        """Return every node that was seen, by alias."""
        with self._lock:
            return dict(self._seen)

    def look(self) -> None:
        """Ask all nodes for their status at once."""
        self._wanted.set()

    def look_soon(self) -> None:
        """Ask them if the last answers are older than a round: somebody has opened a page."""
        if time.time() - max((one.asked for one in self.seen().values()), default=0.0) > _STATUS:
            self._wanted.set()

    def read_journal(self) -> None:
        """Read what was done last: without JavaScript no open page is kept up to date, and nobody does."""
        if self._hub.pages:
            return
        book = journal.read(self._fleets.environ)
        try:
            self._journal_changed(book)
        except StentorError as error:
            self._note(f"the journal cannot be read: {error}")
        finally:
            book.close()

    def ping_seen(self, ping: Ping, at: float) -> None:
        """Take a ping; from any thread.

        Args:
            at: when, in seconds since 1970.
        """
        alias = ping.outcome.node
        with self._lock:
            known = self._seen.get(alias, Seen())
            self._seen[alias] = known._replace(ping=ping, pinged=at)
            same = known.ping is not None and known.ping.state == ping.state
        if not same:
            self._changed(alias)

    def _rounds(self) -> None:
        while not self._stop.is_set():
            if (
                any(topic.partition("/")[0] in (NODES, "node") for topic in self._hub.watched())
                or self._wanted.is_set()
            ):
                self._wanted.clear()
                try:
                    self._round()
                    self._note("")
                except (StentorError, OSError) as error:
                    self._note(f"nodes are not asked for their status: {error}")
                except Exception:  # an error of ours must not end the thread
                    traceback.print_exc(file=sys.stderr)
                self._wanted.wait(_STATUS)
            else:
                self._wanted.wait(1.0)

    def _round(self) -> None:
        fleet = self._fleets.now()
        nodes = tuple(node for node in fleet.nodes("@all") if node.state != "retired")
        self._probe.look(Selection(fleet, nodes), self._took)

    def _took(self, status: Status) -> None:
        alias = status.outcome.node
        with self._lock:
            known = self._seen.get(alias, Seen())
            self._seen[alias] = known._replace(status=status, asked=time.time())
        self._changed(alias)

    def _note(self, problem: str) -> None:
        """Write a problem to the log, unless it is there already."""
        if problem and problem != self._trouble:
            sys.stderr.write(f"stentor: {printable(problem)}\n")
            sys.stderr.flush()
        self._trouble = problem

    def _changed(self, alias: str) -> None:
        self._hub.changed(NODES)
        self._hub.changed(f"node/{alias}")

    def _journal(self) -> None:
        """Tell open pages what other processes do as well: the journal is the same for all."""
        book: Reader | None = None
        version = -1
        while not self._stop.is_set():
            if not self._hub.pages:
                if book is not None:
                    book.close()
                    book, version = None, -1
                self._stop.wait(1.0)
                continue
            book = book or journal.read(self._fleets.environ)
            try:
                found = book.rows("PRAGMA data_version")
                now = found[0][0] if found else -1
                if now != version:
                    version = now
                    self._journal_changed(book)
            except StentorError as error:
                self._note(f"the journal cannot be read: {error}")
            except Exception:  # an error of ours must not end the thread
                traceback.print_exc(file=sys.stderr)
            self._stop.wait(_JOURNAL)
        if book is not None:
            book.close()

    def _journal_changed(self, book: Reader) -> None:
        done = last_operations(book, self._fleets.now().data.root)
        with self._lock:
            for alias, last in done.items():
                self._seen[alias] = self._seen.get(alias, Seen())._replace(last=last)
        for topic in self._hub.watched():
            if topic.partition("/")[0] in (NODES, "node", OPERATIONS, "operation"):
                self._hub.changed(topic)
