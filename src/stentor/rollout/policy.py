"""How careful a change has to be: the strictest of the fleet's ``rollout:`` settings for some nodes.

A group's settings hold for its nodes wherever they are selected: where a selection meets
several groups, the strictest of each setting holds. So ``@all`` does not bypass a group's limit.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from stentor.fleet.model import Fleet
from stentor.fleet.policy.sections import Rollout, RolloutPart
from stentor.fleet.policy.values import Share
from stentor.typed import NamedTuple


class Limit(NamedTuple):
    """At most so many of these nodes at the same time."""

    at_once: int
    nodes: frozenset[str] | None  # None: of all nodes
    where: str  # "rollout.at_once", "rollout.groups.gpu.at_once"


class Policy(NamedTuple):
    """How a change reaches its nodes."""

    canary: tuple[str, ...] = ()  # aliases that go first, alone
    # Sizes of the waves after the canary; the last one repeats. Empty: one wave.
    waves: tuple[Share, ...] = ()
    last: tuple[str, ...] = ()  # aliases that go after all others, one by one (the gateway)
    max_failures: Share = Share(0)  # so many failed nodes are tolerated; one more stops the rollout
    count_unreachable: bool = True  # whether a node that could not be reached counts as failed
    gates: tuple[str, ...] = ()  # commands which must succeed on a wave's nodes before the next wave begins
    pause: float = 0.0  # seconds between waves
    limits: tuple[Limit, ...] = ()  # how many nodes may be touched at once
    staged: bool = False  # whether an ordinary ``run`` goes this way without being asked to


def policy_of(fleet: Fleet, selected: Iterable[str], *, run: bool) -> Policy:
    """Return what this fleet's files say for these nodes; see :func:`policy_for`."""
    return policy_for(fleet.policy.rollout, fleet.groups, selected, run=run)


def policy_for(
    section: Rollout, groups: Mapping[str, tuple[str, ...]], selected: Iterable[str], *, run: bool
) -> Policy:
    """Return the strictest of the settings that concern these nodes.

    Args:
        run: for an ordinary ``run``: a part which does not say ``run: true`` gives only its ``at_once``.
    """
    chosen = set(selected)
    policy = _part(section, None, "rollout", run)
    for name, part in section.groups.items():
        members = frozenset(groups.get(name, ()))
        if members & chosen:
            policy = _stricter(policy, _part(part, members, f"rollout.groups.{name}", run))
    return policy


def _part(part: RolloutPart, members: frozenset[str] | None, where: str, run: bool) -> Policy:
    limits = (Limit(part.at_once, members, f"{where}.at_once"),) if part.at_once else ()
    if run and not part.run:
        return Policy(limits=limits)
    return Policy(
        canary=part.canary,
        waves=part.waves,
        last=part.last,
        max_failures=part.max_failures,
        count_unreachable=part.unreachable != "ok",
        gates=(part.gate,) if part.gate else (),
        pause=part.pause,
        limits=limits,
        staged=part.run,
    )


def _stricter(one: Policy, other: Policy) -> Policy:
    """Of each setting the one that does less harm; a setting which only one has is that one's."""
    if not _says_how(other):
        return one._replace(limits=one.limits + other.limits)
    if not _says_how(one):
        return other._replace(limits=one.limits + other.limits)
    return Policy(
        canary=one.canary + tuple(name for name in other.canary if name not in one.canary),
        waves=_smaller(one.waves, other.waves),
        last=one.last + tuple(name for name in other.last if name not in one.last),
        max_failures=_fewer(one.max_failures, other.max_failures),
        count_unreachable=one.count_unreachable or other.count_unreachable,
        gates=one.gates + tuple(gate for gate in other.gates if gate not in one.gates),
        pause=max(one.pause, other.pause),
        limits=one.limits + other.limits,
        staged=one.staged or other.staged,
    )


def _says_how(policy: Policy) -> bool:
    return policy._replace(limits=()) != Policy()


def _smaller(one: tuple[Share, ...], other: tuple[Share, ...]) -> tuple[Share, ...]:
    """The waves whose largest is smaller. A percentage is compared as one of a hundred nodes."""
    if not one or not other:
        return one or other
    return min(one, other, key=lambda sizes: max(size.size(100) for size in sizes))


def _fewer(one: Share, other: Share) -> Share:
    return min(one, other, key=lambda share: (share.number, not share.percent))
