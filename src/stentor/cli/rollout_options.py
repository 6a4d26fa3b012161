"""The options of a rollout, the same in every command that changes nodes."""

from __future__ import annotations

from stentor.typed import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import argparse
    from collections.abc import Mapping, Sequence

    from stentor.api.operations import Terms
    from stentor.cli.context import Context
    from stentor.operation.planning import RolloutOptions
    from stentor.render.screen import Screen
    from stentor.rollout.plan import Plan

GROUP = "step by step (docs/safety.md)"


def add_rollout(group: Any) -> None:
    """Add the options of an operation in waves."""
    add = group.add_argument
    add("--canary", metavar="SELECTOR", help="these nodes first; if one fails, no other is touched")
    add("--waves", metavar="SIZES", help="then so many at a time: 5, 25%%, or 1,5,25%%")
    add("--last", metavar="SELECTOR", help="these after all others, one by one")
    add("--max-failures", metavar="N", help="tolerate this many failed nodes: 1, 10%% (default: 0)")
    add("--gate", metavar="COMMAND", action="append", help="must succeed on a wave's nodes before the next")
    add("--pause", metavar="TIME", help="wait between waves: 30s, 5m")
    add(
        "--unreachable",
        choices=("fail", "ok"),
        help="whether a node out of reach counts as failed (default: fail)",
    )
    add("--at-once", metavar="N", type=int, help="so many nodes at once, whatever the policy's limit")


def add_asking(parser: Any) -> None:
    """Add ``--yes`` and ``--dry-run`` of a command that shows its plan and asks."""
    parser.add_argument("-y", "--yes", action="store_true", help="no question")
    help_text = "show what would be done; change nothing"
    parser.add_argument("-n", "--dry-run", action="store_true", help=help_text)


def add_waves(parser: Any) -> None:
    """Add the canary and the waves of a change that leaves the rest of a rollout to the policy."""
    help_text = "these nodes first; if one fails, no other is changed"
    parser.add_argument("--canary", metavar="SELECTOR", help=help_text)
    parser.add_argument("--waves", metavar="SIZES", help="sizes of waves: 5, 25%% or 1,5,25%%")


def rollout_options(arguments: argparse.Namespace) -> RolloutOptions:
    """Return what the options ask for; a command that lacks one leaves it to the policy."""
    from stentor.operation.planning import RolloutOptions

    found = vars(arguments)
    given = {name: found[name] for name in RolloutOptions._fields if name in found}
    gates = found.get("gate")
    return RolloutOptions(**given, gates=None if gates is None else tuple(gates))


def terms_of(
    arguments: argparse.Namespace,
    context: Context,
    groups: Mapping[str, Sequence[str]],
    screen: Screen | None = None,
) -> Terms:
    """Return the terms that the options of a command ask for; those that it lacks are the defaults.

    Args:
        groups: of the fleet, to name sets of nodes by.
        screen: on which a person may answer ssh's questions, unless programs read what is written.
    """
    from stentor.api.operations import Terms
    from stentor.cli.guarding import confirm_by
    from stentor.cli.selector import limits

    found = vars(arguments)
    confirm = confirm_by(context, found.get("yes_really"), groups)
    program = found.get("json") or found.get("view") == "json"
    ask = context.asking(screen) if screen and not program else None
    return Terms(limits(arguments), rollout_options(arguments), confirm, ask)


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
    terms += f"; waits {plan.pause:g} s between waves" if plan.pause else ""
    return [*lines, terms, *plan.reasons]
