"""Copy and fetch as changes: what an operation carries out."""

from __future__ import annotations

import posixpath
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, nullcontext
from typing import TYPE_CHECKING

from stentor import sizes
from stentor.fanout.events import Finished
from stentor.guard.quick import plain_file
from stentor.rollout.change import BaseChange, Preview, Step
from stentor.rollout.sent import Sent
from stentor.rollout.spent import Spent
from stentor.sh.quoting import quote
from stentor.transfer import remote, rsync
from stentor.transfer.arriving import Limits
from stentor.transfer.copying import Copying, Share
from stentor.transfer.fetching import Fetching

if TYPE_CHECKING:
    from stentor.engines.reach import Reach
    from stentor.fanout.events import Event
    from stentor.fleet.model import Node
    from stentor.rollout.lock import Claim
    from stentor.transfer.plan import Entry

Lock = Callable[["Sequence[Node]"], AbstractContextManager[None]]


class CopyChange(BaseChange):
    """Files to nodes, each whole or not at all, only what they lack."""

    name = "copy"

    def __init__(
        self,
        entries: Sequence[Entry],
        target: remote.Target,
        *,
        title: str,
        checksum: bool = False,
        login: rsync.Login | None = None,
        claim: Claim | None = None,
        lock: Lock | None = None,
    ) -> None:
        self.title = title  # one line for people: what is copied where
        self.shares: dict[str, Share] = {}  # what each node gets
        self._entries = entries
        self._target = target
        self._checksum = checksum  # compare contents even where size and time are the same
        # Returns the ssh which logs in to a node, for rsync; None where rsync must not be used.
        self._login = login
        # The lock which each node is to hold while it receives; None where the operation holds it.
        self._claim = claim
        self._lock = lock  # holds the lock of nodes while rsync sends to them
        self._copying: Copying | None = None

    def sends(self) -> Sequence[Sent]:
        """The files, by the names that they would have, and the modes which folders would get."""
        path, single = self._target
        within = path.rstrip("/")
        folders = [
            (f"{within}/{entry.name}", f"{entry.mode & 0o7777:o}")
            for entry in self._entries
            if entry.kind == "directory" and entry.name != "."
        ]
        modes = [
            Sent(f"chmod {mode} {quote(name)}", shown=f"the folder {name}, with mode {mode}")
            for name, mode in folders
            if not plain_file(name) or name.startswith(("/home/", "/root"))
        ]
        front = posixpath.normpath(f"{within}/x")[:-1]
        inside = [front + entry.name for entry in self._entries if entry.kind != "directory"]
        return (Sent(files=([path] if single else []) + inside), *modes)

    def preview(self, nodes: Sequence[str], reach: Reach) -> Mapping[str, Preview]:
        """Ask the nodes what they lack; nothing is sent."""
        found = {}
        for event in self._start(nodes, reach, claim=None).events(dry=True):
            if isinstance(event, Finished):
                share = self.shares.get(event.node)
                known = event.outcome.ok and share is not None
                changes = (described(share, dry=True), *share.names) if known and share else ()
                unknown = "" if known else event.outcome.reason or event.outcome.kind
                found[event.node] = Preview(event.node, changes, unknown=unknown)
        return found

    def measure(self, nodes: Sequence[str], reach: Reach) -> Iterator[Event]:
        """Ask the nodes what they lack, a ``Finished`` each; ``shares`` has it, and nothing is sent."""
        return self._start(nodes, reach, claim=None).events(dry=True)

    def apply(self, nodes: Sequence[str], reach: Reach) -> Iterator[Event | Step]:
        """Send each node what it lacks."""
        for event in self._start(nodes, reach, claim=self._claim).events():
            if isinstance(event, Finished):
                share = self.shares.get(event.node)
                if share is not None and share.how != "nothing":
                    yield Step(event.node, share.how, described(share))
            yield event

    def sent(self) -> tuple[int, int]:
        """Return the bytes that have been sent to all nodes so far, and those to be sent in all."""
        return self._copying.sent() if self._copying else (0, 0)

    def _start(self, nodes: Sequence[str], reach: Reach, *, claim: Claim | None) -> Copying:
        chosen = reach.nodes(nodes)
        self._copying = Copying(
            self._entries,
            self._target,
            chosen,
            reach.run,
            checksum=self._checksum,
            local=reach.local,
            rsync=self._rsync(reach, self._login) if self._login else None,
            claim=claim,
            partial=reach.fleet.policy.copy.partial,
        )
        self._copying.shares = self.shares
        return self._copying

    def _rsync(
        self, reach: Reach, login: rsync.Login
    ) -> Callable[[Sequence[tuple[Node, Entry]]], Iterator[Event]]:
        def send(pairs: Sequence[tuple[Node, Entry]]) -> Iterator[Event]:
            stop = reach.cancellation
            with self._lock([node for node, _ in pairs]) if self._lock else nullcontext():
                yield from rsync.send(
                    pairs, self._target, login, reach.environ, lambda: stop.reason if stop else ""
                )

        return send


class FetchChange(BaseChange):
    """Files and directories of each node, put into a folder here; nodes are only read.

    Args:
        paths: on the nodes; patterns of their shells are allowed.
        folder: here; each node gets a folder in it.
        title: one line for people.
        limits: what a node may send.
    """

    name = "fetch"

    def __init__(
        self, paths: Sequence[str], folder: str, *, title: str, limits: Limits | None = None
    ) -> None:
        self.title = title
        self.fetching = Fetching(folder, limits)  # what has come so far
        self._paths = tuple(paths)
        self._most = (limits or Limits()).size

    def apply(self, nodes: Sequence[str], reach: Reach) -> Iterator[Event | Step]:
        """Fetch from each node, path by path; what it sends replaces its older copy only when it is whole."""
        left, spent = list(nodes), Spent(time.monotonic)
        settings = reach.settings._replace(most_bytes=self._most, bulk=True)
        for number, path in enumerate(self._paths, 1):
            last = number == len(self._paths)
            events = reach.command(reach.nodes(left), remote.send(path), settings)
            for event in self.fetching.follow(events):
                if not isinstance(event, Finished):
                    yield event
                    continue
                event = Finished(event.node, spent.until_now(event.outcome))
                if last or not event.outcome.ok:
                    left.remove(event.node)
                    if event.outcome.ok and (found := self.fetching.found.get(event.node)):
                        yield Step(event.node, "fetched", f"fetched {found.files} files, {found.size} bytes")
                    yield event


def described(share: Share, *, dry: bool = False) -> str:
    """Say what a node gets, or would get.

    Args:
        dry: nothing was sent.
    """
    will = "would be sent" if dry else "sent"
    files = f"{share.files} {'file' if share.files == 1 else 'files'}"
    if share.how == "nothing":
        return "has it already"
    if share.how == "modes":
        return "only modes and times would be set" if dry else "modes and times set"
    if share.how == "rsync":
        return f"{will} what differs in {sizes.shown(share.size)}, by rsync"
    resumed = f", {sizes.shown(share.resumed)} of it were there from before" if share.resumed else ""
    return f"{will} {files}, {sizes.shown(share.size)}{resumed}"
