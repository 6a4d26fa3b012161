"""How ``run`` and ``rerun`` are carried out and shown: the displays that their options ask for, stacked."""

from __future__ import annotations

import time

from stentor.api.fleet import Selection
from stentor.api.operations import Terms
from stentor.api.run import RunRequest, run_operation
from stentor.cli.context import Context
from stentor.cli.displays import displays, operation_lines, progress_wanted
from stentor.cli.secrets import Secrecy, Secrets
from stentor.cli.showing import carry_out
from stentor.fanout.given import spooled
from stentor.fleet.model import Node
from stentor.outcome import Report, exit_code
from stentor.render.display import Display
from stentor.render.screen import Screen
from stentor.render.views import ViewRequest, build, choose
from stentor.typed import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from stentor.api.base import BaseSelection
    from stentor.operation.operation import Operation

# Beyond this a tick has nothing to show: progress and the automatic view begin after a second.
_FIRST_TICK = 1.0


class RunView(NamedTuple):
    """How a run is shown."""

    request: ViewRequest = ViewRequest()  # in which view
    output_dir: str = ""  # also write files there; empty for none
    quiet: bool = False  # the nodes' output and nothing else
    largest: bool = False  # the exit code is the largest of any node


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
            feed=secrets.channel(lines, spooled(wanted.stdin)),
            filter=secrets.follow,
            secrets=secrets.all,
            by_sudo=secrecy.sudo is not None,
        )
        return _run(selection, wanted, terms, view, context, screen)
    finally:
        secrets.close()


def _run(
    selection: Selection, wanted: RunRequest, terms: Terms, view: RunView, context: Context, screen: Screen
) -> int:
    operation = run_operation(selection, wanted, terms, largest=view.largest)
    waves = operation.plan is not None
    return show_run(operation, selection, view, context, screen, title=wanted.command, in_waves=waves)


def show_run(
    operation: Operation,
    selection: BaseSelection,
    view: RunView,
    context: Context,
    screen: Screen,
    *,
    title: str,
    in_waves: bool,
    selector: str | None = None,
) -> int:
    """Carry out what nodes run, and show what they write; return the exit code.

    Args:
        title: what is run, for programs.
        in_waves: the operation goes in waves or has steps.
        selector: for programs, in place of the selection's.
    """
    aliases, groups = operation.request.nodes, selection.fleet.groups
    name = choose(view.request, len(aliases), screen.live_out)
    extra: list[Display] = []
    records = None
    if view.output_dir:
        from stentor.render.files import Files

        extra.append(Files(view.output_dir, aliases))
    if name == "json":

        def code(report: Report) -> int:
            return exit_code(report, largest=view.largest)

        selector = selection.selector if selector is None else selector
        records = operation_lines(screen, title, aliases, selector, code=code)
    else:
        names = {node.alias: _names(node) for node in selection.nodes} if view.request.mask else {}
        extra.append(build(name, view.request, screen, aliases, groups, names=names, clock=time.monotonic))
    display = displays(
        screen,
        context,
        aliases,
        records,
        groups=groups,
        extra=extra,
        in_waves=in_waves,
        alone=name == "raw",
        quiet=view.quiet,
    )
    ticking = name == "auto" or (progress_wanted(screen, context) and not view.quiet)
    return carry_out(operation, display, clock=time.monotonic, first_tick=_FIRST_TICK if ticking else 0.0)


def _names(node: Node) -> list[str]:
    """All that a node may be called in its own output."""
    names = [node.alias, node.name, node.name.partition(".")[0], *node.addresses]
    return [name for name in names if name]
