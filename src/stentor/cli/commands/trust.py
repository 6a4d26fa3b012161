"""``stentor trust``: host keys as part of the fleet."""

from __future__ import annotations

import argparse
import os
from typing import TYPE_CHECKING, Any

from stentor.cli.context import Context
from stentor.cli.dispatch import Parser
from stentor.cli.selector import add_connect_timeout, add_nodes, expression
from stentor.errors import Refused, UsageError

if TYPE_CHECKING:
    from collections.abc import Sequence

    from stentor.api.fleet import Fleet
    from stentor.probe.trust import Verdict
    from stentor.ssh.hostkeys import Key

EXAMPLES = """
stentor trust                     what every node shows, beside what is known of it; asks about the rest
stentor trust drtr --via crtr     … looked at from crtr, too: is it the same key from there?
stentor trust --yes               pin what your own known_hosts vouches for already
stentor trust prtr --fingerprint SHA256:…   pin the key that the console of prtr shows
stentor trust --json | jq -r 'select(.type == "trust" and .state != "pinned").node'
"""


def configure(parser: Parser) -> None:
    """Add the command's arguments."""
    add_nodes(parser)
    parser.add_argument(
        "--via", metavar="SELECTOR", help="look from these nodes, too, over logins that are verified"
    )
    parser.add_argument("-y", "--yes", action="store_true", help="pin what your own known_hosts vouches for")
    parser.add_argument(
        "--fingerprint", metavar="SHA256:…", help="one node: pin its key with this fingerprint, unasked"
    )
    parser.add_argument(
        "--yes-really", metavar="NAME", help="with --fingerprint, for a changed key: the node's name"
    )
    parser.add_argument("-n", "--dry-run", action="store_true", help="only look; ask nothing, pin nothing")
    add_connect_timeout(parser)
    parser.add_argument("-j", "--json", action="store_true", help="JSON Lines; asks nothing")


def handle(arguments: argparse.Namespace, context: Context) -> int:
    """Look, show, ask, pin."""
    import time

    from stentor.api.fleet import Fleet
    from stentor.outcome import exit_code
    from stentor.probe.scan import look

    words = expression(arguments)
    fleet = Fleet.open(arguments.fleet, environ=context.environ)
    nodes = fleet.select(words).nodes
    if arguments.fingerprint and len(nodes) != 1:
        raise UsageError(f"--fingerprint is for one node; '{words}' names {len(nodes)}")
    if arguments.yes_really and not arguments.fingerprint:
        raise UsageError("--yes-really goes with --fingerprint")
    if not nodes:
        context.screen().say("no nodes")
        return 0
    via = [node.alias for node in fleet.select(arguments.via).nodes] if arguments.via else []
    started = time.time()

    def run(alias: str, command: str, connect_timeout: float, timeout: float) -> tuple[str, int | None, str]:
        selection = fleet.select(alias)
        (result,) = selection.run(command, connect_timeout=connect_timeout, timeout=timeout)
        return result.text, result.code, "" if result.ok else result.outcome.reason or result.kind

    limit = arguments.connect_timeout
    found = look(fleet.data, nodes, environ=context.environ, run=run, timeout=limit, via=via)
    desk = _Desk(arguments, context, fleet, words)
    desk.show(found, started)
    pinned = desk.settle(found)
    return exit_code(v.outcome for v in found if v.node.alias not in pinned)


