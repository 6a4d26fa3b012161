"""``stentor gateway``: what gateways of the tree have, and what they lack."""

from __future__ import annotations

import argparse

from stentor.cli.context import Context
from stentor.cli.dispatch import Parser
from stentor.cli.dispatch import verbs as add_verbs
from stentor.cli.rollout_options import terms_of
from stentor.cli.selector import add_connect_timeout
from stentor.typed import TYPE_CHECKING

if TYPE_CHECKING:
    from stentor.gateways.check import GatewayState

EXAMPLES = """
stentor gateway check gw1,gw2    whether they have a Python and a ClusterShell that serve
stentor gateway install gw2      an environment for it below its home, without root or network
"""

VERBS = {
    "check": "say what each gateway has, and what it lacks",
    "install": "install ClusterShell for the gateway, in an environment of its own",
}


def configure(parser: Parser) -> None:
    """Add the verbs and their arguments."""
    for verb, one in add_verbs(parser, VERBS).items():
        one.add_argument("selector", nargs="+", metavar="NODE", help="which nodes")
        add_connect_timeout(one)
        if verb == "install":
            one.add_argument("-n", "--dry-run", action="store_true", help="only say what would be installed")
            one.add_argument("-j", "--json", action="store_true", help="JSON Lines")


def handle(arguments: argparse.Namespace, context: Context) -> int:
    """Ask the gateways, or install what they need."""
    from stentor.cli.waiting import waiting

    fleet = context.fleet(arguments.fleet)
    selection = fleet.select(",".join(arguments.selector))
    terms = terms_of(arguments, context, fleet.groups)
    if arguments.verb == "install":
        from stentor.api.gateways import install_operation
        from stentor.cli.power import show_power

        operation = install_operation(selection, terms)
        return show_power(operation, arguments, context, fleet)
    with waiting(context.screen(), context, len(selection.nodes)):
        states = selection.check_gateways(settings=terms.settings)
    return _check(states, context)


def _check(states: list[GatewayState], context: Context) -> int:
    from stentor.outcome import Report, exit_code

    screen = context.screen()
    for one in states:
        outcome = one.outcome
        if outcome.ok:
            screen.print(f"{outcome.node}: Python {one.python}, ClusterShell {one.clustershell} ({one.path})")
        else:
            screen.print(f"{outcome.node}: {outcome.reason or outcome.kind}")
            if outcome.hint:
                screen.say(f"hint: {outcome.hint}")
    return exit_code(Report([one.outcome for one in states]))
