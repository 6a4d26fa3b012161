"""The displays of an operation, stacked as the options say."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence

from stentor.cli.context import Context
from stentor.cli.showing import carry_out
from stentor.outcome import Report, exit_code
from stentor.render.display import Display, Together
from stentor.render.operation import OperationView
from stentor.typed import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import argparse
    from collections.abc import Mapping

    from stentor.operation.operation import Operation
    from stentor.render.json_lines import JsonLines
    from stentor.render.screen import Screen


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


def json_lines(
    arguments: argparse.Namespace,
    screen: Screen,
    command: str,
    nodes: Sequence[str],
    selector: str | None = None,
    *,
    results: bool = False,
) -> JsonLines | None:
    """With ``--json``, write the first line and return what writes the others, as :func:`operation_lines`.

    Without a ``selector``, the one in ``arguments`` was typed.
    """
    if not arguments.json:
        return None
    if selector is None:
        typed = arguments.selector
        selector = typed if isinstance(typed, str) else ",".join(typed) or "@all"
    return operation_lines(screen, command, nodes, selector, results=results)


def no_nodes(arguments: argparse.Namespace, screen: Screen, command: str, selector: str) -> int:
    """Say that a selector means no nodes (``--json``: the first and the last line); return the exit code."""
    if records := json_lines(arguments, screen, command, (), selector):
        records.report(Report([]), code=0)
    else:
        screen.say("no nodes")
    return 0


def progress_wanted(screen: Screen, context: Context) -> bool:
    """Whether a line that is drawn again and again disturbs nobody."""
    return screen.live_err and not context.environ.get("CI") and not context.plain()


def displays(
    screen: Screen,
    context: Context,
    nodes: Sequence[str],
    records: JsonLines | None = None,
    *,
    groups: Mapping[str, Sequence[str]] | None = None,
    extra: Sequence[Display] = (),
    more: Callable[[], str] = str,
    in_waves: bool = False,
    alone: bool = False,
    quiet: bool = False,
) -> Display:
    """Stack the displays.

    Args:
        records: writes lines for programs; None for people.
        groups: of the fleet, for the summary; None where the command says itself what came of each node.
        extra: displays of the command's own, before the summary.
        more: what else the progress line says.
        in_waves: the operation goes in waves or has steps.
        alone: success needs no words.
        quiet: what the command says and nothing else.
    """
    shown: list[Display] = []
    if nodes and not quiet and progress_wanted(screen, context):
        # First of those which write, so that its end takes the line away before they write theirs.
        if in_waves:
            from stentor.render.wave_progress import WaveProgress

            shown.append(WaveProgress(screen, nodes, time.monotonic, more))
        else:
            from stentor.render.progress import Progress

            shown.append(Progress(screen, nodes, time.monotonic, more))
    if records is not None:
        return Together([*shown, records, *extra])
    shown += extra
    if groups is not None and not quiet:
        from stentor.render.summary import Summary

        shown.append(Summary(screen, groups, time.monotonic, alone=alone))
    return Together([*shown, OperationView(screen, rollout=in_waves, quiet=quiet)])


def carry_out_shown(
    operation: Operation,
    screen: Screen,
    context: Context,
    records: JsonLines | None = None,
    **options: Any,
) -> int:
    """Carry an operation out and show it, with the options of :func:`displays`; return the exit code."""
    display = displays(screen, context, operation.request.nodes, records, **options)
    return carry_out(operation, display, clock=time.monotonic, first_tick=1.0)
