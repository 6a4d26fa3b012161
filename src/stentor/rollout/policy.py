"""How careful a change has to be: from the fleet's ``rollout:`` section and the command line. Pure.

A group's settings hold for its nodes wherever they are touched from: where a selection meets
several of them, the strictest of each holds. So ``@all`` is never a way around a group's limit.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping

from stentor.errors import FleetError, SelectorError, UsageError
from stentor.fleet.model import Fleet
from stentor.fleet.select import select
from stentor.typed import Any, NamedTuple

_SHARE = re.compile(r"(\d+)\s*(%?)")
_TIME = re.compile(r"(\d+(?:\.\d+)?)\s*(ms|s|m|h|)")
_SECONDS = {"": 1.0, "s": 1.0, "ms": 0.001, "m": 60.0, "h": 3600.0}


class Share(NamedTuple):
    """A number of nodes, or a percentage of them."""

    number: int
    percent: bool = False

    def __str__(self) -> str:
        return f"{self.number}%" if self.percent else str(self.number)

    def size(self, total: int) -> int:
        """As a wave's size: rounded up, at least one node."""
        return max(1, -(-self.number * total // 100) if self.percent else self.number)

    def limit(self, total: int) -> int:
        """As a number of failures which is borne: rounded down, so that 10 % of 5 nodes is none."""
        return self.number * total // 100 if self.percent else self.number


class Limit(NamedTuple):
    """At most so many of these nodes at the same time."""

    at_once: int
    nodes: frozenset[str] | None  # None: of all nodes
    where: str  # "rollout.at_once", "rollout.groups.gpu.at_once"


class Policy(NamedTuple):
    """How a change reaches its nodes.

    Attributes:
        canary: aliases that go first, alone.
        waves: sizes of the waves after the canary; the last one repeats. Empty: one wave.
        last: aliases that go after all others, one by one (the gateway).
        max_failures: so many failed nodes are borne; one more stops the rollout.
        count_unreachable: whether a node that could not be reached counts as failed.
        gates: commands which must succeed on a wave's nodes before the next wave begins.
        pause: seconds between waves.
        limits: how many nodes may be touched at once.
        staged: whether an ordinary ``run`` goes this way without being asked to.
    """

    canary: tuple[str, ...] = ()
    waves: tuple[Share, ...] = ()
    last: tuple[str, ...] = ()
    max_failures: Share = Share(0)
    count_unreachable: bool = True
    gates: tuple[str, ...] = ()
    pause: float = 0.0
    limits: tuple[Limit, ...] = ()
    staged: bool = False


KEYS = ("canary", "waves", "last", "max_failures", "unreachable", "gate", "pause", "at_once", "run")


def parse_share(text: object, what: str) -> Share:
    """Read ``3``, ``"3"`` or ``"25%"``.

    Raises:
        UsageError: it is neither.
    """
    match = _SHARE.fullmatch(str(text).strip())
    if not match or isinstance(text, bool) or (match[2] and int(match[1]) > 100):
        raise UsageError(f"{what} is {text!r}", hint="a number of nodes (3) or a share of them (25%)")
    return Share(int(match[1]), bool(match[2]))


def parse_waves(text: object) -> tuple[Share, ...]:
    """Read the sizes of waves: ``25%``, ``5``, ``1,5,25%`` or a list of these.

    Raises:
        UsageError: a size is malformed or zero.
    """
    parts = text if isinstance(text, (list, tuple)) else str(text).split(",")
    sizes = tuple(parse_share(part, "the size of a wave") for part in parts)
    if not sizes or any(size.number == 0 for size in sizes):
        raise UsageError(f"the size of a wave is {text!r}", hint="a wave has at least one node: 1, 5 or 25%")
    return sizes


def parse_seconds(text: object, what: str) -> float:
    """Read ``30``, ``30s``, ``1.5m``, ``2h`` or ``200ms``.

    Raises:
        UsageError: it is none of these.
    """
    match = _TIME.fullmatch(str(text).strip())
    if not match or isinstance(text, bool):
        raise UsageError(f"{what} is {text!r}", hint="a time: 30s, 5m or 1h")
    return float(match[1]) * _SECONDS[match[2]]


def policy_of(fleet: Fleet, selected: Iterable[str], *, run: bool) -> Policy:
    """Return what this fleet's files say for these nodes; names may be any selector.

    Raises:
        FleetError: a value is malformed.
    """

    def names(text: str) -> tuple[str, ...]:
        return tuple(node.alias for node in select(fleet, text))

    return policy_for(fleet.policy.get("rollout") or {}, fleet.groups, selected, run=run, names=names)


def policy_for(
    section: Mapping[str, Any],
    groups: Mapping[str, tuple[str, ...]],
    selected: Iterable[str],
    *,
    run: bool,
    names: Callable[[str], tuple[str, ...]] | None = None,
) -> Policy:
    """Return what the fleet file says for these nodes.

    Args:
        section: the ``rollout`` section: the keys of ``KEYS`` and, under ``groups``, the same per group.
        groups: the fleet's groups, expanded.
        selected: the aliases that are meant.
        run: for an ordinary ``run``: a part which does not say ``run: true`` gives only its ``at_once``.
        names: reads a selector; without it, aliases and groups are understood.

    Raises:
        FleetError: a value is malformed.
    """
    chosen = set(selected)

    def read(text: str) -> tuple[str, ...]:
        return names(text) if names else _names(text, groups)

    policy = _part(section, None, "rollout", read, run)
    for name, part in (section.get("groups") or {}).items():
        members = frozenset(groups.get(name, ()))
        if members & chosen:
            policy = _stricter(policy, _part(part, members, f"rollout.groups.{name}", read, run))
    return policy


def _part(
    part: Mapping[str, Any],
    members: frozenset[str] | None,
    where: str,
    read: Callable[[str], tuple[str, ...]],
    run: bool,
) -> Policy:
    try:
        at_once = part.get("at_once")
        limits = (Limit(int(at_once), members, f"{where}.at_once"),) if at_once else ()
        staged = bool(part.get("run", False))
        if run and not staged:
            return Policy(limits=limits)
        gates = part.get("gate") or ()
        return Policy(
            canary=_read(part.get("canary"), read),
            waves=parse_waves(part["waves"]) if part.get("waves") else (),
            last=_read(part.get("last"), read),
            max_failures=parse_share(part.get("max_failures", 0), "max_failures"),
            count_unreachable=part.get("unreachable", "fail") != "ok",
            gates=(gates,) if isinstance(gates, str) else tuple(gates),
            pause=parse_seconds(part.get("pause", 0), "pause"),
            limits=limits,
            staged=staged,
        )
    except (UsageError, SelectorError, ValueError) as error:
        hint = (
            error.hint if isinstance(error, (UsageError, SelectorError)) else "at_once is a number of nodes"
        )
        raise FleetError(str(error), where=where, hint=hint) from None


def _read(value: Any, read: Callable[[str], tuple[str, ...]]) -> tuple[str, ...]:
    if not value:
        return ()
    return read(value if isinstance(value, str) else ",".join(value))


def _names(text: str, groups: Mapping[str, tuple[str, ...]]) -> tuple[str, ...]:
    words = [word.strip() for word in text.split(",")]
    found = [name for word in words for name in (groups.get(word[1:], ()) if word[:1] == "@" else (word,))]
    return tuple(dict.fromkeys(name for name in found if name))


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
