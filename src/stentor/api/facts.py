"""Facts and needs of nodes, remembered for when they are down: behind ``stentor facts`` and ``needs``."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, NamedTuple, cast

from stentor.api.base import BaseSelection
from stentor.api.operations import TERMS, Terms, aliases_of, operation, request_of
from stentor.fleet.needs import Need, needs
from stentor.outcome import Outcome
from stentor.probe.gathering import GatherFacts, GatherNeeds
from stentor.probe.inventory import differences

if TYPE_CHECKING:
    from stentor.operation.operation import Operation

SECONDS = 20.0  # on each node, where the caller does not say otherwise


class NodeFacts(NamedTuple):
    """What is known of one node."""

    outcome: Outcome  # of the node; skipped where it was not asked
    facts: Mapping[str, Any]  # from now or from the last time; empty where nothing is known
    at: float | None  # from when they are, seconds since 1970; None for now
    changes: tuple[str, ...]  # what differs from the last facts that were different, a line each


class NodeNeeds(NamedTuple):
    """What one node has and lacks of what the fleet requires of it."""

    outcome: Outcome  # of the node
    # Each need with ``yes``, ``no`` or ``unknown``; empty where the node did not answer.
    answers: Mapping[Need, str]

    @property
    def lacks(self) -> tuple[Need, ...]:
        """What is not there."""
        return self.which("no")

    def which(self, answer: str) -> tuple[Need, ...]:
        """Return the needs with this answer."""
        return tuple(need for need, said in self.answers.items() if said == answer)


def facts_operation(selection: BaseSelection, terms: Terms = TERMS) -> Operation:
    """Return the operation that asks nodes for their facts."""
    section = selection.fleet.data.policy.facts
    return _reading(selection, GatherFacts(section.tools, section.packages), terms)


def facts_found(selection: BaseSelection, done: Operation | None = None) -> tuple[NodeFacts, ...]:
    """Return what is known of each node, and remember what it told.

    Args:
        done: what :func:`facts_operation` returned, carried out; None where no node was asked.
    """
    from stentor import journal

    fleet = selection.fleet
    if done is None:
        with journal.read(fleet.environ) as reader:
            known = _Remembered(reader, fleet.data.root)
            skipped = [Outcome(alias, "skipped", reason="not asked") for alias in aliases_of(selection)]
            return tuple(known.of(outcome) for outcome in skipped)
    told = cast("GatherFacts", done.change).told
    with journal.open(fleet.environ, fleet.data.policy.journal, fleet.data.root) as book:
        known = _Remembered(book, fleet.data.root)
        found = tuple(known.of(outcome, told.get(outcome.node)) for outcome in done.report)
        for one in found:
            if one.at is None:
                known.remember(book, one)
    return found


class _Remembered:
    """The last known facts of a fleet."""

    def __init__(self, book: Any, root: str) -> None:
        self._root = root
        self._last = book.recall(root, "facts")
        self._before = book.recall(root, "facts-before")

    def of(self, outcome: Outcome, now: Mapping[str, Any] | None = None) -> NodeFacts:
        """Compare with the last facts that were different."""
        at, last = self._last.get(outcome.node, (None, None))
        before = self._before.get(outcome.node, (None, None))[1]
        if now is None:
            changes = differences(before, last) if before and last else ()
            return NodeFacts(outcome, last or {}, at or 0.0, tuple(changes))
        if last is not None and differences(last, now):
            before = last
        return NodeFacts(outcome, now, None, tuple(differences(before, now)) if before else ())

    def remember(self, book: Any, one: NodeFacts) -> None:
        """Keep what a node told, and what it told before that was different."""
        node, last = one.outcome.node, self._last.get(one.outcome.node, (None, None))[1]
        if last is not None and differences(last, one.facts):
            book.remember(self._root, node, "facts-before", last)
        book.remember(self._root, node, "facts", dict(one.facts))


def needs_of(selection: BaseSelection) -> dict[str, list[Need]]:
    """Return what the fleet requires of each node of a selection."""
    return {node.alias: needs(selection.fleet.data, node) for node in selection.nodes}


def needs_operation(selection: BaseSelection, terms: Terms = TERMS) -> Operation:
    """Return the operation that looks on nodes for what is required of them; others are left out."""
    wanted = needs_of(selection)
    asked = tuple(node for node in selection.nodes if wanted[node.alias])
    return _reading(BaseSelection(selection.fleet, asked, selection.selector), GatherNeeds(wanted), terms)


def needs_found(selection: BaseSelection, done: Operation) -> tuple[NodeNeeds, ...]:
    """Return what each node that was asked has and lacks, and remember it.

    Args:
        done: what :func:`needs_operation` returned, carried out.
    """
    from stentor import journal

    fleet, answers = selection.fleet, cast("GatherNeeds", done.change).answers
    found = tuple(NodeNeeds(outcome, answers.get(outcome.node, {})) for outcome in done.report)
    with journal.open(fleet.environ, fleet.data.policy.journal, fleet.data.root) as book:
        for one in found:
            if one.answers:
                data = {"lacks": [need.text for need in one.lacks], "wanted": len(one.answers)}
                book.remember(fleet.data.root, one.outcome.node, "needs", data)
    return found


def _reading(selection: BaseSelection, change: GatherFacts | GatherNeeds, terms: Terms) -> Operation:
    request = request_of(selection, change.name, change.title)
    settings = terms.settings._replace(timeout=terms.settings.timeout or SECONDS)
    return operation(selection.fleet, request, change, terms._replace(settings=settings))
