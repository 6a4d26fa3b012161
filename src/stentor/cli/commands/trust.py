"""``stentor trust``: host keys as part of the fleet."""

from __future__ import annotations

import argparse
from typing import TYPE_CHECKING

from stentor.cli.context import Context
from stentor.cli.dispatch import Parser
from stentor.cli.selector import add_connect_timeout, add_nodes, expression, named
from stentor.errors import UsageError

if TYPE_CHECKING:
    from collections.abc import Sequence

    from stentor.api.fleet import Fleet
    from stentor.probe.trust import Verdict
    from stentor.render.screen import Screen
    from stentor.ssh.hostkeys import Key

EXAMPLES = """
stentor trust                     what every node shows, beside what is known of it; asks about the rest
stentor trust drtr --via crtr     … looked at from crtr, too: is it the same key from there?
stentor trust @all --yes          pin what is in your own known_hosts already
stentor trust prtr --fingerprint SHA256:…   pin the key that the console of prtr shows
stentor trust --json | jq -r 'select(.type == "trust" and .state != "pinned").node'
"""


def configure(parser: Parser) -> None:
    add_nodes(parser)
    add = parser.add_argument
    add("--via", metavar="SELECTOR", help="look from these nodes, too, over logins that are verified")
    add("-y", "--yes", action="store_true", help="pin the keys that are in your own known_hosts")
    add("--fingerprint", metavar="SHA256:…", help="one node: pin its key with this fingerprint, unasked")
    add("--yes-really", metavar="NAME", help="with --fingerprint, for a changed key: the node's name")
    add("-n", "--dry-run", action="store_true", help="only look; ask nothing, pin nothing")
    add_connect_timeout(parser)
    add("-j", "--json", action="store_true", help="JSON Lines; asks nothing")


def handle(arguments: argparse.Namespace, context: Context) -> int:
    from stentor.api.trust import verdicts
    from stentor.cli.displays import json_lines, no_nodes
    from stentor.outcome import exit_code
    from stentor.render.summary import say_interrupted
    from stentor.render.trust import TrustPage, trust_record
    from stentor.ssh.keyscan import randomart

    fleet = context.fleet(arguments.fleet)
    words = expression(arguments)
    if arguments.yes:
        words = named(arguments.selector, fleet, "stentor trust --yes", asks=False).words
    selection = fleet.select(words)
    if arguments.fingerprint and len(selection.nodes) != 1:
        raise UsageError(f"--fingerprint is for one node; '{words}' names {len(selection.nodes)}")
    if arguments.yes_really and not arguments.fingerprint:
        raise UsageError("--yes-really goes with --fingerprint")
    screen = context.screen()
    if not selection.nodes:
        return no_nodes(arguments, screen, "trust", words)
    nodes = [node.alias for node in selection.nodes]
    records = json_lines(arguments, screen, "trust", nodes, words)
    found = verdicts(
        selection, via=arguments.via or "", connect_timeout=arguments.connect_timeout, keeping=True
    )
    missing = [verdict.node.alias for verdict in found if verdict.outcome.kind == "cancelled"]
    if records:
        records.write(*(trust_record(verdict) for verdict in found))
        outcomes = [verdict.outcome for verdict in found]
        records.report(outcomes, code=exit_code(outcomes))
    else:

        def art(keys: Sequence[Key]) -> list[list[str]]:
            return randomart([f"{key.kind} {key.blob}" for key in keys], context.environ)

        TrustPage(screen, art).show(found)
    if missing:
        if not records:
            say_interrupted(screen, missing, fleet.groups)
        return exit_code(verdict.outcome for verdict in found)
    pinned = _Pinning(arguments, context, fleet, words, screen).settle(found)
    return exit_code(v.outcome for v in found if v.node.alias not in pinned)


class _Pinning:
    """Asks about keys that are not pinned yet, and pins what is agreed to."""

    def __init__(
        self, arguments: argparse.Namespace, context: Context, fleet: Fleet, expression: str, screen: Screen
    ) -> None:
        self.arguments = arguments
        self.context = context
        self.fleet = fleet
        self.expression = expression
        self.screen = screen
        self.pinned: set[str] = set()

    def settle(self, found: Sequence[Verdict]) -> set[str]:
        """Ask about, or take as given, what is not pinned yet; return who was pinned."""
        if self.arguments.dry_run:
            return self.pinned
        if self.arguments.fingerprint:
            self.by_fingerprint(found[0])
            return self.pinned
        asks = self.context.interactive() and not self.arguments.json
        yours = [verdict for verdict in found if verdict.state == "yours"]
        if yours and (self.arguments.yes or (asks and self.agreed(yours))):
            self.pin_all([(verdict, _own_keys(verdict)) for verdict in yours])
        if asks:
            for verdict in found:
                self.question(verdict)
        elif yours and not self.arguments.yes and not self.arguments.json:
            names = ",".join(verdict.node.alias for verdict in yours)
            self.screen.say(f"hint: to pin the keys from your own known_hosts: stentor trust {names} --yes")
        return self.pinned

    def agreed(self, yours: Sequence[Verdict]) -> bool:
        names = ", ".join(verdict.node.alias for verdict in yours)
        return self.context.agreed(f"pin the keys of {names} from your own known_hosts in the fleet?")

    def question(self, verdict: Verdict) -> None:
        """One node's question: a yes or a fingerprint for an unknown key, the name for a changed one."""
        from stentor.probe.trust import choose

        alias = verdict.node.alias
        if verdict.state == "unknown":
            said = self.context.answer(
                f"{alias}: is this its key? (yes, its fingerprint, or Enter to leave it) "
            )
            keys = verdict.keys if said.lower() == "yes" else choose(verdict, said) if said else ()
            if said and not keys and said.lower() not in ("n", "no"):
                self.screen.say(f"{alias}: it shows no key with this fingerprint")
        elif verdict.state == "changed":
            said = self.context.answer(
                f"{alias}: to trust the new key, type the node's name; Enter leaves it: "
            )
            keys = verdict.keys if said == alias else ()
        else:
            return
        if keys:
            self.pin_all([(verdict, keys)])
        else:
            self.screen.say(f"{alias}: left as it is")

    def by_fingerprint(self, verdict: Verdict) -> None:
        """Pin the key that is named."""
        from stentor.api.trust import by_fingerprint

        confirmed = self.arguments.yes_really or ""
        self.pin_all([(verdict, by_fingerprint(verdict, self.arguments.fingerprint, confirmed=confirmed))])

    def pin_all(self, chosen: Sequence[tuple[Verdict, Sequence[Key]]]) -> None:
        """Write the pins; the journal keeps who decided it."""
        import time

        from stentor.api.trust import trust_operation
        from stentor.cli.showing import carry_out
        from stentor.render.names import brief
        from stentor.render.operation import OperationView

        operation = trust_operation(self.fleet, chosen, selector=self.expression)
        carry_out(operation, OperationView(self.screen), clock=time.monotonic)
        names = operation.request.nodes
        self.pinned.update(names)
        path = f"{self.fleet.data.root}/known_hosts"
        self.screen.say(f"pinned in {path}: {brief(names, 200, self.fleet.groups)}")


def _own_keys(verdict: Verdict) -> list[Key]:
    """Those keys that are in the user's own file; the others are not confirmed."""
    from stentor.probe.trust import matching

    return matching(verdict.keys, verdict.before)
