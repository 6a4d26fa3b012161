"""What ``stentor playbook``, ``stentor ansible`` and their reruns have in common: options, secrets, a run."""

from __future__ import annotations

import argparse
from typing import TYPE_CHECKING, Any

from stentor.cli.secrets import typed_secret
from stentor.errors import Refused
from stentor.render.views import ViewRequest

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from stentor.api.fleet import Fleet, Selection
    from stentor.api.operations import Terms
    from stentor.api.playbooks import Prepared
    from stentor.cli.context import Context
    from stentor.journal.operation import Record
    from stentor.playbooks.listing import Listing
    from stentor.playbooks.request import PlaybookRequest, Secrets
    from stentor.render.screen import Screen


def add_ansible(group: Any) -> None:
    """Add the options that Ansible has under the same names."""
    group.add_argument(
        "-e", "--extra-vars", metavar="VARS", action="append", default=[], help="NAME=VALUE, JSON, or @FILE"
    )
    group.add_argument("-b", "--become", action="store_true", help="as root, or --become-user")
    group.add_argument("--become-user", metavar="USER", default="", help="become this user")
    group.add_argument(
        "-K", "--ask-become-pass", action="store_true", help="ask once for the password of become"
    )
    group.add_argument(
        "-J", "--ask-vault-pass", action="store_true", help="ask once for the password of the vault"
    )
    group.add_argument(
        "--vault-id",
        metavar="ID",
        action="append",
        default=[],
        help="LABEL@FILE, or LABEL@prompt, which asks once",
    )
    group.add_argument(
        "-i",
        "--inventory",
        metavar="PATH",
        action="append",
        default=[],
        help="an inventory of your own, for its groups and variables",
    )
    group.add_argument("--forks", metavar="N", type=int, help="nodes at the same time (default: Ansible's)")
    group.add_argument("-D", "--diff", action="store_true", help="show what is changed in files")


def add_view(group: Any) -> None:
    """Add the options of how it is shown."""
    group.add_argument(
        "--stream",
        dest="view",
        action="store_const",
        const="stream",
        default="",
        help="live lines, each behind its node's name",
    )
    group.add_argument(
        "-j", "--json", dest="view", action="store_const", const="json", help="events as JSON Lines"
    )
    group.add_argument("-q", "--quiet", action="store_true", help="the nodes' output and nothing else")


def asked_secrets(arguments: argparse.Namespace, context: Context) -> Secrets:
    """Ask for the passwords that the options name.

    Raises:
        Refused: nobody can be asked.
    """
    from stentor.playbooks.request import Secrets

    become = ask(context, "become password: ", "-K") if arguments.ask_become_pass else None
    labels = ["default"] if arguments.ask_vault_pass else []
    asked = [text for text in arguments.vault_id if _asks(text)]
    labels += [text.removesuffix("prompt").removesuffix("@") or "default" for text in asked]
    vault = {
        label: ask(context, f"vault password ({label}): ", "-J, --vault-id")
        for label in dict.fromkeys(labels)
    }
    return Secrets(become, vault)


def vault_files(arguments: argparse.Namespace) -> tuple[str, ...]:
    """Return what ``--vault-id`` names beside what is asked for."""
    return tuple(text for text in arguments.vault_id if not _asks(text))


def _asks(text: str) -> bool:
    return text == "prompt" or text.endswith("@prompt")


def ask(context: Context, prompt: str, option: str) -> str:
    """Ask a person for a secret.

    Raises:
        Refused: nobody can be asked.
    """
    if not context.interactive():
        raise Refused(
            f"{option} asks for a password, and there is no terminal to ask on",
            hint="for a vault: --vault-id LABEL@FILE; for become: sudo without a password",
        )
    return typed_secret(context, prompt)


def answered(request: PlaybookRequest, listing: Listing, context: Context) -> PlaybookRequest:
    """Ask what a playbook asks (``vars_prompt``), and what ansible.cfg has asked, once for all waves.

    What is shown while it is typed is no secret: it goes on as of ``-e``, and the journal keeps it.

    Raises:
        Refused: nobody can be asked.
    """
    from json import dumps

    from stentor.playbooks.prepare import prompts_of

    if listing.become_asks and request.secrets.become is None and context.interactive():
        become = ask(context, "become password: ", "become_ask_pass")
        request = request._replace(secrets=request.secrets._replace(become=become))
    answers, plain = dict(request.secrets.answers), []
    for prompt in prompts_of(listing, request):
        if not context.interactive():
            if prompt.default is not None:
                continue  # Ansible takes it by itself
            raise Refused(
                f"the playbook asks for {prompt.name}, and there is no terminal to ask on",
                hint=f"say it: -e {prompt.name}=VALUE",
            )
        shown = f" [{prompt.default}]" if prompt.default is not None and not prompt.private else ""
        text = f"{prompt.text}{shown}: "
        typed = ask(context, text, prompt.name) if prompt.private else context.answer(text)
        if not typed and prompt.default is not None:
            continue
        if prompt.private:
            answers[prompt.name] = typed
        else:
            plain.append(dumps({prompt.name: typed}))
    return request._replace(
        extra_vars=(*request.extra_vars, *plain), secrets=request.secrets._replace(answers=answers)
    )


