"""``stentor copy``: files to many nodes."""

from __future__ import annotations

import argparse
from typing import TYPE_CHECKING, cast

from stentor.cli.context import Context
from stentor.cli.dispatch import Parser
from stentor.cli.guarding import add_guard
from stentor.cli.rollout_options import GROUP, add_rollout, describe_plan, terms_of
from stentor.cli.selector import add_connect_timeout, add_selector, add_user, add_window, some
from stentor.errors import UsageError
from stentor.fanout.events import Finished

if TYPE_CHECKING:
    from stentor.api.fleet import Selection
    from stentor.api.operations import Terms
    from stentor.rollout.plan import Plan
    from stentor.transfer.change import CopyChange

EXAMPLES = """
stentor copy @gpu motd /etc/motd               one file, under a new name
stentor copy @all a.conf b.conf /opt/app/      several, into a directory
stentor copy @core site/ /srv/site             a directory's contents, as with rsync
stentor copy -n @all site/ /srv/site           what would be sent where
stentor copy --canary prtr @all tool '~/bin/'  step by step (docs/safety.md)
"""


def configure(parser: Parser) -> None:
    parser.usage = "stentor copy [options] SELECTOR SOURCE... DESTINATION"
    add_selector(parser)
    parser.add_argument(
        "paths", metavar="SOURCE", nargs="+", help="files and directories; the last is the destination"
    )
    parser.add_argument("-n", "--dry-run", action="store_true", help="only say what each node lacks")
    parser.add_argument(
        "-c", "--checksum", action="store_true", help="compare contents even where size and time are the same"
    )
    parser.add_argument("--no-rsync", action="store_true", help="send large changed files whole")
    add_user(parser)
    add_window(parser)
    add_connect_timeout(parser)
    parser.add_argument("-q", "--quiet", action="store_true", help="no summary")
    parser.add_argument("-j", "--json", action="store_true", help="JSON Lines")
    add_guard(parser)
    add_rollout(parser.add_argument_group(GROUP))


def handle(arguments: argparse.Namespace, context: Context) -> int:
    from stentor.api.operations import plan_of
    from stentor.api.transfer import copy_change, copy_operation
    from stentor.cli.displays import carry_out_shown, json_lines
    from stentor.render.copy import Shares
    from stentor.sizes import shown as size
    from stentor.transfer import source

    fleet = context.fleet(arguments.fleet)
    if len(arguments.paths) < 2:
        from stentor.cli import habits

        hint = habits.destination("copy", [arguments.selector, *arguments.paths], fleet.data.nodes)
        raise UsageError("no destination", hint=hint)
    *sources, destination = arguments.paths
    selection = some(fleet, arguments.selector, before=("copy", arguments.paths))
    found = source.find(sources)
    for path in found.skipped:
        context.stderr.write(f"stentor: left out, being neither file, link nor directory: {path}\n")
    screen = context.screen()
    terms = terms_of(arguments, context, fleet.groups, screen)
    options = {"checksum": arguments.checksum, "use_rsync": not arguments.no_rsync}
    if arguments.dry_run:
        plan = plan_of(selection, terms, run=True)
        change = copy_change(selection, found, destination, terms, plan=plan, **options)
        return _dry_run(selection, change, plan, terms, arguments, context)
    operation = copy_operation(selection, found, destination, terms, words=arguments.paths, **options)
    change = cast("CopyChange", operation.change)

    def so_far() -> str:
        now, all_of_it = change.sent()
        return f"{size(now)} of {size(all_of_it)}" if all_of_it else ""

    aliases = operation.request.nodes
    return carry_out_shown(
        operation,
        screen,
        context,
        json_lines(arguments, screen, f"copy {operation.request.title}", aliases, results=True),
        groups=fleet.groups,
        extra=[Shares(screen, change.shares, json=arguments.json)],
        more=so_far,
        in_waves=operation.plan is not None,
        quiet=arguments.quiet,
    )


def _dry_run(
    selection: Selection,
    change: CopyChange,
    plan: Plan | None,
    terms: Terms,
    arguments: argparse.Namespace,
    context: Context,
) -> int:
    """Say what each node lacks."""
    from stentor.cli.displays import displays, json_lines
    from stentor.cli.waiting import waiting
    from stentor.outcome import Report, exit_code
    from stentor.render.copy import Shares

    screen = context.screen()
    aliases = [node.alias for node in selection.nodes]
    display = displays(
        screen,
        context,
        aliases,
        json_lines(arguments, screen, "copy " + " ".join(arguments.paths), aliases, results=True),
        groups=selection.fleet.groups,
        extra=[Shares(screen, change.shares, json=arguments.json, dry=True)],
        quiet=arguments.quiet,
    )
    found = {}
    with waiting(screen, context, 0 if arguments.json else len(aliases)):
        events = [*change.measure(aliases, selection.fleet.reach(terms.settings, ask=terms.ask))]
    for event in events:
        display.show(event)
        if isinstance(event, Finished):
            found[event.node] = event.outcome
    report = Report([found[alias] for alias in aliases])
    display.end(report)
    for line in describe_plan(plan) if plan and not arguments.json else ():
        screen.say(line)
    return exit_code(report)
