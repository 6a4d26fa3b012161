"""``stentor doctor``: what stands between a command and a node's shells, with its proof and its mend."""

from __future__ import annotations

import argparse
from typing import TYPE_CHECKING, Any

from stentor.cli.context import Context
from stentor.cli.dispatch import Parser
from stentor.cli.selecting import add_connect_timeout, add_nodes, expression, selected
from stentor.cli.values import count

if TYPE_CHECKING:
    from collections.abc import Iterator

    from stentor.api import Selection
    from stentor.fanout.outcome import Outcome
    from stentor.probe.doctor import Diagnosis
    from stentor.probe.finding import Finding
    from stentor.probe.observe import Observation
    from stentor.probe.outward import Way
    from stentor.render.records import Records
    from stentor.render.screen import Screen

EXAMPLES = """
stentor doctor                 every node: what is wrong, why, and the line that mends it
stentor doctor crtr --shells   how each kind of shell comes up there, and which files it reads
stentor doctor crtr --fix      offer the safe mends one by one, each with the line that takes it back
stentor doctor --json | jq -r 'select(.type == "doctor") | .node as $n | .findings[] | "\\($n): \\(.what)"'
"""
MARKS = {"bad": "bad", "warning": "warning", "note": "quiet"}


def configure(parser: Parser) -> None:
    """Add the command's arguments."""
    add_nodes(parser)
    parser.add_argument(
        "-s",
        "--shells",
        action="store_true",
        help="show the shells of every node, not only of those with faults",
    )
    add_connect_timeout(parser)
    parser.add_argument(
        "--shell-timeout",
        type=count,
        default=8,
        metavar="SECONDS",
        help="until a shell which does not come up is said to hang (default: 8)",
    )
    parser.add_argument(
        "-x", "--fix", action="store_true", help="offer the safe mends one by one (never in start-up files)"
    )
    parser.add_argument(
        "-y", "--yes", action="store_true", help="with --fix: do all of them, without questions"
    )
    parser.add_argument("-j", "--json", action="store_true", help="JSON Lines")


def handle(arguments: argparse.Namespace, context: Context) -> int:
    """Do it, and return the exit code."""
    from stentor.api import Fleet
    from stentor.errors import UsageError

    if arguments.yes and not arguments.fix:
        raise UsageError("--yes belongs to --fix", hint="stentor doctor --fix --yes")
    if arguments.fix and not arguments.yes and (arguments.json or not context.interactive()):
        raise UsageError("--fix asks before each mend, and nobody can answer here", hint="add --yes")
    words = expression(arguments)
    selection = selected(Fleet.open(arguments.fleet, environ=context.environ), words, context)
    screen = context.screen()
    if not selection.nodes:
        screen.say("no nodes")
        return 0
    return _Visit(arguments, context, selection, screen, words).run()


