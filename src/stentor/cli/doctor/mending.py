"""``stentor doctor --fix``: each safe mend asked for, written down, done, and how it is taken back."""

from __future__ import annotations

from contextlib import ExitStack
from typing import TYPE_CHECKING

from stentor.cli.locked import locked
from stentor.cli.recorded import Recorded

if TYPE_CHECKING:
    import argparse
    from collections.abc import Mapping

    from stentor.api import Selection
    from stentor.cli.context import Context
    from stentor.fanout.outcome import Outcome
    from stentor.probe.doctor import Diagnosis
    from stentor.probe.finding import Finding
    from stentor.probe.mends import Mend
    from stentor.render.records import Records
    from stentor.render.screen import Screen


class Mending:
    """The mends of one run. The nodes are locked, and the journal knows of each before it is done.

    Args:
        arguments: ``yes`` asks nothing.
        context: for questions and the journal.
        selection: the nodes that were looked at.
        screen: where it is said.
        records: lines for programs instead, or None.
    """

    def __init__(
        self,
        arguments: argparse.Namespace,
        context: Context,
        selection: Selection,
        screen: Screen,
        records: Records | None,
    ) -> None:
        self.arguments = arguments
        self.context = context
        self.selection = selection
        self.screen = screen
        self.records = records
        self.done: set[tuple[str, str]] = set()

    def run(self, found: Mapping[str, Diagnosis]) -> set[tuple[str, str]]:
        """Offer all that can be done safely; return node and key of each finding that was mended."""
        import time

        from stentor.probe.mends import mend_for

        stamp = time.strftime("%Y%m%d-%H%M%S", time.gmtime())
        offers = [
            (alias, finding, mend)
            for alias, diagnosis in found.items()
            for finding in diagnosis.findings
            if (mend := mend_for(finding, stamp))
        ]
        if not offers and not self.records:
            self.screen.say("nothing here is for --fix to mend")
        with ExitStack() as stack:
            recorded: Recorded | None = None
            for alias, finding, mend in offers:
                if not self.arguments.yes and not self.wanted(f"{alias}: {mend.title}?"):
                    continue
                recorded = recorded or self.begin(stack, list(dict.fromkeys(alias for alias, _, _ in offers)))
                self.mend(recorded, alias, finding, mend)
        return self.done

    def begin(self, stack: ExitStack, aliases: list[str]) -> Recorded:
        """Write down that nodes are going to be changed, and lock them."""
        nodes = self.selection.fleet.select(",".join(aliases))
        recorded = Recorded(self.selection.fleet, self.context)
        recorded.begin("doctor", "stentor doctor --fix", ",".join(aliases), tuple(aliases))
        stack.enter_context(recorded)
        stack.enter_context(locked(nodes, self.context, "stentor doctor --fix"))
        recorded.code = 0
        return recorded

    def mend(self, recorded: Recorded, alias: str, finding: Finding, mend: Mend) -> None:
        """Do one."""
        recorded.step(alias, f"{mend.title}; to undo it: {mend.undo}")
        outcome = self.change(alias, mend.command)
        recorded.outcome(outcome)
        if outcome.ok:
            self.done.add((alias, finding.key))
        else:
            recorded.code = 1
        if self.records:
            words = {"kind": outcome.kind, "reason": outcome.reason}
            self.records.write(
                {"type": "mend", "node": alias, "what": mend.title, "undo": mend.undo, **words}
            )
        elif outcome.ok:
            self.screen.print(f"{alias}: done: {mend.title}")
            self.screen.print(f"{alias}: to undo it, on the node: {mend.undo}")
        else:
            self.screen.print(f"{alias}: not done: {mend.title}: {outcome.reason or outcome.kind}")

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
        events = list(self.selection.fan_out([task], settings))
        return next(event.outcome for event in events if isinstance(event, Finished))
