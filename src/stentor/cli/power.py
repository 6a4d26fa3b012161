"""How ``wake``, ``reboot`` and ``shutdown`` are shown: what happens to each node is their result."""

from __future__ import annotations

import argparse
import time
from collections.abc import Callable, Mapping, Sequence

from stentor.cli.context import Context
from stentor.cli.displays import displays, head
from stentor.cli.selector import some
from stentor.cli.showing import carry_out
from stentor.fanout.events import Finished
from stentor.outcome import Report
from stentor.rollout.change import Step
from stentor.typed import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from stentor.api.base import BaseFleet
    from stentor.operation.operation import Operation
    from stentor.render.screen import Screen


def carry_out_power(
    operation: Operation,
    arguments: argparse.Namespace,
    context: Context,
    groups: Mapping[str, Sequence[str]],
) -> int:
    """Carry it out and show it; return the exit code."""
    screen = context.screen()
    display = displays(
        screen,
        context,
        arguments,
        head(operation.request.kind, arguments, operation.request.nodes),
        groups=groups,
        extra=() if arguments.json else (Steps(screen),),
    )
    return carry_out(operation, display, clock=time.monotonic, first_tick=1.0)


def ask_and_carry_out(
    make: Callable[..., Operation], arguments: argparse.Namespace, context: Context, **options: Any
) -> int:
    """Make the operation of these arguments, with the guard's question; carry it out and show it.

    Args:
        make: ``reboot_operation`` or ``shutdown_operation``.
        arguments: with ``selector``, ``command`` and ``yes_really``.
        context: for the fleet and the terminal.
        options: further ones of ``make``.
    """
    from stentor.api.fleet import Fleet
    from stentor.api.operations import Terms
    from stentor.cli.guarding import confirm_by

    fleet = Fleet.open(arguments.fleet, environ=context.environ)
    groups = fleet.data.groups
    terms = Terms(confirm=confirm_by(context, arguments.yes_really, groups))
    selection, command = some(fleet, arguments.selector), arguments.command or ""
    operation = make(selection, terms, command=command, selector=arguments.selector, **options)
    return carry_out_power(operation, arguments, context, groups)


def preview_power(
    operation: Operation, arguments: argparse.Namespace, context: Context, fleet: BaseFleet
) -> int:
    """Say what would be done; return the exit code."""
    from stentor.outcome import Outcome, exit_code

    screen = context.screen()
    nodes = operation.request.nodes
    display = displays(
        screen,
        context,
        arguments,
        head(operation.request.kind, arguments, nodes),
        groups=fleet.data.groups,
        extra=() if arguments.json else (Steps(screen),),
    )
    for node, preview in operation.change.preview(nodes, fleet.reach()).items():
        display.show(Step(node, "preview", "; ".join(preview.changes)))
    report = Report([Outcome(node, "skipped", reason="dry run") for node in nodes])
    for outcome in report:
        display.show(Finished(outcome.node, outcome))
    display.end(report)
    return exit_code(report)


class Steps:
    """A display of each node's steps, on stdout."""

    def __init__(self, screen: Screen) -> None:
        self._screen = screen

    def show(self, event: object) -> None:
        """Say what happens to a node."""
        from stentor.render.operation import step_line

        if text := step_line(event):
            self._screen.print(text)

    def tick(self, now: float) -> None:
        """Time changes nothing."""

    def end(self, report: Report) -> None:
        """The summary says it."""
