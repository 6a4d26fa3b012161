"""How ``run`` and ``rerun`` are carried out and shown: the displays that their options ask for, stacked."""

from __future__ import annotations

import time

from stentor.api.fleet import Selection
from stentor.api.operations import Terms
from stentor.api.run import RunRequest, run_operation
from stentor.cli.context import Context
from stentor.cli.secrets import Secrecy, Secrets
from stentor.cli.showing import carry_out
from stentor.fleet.model import Node
from stentor.outcome import Report, exit_code
from stentor.render.display import Display, Together
from stentor.render.operation import OperationView
from stentor.render.screen import Screen
from stentor.render.views import ViewRequest, build, choose
from stentor.typed import NamedTuple

# Beyond this a tick has nothing to show: progress and the automatic view begin after a second.
_FIRST_TICK = 1.0


class RunView(NamedTuple):
    """How a run is shown.

    Attributes:
        selector: as it was typed.
        view: ``gather``, ``stream``, ``in-order``, ``diff``, ``json``; empty to choose.
        labels: whether lines have the names of their nodes.
        mask: compare without host names, addresses, times and process numbers.
        merge: take stderr as stdout.
        output_dir: also write files there; empty for none.
        quiet: the nodes' output and nothing else.
        largest: the exit code is the largest of any node.
    """

    selector: str
    view: str = ""
    labels: bool = True
    mask: bool = False
    merge: bool = False
    output_dir: str = ""
    quiet: bool = False
    largest: bool = False


def screen_for(context: Context, color: str = "auto") -> Screen:
    """Return the screen, coloured as was asked for."""
    screen = context.screen()
    if color != "auto":
        screen.colour_out = screen.colour_err = color == "always"
    return screen


def run_and_show(
    selection: Selection,
    wanted: RunRequest,
    terms: Terms,
    view: RunView,
    context: Context,
    screen: Screen,
    secrecy: Secrecy,
) -> int:
    """Ask for the secrets, carry it out, show it; return the exit code."""
    if not secrecy:
        return _run(selection, wanted, terms, view, context, screen)
    secrets = Secrets(secrecy, context)
    try:
        sent, lines = secrets.prelude(wanted.command)
        wanted = wanted._replace(
            sent=sent,
            feed=secrets.channel(lines, wanted.stdin),
            filter=secrets.follow,
            secrets=secrets.all,
        )
        return _run(selection, wanted, terms, view, context, screen)
    finally:
        secrets.close()


def _run(
    selection: Selection, wanted: RunRequest, terms: Terms, view: RunView, context: Context, screen: Screen
) -> int:
    operation = run_operation(selection, wanted, terms, selector=view.selector, largest=view.largest)
    in_waves = operation.plan is not None
    shown, ticking = display(selection, wanted.command, view, context, screen, in_waves=in_waves)
    return carry_out(operation, shown, clock=time.monotonic, first_tick=_FIRST_TICK if ticking else 0.0)


def display(
    selection: Selection,
    command: str,
    shown: RunView,
    context: Context,
    screen: Screen,
    *,
    in_waves: bool = False,
) -> tuple[Display, bool]:
    """Stack the displays; say whether they want to know the time."""
    aliases = [node.alias for node in selection.nodes]
    groups = selection.fleet.data.groups
    clock = time.monotonic
    request = ViewRequest(shown.view, shown.labels, shown.mask, shown.merge)
    view = choose(request, len(aliases), screen.live_out)
    displays: list[Display] = []
    if shown.output_dir:
        from stentor.render.files import Files

        displays.append(Files(shown.output_dir, aliases))
    still = context.environ.get("CI") or context.environ.get("TERM") == "dumb"
    progress = screen.live_err and not shown.quiet and not still
    if progress:
        from stentor.render.progress import Progress

        # First, so that its end takes the line away before the others write theirs.
        displays.append(Progress(screen, aliases, clock))
    if view == "json":
        from stentor.cli.displays import operation_lines

        def code(report: Report) -> int:
            return exit_code(report, largest=shown.largest)

        displays.append(operation_lines(screen, command, aliases, shown.selector, code=code))
    else:
        names = {node.alias: _names(node) for node in selection.nodes} if shown.mask else {}
        displays.append(build(view, request, screen, aliases, groups, names=names, clock=clock))
        if not shown.quiet:
            from stentor.render.summary import Summary

            displays.append(Summary(screen, groups, clock, alone=view == "raw"))
        displays.append(OperationView(screen, rollout=in_waves, quiet=shown.quiet))
    return Together(displays), progress or view == "auto"


def _names(node: Node) -> list[str]:
    """All that a node may be called in its own output."""
    names = [node.alias, node.name, node.name.partition(".")[0], *node.addresses]
    return [name for name in names if name]
