"""What stands between a command line and many nodes: the guard's question, canary and waves.

Shared by the commands which act on nodes; what is dangerous and in which order nodes are
touched is decided below, in ``guard`` and ``rollout``.
"""

from __future__ import annotations

import argparse
from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING, Any

from stentor.cli.context import Context
from stentor.errors import Refused, UsageError
from stentor.fanout.events import Event, Finished, Notice, Output
from stentor.guard.quick import plainly_harmless

if TYPE_CHECKING:
    from stentor.api import Fleet, Selection
    from stentor.guard.finding import Finding
    from stentor.outcome import Outcome
    from stentor.rollout.plan import Plan
    from stentor.rollout.policy import Policy


def add_guard(group: Any) -> None:
    """Add the option by which scripts answer the guard."""
    group.add_argument(
        "--yes-really",
        metavar="N",
        help="send a dangerous line without being asked; N is the number of nodes it is for",
    )


def add_rollout(group: Any) -> None:
    """Add the options of a run in steps."""
    group.add_argument(
        "--canary", metavar="SELECTOR", help="these nodes first; if one fails, nobody else is touched"
    )
    group.add_argument("--waves", metavar="SIZES", help="then so many at a time: 5, 25%%, or 1,5,25%%")
    group.add_argument("--last", metavar="SELECTOR", help="these after all others, one by one")
    group.add_argument(
        "--max-failures", metavar="N", help="failed nodes that are borne: 1, 10%% (default: 0)"
    )
    group.add_argument(
        "--gate", metavar="COMMAND", action="append", help="must succeed on a wave's nodes before the next"
    )
    group.add_argument("--pause", metavar="TIME", help="rest between waves: 30s, 5m")
    group.add_argument(
        "--unreachable",
        choices=("fail", "ok"),
        help="whether a node out of reach counts as failed (default: fail)",
    )
    group.add_argument(
        "--at-once", metavar="N", type=int, help="touch so many at once, whatever the policy's limit"
    )


ROLLOUT = ("canary", "waves", "last", "max_failures", "gate", "pause", "unreachable")
"""Options any of which asks for steps."""


def guard(
    text: str,
    selection: Selection,
    context: Context,
    *,
    yes_really: str | None,
    stdin: str | None = None,
) -> tuple[Finding, ...]:
    """Question a dangerous line before it is sent to several nodes.

    Args:
        text: the command line or script.
        selection: for whom.
        context: to ask on.
        yes_really: the number of nodes, as a script says it.
        stdin: what the command will read, where that is known.

    Returns:
        What was found, and let through.

    Raises:
        Refused: it was not confirmed.
        UsageError: the number given is not that of the nodes.
    """
    count = len(selection.nodes)
    fleet = selection.fleet.data
    section = fleet.policy.get("guard")
    if count < 2 or (not section and stdin is None and plainly_harmless(text)):
        return ()
    from stentor.guard import examine

    aliases = [node.alias for node in selection.nodes]
    found = examine(text, stdin=stdin, section=section, groups=fleet.groups, nodes=aliases)
    if found:
        _confirm(found, aliases, fleet.groups, context, yes_really)
    return found


def confirm_number(
    what: str, aliases: list[str], groups: Any, context: Context, yes_really: str | None
) -> None:
    """Have the number of nodes typed before something that cannot be taken back."""
    from stentor.guard.finding import Finding

    _confirm((Finding("power", what, ""),), aliases, groups, context, yes_really)


