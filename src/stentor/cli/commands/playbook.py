"""``stentor playbook``: an Ansible playbook on nodes, rolled out like any change."""

from __future__ import annotations

import argparse
import glob
import os
from typing import TYPE_CHECKING

from stentor.cli.context import Context
from stentor.cli.dispatch import Parser
from stentor.cli.guarding import add_guard
from stentor.cli.playbooks import add_ansible, add_view
from stentor.cli.rollout_options import GROUP, add_rollout, terms_of
from stentor.cli.selector import Named, named, some
from stentor.cli.times import patience
from stentor.errors import SelectorError, UsageError
from stentor.sh.quoting import quoted

if TYPE_CHECKING:
    from stentor.api.operations import Terms
    from stentor.api.playbooks import Prepared
    from stentor.render.screen import Screen

_FOLDERS = ("playbooks", "ansible", "ansible/playbooks")

EXAMPLES = """
stentor playbook site.yml @all                on all nodes that its plays name; shows what would change, asks
stentor playbook site.yml @gpu -n             only show it; nothing is changed
stentor playbook site.yml @gpu --yes          at once, without the check and the question
stentor playbook site.yml @all --canary prtr --gate 'systemctl is-active ssh'
stentor playbook site.yml drtr -e version=3 -t web -D --yes
stentor playbook site.yml @gpu -K -J          asks once for the passwords of become and vault
stentor rerun --failed                        once more, where it failed
"""


def configure(parser: Parser) -> None:
    """Add the arguments."""
    parser.usage = "stentor playbook [options] FILE [SELECTOR]"
    parser.add_argument("file", metavar="FILE", help="the playbook")
    parser.add_argument(
        "selector", metavar="SELECTOR", nargs="?", help="which nodes; @all for all that its plays name"
    )
    parser.add_argument("-n", "--dry-run", action="store_true", help="only show what would change")
    parser.add_argument("-y", "--yes", action="store_true", help="without the check and the question")
    parser.add_argument("--no-check", action="store_true", help="ask without the check before")
    add_guard(parser)
    parser.add_argument(
        "--connect-timeout",
        type=patience,
        default=5.0,
        metavar="TIME",
        help="for the login to a node; 0 for no limit (default: 5s)",
    )
    options = parser.add_argument_group("as of ansible-playbook")
    add_ansible(options)
    options.add_argument("-t", "--tags", metavar="TAGS", action="append", default=[], help="only these tasks")
    options.add_argument(
        "--skip-tags", metavar="TAGS", action="append", default=[], help="leave these tasks out"
    )
    options.add_argument("--start-at-task", metavar="NAME", default="", help="begin with this task")
    options.add_argument(
        "--flush-cache", action="store_true", help="gather facts anew (playbooks: facts_age)"
    )
    options.add_argument("-v", "--verbose", action="store_true", help="say also which tasks changed nothing")
    add_view(parser.add_argument_group("how it is shown"))
    add_rollout(parser.add_argument_group(GROUP))
    parser.instead = _instead


def _instead(option: str, _: str) -> str:
    return {
        "--limit": "the selector is the limit: stentor playbook FILE SELECTOR",
        "-l": "the selector is the limit: stentor playbook FILE SELECTOR",
        "-C": "-n shows what would change",
        "--check": "-n shows what would change",
        "-u": "the login name is the fleet's: user: in nodes.yaml",
        "-f": "--forks N",
    }.get(option, "")


def require_file(path: str, root: str) -> None:
    """Make sure that the playbook is there; ``COLLECTION.NAME`` is for Ansible to find.

    Raises:
        UsageError: it is not; the hint names one that may be meant, or how to get some.
    """
    from stentor.fleet.suggest import closest

    name = os.path.basename(path)
    if os.path.exists(path) or (name == path and not name.endswith((".yml", ".yaml"))):
        return
    found: dict[str, str] = {}
    for folder in (os.path.dirname(path) or ".", *_FOLDERS, *(f"{root}/../{one}" for one in _FOLDERS)):
        for other in glob.glob(f"{glob.escape(folder)}/*.y*ml"):
            found.setdefault(os.path.basename(other), os.path.relpath(other))
    close = closest(name, found)
    hint = (
        f"did you mean '{found[close]}'?"
        if close
        else "some to begin with, in ansible/: stentor init --ansible"
    )
    raise UsageError("there is no playbook of this name", where=path, hint=hint)


