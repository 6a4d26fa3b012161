"""The verbs of ``stentor services`` that look at services, plan and change them."""

from __future__ import annotations

import argparse
import time
from collections.abc import Collection, Iterable
from typing import TYPE_CHECKING

from stentor.api import services as api
from stentor.cli import selector
from stentor.cli.call import Call
from stentor.cli.context import Context
from stentor.cli.dispatch import watch_seconds
from stentor.cli.displays import json_lines
from stentor.cli.rollout_options import terms_of
from stentor.cli.waiting import waiting
from stentor.errors import Refused
from stentor.outcome import Report
from stentor.render import services as view
from stentor.render import web_names
from stentor.render.names import brief
from stentor.render.summary import OutcomeLines, say_hints
from stentor.render.watch import rounds, watch
from stentor.services.rollback import RollbackChange

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from contextlib import AbstractContextManager

    from stentor.operation.operation import Operation
    from stentor.outcome import Outcome
    from stentor.rollout.change import Preview
    from stentor.services.change import ServicesChange


def handle(arguments: argparse.Namespace, context: Context) -> int:
    """Do what a verb says; return the exit code."""
    call = _Call(arguments, context)
    if arguments.verb in ("restart", "start", "stop", "enable", "disable"):
        return call.control()
    return int(getattr(call, arguments.verb)())


