"""``stentor ansible``: one module of Ansible's on many nodes, recorded like a run."""

from __future__ import annotations

import argparse

from stentor.cli.context import Context
from stentor.cli.dispatch import Parser
from stentor.cli.guarding import add_guard
from stentor.cli.playbooks import add_ansible, add_view
from stentor.cli.rollout_options import GROUP, add_rollout, terms_of
from stentor.cli.selector import add_connect_timeout, add_selector, some
from stentor.errors import UsageError

EXAMPLES = """
stentor ansible @all -m ping                            whether Ansible's modules run there
stentor ansible @gpu -m apt -a 'name=htop state=present' -b
stentor ansible drtr -m setup -a 'filter=ansible_distribution*'
stentor ansible @gpu -m copy -a 'src=motd dest=/etc/motd mode=0644' -b -D
stentor ansible @gpu -m service -a 'name=ssh state=reloaded' -b --canary prtr
"""


def configure(parser: Parser) -> None:
    """Add the arguments."""
    parser.usage = "stentor ansible [options] SELECTOR -m MODULE [-a ARGS]"
    add_selector(parser)
    parser.add_argument("-m", "--module-name", metavar="MODULE", default="", help="which module")
    parser.add_argument("-a", "--args", metavar="ARGS", default="", help="NAME=VALUE ..., or JSON")
    parser.add_argument(
        "-n", "--dry-run", action="store_true", help="only list the nodes that would be reached, and how"
    )
    add_guard(parser)
    add_connect_timeout(parser)
    add_ansible(parser.add_argument_group("as of ansible"))
    add_view(parser.add_argument_group("how it is shown"))
    add_rollout(parser.add_argument_group(GROUP))


def handle(arguments: argparse.Namespace, context: Context) -> int:
    """Look for Python on the nodes, run the module."""
    from stentor.cli.playbooks import asked_secrets, carry_out_playbook, read_and_look, vault_files
    from stentor.playbooks.request import PlaybookRequest

    if not arguments.module_name:
        raise UsageError(
            "no module is named",
            hint="-m MODULE, for example -m ping; for a command: stentor run SELECTOR COMMAND",
        )
    fleet = context.fleet(arguments.fleet)
    selection = some(fleet, arguments.selector)
    request = PlaybookRequest(
        extra_vars=tuple(arguments.extra_vars),
        become=arguments.become,
        become_user=arguments.become_user,
        forks=arguments.forks,
        diff=arguments.diff,
        vault_ids=vault_files(arguments),
        inventories=tuple(arguments.inventory),
        secrets=asked_secrets(arguments, context),
        module=arguments.module_name,
        arguments=arguments.args,
    )
    screen = context.screen()
    terms = terms_of(arguments, context, fleet.groups, screen)
    if arguments.dry_run:
        from stentor.cli.run_display import RunView
        from stentor.cli.run_preview import preview_run
        from stentor.render.views import ViewRequest

        view = RunView(ViewRequest(arguments.view))
        title = f"{request.module} {request.arguments}".strip()
        return preview_run(selection, title, terms, view, screen)
    prepared = read_and_look(
        fleet, request, selection, terms, context, screen, quiet=arguments.view == "json"
    )
    return carry_out_playbook(
        prepared,
        terms,
        screen,
        context,
        selector=arguments.selector,
        view=arguments.view,
        quiet=arguments.quiet,
    )