class _Visit:
    """One run of the command."""

    def __init__(
        self,
        arguments: argparse.Namespace,
        context: Context,
        selection: Selection,
        screen: Screen,
        expression: str,
    ) -> None:
        self.arguments = arguments
        self.selection = selection
        self.context = context
        self.screen = screen
        self.expression = expression
        self.live = screen.live_err and not context.environ.get("CI")
        self.ask = None if arguments.json else context.asking(screen)
        self.found: dict[str, Diagnosis] = {}
        self.mended: set[tuple[str, str]] = set()

    def run(self) -> int:
        import time

        from stentor.render.records import Records

        started = time.monotonic()
        records = None
        if self.arguments.json:
            nodes = [node.alias for node in self.selection.nodes]
            header = {"command": "doctor", "nodes": nodes, "selector": self.expression}
            records = Records(self.screen, {**header, "started_at": time.time()})
        try:
            for diagnosis in self.examined():
                self.found[diagnosis.outcome.node] = diagnosis
                if records:
                    records.write(_record(diagnosis))
                elif self.live:
                    self.progress(time.monotonic() - started)
        finally:
            self.screen.erase()
        self.found = {node.alias: self.found[node.alias] for node in self.selection.nodes}
        taken = time.monotonic() - started
        if not records:
            self.show(taken)
        if self.arguments.fix:
            self.fix(records)
        if records:
            outcomes = [diagnosis.outcome for diagnosis in self.found.values()]
            records.report(outcomes, code=self.code(), seconds=taken)
        return self.code()

    def examined(self) -> Iterator[Diagnosis]:
        """Each node's diagnosis as it comes; what else is said goes to stderr."""
        from stentor.fanout.events import Notice
        from stentor.fanout.task import Settings
        from stentor.probe.doctor import examine, tasks, with_way
        from stentor.probe.outward import agent, look

        limit, patience = self.arguments.shell_timeout, self.arguments.connect_timeout
        fleet, nodes = self.selection.fleet, self.selection.nodes
        settings = Settings(connect_timeout=patience, timeout=limit * 2.0 + 20.0)
        far = [node for node in nodes if node.alias != fleet.local and not node.expected_down]
        late: list[Diagnosis] = []
        pool, ways = look(fleet.data, far, fleet.environ, patience)
        try:
            agent_state = agent(fleet.environ)
            events = self.selection.fan_out(tasks(nodes, limit), settings, ask=self.ask)
            for diagnosis in examine(events, fleet.data.nodes):
                if isinstance(diagnosis, Notice):
                    place = f"{diagnosis.node}: " if diagnosis.node else ""
                    self.screen.say(f"stentor: {place}{diagnosis.text}")
                    continue
                way = ways.get(diagnosis.outcome.node)
                if way and not way.done():  # waiting here would let the others' events wait
                    late.append(diagnosis)
                    continue
                yield with_way(diagnosis, way.result(), agent_state) if way else diagnosis
            for diagnosis in late:
                yield with_way(diagnosis, ways[diagnosis.outcome.node].result(), agent_state)
        finally:
            pool.shutdown(wait=False, cancel_futures=True)

    def fix(self, records: Records | None) -> None:
        """Offer each safe mend, do what is wanted, and say how it is taken back."""
        import time

        from stentor.probe.mends import mend_for

        stamp = time.strftime("%Y%m%d-%H%M%S", time.gmtime())
        offered = False
        for alias, diagnosis in self.found.items():
            for finding in diagnosis.findings:
                mend = mend_for(finding, stamp)
                if mend is None:
                    continue
                offered = True
                if not self.arguments.yes and not self.wanted(f"{alias}: {mend.title}?"):
                    continue
                outcome = self.change(alias, mend.command)
                if outcome.ok:
                    self.mended.add((alias, finding.key))
                if records:
                    words = {"kind": outcome.kind, "reason": outcome.reason}
                    records.write(
                        {"type": "mend", "node": alias, "what": mend.title, "undo": mend.undo, **words}
                    )
                elif outcome.ok:
                    self.screen.print(f"{alias}: done: {mend.title}")
                    self.screen.print(f"{alias}: to undo it, on the node: {mend.undo}")
                else:
                    self.screen.print(f"{alias}: not done: {mend.title}: {outcome.reason or outcome.kind}")
        if not offered and not records:
            self.screen.say("nothing here is for --fix to mend")

    def wanted(self, question: str) -> bool:
        """Ask; anything but yes is no."""
        self.context.stderr.write(f"{question} [y/N] ")
        self.context.stderr.flush()
        return self.context.stdin.readline().strip().lower() in ("y", "yes")

    def change(self, alias: str, command: str) -> Outcome:
        """Run one mend on its node."""
        from stentor.fanout.events import Finished
        from stentor.fanout.task import Settings, Task

        task = Task(self.selection.fleet.data.nodes[alias], command)
        settings = Settings(connect_timeout=self.arguments.connect_timeout, timeout=20.0)
        events = list(self.selection.fan_out([task], settings, ask=self.ask))
        return next(event.outcome for event in events if isinstance(event, Finished))

    def code(self) -> int:
        """1 if anything is bad, else that of every command which reaches nodes."""
        from stentor.fanout.outcome import exit_code

        for alias, diagnosis in self.found.items():
            for finding in diagnosis.findings:
                reached = not finding.key.startswith("way-") or diagnosis.outcome.ok
                if finding.severity == "bad" and reached and (alias, finding.key) not in self.mended:
                    return 1
        return exit_code([diagnosis.outcome for diagnosis in self.found.values()])

    def progress(self, taken: float) -> None:
        from stentor.render.progress import progress

        waiting = [node.alias for node in self.selection.nodes if node.alias not in self.found]
        bad = sum(d.outcome.kind not in ("ok", "skipped") for d in self.found.values())
        total, width = len(self.selection.nodes), self.screen.width - 1
        self.screen.draw(progress(total, len(self.found), bad, waiting, taken, width))

    def show(self, taken: float) -> None:
        """Each node with its findings; the healthy ones in a line each."""
        from stentor.fanout.outcome import Report
        from stentor.render.summary import duration, hints

        shown = False
        for alias, diagnosis in self.found.items():
            lines = self.node(alias, diagnosis)
            if shown or len(lines) > 1:
                self.screen.print("") if shown and len(lines) > 1 else None
            shown = True
            for line in lines:
                self.screen.print(line)
        counted = [f.severity for d in self.found.values() for f in d.findings]
        words = [f"{counted.count(s)} {w}" for s, w in _COUNTED.items() if counted.count(s)]
        nodes = f"{len(self.found)} node{'' if len(self.found) == 1 else 's'}"
        self.screen.say(f"{nodes}: {', '.join(words) or 'nothing is wrong'}, in {duration(taken)}")
        report = Report(diagnosis.outcome for diagnosis in self.found.values())
        for line in hints(report, self.selection.fleet.data.groups, self.screen.width):
            self.screen.say(line)

    def node(self, alias: str, diagnosis: Diagnosis) -> list[str]:
        from stentor.render.style import KIND_STYLES, paint, printable

        colour, outcome, seen = self.screen.colour_out, diagnosis.outcome, diagnosis.seen
        name = paint(alias, "strong", colour)
        if not outcome.ok and not diagnosis.findings:
            text = printable(f"{outcome.kind}: {outcome.reason}")
            return [f"{name}  {paint(text, KIND_STYLES.get(outcome.kind, 'bad'), colour)}"]
        lines = [f"{name}  {_summary(diagnosis)}"]
        if diagnosis.way and (diagnosis.findings or self.arguments.shells):
            lines.append(f"  {paint('the way there: ' + printable(_way(diagnosis.way)), 'quiet', colour)}")
        if seen and (diagnosis.findings or self.arguments.shells):
            lines += ["", *self.shells(seen)]
        for finding in diagnosis.findings:
            lines += ["", *self.finding(finding)]
        return lines

    def shells(self, seen: Observation) -> list[str]:
        from stentor.probe.observe import KINDS
        from stentor.render.table import Cell, Column, table

        columns = [
            Column("SHELL"),
            Column("UP AFTER", right=True),
            Column("PRINTS", right=True),
            Column("COMMANDS"),
        ]
        columns += [Column("UMASK"), Column("LOCALE"), Column("READS", shrink=True, least=20)]
        rows: list[list[str | Cell]] = []
        for kind, shell in seen.shells.items():
            there = f"{shell.seconds:.2f} s" if shell.ready and shell.seconds is not None else ""
            state = (
                Cell(there) if shell.ready else Cell("hangs" if shell.hung else f"exit {shell.code}", "bad")
            )
            found = sum(bool(path) for path in shell.commands.values())
            commands = f"{found} of {len(shell.commands)}" if shell.commands else ""
            style = "bad" if found < len(shell.commands) else ""
            prints = seen.noise if kind == "ssh" else shell.stdout_bytes
            noise = Cell(f"{prints} B" if prints else "-", "bad" if prints and kind == "ssh" else "")
            reads = " ".join(seen.short(place.file) for place in shell.reads)
            rows.append([KINDS[kind], state, noise, Cell(commands, style), shell.umask, shell.charmap, reads])
        width = self.screen.width - 2 if self.screen.live_out else None
        return ["  " + line for line in table(columns, rows, width=width, colour=self.screen.colour_out)]

    def finding(self, finding: Finding) -> list[str]:
        from stentor.render.style import paint

        colour = self.screen.colour_out
        label = paint(f"{finding.severity:<7}", MARKS[finding.severity], colour)
        head = f"  {label}  {paint(finding.what, 'strong', colour)}"
        rows = (("seen", finding.evidence), ("means", finding.consequence), ("mend", finding.mend))
        return [head, *(f"           {paint(f'{name:<5}', 'quiet', colour)}  {text}" for name, text in rows)]


