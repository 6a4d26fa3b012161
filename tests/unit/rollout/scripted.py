"""A change whose outcomes are written down beforehand, and a reach whose gates are."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from stentor.engines.reach import Reach
from stentor.fanout.events import Event, Finished, Started
from stentor.fleet.model import Fleet, Node
from stentor.outcome import Kind, Outcome
from stentor.rollout.change import BaseChange, Step
from stentor.testing import FakeNodes, Reply


class Scripted(BaseChange):
    """Applies, proves and reverts as it was told."""

    name = "scripted"
    title = "a scripted change"

    def __init__(
        self,
        kinds: Mapping[str, Kind] | None = None,
        *,
        proofs: Mapping[str, Kind] | None = None,
        reverts: Mapping[str, Kind] | None = None,
    ) -> None:
        self.kinds: Mapping[str, Kind] = kinds or {}
        self.proofs = proofs
        self.reverts = reverts
        self.applied: list[str] = []
        self.reverted: list[str] = []

    def apply(self, nodes: Sequence[str], reach: Reach) -> Iterator[Event | Step]:
        for node in nodes:
            self.applied.append(node)
            yield Started(node)
        for node in nodes:
            yield Finished(node, Outcome(node, self.kinds.get(node, "ok"), started=True))

    def verify(self, nodes: Sequence[str], reach: Reach) -> Iterator[Event]:
        assert nodes, "no node is asked for its proof"
        for node in nodes if self.proofs is not None else ():
            kind: Kind = self.proofs.get(node, "ok") if self.proofs else "ok"
            yield Finished(node, Outcome(node, kind, reason="not proved" if kind != "ok" else ""))

    def revert(self, nodes: Sequence[str], reach: Reach, why: str) -> Iterator[Event | Step] | None:
        assert nodes, "no node is to be reverted"
        return None if self.reverts is None else self._revert(nodes)

    def _revert(self, nodes: Sequence[str]) -> Iterator[Event | Step]:
        for node in nodes:
            self.reverted.append(node)
            yield Finished(node, Outcome(node, (self.reverts or {}).get(node, "ok"), started=True))

    def undo(self, nodes: Sequence[str]) -> str:
        return f"undo {','.join(nodes)}"


def reach_with(nodes: Sequence[str], gates: Mapping[str, int] | None = None, **more: Any) -> Reach:
    """A reach to fake nodes where a gate ends with these exit codes."""
    codes = gates or {}

    def answer(alias: str, _: str) -> Reply:
        code = codes.get(alias, 0)
        return Reply(b"too hot\n" if code else b"", code=code)

    fleet = Fleet("/fleet", {node: Node(node, "") for node in nodes}, {"all": tuple(nodes)})
    return Reach(fleet, {}, engine=FakeNodes(answer), **more)
