"""How a run is shown: the displays which its options ask for, stacked."""

from __future__ import annotations

import argparse
import time

from stentor.api.fleet import Selection
from stentor.cli.context import Context
from stentor.fleet.model import Node
from stentor.outcome import exit_code
from stentor.render.display import Display, Together
from stentor.render.operation import OperationView
from stentor.render.screen import Screen
from stentor.render.views import ViewRequest, build, choose


def screen_for(arguments: argparse.Namespace, context: Context) -> Screen:
    """The screen, coloured as was asked for."""
    screen = context.screen()
    if arguments.color != "auto":
        screen.colour_out = screen.colour_err = arguments.color == "always"
    return screen


def display(
    selection: Selection,
    command: str,
    arguments: argparse.Namespace,
    context: Context,
    screen: Screen,
    *,
    in_waves: bool = False,
) -> tuple[Display, bool]:
    """Stack the displays; say whether they want to know the time."""
    aliases = [node.alias for node in selection.nodes]
    groups = selection.fleet.data.groups
    clock = time.monotonic
    request = ViewRequest(
        arguments.view or "", not arguments.no_labels, arguments.mask, arguments.merge_stderr
    )
    view = choose(request, len(aliases), screen.live_out)
    displays: list[Display] = []
    if arguments.output_dir:
        from stentor.render.files import Files

        displays.append(Files(arguments.output_dir, aliases))
    still = context.environ.get("CI") or context.environ.get("TERM") == "dumb"
    progress = screen.live_err and not arguments.quiet and not still
    if progress:
        from stentor.render.progress import Progress

        # First, so that its end takes the line away before the others write theirs.
        displays.append(Progress(screen, aliases, clock))
    if view == "json":
        from stentor.render.jsonl import JsonLines

        operation = {
            "command": command,
            "selector": arguments.selector,
            "nodes": aliases,
            "started_at": round(time.time(), 3),
        }
        displays.append(
            JsonLines(
                screen,
                operation,
                clock=clock,
                code=lambda report: exit_code(report, largest=arguments.max_rc),
            )
        )
    else:
        names = {node.alias: _names(node) for node in selection.nodes} if arguments.mask else {}
        displays.append(build(view, request, screen, aliases, groups, names=names, clock=clock))
    if not arguments.quiet and view != "json":
        from stentor.render.summary import Summary

        displays.append(Summary(screen, groups, clock, alone=view == "raw"))
    if view != "json":
        displays.append(OperationView(screen, rollout=in_waves, quiet=arguments.quiet))
    return Together(displays), progress or view == "auto"


def _names(node: Node) -> list[str]:
    """All that a node may be called in its own output."""
    names = [node.alias, node.name, node.name.partition(".")[0], *node.addresses]
    return [name for name in names if name]
