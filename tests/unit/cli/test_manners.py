"""What every command has, or why not: ``--json`` where it reports, ``--dry-run`` where it changes nodes."""

from __future__ import annotations

import argparse
from collections.abc import Iterator

from stentor.cli.table import COMMANDS
from tests.parsers import parser_of

NO_JSON = {
    "ssh, shell, top, tour, tmux open, tmux window, tmux attach": "a person's terminal",
    "tmux close, tmux send, tmux log, tmux guard": "said by their exit code",
    "services logs, services exec, services backup, services restore": "what they write is the service's own",
    "services docs, report, export *, schema, completion, shell-init": "a file in a format of its own",
    "node *, init": "they write the fleet file, and show what they change in it",
    "lab up, lab break, lab heal, lab reboot, lab down, serve install, serve login": "this machine alone",
    "reap": "started by stentor itself",
}
NO_DRY_RUN = {
    "ping, status, facts, needs, ssh, check, nodes, history, show, diff, masters": "they look",
    "doctor, reap": "they look, until --fix or --remove is given",
    "dotfiles timer": "its verbs say all that it does: install, remove, status",
    "dotfiles status, dotfiles plan, services status, services ports, services plan": "they look",
    "services logs": "it looks",
    "services docs, services backup, gateway check, serve doctor, lab status, hook deliveries": "they look",
    "tmux *": "sessions here; what is typed into them is guarded",
    "shell, top": "what is done in them is asked there",
    "dotfiles confirm, dotfiles revert": "they end a change that was planned and shown",
    "services restore, services exec": "commands of the user's own, which only the user knows",
    "report, export *, schema, completion, shell-init, init": "files here",
    "serve login, hook test, tour, lab up, lab break, lab heal, lab reboot, lab down": "this machine alone",
}


def leaves(parser: argparse.ArgumentParser, name: str) -> Iterator[tuple[str, set[str]]]:
    """Every command and verb, with its options."""
    groups = [action for action in parser._actions if isinstance(action, argparse._SubParsersAction)]
    for group in groups:
        for verb, inner in group.choices.items():
            yield from leaves(inner, f"{name} {verb}")
    if not groups:
        yield name, {option for action in parser._actions for option in action.option_strings}


def without(option: str) -> set[str]:
    return {
        one for name in COMMANDS for one, there in leaves(parser_of(name)[0], name) if option not in there
    }


def named(reasons: dict[str, str], there: set[str]) -> set[str]:
    """Those that the table names; ``tmux *`` is every verb of tmux."""
    found = set()
    for words in ", ".join(reasons).split(", "):
        some = {one for one in there if words in (one, f"{one.split()[0]} *")}
        assert some, f"{words} has the option, or is no command"
        found |= some
    return found


def test_what_reports_has_json_and_what_changes_nodes_a_dry_run() -> None:
    for option, reasons in (("--json", NO_JSON), ("--dry-run", NO_DRY_RUN)):
        there = without(option)
        assert there - named(reasons, there) == set(), f"needs {option}, or a reason here"


def test_what_asks_can_be_told_yes() -> None:
    asking = {"doctor", "bootstrap", "trust", "uninstall", "playbook", "tmux close", "services restore"}
    assert not asking & without("--yes")
