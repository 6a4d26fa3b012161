"""``stentor doctor --fix``: each safe mend asked for, written down, done behind a snapshot."""

from __future__ import annotations

from contextlib import ExitStack
from typing import TYPE_CHECKING

from stentor.cli.locked import locked
from stentor.cli.recorded import Recorded

if TYPE_CHECKING:
    import argparse
    from collections.abc import Iterator, Mapping

    from stentor.api.fleet import Selection
    from stentor.cli.context import Context
    from stentor.outcome import Outcome
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
        self.snapshot = ""
        self.undo = ""
        self.count = 0

    def run(self, found: Mapping[str, Diagnosis]) -> set[tuple[str, str]]:
        """Offer all that can be done safely; return node and key of each finding that was mended."""
        offers = list(self.offers(found))
        if not offers and not self.records:
            self.screen.say("nothing here is for --fix to mend")
        with ExitStack() as stack:
            recorded: Recorded | None = None
            for alias, finding, mend in offers:
                if not self.arguments.yes and not self.wanted(f"{alias}: {mend.title}?"):
                    continue
                recorded = recorded or self.begin(stack, list(dict.fromkeys(alias for alias, _, _ in offers)))
                self.mend(recorded, alias, finding, mend)
        if self.done and not self.records:
            self.screen.say(f"to undo it: {self.undo}")
        return self.done

    def offers(self, found: Mapping[str, Diagnosis]) -> Iterator[tuple[str, Finding, Mend]]:
        """Each mend which can be undone; of the others it is said why they are not offered."""
        from stentor.probe.mends import hindrance, mend_for

        for alias, diagnosis in found.items():
            for finding in diagnosis.findings:
                mend = mend_for(finding)
                if mend is None:
                    continue
                if why := hindrance(mend, diagnosis.findings):
                    self.tell(alias, mend, "skipped", f"not offered: {why}")
                else:
                    yield alias, finding, mend

    def begin(self, stack: ExitStack, aliases: list[str]) -> Recorded:
        """Write down that nodes are going to be changed, and lock them."""
        import os
        import time

        self.snapshot = f"{time.strftime('%Y%m%d-%H%M%S', time.gmtime())}-{os.urandom(3).hex()}"
        nodes = self.selection.fleet.select(",".join(aliases))
        recorded = Recorded(self.selection.fleet, self.context)
        options = {"snapshot": self.snapshot}
        number = recorded.begin("doctor", "stentor doctor --fix", ",".join(aliases), tuple(aliases), options)
        self.undo = f"stentor doctor --undo {number or self.snapshot}"
        stack.enter_context(recorded)
        stack.enter_context(locked(nodes, self.context, "stentor doctor --fix"))
        recorded.code = 0
        return recorded

    def mend(self, recorded: Recorded, alias: str, finding: Finding, mend: Mend) -> None:
        """Do one."""
        from stentor.rollout.snapshot import answer, guarded

        self.count += 1
        name = f"{self.snapshot}.{self.count}"
        recorded.step(alias, f"{mend.title}; snapshot {name}")
        outcome, text = self.change(alias, guarded(name, mend.files, mend.change))
        said = answer(text)
        if not said.taken and outcome.kind in ("ok", "failed"):
            reason = said.refused or said.failed or "the node did not say what came of it"
            outcome = outcome._replace(kind="failed", code=outcome.code or 1, reason=reason)
        recorded.outcome(outcome)
        if outcome.ok:
            self.done.add((alias, finding.key))
        else:
            recorded.code = 1
        self.tell(alias, mend, outcome.kind, outcome.reason)

    def tell(self, alias: str, mend: Mend, kind: str, reason: str) -> None:
        """Say what came of one, or why it is not offered."""
        if self.records:
            undo = f"{self.undo} {alias}" if kind == "ok" else ""
            fields = {"type": "mend", "node": alias, "what": mend.title, "undo": undo}
            self.records.write({**fields, "kind": kind, "reason": reason})
        elif kind == "ok":
            self.screen.print(f"{alias}: done: {mend.title}")
        else:
            self.screen.print(f"{alias}: not done: {mend.title}: {reason or kind}")

    def wanted(self, question: str) -> bool:
        """Ask; anything but yes is no."""
        self.context.stderr.write(f"{question} [y/N] ")
        self.context.stderr.flush()
        return self.context.stdin.readline().strip().lower() in ("y", "yes")

    def change(self, alias: str, command: str) -> tuple[Outcome, str]:
        """Run one mend on its node; what came of it, and what it said."""
        from stentor.fanout.collect import collect
        from stentor.fanout.task import Settings, Task

        task = Task(self.selection.fleet.data.nodes[alias], command)
        settings = Settings(connect_timeout=self.arguments.connect_timeout, timeout=20.0)
        (result,) = collect(self.selection.fan_out([task], settings))
        return result.outcome, result.text
