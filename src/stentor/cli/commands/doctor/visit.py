"""One run of ``stentor doctor``: look at the nodes, say what was found, mend what may be mended."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import argparse
    from collections.abc import Iterator, Sequence

    from stentor.api.fleet import Selection
    from stentor.cli.context import Context
    from stentor.probe.doctor import Diagnosis
    from stentor.render.screen import Screen


class Visit:
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
        """Look, show, mend; return the exit code."""
        import time

        from stentor.cli.commands.doctor.record import record
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
                    records.write(record(diagnosis))
                elif self.live:
                    self.progress(time.monotonic() - started)
        finally:
            self.screen.erase()
        self.found = {node.alias: self.found[node.alias] for node in self.selection.nodes}
        taken = time.monotonic() - started
        if not records:
            self.show(taken)
        if self.arguments.fix:
            from stentor.cli.commands.doctor.mending import Mending

            fixing = Mending(self.arguments, self.context, self.selection, self.screen, records)
            self.mended = fixing.run(self.found)
        if records:
            outcomes = [diagnosis.outcome for diagnosis in self.found.values()]
            records.report(outcomes, code=self.code(), seconds=taken)
        return self.code()

    def examined(self) -> Iterator[Diagnosis]:
        """Each node's diagnosis as it comes; what else is said goes to stderr."""
        from stentor.fanout.events import Event, Progress
        from stentor.fanout.task import Settings, Task
        from stentor.probe.rounds import Limits, rounds
        from stentor.render.notices import text

        fleet = self.selection.fleet

        def fan_out(tasks: Sequence[Task], settings: Settings) -> Iterator[Event]:
            return self.selection.fan_out(tasks, settings, ask=self.ask)

        for diagnosis in rounds(
            fleet.data,
            self.selection.nodes,
            fan_out,
            environ=fleet.environ,
            local=fleet.local,
            limits=Limits(self.arguments.connect_timeout, self.arguments.shell_timeout),
            trace=self.arguments.shells,
        ):
            if isinstance(diagnosis, Progress):
                place = f"{diagnosis.node}: " if diagnosis.node else ""
                self.screen.say(f"stentor: {place}{text(diagnosis)}")
            else:
                yield diagnosis

    def code(self) -> int:
        """1 if anything is bad, else that of every command which reaches nodes."""
        from stentor.outcome import exit_code

        for alias, diagnosis in self.found.items():
            for finding in diagnosis.findings:
                reached = not finding.key.startswith("way-") or diagnosis.outcome.ok
                if finding.severity == "bad" and reached and (alias, finding.key) not in self.mended:
                    return 1
        return exit_code([diagnosis.outcome for diagnosis in self.found.values()])

    def progress(self, taken: float) -> None:
        """The line that is drawn while nodes are waited for."""
        from stentor.render.progress import progress

        waiting = [node.alias for node in self.selection.nodes if node.alias not in self.found]
        bad = sum(d.outcome.kind not in ("ok", "skipped") for d in self.found.values())
        total, width = len(self.selection.nodes), self.screen.width - 1
        self.screen.draw(progress(total, len(self.found), bad, waiting, taken, width))

    def show(self, taken: float) -> None:
        """Each node with its findings; the healthy ones in a line each."""
        from stentor.cli.commands.doctor.show import Page, counted
        from stentor.outcome import Report
        from stentor.render.summary import duration, hints

        shown, page = False, Page(self.screen, all_shells=self.arguments.shells)
        for alias, diagnosis in self.found.items():
            lines = page.node(alias, diagnosis)
            if shown or len(lines) > 1:
                self.screen.print("") if shown and len(lines) > 1 else None
            shown = True
            for line in lines:
                self.screen.print(line)
        nodes = f"{len(self.found)} node{'' if len(self.found) == 1 else 's'}"
        self.screen.say(f"{nodes}: {counted(self.found.values())}, in {duration(taken)}")
        report = Report(diagnosis.outcome for diagnosis in self.found.values())
        for line in hints(report, self.selection.fleet.data.groups, self.screen.width):
            self.screen.say(line)