def _confirm(
    found: tuple[Finding, ...], aliases: list[str], groups: Any, context: Context, yes_really: str | None
) -> None:
    from stentor.render.names import brief
    from stentor.render.style import printable

    count = len(aliases)
    if yes_really is not None:
        if yes_really.strip() != str(count):
            raise UsageError(
                f"--yes-really {yes_really}: it is {count} nodes", hint=brief(aliases, 200, groups)
            )
        return
    lines = [
        f"  {printable(finding.command)}"
        + (f"\n    {finding.rule}: {finding.reason}" if finding.reason else "")
        for finding in found
    ]
    listing = "\n".join(dict.fromkeys(lines))
    if not context.interactive():
        first = found[0]
        raise Refused(
            f"dangerous on {count} nodes: {printable(first.command)}: {first.reason or first.rule}"
            + (f" (and {len(found) - 1} more)" if len(found) > 1 else ""),
            hint=f"in a script, say that it is meant: --yes-really {count}",
        )
    context.stderr.write(f"dangerous on {count} nodes ({brief(aliases, 60, groups)}):\n{listing}\n")
    context.stderr.write("type the number of nodes to go on: ")
    context.stderr.flush()
    answer = context.stdin.readline()
    if answer.strip() != str(count):
        raise Refused("not sent", hint="" if answer.strip() else "nothing was typed")


def plan_for(selection: Selection, arguments: argparse.Namespace, *, run: bool = True) -> Plan | None:
    """Return the plan if steps are asked for, by an option or by the policy; None for all at once.

    Raises:
        Refused: the policy forbids so many at once.
        UsageError: an option is malformed.
        SelectorError: canary or last name nodes that are not selected.
    """
    fleet = selection.fleet
    asked = any(getattr(arguments, name, None) is not None for name in ROLLOUT)
    if not asked and "rollout" not in fleet.data.policy:
        return None
    from stentor.rollout.plan import plan
    from stentor.rollout.policy import policy_of

    nodes = [node.alias for node in selection.nodes]
    # Whoever asks for steps gets the rest of the policy's caution with them.
    policy = policy_of(fleet.data, nodes, run=run and not asked)
    if policy.staged and not asked:
        # Who is last (the gateway) is so in every run that goes in steps, whatever group asks for them.
        policy = policy._replace(last=policy_of(fleet.data, nodes, run=False).last)
    policy = _with_options(policy, fleet, nodes, arguments)
    down = [node.alias for node in selection.nodes if node.expected_down]
    made = plan(nodes, policy, expected_down=down, at_once=arguments.at_once)
    return made if asked or policy.staged or not run else None


def _with_options(policy: Policy, fleet: Fleet, nodes: list[str], arguments: argparse.Namespace) -> Policy:
    from stentor.rollout.policy import parse_seconds, parse_share, parse_waves

    if arguments.canary is not None:
        policy = policy._replace(canary=_chosen(fleet, arguments.canary, nodes, "--canary"))
    if arguments.last is not None:
        policy = policy._replace(last=_chosen(fleet, arguments.last, nodes, "--last"))
    if arguments.waves is not None:
        policy = policy._replace(waves=parse_waves(arguments.waves))
    if arguments.max_failures is not None:
        policy = policy._replace(max_failures=parse_share(arguments.max_failures, "--max-failures"))
    if arguments.gate is not None:
        policy = policy._replace(gates=tuple(arguments.gate))
    if arguments.pause is not None:
        policy = policy._replace(pause=parse_seconds(arguments.pause, "--pause"))
    if arguments.unreachable is not None:
        policy = policy._replace(count_unreachable=arguments.unreachable == "fail")
    return policy


def _chosen(fleet: Fleet, text: str, nodes: list[str], option: str) -> tuple[str, ...]:
    named = [node.alias for node in fleet.select(text).nodes]
    chosen = tuple(name for name in named if name in nodes)
    if not chosen:
        raise UsageError(
            f"{option} {text}: not among the selected nodes", hint="name one of " + ", ".join(nodes[:8])
        )
    return chosen


class _Fanned:
    """A fan-out as a change: the command is applied, the gates are looked at."""

    def __init__(
        self, start: Callable[[tuple[str, ...], str | None], Iterator[Event]], gates: tuple[str, ...]
    ) -> None:
        self._start = start
        self._gates = gates

    def apply(self, nodes: tuple[str, ...]) -> Iterator[Event]:
        return self._start(nodes, None)

    def verify(self, nodes: tuple[str, ...]) -> Iterator[Event]:
        left = nodes
        for gate in self._gates:
            passed = []
            for event in self._start(left, gate):
                if isinstance(event, Finished) and event.outcome.ok:
                    passed.append(event.node)
                yield event
            left = tuple(passed)
            if not left:
                return


