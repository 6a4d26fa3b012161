"""Facts and needs as changes: what an operation asks the nodes, and what their answers mean."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from stentor.fanout.task import Task
from stentor.operation.gather import GatherChange
from stentor.probe import inventory
from stentor.probe import needs as required
from stentor.sh.program import path

if TYPE_CHECKING:
    from stentor.fanout.collect import Result
    from stentor.fleet.model import Node
    from stentor.fleet.needs import Need
    from stentor.outcome import Outcome


class GatherFacts(GatherChange):
    """Ask nodes what they are made of.

    Args:
        tools: commands whose versions are asked for, besides the usual ones.
        packages: packages whose versions are asked for, besides the usual ones.
    """

    name = "facts"
    title = "facts"

    def __init__(self, tools: Sequence[str] = (), packages: Sequence[str] = ()) -> None:
        self.told: dict[str, dict[str, Any]] = {}  # facts by alias, of the nodes that answered
        every = dict.fromkeys([*inventory.TOOLS, *tools])
        self._command = inventory.words(list(every), list(dict.fromkeys([*inventory.PACKAGES, *packages])))

    def tasks(self, nodes: Sequence[Node]) -> Sequence[Task]:
        """Return the same program for every node."""
        return [Task(node, self._command, path("inventory")) for node in nodes]

    def read(self, result: Result) -> Outcome:
        """Keep the facts of a node that came to the end of the program."""
        facts, outcome = inventory.parse(result.stdout), result.outcome
        if outcome.ok and not facts.get("complete"):
            return outcome._replace(kind="shell-broken", reason="the probe did not come to its end")
        if outcome.ok:
            self.told[result.node] = facts
        return outcome


class GatherNeeds(GatherChange):
    """Look on nodes for what the fleet requires of them."""

    name = "needs"
    title = "needs"

    def __init__(self, wanted: Mapping[str, Sequence[Need]]) -> None:
        # By alias, each need with ``yes``, ``no`` or ``unknown``.
        self.answers: dict[str, dict[Need, str]] = {}
        self._wanted = wanted  # by alias, what is looked for

    def tasks(self, nodes: Sequence[Node]) -> Sequence[Task]:
        """Return the program with each node's needs."""
        return [Task(node, required.words(self._wanted[node.alias]), path("needs")) for node in nodes]

    def read(self, result: Result) -> Outcome:
        """Read what the node has and lacks."""
        if result.ok:
            self.answers[result.node] = required.parse(result.text, self._wanted[result.node])
        return result.outcome
