"""``stentor node``: change the fleet file by a command, keeping everything else in it."""

from __future__ import annotations

import argparse
import os
from typing import Any

from stentor.cli.context import Context
from stentor.cli.dispatch import Parser, verbs
from stentor.errors import UsageError

EXAMPLES = """
stentor node add terminator alias=trtr address=192.168.254.40 user=trtr role=pseudo
stentor node edit prtr state=up address=192.168.254.20,10.8.0.20
stentor node edit prtr jump=                    remove a value
stentor node retire zrtr                        keep its entry; expect it to be down
stentor node edit prtr state=up --dry-run       only show what would change
"""

_LISTS = {"address", "groups", "requires"}  # of one or more
_ALWAYS_LISTS = {"groups", "requires"}  # even of one
_NUMBERS = {"port", "phase"}


def configure(parser: Parser) -> None:
    table = {
        "add": "a new node, after the last one",
        "edit": "other values for a node",
        "retire": "expect a node to be down; its entry and history stay",
    }
    for verb, sub in verbs(parser, table).items():
        sub.add_argument("node", metavar="NODE", help="full name (or alias, for one that exists)")
        if verb != "retire":
            sub.add_argument(
                "values", nargs="*" if verb == "add" else "+", metavar="KEY=VALUE",
                help="as in nodes.yaml; a list is joined by commas; 'vars.rack=b1' for your own variables",
            )  # fmt: skip
        sub.add_argument("-n", "--dry-run", action="store_true", help="show the change, write nothing")


def handle(arguments: argparse.Namespace, context: Context) -> int:
    from stentor.fleet import edit, rewrite
    from stentor.fleet.revision import revision

    values = {"state": "retired"} if arguments.verb == "retire" else _values(arguments.values)
    edited = edit.add_node if arguments.verb == "add" else edit.set_values

    def change(text: str) -> str:
        return edited(text, arguments.node, values)

    with rewrite.locked(arguments.fleet, environ=context.environ, cwd=os.getcwd()):
        rewritten = rewrite.rewritten(arguments.fleet, change, environ=context.environ, cwd=os.getcwd())
        if not arguments.dry_run:
            rewrite.write(rewritten)
    shown = rewritten.diff(os.path.basename(rewritten.path))
    if not shown:
        context.stderr.write(f"{rewritten.path} has these values already\n")
        return 0
    context.stdout.write(shown)
    if arguments.dry_run:
        context.stderr.write("nothing was written\n")
        return 0
    back = "see 'git diff'; undo by 'git checkout'"
    if not revision(os.path.dirname(rewritten.path)):
        back = "the old version is not in git; keep this diff to undo"
    context.stderr.write(f"{rewritten.path} was changed; {back}\n")
    return 0


def _values(words: list[str]) -> dict[str, Any]:
    """Read ``key=value`` words into what the file will hold; an empty value removes the key."""
    found: dict[str, Any] = {}
    for word in words:
        key, equals, value = word.partition("=")
        if not equals or not key:
            raise UsageError(f"'{word}' is not KEY=VALUE", hint="for example: address=192.0.2.7 state=up")
        if key.startswith("vars."):
            found.setdefault("vars", {})[key.removeprefix("vars.")] = value
        elif not value:
            found[key] = None
        elif key in _NUMBERS and value.isdecimal():
            found[key] = int(value)
        elif key in _ALWAYS_LISTS or (key in _LISTS and "," in value):
            found[key] = [item.strip() for item in value.split(",")]
        else:
            found[key] = value
    return found
