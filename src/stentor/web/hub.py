"""From threads to open pages: what has changed. Pages then ask for how it looks now.

A topic is a text: ``nodes``, ``operations``, ``operation/12``. Nothing is queued, so a slow page costs no
memory: what changes several times before it looks is one change.
"""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Mapping, Sequence
from typing import Any


class Subscription:
    """What one open page waits for."""

    def __init__(self, topics: Sequence[str]) -> None:
        self.topics = tuple(topics)
        self.over = False
        self._changed: set[str] = set()
        self._event = asyncio.Event()

    def tell(self, topic: str) -> None:
        """Note a change; in the thread of the event loop."""
        self._changed.add(topic)
        self._event.set()

    def end(self) -> None:
        """Wake it for the last time; in the thread of the event loop."""
        self.over = True
        self._event.set()

    async def changed(self, seconds: float) -> list[str]:
        """Wait for a change, at most so long; return the topics that changed."""
        try:
            await asyncio.wait_for(self._event.wait(), seconds)
        except TimeoutError:
            return []
        self._event.clear()
        found = sorted(self._changed)
        self._changed.clear()
        return found


class Hub:
    """Who waits for what. :meth:`changed` may be called from any thread."""

    def __init__(self) -> None:
        self._loop: asyncio.AbstractEventLoop | None = None
        self._open: set[Subscription] = set()
        self._versions: dict[str, int] = {}
        self._changes = 0
        self._lock = threading.Lock()

    def attach(self, loop: asyncio.AbstractEventLoop) -> None:
        """Say in which loop pages wait."""
        self._loop = loop

    def close(self) -> None:
        """End all waiting; in the thread of the loop."""
        for one in self._open:
            one.end()

    def wake(self) -> None:
        """End all waiting; from a signal handler or another thread."""
        loop = self._loop
        if loop is not None and not loop.is_closed():
            loop.call_soon_threadsafe(self.close)

    @property
    def pages(self) -> int:
        """How many pages are open."""
        return len(self._open)

    def watched(self) -> set[str]:
        """Return the topics that open pages wait for."""
        return {topic for one in tuple(self._open) for topic in one.topics}

    def version(self, topic: str) -> int:
        """Return a number that is another after each change of a topic; 0 before the first."""
        return self._versions.get(topic, 0)

    def changed(self, topic: str) -> None:
        """Say that something has changed."""
        with self._lock:
            if len(self._versions) > 1000:  # of operations long over
                self._versions.clear()
            self._changes += 1
            self._versions[topic] = self._changes  # a number that no topic had before, also after a clear
        loop = self._loop
        if loop is not None and not loop.is_closed():
            loop.call_soon_threadsafe(self._tell, topic)

    def subscribe(self, topics: Sequence[str]) -> Subscription:
        """Begin to wait; in the thread of the loop."""
        made = Subscription(topics)
        self._open.add(made)
        return made

    def leave(self, subscription: Subscription) -> None:
        """Wait no more; in the thread of the loop."""
        self._open.discard(subscription)

    def _tell(self, topic: str) -> None:
        for one in self._open:
            if topic in one.topics:
                one.tell(topic)


Patches = Mapping[str, str]
"""Id of an element of a page to its HTML."""


class Rendered:
    """The parts of pages that change, made once for all pages that are open."""

    def __init__(self, hub: Hub) -> None:
        self._hub = hub  # says when something has changed
        self._kinds: dict[str, Any] = {}
        self._made: dict[str, tuple[int, Patches]] = {}
        self._lock = threading.Lock()

    def add(self, kind: str, render: Any) -> None:
        """Say how the topics of a kind (``nodes``, ``operation``) are rendered.

        Args:
            kind: the topic up to a slash.
            render: called with what is behind the slash; returns :data:`Patches`.
        """
        self._kinds[kind] = render

    def knows(self, topic: str) -> bool:
        """Whether this is a topic."""
        return topic.partition("/")[0] in self._kinds

    def patches(self, topic: str) -> Patches:
        """Return how a topic looks now."""
        with self._lock:
            version = self._hub.version(topic)
            known = self._made.get(topic)
            if known is not None and known[0] == version and version:
                return known[1]
            kind, _, rest = topic.partition("/")
            made: Patches = self._kinds[kind](rest)
            if len(self._made) > 64:
                self._made.clear()
            self._made[topic] = version, made
            return made
