"""How ``wake``, ``reboot`` and ``shutdown`` are shown: what happens to each node is their result."""

from __future__ import annotations

import argparse
from collections.abc import Callable

from stentor.cli.context import Context
from stentor.cli.displays import carry_out_shown, displays, json_lines
from stentor.cli.rollout_options import terms_of
from stentor.cli.selector import some
from stentor.fanout.events import Finished
from stentor.outcome import Outcome, Report, exit_code
from stentor.render.operation import Steps
from stentor.rollout.change import Step
from stentor.typed import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from stentor.api.base import BaseFleet
    from stentor.operation.operation import Operation


def ask_and_show_power(
    make: Callable[..., Operation], arguments: argparse.Namespace, context: Context, **options: Any
) -> int:
    """Make the operation of these arguments, with the guard's question; carry it out and show it.

    Args:
        make: ``reboot_operation`` or ``shutdown_operation``.
        arguments: with ``selector``, ``command``, ``yes_really`` and ``dry_run``, which asks nothing.
        options: further ones of ``make``.
    """
    fleet = context.fleet(arguments.fleet)
    terms = terms_of(arguments, context, fleet.groups)
    if arguments.dry_run:
        terms = terms._replace(guarded=False)
    selection, command = some(fleet, arguments.selector), arguments.command or ""
    operation = make(selection, terms, command=command, **options)
    return show_power(operation, arguments, context, fleet)


def show_power(
    operation: Operation, arguments: argparse.Namespace, context: Context, fleet: BaseFleet
) -> int:
    """Carry it out, or with ``--dry-run`` say what would be done; return the exit code."""
    screen, nodes = context.screen(), operation.request.nodes
    records = json_lines(arguments, screen, operation.request.kind, nodes, results=True)
    extra = () if records else (Steps(screen),)
    if not getattr(arguments, "dry_run", False):
        return carry_out_shown(operation, screen, context, records, groups=fleet.groups, extra=extra)
    display = displays(screen, context, nodes, records, groups=fleet.groups, extra=extra)
    previews, plan = operation.change.preview(nodes, fleet.reach()), operation.plan
    named = {node: f"{wave.name}: " for wave in plan.waves for node in wave.nodes} if plan else {}
    for node in named or previews:
        display.show(Step(node, "preview", named.get(node, "") + "; ".join(previews[node].changes)))
    report = Report([Outcome(node, "skipped", reason="dry run") for node in nodes])
    for outcome in report:
        display.show(Finished(outcome.node, outcome))
    display.end(report)
    return exit_code(report)