def staged(
    plan: Plan,
    start: Callable[[tuple[str, ...], str | None], Iterator[Event]],
    stop: Callable[[], str] = lambda: "",
) -> Iterator[Event]:
    """Run a plan's waves as one fan-out: each node still finishes exactly once, after its gate.

    Args:
        plan: from :func:`plan_for`.
        start: begins a fan-out on some nodes; of the gate's command where one is given, else of
            the command itself.
        stop: says why the user wants an end, or nothing.
    """
    from stentor.rollout import execute as rolling

    waiting: dict[str, Outcome] = {}
    gate_said: dict[str, bytes] = {}
    for reason in plan.reasons:
        yield Notice("", reason)
    for event in rolling.execute(plan, _Fanned(start, plan.gates), sleep=_sleeper(stop), stop=stop):
        if isinstance(event, rolling.WaveBegan):
            yield Notice("", f"{event.wave.name}: {_few(event.wave.nodes)}")
        elif isinstance(event, rolling.GateEvent):
            inner = event.event
            if isinstance(inner, Output):
                gate_said[inner.node] = (gate_said.get(inner.node, b"") + inner.data)[:200]
            elif isinstance(inner, Finished) and not inner.outcome.ok and inner.node in waiting:
                waiting[inner.node] = _refused(
                    inner.outcome, gate_said.get(inner.node, b""), waiting[inner.node]
                )
        elif isinstance(event, rolling.WaveEnded):
            for outcome in waiting.values():
                yield Finished(outcome.node, outcome)
            waiting = {}
            if not event.verdict.go_on:
                yield Notice("", f"stopped: {event.verdict.reason}")
        elif isinstance(event, rolling.Paused):
            yield Notice("", f"resting for {event.seconds:g} s")
        elif isinstance(event, rolling.RolloutEnded):
            if event.not_begun:
                yield Notice(
                    "", f"not begun: {_few(event.not_begun)}; 'stentor rerun --missing' goes on there"
                )
        elif isinstance(event, Finished) and event.outcome.ok and plan.gates:
            waiting[event.node] = event.outcome
        else:
            yield event


def _refused(gate: Outcome, said: bytes, own: Outcome) -> Outcome:
    words = " ".join(said.decode("utf-8", "replace").split())
    reason = f"gate: {gate.reason or gate.kind}" + (f": {words}" if words else "")
    return own._replace(kind="failed", code=None, reason=reason, hint=gate.hint)


def _sleeper(stop: Callable[[], str]) -> Callable[[float], None]:
    """Sleep in short pieces, so that Ctrl-C is heard between waves."""

    def sleep(seconds: float) -> None:
        import time

        end = time.monotonic() + seconds
        while not stop() and (left := end - time.monotonic()) > 0:
            time.sleep(min(0.1, left))

    return sleep


def _few(nodes: tuple[str, ...]) -> str:
    from stentor.render.names import brief

    return brief(nodes, 60)


def describe_plan(plan: Plan) -> list[str]:
    """The plan for ``--dry-run``: wave by wave, with the reasons."""
    lines = [f"{wave.name}: {', '.join(wave.nodes)}  ({wave.reason})" for wave in plan.waves]
    terms = (
        f"stops when more than {plan.max_failures} failed"
        if plan.max_failures
        else "stops at the first failure"
    )
    terms += "" if plan.count_unreachable else ", unreachable nodes not counted"
    terms += f"; gate: {' && '.join(plan.gates)}" if plan.gates else ""
    terms += f"; rests {plan.pause:g} s between waves" if plan.pause else ""
    return [*lines, terms, *plan.reasons]