def rerun_playbook(
    fleet: Fleet,
    record: Record,
    nodes: Sequence[str],
    terms: Terms,
    screen: Screen,
    context: Context,
    *,
    json: bool,
    dry_run: bool,
) -> int:
    """Run a playbook or a module of the journal again on some of its nodes; return the exit code.

    Raises:
        Refused: a secret is needed, and nobody can be asked.
    """
    from stentor.api.fleet import Selection
    from stentor.api.playbooks import again, rerun_terms
    from stentor.cli.run_display import RunView

    selection = Selection(fleet, tuple(fleet.data.nodes[alias] for alias in nodes))
    request, asked = again(record)
    terms = rerun_terms(fleet, record, nodes, terms)
    selector = ",".join(nodes)
    if dry_run:
        from stentor.cli.run_preview import preview_run

        view = RunView(ViewRequest("json" if json else ""))
        return preview_run(selection, f"{record.kind} {record.command}", terms, view, screen)
    request = asked_again(request, asked, record, context)
    prepared = read_and_look(fleet, request, selection, terms, context, screen, quiet=json)
    view_name = "json" if json else ""
    return carry_out_playbook(
        prepared, terms, screen, context, selector=selector, view=view_name, repeats=record
    )


def read_and_look(
    fleet: Fleet,
    request: PlaybookRequest,
    selection: Selection | None,
    terms: Terms,
    context: Context,
    screen: Screen,
    *,
    quiet: bool,
) -> Prepared:
    """Let Ansible read the playbook, ask what it prompts for, and look for Python on the nodes.

    Each takes seconds, and a line on the terminal says which it is; not with ``quiet``.
    """
    from stentor.api.playbooks import looked_at, prepare
    from stentor.cli.waiting import waiting

    count = 0 if quiet else len(selection.nodes) if selection else 1
    with waiting(screen, context, count, "reading the tasks for"):
        prepared = prepare(fleet, request, selection)
    prepared = prepared.with_request(answered(request, prepared.read.listing, context))
    with waiting(screen, context, 0 if quiet else len(prepared.selection.nodes), "looking for Python on"):
        return looked_at(prepared, terms)


def asked_again(
    request: PlaybookRequest, asked: Mapping[str, Any], record: Record, context: Context
) -> PlaybookRequest:
    """Ask again for what is not kept in the journal.

    Raises:
        Refused: nobody can be asked.
    """
    for option, name in (("-e", "extra_vars"), ("-a", "arguments")):
        if lost := asked.get(name):
            raise Refused(
                f"secrets of operation {record.id} are not kept: {option} ({', '.join(lost)})",
                hint=f"stentor {record.kind} with the same options, on the nodes that are left",
            )
    become = ask(context, "become password: ", "-K") if asked.get("become") else None
    vault = {label: ask(context, f"vault password ({label}): ", "-J") for label in asked.get("vault", ())}
    answers = {name: ask(context, f"{name}: ", name) for name in asked.get("answers", ())}
    return request._replace(secrets=request.secrets._replace(become=become, vault=vault, answers=answers))


def carry_out_playbook(
    prepared: Prepared,
    terms: Terms,
    screen: Screen,
    context: Context,
    *,
    selector: str,
    view: str = "",
    quiet: bool = False,
    repeats: Record | None = None,
) -> int:
    """Run it and show it; return the exit code."""
    from stentor.api.playbooks import playbook_operation
    from stentor.cli.run_display import RunView, show_run

    operation = playbook_operation(prepared, terms, repeats=repeats)
    plan = operation.plan
    return show_run(
        operation,
        prepared.selection,
        RunView(ViewRequest(view), quiet=quiet),
        context,
        screen,
        title=f"{operation.request.kind} {operation.request.title}",
        in_waves=plan is not None and (len(plan.waves) > 1 or prepared.read.back is not None),
        selector=selector,
    )
