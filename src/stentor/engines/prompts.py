"""Logins which need a person: passwords, passphrases, unknown host keys, a touch on a key.

Nobody is asked in the middle of a fan-out, where one cannot tell who asks and whose output it is. Where
there is a terminal, commands are held back until every node without a master has either logged in by
itself or said that it needs a person; then the person is asked, node by node. A node which does not
answer at all holds the others back for a second only.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable

from stentor.fanout.context import Ask
from stentor.fleet.model import Node
from stentor.ssh.diagnose import Diagnosis
from stentor.ssh.reactor import Reactor

# A node on the same continent has refused or greeted us by then; those that are down have not.
_MOMENT = 1.0
_PERSON_HELPS = ("denied", "host-key-unknown")


class Prompts:
    """Holds commands back, and asks."""

    def __init__(
        self,
        reactor: Reactor,
        ask: Ask | None,
        order: Iterable[str],
        stopping: Callable[[], bool],
        waits: Callable[[Node, Diagnosis], None] = lambda _node, _why: None,
    ) -> None:
        self._reactor = reactor
        self._ask = ask  # the way to a person; None when there is none, and then nothing is held back
        self._order = order  # all aliases; people are asked in this order, whichever login fails first
        # Whether the fan-out is to end (Ctrl-C at a prompt): nobody else is asked then.
        self._stopping = stopping
        self._waits = waits  # told of a login that waits for a person while others are under way
        self._settled = 0
        self._cold: set[str] = set()
        self._held: list[Callable[[], None]] = []
        self._wanted: list[tuple[Node, list[str], Callable[[], None], Callable[[], None]]] = []
        self._over = False

    def cold(self, node: Node) -> None:
        """Note a node which has to log in."""
        if self._ask is None or self._over or node.expected_down:
            return
        if not self._cold:
            self._again_in_a_moment()
        self._cold.add(node.alias)

    def ready(self, callback: Callable[[], None]) -> None:
        """Call back once commands may start."""
        if self._cold:
            self._held.append(callback)
        else:
            callback()

    def settled(self, node: Node) -> None:
        """Note that a login has come to its end, well or not."""
        self._cold.discard(node.alias)
        self._settled += 1
        if not self._cold:
            self._go_on()

    def wanted(
        self,
        node: Node,
        diagnosis: Diagnosis,
        argv: list[str],
        ready: Callable[[], None],
        failed: Callable[[], None],
    ) -> bool:
        """Take over a failed login if a person can help; whether it was taken over."""
        if self._ask is None or self._over or diagnosis.kind not in _PERSON_HELPS:
            return False
        self._wanted.append((node, argv, ready, failed))
        if self._cold - {node.alias}:
            self._waits(node, diagnosis)
        return True

    def _again_in_a_moment(self) -> None:
        # Not on behalf of the node at hand: it concerns them all.
        self._reactor.on_behalf(None, self._reactor.after, _MOMENT, self._go_on_if_quiet)

    def _go_on_if_quiet(self) -> None:
        """Where a person is needed anyway, wait as long as logins end: they may need one, too."""
        if self._wanted and self._settled:
            self._settled = 0
            self._again_in_a_moment()
        else:
            self._go_on()

    def _go_on(self) -> None:
        if self._over:
            return
        self._over = True
        self._cold.clear()
        places = {alias: place for place, alias in enumerate(self._order)} if self._wanted else {}
        for node, argv, ready, failed in sorted(self._wanted, key=lambda login: places[login[0].alias]):
            code = self._ask(node, argv) if self._ask else 1
            if self._stopping():
                return
            if code == 0:
                self._held.append(ready)
            else:
                failed()
        held, self._held = self._held, []
        for callback in held:
            callback()
