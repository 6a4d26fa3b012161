"""The displays of an operation which shows no output of commands."""

from __future__ import annotations

import argparse
import time
from collections.abc import Callable, Sequence

from stentor.cli.context import Context
from stentor.outcome import Report, exit_code
from stentor.render.display import Display, Together
from stentor.typed import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Mapping

    from stentor.operation.operation import Operation
    from stentor.render.json_lines import JsonLines
    from stentor.render.screen import Screen


def head(command: str, arguments: argparse.Namespace, nodes: Sequence[str]) -> dict[str, Any]:
    """Return the fields of the first JSON line."""
    selector = arguments.selector
    return {
        "command": command,
        "selector": selector if isinstance(selector, str) else ",".join(selector) or "@all",
        "nodes": list(nodes),
    }


def displays(
    screen: Screen,
    context: Context,
    arguments: argparse.Namespace,
    first: Mapping[str, Any],
    *,
    groups: Mapping[str, Sequence[str]],
    extra: Sequence[Display] = (),
    more: Callable[[], str] = str,
    in_waves: bool = False,
    alone: bool = False,
) -> Display:
    """Stack the displays.

    Args:
        screen: where to write.
        context: for the environment.
        arguments: with ``json``, and perhaps ``quiet``.
        first: the fields of the first JSON line.
        groups: of the fleet.
        extra: displays of the command's own, before the summary.
        more: what else the progress line says.
        in_waves: the operation goes in waves or has steps.
        alone: success needs no words.
    """
    quiet = getattr(arguments, "quiet", False)
    shown: list[Display] = []
    if arguments.json:
        shown.append(operation_lines(screen, **first))
    if (
        screen.live_err
        and not quiet
        and not context.environ.get("CI")
        and context.environ.get("TERM") != "dumb"
    ):
        from stentor.render.progress import Progress

        # First of those which write, so that its end takes the line away before they write theirs.
        shown.insert(0, Progress(screen, first["nodes"], time.monotonic, more=more))
    shown += extra
    if not arguments.json:
        from stentor.render.operation import OperationView

        if not quiet:
            from stentor.render.summary import Summary

            shown.append(Summary(screen, groups, time.monotonic, alone=alone))
        shown.append(OperationView(screen, rollout=in_waves, quiet=quiet))
    return Together(shown)


def result_displays(
    screen: Screen,
    context: Context,
    nodes: Sequence[str],
    records: JsonLines | None = None,
    extra: Sequence[Display] = (),
) -> Display:
    """Stack the displays of an operation whose results the command writes itself.

    Args:
        screen: where to write.
        context: for the environment.
        nodes: the aliases of the operation.
        records: writes lines for programs; None for people.
        extra: displays of the command's own.
    """
    if records is not None:
        return Together([records, *extra])
    from stentor.render.operation import OperationView

    shown: list[Display] = [*extra, OperationView(screen)]
    if screen.live_err and not context.environ.get("CI") and context.environ.get("TERM") != "dumb":
        from stentor.render.progress import Progress

        shown.insert(0, Progress(screen, nodes, time.monotonic))
    return Together(shown)


def operation_lines(
    screen: Screen,
    command: str,
    nodes: Sequence[str],
    selector: str,
    *,
    code: Callable[[Report], int] = exit_code,
    results: bool = True,
) -> JsonLines:
    """Write the first line of an operation, and return what writes the others.

    Args:
        screen: where to write.
        command: what is run, or the subcommand and its arguments.
        nodes: aliases, in the order of the selection.
        selector: as it was typed.
        code: the exit code for a report.
        results: see :class:`stentor.render.json_lines.JsonLines`.
    """
    from stentor.render.json_lines import JsonLines
    from stentor.render.json_operation import Operation

    header = Operation(command=command, selector=selector, nodes=list(nodes), started_at=time.time())
    return JsonLines(screen, header, clock=time.monotonic, code=code, results=results)


def records_for(
    arguments: argparse.Namespace, screen: Screen, command: str, nodes: Sequence[str], selector: str
) -> JsonLines | None:
    """With ``--json``, write the first line and return what writes the others; else None."""
    if not arguments.json:
        return None
    return operation_lines(screen, command, nodes, selector, results=False)


def carry_out_results(
    operation: Operation,
    screen: Screen,
    context: Context,
    records: JsonLines | None = None,
    extra: Sequence[Display] = (),
) -> int:
    """Carry out an operation whose results the command writes itself; return the exit code."""
    from stentor.cli.showing import carry_out

    display = result_displays(screen, context, operation.request.nodes, records, extra)
    return carry_out(operation, display, clock=time.monotonic, first_tick=1.0)
