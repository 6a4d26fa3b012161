"""``stentor export``: write the fleet in the formats of other tools."""

from __future__ import annotations

import argparse
import os
import sys
from typing import TYPE_CHECKING, Any

from stentor.cli.context import Context
from stentor.cli.dispatch import Parser, verbs
from stentor.cli.selector import add_nodes, expression, some
from stentor.errors import UsageError
from stentor.export.formats import FORMATS

if TYPE_CHECKING:
    from stentor.api.fleet import Fleet
    from stentor.render.json_lines import JsonLines
    from stentor.render.screen import Screen

EXAMPLES = """
stentor export ansible -w inventory.yaml        every node as an Ansible inventory, with its facts
stentor export ansible --script -w hosts        the same as a program: always up to date
stentor export ansible @gpu | ansible-inventory -i /dev/stdin --list
stentor export clustershell -w ~/.config/clustershell/groups.d/fleet.yaml
stentor export ssh -w ~/.ssh/fleet.conf         and at the top of ~/.ssh/config: Include fleet.conf
stentor export hosts                            lines for /etc/hosts
stentor export tmux @gpu --key G                a snippet of tmux.conf
stentor export --all                            every file of 'exports:' in the fleet, here and on nodes
stentor export --all --check                    what is stale, with the difference; exit code 1
stentor export --all --check --json | jq -r 'select(.state == "stale").path'
"""

# In the help of each verb only.
MORE_EXAMPLES = """
stentor export genders -w ~/genders             for nodeattr -f and pdsh -F
stentor export pdsh @gpu -w gpu.list            for pdsh -w ^gpu.list
stentor export make -w fleet.mk                 and in a Makefile: include fleet.mk
stentor export chezmoi -w ~/.local/share/chezmoi/.chezmoidata/fleet.yaml
stentor export prometheus '@all!@pseudo' -w /etc/prometheus/fleet.json
stentor export cloud-init drtr -w user-data
stentor export caddy -w /etc/caddy/fleet.caddy
stentor export dnsmasq -w /etc/dnsmasq.d/fleet.conf
stentor export pihole -w names.sh               then on the Pi-hole: sudo sh names.sh
stentor export json | jq '.nodes | keys'
stentor export csv -w fleet.csv
stentor export markdown @gpu                    as a table, on stdout
"""


def configure(parser: Parser) -> None:
    parser.add_argument("--all", action="store_true", help="write every file of 'exports:' in the fleet")
    parser.add_argument("--check", action="store_true", help="with --all: write nothing; say what is stale")
    parser.add_argument("-j", "--json", action="store_true", help="with --all: JSON Lines")
    summaries = {name: form.summary for name, form in FORMATS.items()}
    table = verbs(parser, summaries, metavar="FORMAT", required=False)
    for name, verb in table.items():
        if name == "tmux":
            add_nodes(verb, default="@core, else all")
        else:
            add_nodes(verb)
        verb.add_argument(
            *("-w", "--write", "-o", "--output"),
            dest="path",
            metavar="FILE",
            help="write to this file in one step; text outside of stentor's markers is kept",
        )
    _ansible(table["ansible"])
    _clustershell(table["clustershell"])
    table["prometheus"].add_argument(
        "--port", type=int, metavar="N", help="of the exporter on every node (default: 9100)"
    )
    _tmux(table["tmux"])


def _ansible(verb: Parser) -> None:
    kinds = verb.add_mutually_exclusive_group()
    kinds.add_argument("--script", action="store_true", help="an executable inventory that asks stentor")
    kinds.add_argument("--plugin", action="store_true", help="an inventory plugin that asks stentor")
    kinds.add_argument("--list", action="store_true", help="the JSON of an executable inventory")


def _clustershell(verb: Parser) -> None:
    verb.add_argument("--live", action="store_true", help="a section of groups.conf that asks stentor")
    verb.add_argument("--ask", choices=("map", "all", "list", "reverse"), help=argparse.SUPPRESS)
    verb.add_argument("--of", default="", help=argparse.SUPPRESS)