def handle(arguments: argparse.Namespace, context: Context) -> int:
    """Have Ansible read it, show what would change, ask, run it."""
    from stentor.cli.playbooks import asked_secrets, carry_out_playbook, read_and_look, vault_files
    from stentor.playbooks.request import PlaybookRequest

    fleet = context.fleet(arguments.fleet)
    require_file(arguments.file, fleet.data.root)
    typed = () if arguments.selector is None else (arguments.selector,)
    command = f"stentor playbook {quoted((arguments.file,))}"
    asks = not (arguments.yes or arguments.view == "json")
    shows = arguments.dry_run and not typed
    words, origin = Named("@all") if shows else named(typed, fleet, command, asks=asks)
    try:
        selection = some(fleet, words) if words != "@all" else None
    except SelectorError as error:
        from stentor.cli import habits

        if habits.names_nodes(arguments.file, fleet.data.nodes):
            error.hint = f"the file comes first: stentor playbook {quoted((words, arguments.file))}"
        raise
    request = PlaybookRequest(
        arguments.file,
        tuple(arguments.extra_vars),
        tuple(arguments.tags),
        tuple(arguments.skip_tags),
        arguments.start_at_task,
        arguments.become,
        arguments.become_user,
        arguments.forks,
        arguments.diff,
        arguments.flush_cache,
        vault_files(arguments),
        tuple(arguments.inventory),
        arguments.verbose,
        asked_secrets(arguments, context),
    )
    screen = context.screen()
    terms = terms_of(arguments, context, fleet.groups, screen)
    prepared = read_and_look(
        fleet, request, selection, terms, context, screen, quiet=arguments.view == "json"
    )
    if arguments.dry_run:
        return _show(prepared, terms, arguments, context, screen)
    if not arguments.yes:
        _confirm(prepared, terms, arguments, context, screen, origin)
    return carry_out_playbook(
        prepared,
        terms,
        screen,
        context,
        selector=words,
        view=arguments.view,
        quiet=arguments.quiet,
    )


def _confirm(
    prepared: Prepared,
    terms: Terms,
    arguments: argparse.Namespace,
    context: Context,
    screen: Screen,
    origin: str,
) -> None:
    """Show what would change, and ask.

    Raises:
        Refused: it was not confirmed, or no person can be asked.
    """
    from stentor.render.names import brief

    asks, hint = arguments.view != "json", "look at it with -n (--dry-run), then use --yes"
    if asks and context.interactive():
        _show(prepared, terms, arguments, context, screen)
    nodes = [node.alias for node in prepared.selection.nodes]
    names = brief(nodes, 60, prepared.selection.fleet.groups)
    count = f"{len(nodes)} node{'s' if len(nodes) != 1 else ''}"
    where = f"{origin}: " if origin else ""
    context.require_yes(f"{where}run {prepared.request.file} on {count} ({names})?", hint=hint, asks=asks)


def _show(
    prepared: Prepared, terms: Terms, arguments: argparse.Namespace, context: Context, screen: Screen
) -> int:
    """Show plays, waves, how it is reverted, and what would change; return the exit code of a dry run."""
    from stentor.api.playbooks import previews, waves_of
    from stentor.cli.rollout_options import describe_plan
    from stentor.cli.waiting import waiting
    from stentor.outcome import Outcome, Report, exit_code
    from stentor.render import playbooks as shown

    plan = waves_of(prepared, terms)
    nodes = [node.alias for node in prepared.selection.nodes]
    records = None
    if arguments.view == "json":
        from stentor.cli.displays import operation_lines

        title = f"playbook {prepared.request.file}"
        records = operation_lines(screen, title, nodes, arguments.selector or "", results=True)
        records.write(*shown.play_records(prepared.read.listing, nodes))
    else:
        shown.show_plays(screen, prepared.read, nodes, describe_plan(plan) if plan else [])
    if arguments.no_check and not arguments.dry_run:
        return 0
    with waiting(screen, context, 0 if records else len(nodes), "checking what would change on"):
        found = previews(prepared, terms)
    outcomes = []
    for alias in nodes:
        seen = prepared.seen[alias].outcome
        bad = bool(found[alias].unknown)
        outcomes.append(
            seen if not seen.ok else Outcome(alias, "failed" if bad else "ok", reason=found[alias].unknown)
        )
    report = Report(outcomes)
    if records is not None:
        records.write(*shown.preview_records(found.values()))
        records.end(report)
    else:
        shown.show_previews(screen, found.values())
        screen.say(
            "dry run: nothing was changed" if arguments.dry_run else "checked; nothing was changed yet"
        )
    return exit_code(report)
