"""``stentor bootstrap``: a new machine becomes a member of the fleet."""

from __future__ import annotations

import argparse
from typing import TYPE_CHECKING

from stentor.cli.context import Context
from stentor.cli.dispatch import Parser
from stentor.cli.selector import add_connect_timeout, some

if TYPE_CHECKING:
    from collections.abc import Callable

    from stentor.api.bootstrap import HostKeys, Prepared
    from stentor.api.operations import Terms
    from stentor.probe.trust import Verdict
    from stentor.render.json_lines import JsonLines
    from stentor.render.screen import Screen
    from stentor.rollout.change import Preview

EXAMPLES = """
stentor bootstrap drtr -n                    what would be done there; nothing is changed
stentor bootstrap drtr                       asks for the host key's fingerprint and root's password
stentor bootstrap drtr --via crtr            the host key is drtr's if crtr is shown the same one
stentor bootstrap drtr --first-user debian   an account with sudo is there, and no login of root
stentor bootstrap @new --print >members.yaml  for Ansible
stentor bootstrap @new --password-stdin --yes <password-file
"""


def configure(parser: Parser) -> None:
    add = parser.add_argument
    add("selector", metavar="NODE", help="which machines: drtr, @new")
    add("-n", "--dry-run", action="store_true", help="only show what would be done")
    add("--print", dest="playbook", action="store_true", help="the same as an Ansible playbook, on stdout")
    add("-y", "--yes", action="store_true", help="without the question")
    add(
        "--first-user",
        metavar="NAME",
        default="root",
        help="the login that the machine has now (default: root)",
    )
    add("--password-stdin", action="store_true", help="read that login's password from standard input")
    add(
        "--fingerprint",
        metavar="SHA256:…",
        default="",
        help="one node: its host key must have this fingerprint",
    )
    add(
        "--via", metavar="SELECTOR", default="", help="a host key is verified if these nodes see the same one"
    )
    add_connect_timeout(parser)
    add("-j", "--json", action="store_true", help="JSON Lines")


def handle(arguments: argparse.Namespace, context: Context) -> int:
    from stentor.api.bootstrap import bootstrap_operation, prepare
    from stentor.bootstrap.ways import First
    from stentor.cli.displays import carry_out_shown, json_lines
    from stentor.cli.rollout_options import terms_of
    from stentor.render.bootstrap import MemberLines
    from stentor.render.names import brief

    fleet = context.fleet(arguments.fleet)
    selection, screen = some(fleet, arguments.selector), context.screen()
    if arguments.playbook:
        from stentor.api.bootstrap import as_ansible

        screen.out(screen.encode(as_ansible(selection)))
        return 0
    first = First(arguments.first_user, _password(arguments, context))
    terms = terms_of(arguments, context, fleet.groups)
    prepared = prepare(selection, first, _host_keys(arguments, context, screen), pin=not arguments.dry_run)
    nodes = [node.alias for node in prepared.selection.nodes]
    records = json_lines(arguments, screen, "bootstrap", nodes, results=True)
    found = _look(prepared, terms, screen, records)
    to_do = [alias for alias, one in found.items() if one.changes and not one.unknown]
    if arguments.dry_run or not to_do:
        return _finish(prepared, screen, records, dry_run=arguments.dry_run)
    if not arguments.yes:
        context.require_yes(
            f"do this on {brief(to_do, 60, fleet.groups)}?",
            hint="look at it with -n (--dry-run), then use --yes",
            asks=not (arguments.json or arguments.password_stdin),
        )
    looked = prepared.change.looked
    known = [looked[alias] for alias, one in found.items() if alias in looked and alias not in to_do]
    operation = bootstrap_operation(prepared, terms, known=known)
    extra = () if records else (MemberLines(screen),)
    return carry_out_shown(
        operation, screen, context, records, groups=fleet.groups, extra=extra, in_waves=True
    )


def _password(arguments: argparse.Namespace, context: Context) -> Callable[[], str]:
    """Return what asks for the password, once and only where it is needed."""
    from stentor.cli.secrets import typed_secret

    def ask() -> str:
        if arguments.password_stdin:
            return context.stdin.readline().rstrip("\n")
        if not context.interactive():
            return ""
        return typed_secret(context, f"password of {arguments.first_user} on the new machines: ")

    return ask


def _look(prepared: Prepared, terms: Terms, screen: Screen, records: JsonLines | None) -> dict[str, Preview]:
    from stentor.api.bootstrap import previews
    from stentor.render.bootstrap import planned, show_plan

    found = dict(previews(prepared, terms))
    if records:
        records.write(*(planned(one) for one in found.values()))
    else:
        show_plan(screen, found.values())
    return found


def _host_keys(arguments: argparse.Namespace, context: Context, screen: Screen) -> HostKeys:
    from stentor.api.bootstrap import HostKeys

    def typed(verdict: Verdict) -> str:
        from stentor.probe.trust import SHOW_KEYS, choose

        alias = verdict.node.alias
        screen.say(f"{alias}: its host key is not known yet; on its own console: {SHOW_KEYS}")
        said = context.answer(f"{alias}: the fingerprint that you read there (Enter leaves {alias} out): ")
        if said and not choose(verdict, said):
            screen.say(f"{alias}: it shows no key with this fingerprint")
        return said

    asks = context.interactive() and not arguments.json and not arguments.password_stdin
    return HostKeys(arguments.fingerprint, arguments.via, typed if asks else None)


def _finish(prepared: Prepared, screen: Screen, records: JsonLines | None, *, dry_run: bool) -> int:
    """Say what came of looking, where nothing is to be done; return the exit code."""
    from stentor.outcome import Report, exit_code
    from stentor.render.bootstrap import say_left_out

    report = Report([*prepared.known, *prepared.change.looked.values()])
    if records:
        records.end(report)
        return exit_code(report)
    say_left_out(screen, report)
    if dry_run:
        screen.say("dry run: nothing was changed")
    else:
        screen.say("nothing to do" if all(outcome.ok for outcome in report) else "nothing was changed")
    return exit_code(report)