_COUNTED = {"bad": "bad", "warning": "to be looked at", "note": "worth knowing"}


def _summary(diagnosis: Diagnosis) -> str:
    """A node in a line."""
    seen = diagnosis.seen
    words = []
    if seen and seen.shells:
        slowest = max((shell.seconds or 0.0 for shell in seen.shells.values()), default=0.0)
        shell = seen.login_shell.rpartition("/")[2]
        words.append(
            f"{shell}, {len(seen.shells)} kinds of shell, the slowest is there after {slowest:.1f} s"
        )
    if not diagnosis.outcome.ok:
        words.append(f"{diagnosis.outcome.kind}: {diagnosis.outcome.reason}")
    if not diagnosis.findings:
        words.insert(0, "nothing is wrong")
    return "; ".join(words)


def _way(way: Way) -> str:
    """The steps of a login which went well, or how far it came."""
    steps = [f"{len(way.config)} configuration files", way.address, way.software.removeprefix("OpenSSH_")]
    steps += [
        f"host key in {way.known_by}" if way.known_by else "",
        f"let in by {way.method}" if way.method else "",
    ]
    return ", ".join(step for step in [*steps, way.reason] if step)


def _record(diagnosis: Diagnosis) -> dict[str, Any]:
    outcome, seen = diagnosis.outcome, diagnosis.seen
    return {
        "type": "doctor",
        "node": outcome.node,
        "kind": outcome.kind,
        "reason": outcome.reason,
        "hint": outcome.hint,
        "seconds": float(outcome.seconds),
        "way": diagnosis.way._asdict() if diagnosis.way else None,
        "login_shell": seen.login_shell if seen else None,
        "shells": [_shell_record(seen, kind) for kind in seen.shells] if seen else [],
        "findings": [finding._asdict() for finding in diagnosis.findings],
    }


def _shell_record(seen: Observation, kind: str) -> dict[str, Any]:
    shell = seen.shells[kind]
    return {
        "kind": kind,
        "ready": shell.ready,
        "seconds": shell.seconds,
        "code": shell.code,
        "hung": shell.hung is not None,
        "path": list(shell.path),
        "commands": {name: path or None for name, path in shell.commands.items()},
        "prints": seen.noise if kind == "ssh" else shell.stdout_bytes,
        "umask": shell.umask,
        "charmap": shell.charmap,
        "reads": [{"file": place.file, "line": place.line or None} for place in shell.reads],
        "path_changes": [
            {"file": c.place.file, "line": c.place.line or None, "path": list(c.path)} for c in shell.changes
        ],
    }