class _Call(Call):
    """One call: its options, the fleet and the services."""

    def __init__(self, arguments: argparse.Namespace, context: Context) -> None:
        super().__init__(arguments, context)
        self.unasked = f"look at 'stentor services {arguments.verb} --dry-run', then use --yes"
        self.fleet = context.fleet(arguments.fleet)
        self.terms = terms_of(arguments, context, self.fleet.groups, self.screen)
        self.words = " ".join(arguments.words)
        self.origin = ""  # of the nodes, where no person typed them

    def wanted(self) -> api.Wanted:
        """What the words name."""
        wanted = api.Wanted(self.fleet, api.read(self.fleet), self.arguments.words)
        self._open(wanted.nodes)
        return wanted

    def changed(self) -> api.Wanted:
        """What the words of a change name; only shown, it is all that they may mean.

        Raises:
            UsageError: they name no node, and no service that is on one.
        """
        services = api.read(self.fleet)
        if not self.arguments.words and not self.arguments.dry_run:
            self._name_nodes()
        found = api.Wanted(self.fleet, services, self.arguments.words)
        if found.open_on and not self.arguments.dry_run:
            on = api.Wanted(self.fleet, services, [found.open_on]).nodes
            self._name_nodes(f", and '{found.open_on}' is on {brief(on, 60, self.fleet.groups)}")
            found = api.Wanted(self.fleet, services, self.arguments.words)
        self._open(found.nodes)
        return found

    def _name_nodes(self, note: str = "") -> None:
        """Take the nodes from the policy, if a question is to show them."""
        asks = not (self.arguments.yes or self.arguments.json)
        command = f"stentor services {self.arguments.verb} {self.words}".rstrip()
        nodes, self.origin = selector.named((), self.fleet, command, asks=asks, note=note)
        self.arguments.words = [*self.arguments.words, nodes]
        self.words = " ".join(self.arguments.words)

    def _open(self, nodes: Iterable[str]) -> None:
        command = f"services {self.arguments.verb}"
        self.records = json_lines(
            self.arguments, self.screen, command, list(nodes), self.words or "@all", results=True
        )

    def status(self) -> int:
        """Show how services stand; write nothing."""
        every = watch_seconds(self._with_selector())
        wanted = self.wanted()
        codes = [0]

        def look() -> view.Seen:
            found = api.statuses(self.fleet, wanted, self.terms)
            names = api.web_names(self.fleet, wanted, self.terms)
            if self.records is not None:
                self.records.write(*view.records(found), *web_names.records(names))
            codes.append(self.finish([one.outcome for one in found.values()]))
            return found, names

        title = f"stentor services status {self.words}".rstrip()
        shown = view.StatusRounds(title, look, time.time, self.screen)
        if every is None:
            with self._waiting(wanted.nodes):
                shown.round()
            self._picture(shown.picture(self.screen.columns))
            self._next_steps(one.outcome for one in shown.found.values())
        else:
            try:
                watch(
                    shown, rounds(every, self.arguments.count), every, screen=self.screen,
                    size=self.context.size, silent=self.records is not None, redraw=not self.context.plain(),
                )  # fmt: skip
            except KeyboardInterrupt:
                return 0  # this is how a watch ends, no error
        return codes[-1] or (0 if shown.good else 1)

    def _picture(self, lines: Sequence[str]) -> None:
        if self.records is None:
            self.screen.lines(lines)
            if not lines:
                self.screen.say("nothing to show: no service has a node, and no 'gateway' serves web names")

    def _with_selector(self) -> argparse.Namespace:
        """``--watch`` may have taken a word; it is a name."""
        self.arguments.selector = self.arguments.words
        return self.arguments

    def ports(self) -> int:
        """Show who listens where, against the file."""
        wanted = self.wanted()
        with self._waiting(wanted.nodes):
            found = api.statuses(self.fleet, wanted, self.terms)
        rows = view.port_rows(found, wanted.services.services.values(), wanted.names)
        if self.records is not None:
            self.records.write(*rows)
        else:
            view.show_ports(self.screen, found, rows)
        return self.finish([one.outcome for one in found.values()])

    def plan(self) -> int:
        """Show what a deploy would change; write nothing."""
        wanted = self.wanted()
        change = api.change_of(wanted)
        seen = self._look(wanted, change)
        self._planned(seen)
        self._refuse_blocked(change, seen)
        self._next_steps(change.looked.values())
        return self.finish(change.looked.values())

    def _look(self, wanted: api.Wanted, change: ServicesChange) -> Mapping[str, Preview]:
        with self._waiting(wanted.nodes):
            return api.plan(wanted, change, self.terms)

    def _waiting(self, nodes: Collection[str]) -> AbstractContextManager[None]:
        """Say how long nodes have been asked; nothing is drawn beside records."""
        return waiting(self.screen, self.context, 0 if self.records else len(nodes))

    def deploy(self) -> int:
        """Plan, ask, and do it."""
        wanted = self.changed()
        change = api.change_of(wanted, window=max(5, round(self.arguments.deadline)))
        seen = self._look(wanted, change)
        self._planned(seen)
        self._refuse_blocked(change, seen)
        ready = [alias for alias, one in seen.items() if one.changes]
        if self.arguments.dry_run or not ready:
            return self._unchanged(change.looked, api.away(wanted, change, self.terms))
        self.ask(f"deploy {wanted.title} to {brief(ready, 60, self.fleet.groups)}?")
        return self._deploy(api.deploy_operation(wanted, change, ready, self.terms, words=self.words))

    def rollback(self) -> int:
        """Show what would be put back, ask, and do it."""
        nodes = [node.alias for node in self.fleet.nodes(",".join(self.arguments.words))]
        self._open(nodes)
        change = RollbackChange(self.arguments.to or "")
        with self._waiting(nodes):
            seen = change.preview(nodes, self.fleet.reach(self.terms.settings, ask=self.terms.ask))
        self._planned(seen)
        ready = [alias for alias, one in seen.items() if one.changes]
        if self.arguments.dry_run or not ready:
            return self._unchanged(change.looked, api.away_from_rollback(change, self.terms))
        self.ask(f"take the last deploy back on {brief(ready, 60, self.fleet.groups)}?")
        made = api.rollback_operation(self.fleet, change, ready, self.terms, selector=self.words)
        return self._deploy(made)

    def _unchanged(self, looked: Mapping[str, Outcome], away: Sequence[Outcome]) -> int:
        """End a call that changes nothing, with the next step for nodes that did not answer."""
        if self.arguments.dry_run:
            self.say("dry run: nothing was changed")
            self._next_steps(looked.values())
            return self.finish(looked.values())
        silent = sum(not outcome.reached for outcome in looked.values())
        if silent and silent == len(looked):
            self.say("nothing was changed: no node answered")
        else:
            self.say("nothing to do" + (" on the nodes that answered" if silent else ""))
        self._next_steps(away)
        return self.finish({**looked, **{one.node: one for one in away}}.values())

    def _next_steps(self, outcomes: Iterable[Outcome]) -> None:
        if self.records is None:
            say_hints(self.screen, Report(outcomes), self.fleet.groups)

    def control(self) -> int:
        """Restart, stop, start, enable or disable."""
        wanted = self.changed()
        made = api.control_operation(wanted, self.arguments.verb, self.terms, words=self.words)
        nodes = made.request.nodes
        if self.arguments.dry_run:
            self.say(f"would {made.request.title} on {brief(nodes, 60, self.fleet.groups)}")
            return self.finish(())
        if self.origin or self.arguments.verb in ("stop", "disable"):
            self.ask(f"{made.request.title} on {brief(nodes, 60, self.fleet.groups)}?")
        return self._deploy(made)

    def _planned(self, seen: Mapping[str, Preview]) -> None:
        if self.records is not None:
            self.records.write(*map(view.planned, seen.values()))
        else:
            if not seen:
                self.screen.say("no node is to be changed: see 'node' and 'type' of services, and 'gateway'")
            short = bool(vars(self.arguments).get("short"))
            view.show_plan(self.screen, seen.values(), short=short)

    def ask(self, question: str, declined: str = "nothing was changed") -> None:
        """As of every call; where the policy chose the nodes, the question says so."""
        super().ask(f"{self.origin}: {question}" if self.origin else question, declined)

    def _deploy(self, operation: Operation) -> int:
        extra = [] if self.records else [OutcomeLines(self.screen)]
        return self.carry_out(operation, self.fleet, extra)

    def _refuse_blocked(self, change: ServicesChange, seen: Mapping[str, Preview]) -> None:
        """A plan ends as the deploy would: refused where a node is blocked."""
        for one in seen.values():
            if one.blocker:
                if self.records is not None:
                    self.records.report(change.looked.values(), code=Refused.exit_code)
                raise Refused(one.blocked, where=one.node, hint=one.next_step)
