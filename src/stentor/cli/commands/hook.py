"""``stentor hook``: what webhooks received, and whether they work."""

from __future__ import annotations

import argparse
import os
import time

from stentor.cli.context import Context
from stentor.cli.dispatch import Parser
from stentor.cli.dispatch import verbs as add_verbs
from stentor.errors import UsageError
from stentor.typed import TYPE_CHECKING

if TYPE_CHECKING:
    from stentor.api.fleet import Fleet

EXAMPLES = """
stentor hook test                            every webhook of the policy: well signed, and forged
stentor hook test dotfiles --url https://fleet.example   the same by HTTP, as the forge does it
stentor hook deliveries                      what came, and why it was not acted on
stentor hook deliveries -n 200 --json        for scripts
"""

VERBS = {
    "test": "send webhooks deliveries as their forge would; nothing is rolled out",
    "deliveries": "list what webhooks received, and what came of it",
}


def configure(parser: Parser) -> None:
    """Add the verbs and their arguments."""
    table = add_verbs(parser, VERBS)
    table["test"].add_argument("name", nargs="*", metavar="NAME", help="webhooks of the policy; default: all")
    table["test"].add_argument(
        "--url",
        default="",
        metavar="URL",
        help="send to the running server at this address (default: none is needed)",
    )
    table["deliveries"].add_argument(
        "-n", "--limit", type=int, default=20, metavar="N", help="the last N (default: 20)"
    )
    for one in table.values():
        one.add_argument("-j", "--json", action="store_true", help="JSON Lines")


def handle(arguments: argparse.Namespace, context: Context) -> int:
    """Do it, and return the exit code."""
    fleet = context.fleet(arguments.fleet)
    return _test(arguments, context, fleet) if arguments.verb == "test" else _list(arguments, context, fleet)


def _test(arguments: argparse.Namespace, context: Context, fleet: Fleet) -> int:
    from stentor.api.hook_receiver import Receiver
    from stentor.api.hook_trial import trials

    hooks = Receiver(lambda: fleet, context.environ)
    found = list(trials(hooks, arguments.name, url=arguments.url))
    screen = context.screen()
    if arguments.json:
        from stentor.render.json_hooks import HookTests, HookTrial
        from stentor.render.json_lines import JsonLines

        JsonLines(screen, HookTests()).write(*(HookTrial.of(trial) for trial in found))
    else:
        from stentor.render.hooks import show_trials

        show_trials(screen, found)
    return 0 if all(trial.ok for trial in found) else 1


def _list(arguments: argparse.Namespace, context: Context, fleet: Fleet) -> int:
    from stentor.hooks.database import NAME, Database
    from stentor.hooks.queue import Queue
    from stentor.journal import state_directory

    if arguments.limit < 1:
        raise UsageError(f"--limit {arguments.limit}: must be at least 1")
    found = []
    # Looking at what never was must not make the file.
    if os.path.exists(os.path.join(state_directory(context.environ), NAME)):
        database = Database(context.environ, fleet.data.root, time.time)
        found = Queue(database).deliveries(arguments.limit)
        database.close()
    screen = context.screen()
    if arguments.json:
        from stentor.render.json_hooks import HookDeliveries, HookDelivery
        from stentor.render.json_lines import JsonLines

        lines = JsonLines(screen, HookDeliveries())
        lines.write(*(HookDelivery.from_queue(one) for one in found))
        return 0
    if not found:
        screen.say("no webhook has received anything")
        return 0
    from stentor.render.hooks import show_deliveries

    show_deliveries(screen, found, time.time())
    return 0