def _tmux(verb: Parser) -> None:
    verb.add_argument("-k", "--key", default="C", help="after the prefix, opens the nodes (default: C)")
    verb.add_argument(
        *("-s", "--sync-key"),
        default="S",
        metavar="KEY",
        help="after the prefix, synchronised input (default: S)",
    )


def handle(arguments: argparse.Namespace, context: Context) -> int:
    if arguments.all != (arguments.verb is None) or (
        (arguments.check or arguments.json) and not arguments.all
    ):
        raise UsageError("name a format, or --all", hint=f"formats: {', '.join(FORMATS)}")
    if vars(arguments).get("ask") and not arguments.selector:
        return _answer(arguments, context)

    fleet = context.fleet(arguments.fleet)
    return (_all if arguments.all else _one)(arguments, context, fleet)


def _answer(arguments: argparse.Namespace, context: Context) -> int:
    """Answer ClusterShell, whose every command waits for it: the fleet is read, nothing else."""
    from stentor.export.clustershell import answer
    from stentor.fleet.load import load
    from stentor.fleet.select import groups

    held = groups(load(arguments.fleet, environ=context.environ, cwd=os.getcwd()))
    context.screen().out(answer(held, arguments.ask, arguments.of).encode())
    return 0


def _all(arguments: argparse.Namespace, context: Context, fleet: Fleet) -> int:
    from stentor.api.exports import keep_exports
    from stentor.render.export import kept_record, show_kept

    screen = context.screen()
    lines = _lines(screen, fleet, check=arguments.check) if arguments.json else None
    codes = [0]
    for kept in keep_exports(fleet, compare=arguments.check, program=_program()):
        if lines:
            lines.write(kept_record(kept))
        else:
            show_kept(screen, kept)
        codes.append(kept.exit_code)
    code = next((code for code in (3, 6, 70, 1, 4) if code in codes), max(codes))
    if lines:
        lines.report((), code=code)
    return code


def _lines(screen: Screen, fleet: Fleet, *, check: bool) -> JsonLines:
    import time

    from stentor.render.json_export import Exports
    from stentor.render.json_lines import JsonLines

    return JsonLines(screen, Exports(fleet=fleet.data.root, check=check), clock=time.monotonic)


def _one(arguments: argparse.Namespace, context: Context, fleet: Fleet) -> int:
    from stentor.api.export import make, write
    from stentor.export.marked import whole

    name, path = arguments.verb, arguments.path
    selector = _selector(arguments, fleet)
    options = {key: value for key, value in vars(arguments).items() if key not in _COMMON}
    if name == "tmux":
        options["name"] = selector.lstrip("@") if arguments.selector else "cluster"
    if name == "cloud-init":
        options["folder"] = bool(path) and (path.endswith("/") or os.path.isdir(path))
    made = make(some(fleet, selector), name, selector=selector, program=_program(), **options)
    if path is None:
        context.screen().out((made.text if _for_a_program(arguments) else whole(name, made)).encode())
    else:
        changed = write(path, name, made)
        context.stderr.write(f"{path} {'was written' if changed else 'is up to date'}\n")
    if made.left and not _for_a_program(arguments):
        from stentor.api.export import Places
        from stentor.render.export import show_left

        show_left(context.screen(), name, Places(fleet).added(made.left))
    return 0


_COMMON = ("verb", "path", "selector", "fleet", "all", "check", "json")


def _selector(arguments: argparse.Namespace, fleet: Fleet) -> str:
    if arguments.verb == "tmux" and not arguments.selector and "core" in fleet.data.groups:
        return "@core"
    return expression(arguments)


def _for_a_program(arguments: argparse.Namespace) -> bool:
    """Whether another program reads standard output: JSON and answers have no markers."""
    given: dict[str, Any] = vars(arguments)
    return bool(given.get("ask") or given.get("list"))


def _program() -> str:
    """How this stentor was called, so that files that call it find the same one."""
    called = sys.argv[0]
    return os.path.abspath(called) if os.path.basename(called) == "stentor" and "/" in called else "stentor"
