"""``trust``'s writing as a change: host keys into the fleet's known_hosts."""

from __future__ import annotations

import time
from collections.abc import Iterator, Sequence
from functools import partial
from typing import TYPE_CHECKING

from stentor.fanout.events import Finished, Output
from stentor.outcome import Outcome
from stentor.probe.trust import namesakes, pinned_for
from stentor.rollout.change import BaseChange
from stentor.ssh.hostkeys import replaced
from stentor.ssh.keyscan import write_pins

if TYPE_CHECKING:
    from stentor.engines.reach import Reach
    from stentor.fanout.events import Event
    from stentor.probe.trust import Verdict
    from stentor.ssh.hostkeys import Key, Pin


class PinChange(BaseChange):
    """Write host keys into the fleet's known_hosts, whole or not at all; no node is touched."""

    name = "trust"

    def __init__(self, path: str, chosen: Sequence[tuple[Verdict, Sequence[Key]]], title: str) -> None:
        self.title = title  # one line for people
        self.path = path  # of the file
        self._chosen = chosen  # the keys of each node

    def apply(self, _: Sequence[str], reach: Reach) -> Iterator[Event]:
        """Write the pins."""
        today = time.strftime("%Y-%m-%d")

        def change(text: str) -> str:
            for verdict, keys in self._chosen:
                comment = f"{verdict.node.alias} pinned {today}"
                stays = partial(_is_for, namesakes(reach.fleet, verdict.node))
                text = replaced(text, verdict.hosts, keys, comment, stays)
            return text

        write_pins(self.path, change)
        for verdict, keys in self._chosen:
            alias = verdict.node.alias
            said = "".join(f"pinned {key.name} {key.fingerprint}\n" for key in keys)
            yield Output(alias, "stdout", said.encode())
            yield Finished(alias, Outcome(alias, "ok"))


def _is_for(aliases: frozenset[str], pin: Pin) -> bool:
    return pinned_for(pin) in aliases
