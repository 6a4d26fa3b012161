"""The phases of a migration: who is in which, what is left, what may begin."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from stentor.digits import whole
from stentor.fleet.model import Fleet, Node
from stentor.fleet.policy.sections import MigrationPhase


class Phase(NamedTuple):
    """One phase."""

    number: int  # by which nodes name it
    title: str  # what it is about, or empty
    checks: tuple[str, ...]  # commands which must succeed on a node before it counts as migrated
    done: tuple[Node, ...]  # its nodes that are migrated
    left: tuple[Node, ...]  # its nodes that are not; retired ones are neither


def phases(fleet: Fleet) -> list[Phase]:
    """Return the phases in their order: those of the policy, and those which nodes name."""
    written = fleet.policy.migrate.phases
    numbers = {int(number) for number in written}
    numbers |= {node.phase for node in fleet.nodes.values() if node.phase is not None}
    found = []
    for number in sorted(numbers):
        said = written.get(str(number)) or MigrationPhase()
        nodes = [n for n in fleet.nodes.values() if n.phase == number and n.state != "retired"]
        found.append(
            Phase(
                number,
                said.title,
                tuple(said.checks),
                tuple(node for node in nodes if node.migrated),
                tuple(node for node in nodes if not node.migrated),
            )
        )
    return found


def current(found: Sequence[Phase]) -> Phase | None:
    """Return the current phase: the first with nodes that are left; None when all are done."""
    return next((phase for phase in found if phase.left), None)


def word(phase: Phase, now: Phase | None) -> str:
    """Return how far a phase is: ``empty`` while no node belongs to it, which says nothing of its work."""
    if phase.left:
        return "in progress" if phase is now else "waiting"
    return "done" if phase.done else "empty"


def blocker(found: Sequence[Phase], node: Node) -> str:
    """Return why a node cannot be done yet, whatever its checks say; empty if it can."""
    if node.phase is None:
        return f"{node.alias} has no phase"
    if node.migrated:
        return f"{node.alias} is done already"
    if node.state == "retired":
        return f"{node.alias} is retired"
    before = [phase for phase in found if phase.number < node.phase and phase.left]
    if before:
        waiting = ", ".join(left.alias for phase in before for left in phase.left)
        return f"phase {before[0].number} is not done yet: {waiting}"
    return ""


def script(checks: Sequence[str]) -> str:
    """Return a command which runs every check in a shell of its own and says each one's exit code.

    One line a check, ``check NUMBER CODE``; the checks' own output goes to stderr.
    """
    from stentor import sh
    from stentor.sh.quoting import quote

    lines = [
        f"sh -c {quote(check)} </dev/null 1>&2; echo check {number} $?" for number, check in enumerate(checks)
    ]
    return sh.command("\n".join(lines))


def held_in(checks: Sequence[str], said: bytes) -> dict[str, int | None]:
    """Read the same as bytes."""
    return held(checks, said.decode("utf-8", "replace"))


def held(checks: Sequence[str], said: str) -> dict[str, int | None]:
    """Read what ``script`` printed: the exit code of each check, None for one that did not run."""
    codes: dict[int, int] = {}
    for line in said.splitlines():
        words = line.split()
        if len(words) == 3 and words[0] == "check":
            number, code = whole(words[1]), whole(words[2])
            if number is not None and code is not None:
                codes[number] = code
    return {check: codes.get(number) for number, check in enumerate(checks)}
