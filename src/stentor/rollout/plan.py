"""In which order a change reaches its nodes, and when it stops.

The theory: the canary goes first and alone; waves follow, each no larger than any limit
allows; the nodes named *last* (the gateway through which the others are reached) come at the
end, one by one. After each wave :func:`judge` says whether the next may begin. Every decision
carries its reason, since a rollout which stops and does not say why will be forced.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence

from stentor.errors import Refused, UsageError
from stentor.fleet.policy.values import Share
from stentor.outcome import NOT_REACHED, Outcome
from stentor.rollout.policy import Limit, Policy
from stentor.typed import Literal, NamedTuple


class Wave(NamedTuple):
    """Nodes which are changed at the same time, and why these."""

    kind: Literal["canary", "wave", "last"]
    name: str  # for people: "canary", "wave 1 of 3", "last"
    nodes: tuple[str, ...]
    reason: str


class Plan(NamedTuple):
    """The order of a rollout, and the terms on which it goes on."""

    waves: tuple[Wave, ...]  # in order; each node is in exactly one
    max_failures: int = 0  # tolerate this many failed nodes
    count_unreachable: bool = True  # whether unreachable nodes count among them
    gates: tuple[str, ...] = ()  # commands that must succeed on a wave's nodes
    pause: float = 0.0  # seconds between waves
    reasons: tuple[str, ...] = ()  # every decision which somebody could ask about, a line each
    on_failure: Literal["stop", "revert"] = "stop"  # ``revert``: a rollout that stops takes back what is done

    @property
    def nodes(self) -> tuple[str, ...]:
        """All nodes, in the order in which their turn comes."""
        return tuple(node for wave in self.waves for node in wave.nodes)


class Verdict(NamedTuple):
    """Whether the next wave may begin, and why (not)."""

    go_on: bool
    reason: str


def plan(
    nodes: Sequence[str],
    policy: Policy,
    *,
    expected_down: Collection[str] = (),
    at_once: int | None = None,
    canary_required: bool = False,
) -> Plan:
    """Order the nodes of a change.

    Args:
        nodes: the selected aliases, in the selection's order.
        policy: from :func:`stentor.rollout.policy.policy_for`, with the options of the command line.
        expected_down: aliases whose silence is no surprise; they are never a canary by choice.
        at_once: the number of nodes which the user has said may be touched at once; it lifts
            limits up to that number.
        canary_required: choose a canary even where the policy names none (for changes that can
            lock people out).

    Returns:
        The plan; every selected node is in exactly one wave.

    Raises:
        Refused: more nodes at once than a limit allows, where no waves were asked for.
        UsageError: a node is named twice.
    """
    if len(set(nodes)) != len(nodes):
        raise UsageError("a node was selected twice")
    reasons: list[str] = []
    canary = _canary(nodes, policy, frozenset(expected_down), canary_required, reasons)
    last = tuple(node for node in nodes if node in policy.last and node not in canary)
    if last:
        reasons.append(
            f"{', '.join(last)} goes last, one by one"
            if len(last) == 1
            else f"last, one by one: {', '.join(last)}"
        )
    middle = [node for node in nodes if node not in canary and node not in last]
    limits = [limit._replace(at_once=max(limit.at_once, at_once or 0)) for limit in policy.limits]
    if not canary and not last and not policy.waves:
        _refuse_too_many(nodes, limits)
    groups = _cut(middle, policy.waves, len(nodes), limits, reasons)
    waves: list[Wave] = []
    for members, _ in _cut(canary, (), len(nodes), limits, reasons):
        waves.append(Wave("canary", "canary", members, "first, alone: if it fails, no other node is changed"))
    for number, (members, why) in enumerate(groups, 1):
        waves.append(Wave("wave", f"wave {number} of {len(groups)}", members, why))
    waves += [
        Wave("last", "last", (node,), "others are reached through it, or the policy says so") for node in last
    ]
    return Plan(
        tuple(waves),
        policy.max_failures.limit(len(nodes)),
        policy.count_unreachable,
        policy.gates,
        policy.pause,
        tuple(reasons),
    )


def judge(plan: Plan, index: int, outcomes: Mapping[str, Outcome]) -> Verdict:
    """Say whether the rollout may go on after a wave.

    Args:
        index: of the wave that has just ended.
        outcomes: of all nodes so far; a node that did not pass a gate is failed.

    Returns:
        The verdict, which names nodes: why they failed is said by their outcomes. After the last wave
        ``go_on`` says whether all is well.
    """
    wave = plan.waves[index]
    failed = [node for node, outcome in outcomes.items() if _counts(outcome, plan)]
    here = [node for node in wave.nodes if node in failed]
    if here and wave.kind == "canary":
        return Verdict(False, f"the canary failed: {here[0]}")
    if len(failed) > plan.max_failures:
        names = here[0] if here else ", ".join(failed)
        more = f" and {len(here) - 1} more" if len(here) > 1 else ""
        return Verdict(False, f"{len(failed)} failed, limit is {plan.max_failures}: {names}{more}")
    proved = any(node in outcomes and outcomes[node].ok for node in wave.nodes)
    if wave.kind == "canary" and not proved:
        return Verdict(False, f"the canary proved nothing: {_why(wave.nodes[0], outcomes)}")
    if any(outcomes[node].kind == "cancelled" for node in wave.nodes if node in outcomes):
        return Verdict(False, "cancelled")
    return Verdict(True, f"{wave.name}: {sum(outcomes[n].ok for n in wave.nodes if n in outcomes)} ok")


def _counts(outcome: Outcome, plan: Plan) -> bool:
    if outcome.kind in NOT_REACHED:
        # A changed host key is never patience: it counts whatever the user says of unreachable nodes.
        return plan.count_unreachable or outcome.kind == "host-key-changed"
    return outcome.kind not in ("ok", "skipped", "cancelled")


def _why(node: str, outcomes: Mapping[str, Outcome]) -> str:
    outcome = outcomes.get(node)
    return f"{node}: {(outcome.reason or outcome.kind) if outcome else 'no outcome'}"


def _canary(
    nodes: Sequence[str], policy: Policy, down: frozenset[str], required: bool, reasons: list[str]
) -> tuple[str, ...]:
    named = tuple(node for node in nodes if node in policy.canary)
    able = tuple(node for node in named if node not in down)
    if able:
        if dropped := [node for node in named if node in down]:
            reasons.append(f"{', '.join(dropped)}: named as canary, but expected down")
        reasons.append(f"canary {', '.join(able)}: from --canary or rollout.canary")
        return able
    if not policy.canary and not required:
        return ()
    if len(nodes) < 2:
        return ()  # one node alone is its own canary
    choice = [node for node in nodes if node not in down and node not in policy.last]
    choice = choice or [node for node in nodes if node not in down]
    if not choice:
        reasons.append("no canary: every selected node is expected down")
        return ()
    if policy.canary:
        state = "expected down" if named else "not among the selected nodes"
        reasons.append(f"canary {choice[0]}: {', '.join(policy.canary)} is {state}")
    else:
        reasons.append(f"canary {choice[0]}: the first selected node, as none is named")
    return (choice[0],)


def _refuse_too_many(nodes: Sequence[str], limits: Sequence[Limit]) -> None:
    for limit in limits:
        touched = len(nodes) if limit.nodes is None else sum(node in limit.nodes for node in nodes)
        if touched > limit.at_once:
            raise Refused(
                f"{touched} nodes at once, and {limit.where} allows {limit.at_once}",
                hint=f"go in waves (--waves {limit.at_once}), or say it: --at-once {len(nodes)}",
            )


def _cut(
    nodes: Sequence[str], sizes: Sequence[Share], total: int, limits: Sequence[Limit], reasons: list[str]
) -> list[tuple[tuple[str, ...], str]]:
    """Cut the nodes into waves: a wave ends at its size, or before a node that would break a limit."""
    waves: list[tuple[tuple[str, ...], str]] = []
    rest = list(nodes)
    while rest:
        share = sizes[min(len(waves), len(sizes) - 1)] if sizes else None
        size = share.size(total) if share else len(rest)
        why = (
            f"{share} of {total} nodes"
            if share and share.percent
            else f"{size} node{'s' if size > 1 else ''}"
            if share
            else "all the rest"
        )
        wave: list[str] = []
        for node in rest:
            if len(wave) == size:
                break
            full = [limit for limit in limits if _is_full(limit, wave, node)]
            if full:
                why = f"{full[0].where} allows {full[0].at_once} at once"
                if why not in reasons:
                    reasons.append(why)
                break
            wave.append(node)
        waves.append((tuple(wave), why))
        rest = rest[len(wave) :]
    return waves


def _is_full(limit: Limit, wave: Sequence[str], node: str) -> bool:
    if limit.nodes is None:
        return len(wave) >= max(1, limit.at_once)
    return node in limit.nodes and sum(other in limit.nodes for other in wave) >= max(1, limit.at_once)
