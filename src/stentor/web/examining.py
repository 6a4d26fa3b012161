"""The doctor, asked from a page: nodes are examined in a thread, and what was found last is kept."""

from __future__ import annotations

import threading
import time
from typing import TYPE_CHECKING, NamedTuple

from stentor.errors import Refused, StentorError
from stentor.web.hub import Hub

if TYPE_CHECKING:
    from stentor.api.base import BaseSelection
    from stentor.probe.doctor import Diagnosis

TOPIC = "doctor"


class Examined(NamedTuple):
    """What was found on a node, and when, in seconds since 1970."""

    diagnosis: Diagnosis
    at: float


class Examining:
    """What the doctor found last on each node."""

    def __init__(self, hub: Hub) -> None:
        self._hub = hub  # for the open pages
        self._lock = threading.Lock()
        self._found: dict[str, Examined] = {}
        self._thread: threading.Thread | None = None
        self._under_way: set[str] = set()
        self.trouble = ""

    @property
    def under_way(self) -> frozenset[str]:
        """Aliases of the nodes that are being examined."""
        with self._lock:
            return frozenset(self._under_way)

    def found(self) -> dict[str, Examined]:
        """Return what was found, by alias."""
        with self._lock:
            return dict(self._found)

    def start(self, selection: BaseSelection) -> None:
        """Examine these nodes in a thread.

        Raises:
            Refused: others are being examined.
        """
        with self._lock:
            if self._thread is not None and self._thread.is_alive():
                raise Refused("the doctor is at other nodes", hint="wait until they are examined")
            self._under_way = {node.alias for node in selection.nodes}
            # It ends by its own limits, and changes nothing: the page's end does not wait for it.
            self._thread = threading.Thread(target=self._run, args=(selection,), name="doctor", daemon=True)
            self._thread.start()
        self._hub.changed(TOPIC)

    def _run(self, selection: BaseSelection) -> None:
        # Not before somebody asks: it is 3 MB of the memory of a page that nobody has open.
        from stentor.api.doctor import examine
        from stentor.probe.doctor import Diagnosis

        try:
            for one in examine(selection):
                if isinstance(one, Diagnosis):
                    with self._lock:
                        self._found[one.outcome.node] = Examined(one, time.time())
                        self._under_way.discard(one.outcome.node)
                    self._hub.changed(TOPIC)
            self.trouble = ""
        except StentorError as error:
            self.trouble = str(error)
        finally:
            with self._lock:
                self._under_way.clear()
            self._hub.changed(TOPIC)