class _Desk:
    """Shows verdicts, and pins what is agreed to."""

    def __init__(
        self, arguments: argparse.Namespace, context: Context, fleet: Fleet, expression: str
    ) -> None:
        self.arguments = arguments
        self.context = context
        self.fleet = fleet
        self.expression = expression
        self.screen = context.screen()
        self.path = os.path.join(fleet.data.root, "known_hosts")
        self.pinned: set[str] = set()

    # -- showing -------------------------------------------------------------------------------

    def show(self, found: Sequence[Verdict], started: float) -> None:
        if self.arguments.json:
            self.records(found, started)
            return
        from stentor.probe.trust import since
        from stentor.render.table import Cell, Column, table

        columns = [Column("NODE"), Column("STATE"), Column("KEY"), Column("FINGERPRINT"), Column("SINCE")]
        styles = {"pinned": "good", "yours": "good", "certified": "good", "silent": "quiet"}
        rows: list[list[str | Cell]] = []
        for verdict in found:
            state = Cell(verdict.state, styles.get(verdict.state, "bad"))
            pinned = {pin.key: since(pin) for pin in verdict.before}
            keys = verdict.keys or (None,)
            for number, key in enumerate(keys):
                name, shown = (key.name, key.fingerprint) if key else ("", verdict.seen.silence)
                first: list[str | Cell] = [verdict.node.alias, state] if number == 0 else ["", ""]
                rows.append([*first, name, shown, pinned.get(key, "") if key else ""])
        for line in table(columns, rows, width=None, colour=self.screen.colour_out):
            self.screen.print(line)
        for verdict in found:
            for line in self.detail(verdict):
                self.screen.print(line)

    def detail(self, verdict: Verdict) -> list[str]:
        """What the table has no room for: pictures, other ways, what a change can mean."""
        from stentor.probe.trust import explain

        alias = verdict.node.alias
        lines = [f"{alias}: {note}" for note in verdict.notes]
        if verdict.state == "changed":
            lines += ["", f"{alias}: THE HOST KEY CHANGED", *self.side_by_side(verdict)]
        elif verdict.state == "revoked":
            lines += ["", f"{alias}: {verdict.outcome.reason}: do not trust anything at this address"]
        elif verdict.state == "unknown":
            lines += ["", f"{alias}: nobody has vouched for this key yet", *self.pictures(verdict.keys)]
        before = "  " if lines else f"{alias}: "
        lines += [f"{before}{line}" for line in explain(verdict)]
        if verdict.state in ("changed", "unknown"):
            from stentor.probe.trust import SHOW_KEYS

            lines.append(f"  to compare, on the console of {alias}: {SHOW_KEYS}")
        return lines

    def side_by_side(self, verdict: Verdict) -> list[str]:
        """Old and new, with since when."""
        from stentor.probe.trust import beside, since

        shown = {key.kind: key for key in verdict.keys}
        known = {pin.key.kind: pin for pin in verdict.before}
        both = [kind for kind in known if kind in shown] or list(known)[:1]
        lines: list[str] = []
        for kind in both:
            pin, new = known[kind], shown.get(kind) or next(iter(shown.values()))
            art = self.art([pin.key, new])
            day = since(pin)
            old_lines = [f"known{' since ' + day if day else ''}", pin.key.fingerprint, *art[0]]
            lines += beside(old_lines, ["now", new.fingerprint, *art[1]])
        return [f"  {line}" for line in lines]

    def pictures(self, keys: Sequence[Key]) -> list[str]:
        return [f"  {line}" for line in (self.art(keys[:1]) or [[]])[0]]

    def art(self, keys: Sequence[Key]) -> list[list[str]]:
        from stentor.ssh.keyscan import randomart

        return randomart([f"{key.kind} {key.blob}" for key in keys], self.context.environ)

    def records(self, found: Sequence[Verdict], started: float) -> None:
        import time

        from stentor.outcome import exit_code
        from stentor.render.records import Records

        nodes = [verdict.node.alias for verdict in found]
        header = {"command": "trust", "nodes": nodes, "selector": self.expression, "started_at": started}
        records = Records(self.screen, header)
        for verdict in found:
            records.write(_record(verdict))
        outcomes = [verdict.outcome for verdict in found]
        records.report(outcomes, code=exit_code(outcomes), seconds=time.time() - started)

    # -- deciding ------------------------------------------------------------------------------

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
            self.pin_all([(verdict, _vouched(verdict)) for verdict in yours])
        if asks:
            for verdict in found:
                self.question(verdict)
        elif yours and not self.arguments.yes and not self.arguments.json:
            names = ",".join(verdict.node.alias for verdict in yours)
            self.screen.say(f"hint: your own known_hosts vouches for {names}: stentor trust {names} --yes")
        return self.pinned

    def agreed(self, yours: Sequence[Verdict]) -> bool:
        names = ", ".join(verdict.node.alias for verdict in yours)
        return self.typed(
            f"your own known_hosts vouches for {names}: pin these for the fleet? [y/N] "
        ).lower() in ("y", "yes")

    def question(self, verdict: Verdict) -> None:
        """One node's question: a yes or a fingerprint for an unknown key, the name for a changed one."""
        from stentor.probe.trust import choose

        alias = verdict.node.alias
        if verdict.state == "unknown":
            said = self.typed(f"{alias}: is this its key? (yes, its fingerprint, or Enter to leave it) ")
            keys = verdict.keys if said.lower() == "yes" else choose(verdict, said) if said else ()
            if said and not keys and said.lower() not in ("n", "no"):
                self.screen.say(f"{alias}: it shows no key with this fingerprint")
        elif verdict.state == "changed":
            said = self.typed(f"{alias}: to trust the new key, type the node's name; Enter leaves it: ")
            keys = verdict.keys if said == alias else ()
        else:
            return
        if keys:
            self.pin_all([(verdict, keys)])
        else:
            self.screen.say(f"{alias}: left as it is")

    def by_fingerprint(self, verdict: Verdict) -> None:
        from stentor.probe.trust import choose

        alias = verdict.node.alias
        if verdict.state in ("silent", "revoked"):
            raise Refused(verdict.outcome.reason, where=alias)
        keys = choose(verdict, self.arguments.fingerprint)
        if not keys:
            shown = ", ".join(f"{key.name} {key.fingerprint}" for key in verdict.keys)
            raise Refused("it shows no key with this fingerprint", where=alias, hint=f"it shows {shown}")
        if verdict.state == "changed" and self.arguments.yes_really != alias:
            raise Refused(
                "its key changed; it is pinned only after its name is typed",
                where=alias,
                hint=f"in a script, say that it is meant: --yes-really {alias}",
            )
        self.pin_all([(verdict, keys)])

    def typed(self, question: str) -> str:
        self.context.stderr.write(question)
        self.context.stderr.flush()
        return self.context.stdin.readline().strip()

    def pin_all(self, chosen: Sequence[tuple[Verdict, Sequence[Key]]]) -> None:
        """Write the pins, and in the journal who decided it."""
        import time

        from stentor import journal
        from stentor.fleet.revision import revision
        from stentor.outcome import Outcome
        from stentor.render.names import brief
        from stentor.ssh.hostkeys import replaced
        from stentor.ssh.keyscan import write_pins

        names = tuple(verdict.node.alias for verdict, _ in chosen)
        today = time.strftime("%Y-%m-%d")

        def change(text: str) -> str:
            for verdict, keys in chosen:
                text = replaced(text, verdict.hosts, keys, f"{verdict.node.alias} pinned {today}")
            return text

        root = self.fleet.data.root
        book = journal.open(self.context.environ, self.fleet.data.policy.journal, root)
        typed = f"stentor trust {self.expression}"
        operation = journal.Operation("trust", typed, self.expression, names, {}, root, revision(root))
        number = book.begin(operation)
        write_pins(self.path, change)
        for verdict, keys in chosen:
            said = "".join(f"pinned {key.name} {key.fingerprint}\n" for key in keys)
            book.outcome(number, Outcome(verdict.node.alias, "ok"), said.encode())
        book.end(number, 0)
        book.close()
        self.pinned.update(names)
        self.screen.say(f"pinned in {self.path}: {brief(names, 200, self.fleet.data.groups)}")


def _vouched(verdict: Verdict) -> list[Key]:
    """Those keys which the user's own file has; the others nobody has vouched for."""
    from stentor.probe.trust import matching

    return matching(verdict.keys, verdict.before)


def _record(verdict: Verdict) -> dict[str, Any]:
    from stentor.probe.trust import explain, since

    outcome = verdict.outcome

    def written(keys: Sequence[Key]) -> list[dict[str, str]]:
        return [{"kind": key.kind, "fingerprint": key.fingerprint} for key in keys]

    return {
        "type": "trust",
        "node": outcome.node,
        "kind": outcome.kind,
        "reason": outcome.reason,
        "hint": outcome.hint,
        "state": verdict.state,
        "hosts": list(verdict.hosts),
        "keys": written(verdict.keys),
        "known": [
            {"kind": pin.key.kind, "fingerprint": pin.key.fingerprint, "since": since(pin) or None}
            for pin in verdict.before
        ],
        "paths": [{"way": way, "keys": written(list(keys.values()))} for way, keys in verdict.seen.paths],
        "dns": verdict.seen.dns or None,
        "dnssec": verdict.seen.dns_signed,
        "notes": [*verdict.notes, *explain(verdict)],
    }
