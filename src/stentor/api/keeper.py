"""What 'stentor serve' does by itself: pings, catch-up, warm connections, a look at night, messages."""

from __future__ import annotations

import threading
import time
import traceback
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime

from stentor.api import dotfiles
from stentor.api.base import BaseSelection
from stentor.api.dotfiles import HELD, Wanted
from stentor.api.dotfiles_acting import apply_operation
from stentor.api.fleet import Fleet, Selection
from stentor.api.hook_action import acting, ending
from stentor.api.hook_receiver import Receiver
from stentor.api.hook_worker import place_of
from stentor.api.operations import Terms
from stentor.api.trust import verdicts
from stentor.errors import StentorError
from stentor.fanout.task import Settings
from stentor.fleet.model import Node
from stentor.hooks.clock import Retry, is_due
from stentor.hooks.history import Answered, History, Pings
from stentor.journal import MISSED
from stentor.probe.ping import Ping, ping
from stentor.probe.places import Place, places

_BAD_KEYS = ("changed", "revoked")
_PATHS = 5  # named of a node at most


def look_at(selection: Selection) -> list[str]:
    """Return what is to be told of some nodes, a line each; nodes that are down are no news."""
    found = [
        f"{verdict.node.alias}: {verdict.outcome.reason}; run 'stentor trust {verdict.node.alias}'"
        for verdict in verdicts(selection)
        if verdict.state in _BAD_KEYS
    ]
    fleet = selection.fleet
    if fleet.data.policy.dotfiles or dotfiles.recall(fleet, HELD):
        found += _drift(selection)
    return found


def _drift(selection: Selection) -> list[str]:
    try:
        source = dotfiles.repository_of(selection.fleet).source
    except StentorError as error:
        return [f"the dotfiles cannot be compared: {error}"]
    lines = []
    for alias, status in dotfiles.status(selection, "", source).items():
        drift = status.state.drift if status.state else ()
        if drift:
            more = f" and {len(drift) - _PATHS} more" if len(drift) > _PATHS else ""
            paths = ", ".join(drift[:_PATHS])
            lines.append(f"{alias}: edited there: {paths}{more}; run 'stentor dotfiles plan {alias}'")
    return lines


TICK = 1.0
LOOK_EVERY = 5.0  # seconds between two looks at who missed something
WARM_EVERY = 240.0  # a connection without a session ends by itself after ten minutes
LIMIT_EVERY = 60.0
LOG_EVERY = 3600.0  # seconds until the same problem is logged again
PLACES_FOR = 600.0  # seconds for which it is not asked again where nodes are
_NIGHTLY, _CATCH_UP = "nightly", "catch-up "  # names of facts


class Keeper:
    """Keeps a fleet, until it is asked to stop."""

    def __init__(
        self,
        hooks: Receiver,
        on_ping: Callable[[Ping, float], None] | None = None,
        *,
        clock: Callable[[], float] = time.time,
    ) -> None:
        self.hooks = hooks  # the webhooks; shares their lock, so that one change is made at a time
        self._on_ping = on_ping  # told each node of each round, with its time in seconds since 1970
        self._clock = clock  # seconds since 1970
        self._up: dict[str, bool] = {}
        self._told: dict[str, str] = {}
        self._over = False
        self._retry = Retry(30.0, 1800.0)
        self._places: tuple[float, object, Mapping[str, Place]] = (float("-inf"), None, {})
        self._next_ping = self._next_warm = self._next_look = self._next_limit = float("-inf")

    def run(self, stop: threading.Event) -> None:
        """Do what is due, until ``stop`` is set. Pings have a thread of their own: the rest may take long."""
        pinging = threading.Thread(target=self._repeat, args=(self.ping, stop), name="pings")
        pinging.start()
        self._repeat(lambda: self.act(stop), stop)
        pinging.join()

    def ping(self) -> None:
        """Ping all nodes, if that is due."""
        fleet, now = self.hooks.fleet(), self._clock()
        if now >= self._next_ping:
            self._next_ping = now + max(fleet.data.policy.keep.ping, 1.0)
            self._round(fleet, now)

    def act(self, stop: threading.Event) -> None:
        """Do what else is due now."""
        fleet = self.hooks.fleet()
        policy, now = fleet.data.policy.keep, self._clock()
        if now >= self._next_look:
            self._next_look = now + LOOK_EVERY
            self._catch_up(fleet, now, stop)
        if policy.warm and now >= self._next_warm:
            self._next_warm = now + WARM_EVERY
            self._warm(fleet, stop)
        if policy.memory and now >= self._next_limit:
            self._next_limit = now + LIMIT_EVERY
            self.limit(fleet)
        self._nightly(fleet, now, stop)
        for problem in self.hooks.messages().send(policy.quiet):
            self.hooks.log(f"a message could not be sent: {problem}")

    def history(self, node: str) -> History:
        """Return a node's pings of the last 30 days."""
        return Pings(self.hooks.database()).of(node)

    def _round(self, fleet: Fleet, now: float) -> None:
        """Ping all nodes; what waited for a node that has returned is taken at once."""
        nodes = fleet.select("@all").nodes
        silent = [alias for alias, up in self._up.items() if not up]
        returned, answered = [], []
        for seen in ping(
            nodes,
            self._where(fleet, nodes, now),
            connect_timeout=5.0,
            local=fleet.local,
            silent=silent,
        ):
            alias, up = seen.outcome.node, seen.outcome.kind == "ok"
            if self._on_ping is not None:
                self._on_ping(seen, now)
            if seen.outcome.kind != "skipped":
                answered.append(Answered(alias, up, seen.outcome.seconds))
            if up and not self._up.get(alias, True):
                returned.append(alias)
            if seen.level != "behind":
                self._up[alias] = up
        Pings(self.hooks.database()).add(answered)
        for alias in returned:
            self._retry.forget(alias)
        if returned:
            self.hooks.queue().hurry()
            self.hooks.came.set()

    def _where(self, fleet: Fleet, nodes: Sequence[Node], now: float) -> Mapping[str, Place]:
        at, data, found = self._places
        if data != fleet.data or now - at > PLACES_FOR:
            found = places(fleet.data, nodes, environ=fleet.environ)
            self._places = (now, fleet.data, found)
        return found

    def _catch_up(self, fleet: Fleet, now: float, stop: threading.Event) -> None:
        """Bring nodes that answer again what they missed."""
        mode = fleet.data.policy.keep.catch_up
        if mode == "nothing":
            return
        known = dotfiles.recall(fleet, MISSED)
        late = [
            alias
            for alias, (_, data) in known.items()
            if self._up.get(alias, True)
            and alias in fleet.data.nodes
            and (mode == "all" or self.hooks.queue().brought(str(data.get("rev", ""))))
            and self._retry.due(alias, now)
        ]
        if not late:
            return
        fleet = acting(fleet, "catch-up")
        with self.hooks.acting:
            for rev, selection in dotfiles.missed(fleet.select(",".join(late))):
                if not stop.is_set():
                    self._bring(fleet, rev, selection, stop)

    def _bring(self, fleet: Fleet, rev: str, selection: BaseSelection, stop: threading.Event) -> None:
        aliases, database = [node.alias for node in selection.nodes], self.hooks.database()
        # What was cut short the last time is reverted by the node itself, and that is no verdict on it.
        again = any(database.recall(f"{_CATCH_UP}{alias}") == rev for alias in aliases)
        try:
            with ending(stop) as cancellation:
                terms = Terms(cancellation=cancellation)
                wanted = Wanted(rev, again=again, source=place_of(fleet, rev, self.hooks.queue()))
                seen = dotfiles.plan(selection, wanted, terms, expire=True)
                if not seen.plans:
                    return  # they do not answer after all
                operation = apply_operation(selection, seen, terms, kind="dotfiles catch-up")
                for alias in aliases:
                    database.remember(f"{_CATCH_UP}{alias}", rev)
                self.hooks.carry_out(operation)
            if not stop.is_set():
                for alias in aliases:
                    database.remember(f"{_CATCH_UP}{alias}", "")
        except StentorError as error:
            self._complain(", ".join(aliases), str(error))
            return
        good = [outcome.node for outcome in operation.report if outcome.ok]
        bad = [outcome for outcome in operation.report if not outcome.ok]
        for alias in good:
            self._retry.forget(alias)
            self._told.pop(alias, None)
        if good:
            self._say("catch-up", f"{', '.join(good)}: at {rev[:10]}", good=True)
        for outcome in bad:
            self._complain(outcome.node, outcome.reason or outcome.kind)

    def _warm(self, fleet: Fleet, stop: threading.Event) -> None:
        """Keep connections open: a session each, before they end by themselves."""
        wanted = [alias for alias in fleet.data.policy.keep.warm if self._up.get(alias, False)]
        if not wanted:
            self._next_warm = float("-inf")  # before the first round nothing is known
            return
        with ending(stop) as cancellation:
            reach = fleet.reach(Settings(connect_timeout=5.0, timeout=20.0), cancellation=cancellation)
            for _ in reach.command(reach.nodes(wanted), "true"):
                pass

    def limit(self, fleet: Fleet) -> None:
        """End the connections that were least used, until the others need no more memory than the policy has.

        Those that are to stay warm would only be opened again: they stay, and the log says what they need.
        """
        policy, found = fleet.data.policy.keep, fleet.masters()
        kept = sum(master.memory for master in found if master.alias in policy.warm)
        others = [master for master in found if master.alias not in policy.warm]
        for master in fleet.least_used_masters(others, max(policy.memory - kept, 0)):
            fleet.stop_master(master, sessions=False)
        if kept > policy.memory and not self._over:
            said = f"connections of 'keep: warm' need {kept // 1024} kB"
            self.hooks.log(f"{said}, more than 'keep: memory' ({policy.memory // 1024} kB)")
        self._over = kept > policy.memory

    def _nightly(self, fleet: Fleet, now: float, stop: threading.Event) -> None:
        """Look at host keys and drift once a night; at the first start from the next night on."""
        database, here = self.hooks.database(), datetime.fromtimestamp(now)
        last = database.recall(_NIGHTLY)
        if not is_due(fleet.data.policy.keep.nightly, last, here):
            return
        database.remember(_NIGHTLY, here.date().isoformat())
        if not last or stop.is_set():
            return
        try:
            self.look(fleet)
        except StentorError as error:
            self._say("the look at night", str(error), good=False)

    def look(self, fleet: Fleet) -> list[str]:
        """Look at host keys and drift of all nodes; have told what is found, and return it."""
        found = look_at(fleet.select("@all"))
        if found:
            self._say("the look at night", "\n".join(found), good=False)
        return found

    def _complain(self, nodes: str, why: str) -> None:
        """Have it told that nodes could not be caught up; the same is told once."""
        if self._told.get(nodes) != why:
            self._told[nodes] = why
            self._say(f"catch-up of {nodes}", why, good=False)

    def _say(self, title: str, text: str, *, good: bool) -> None:
        self.hooks.log(f"{title}: {text}")
        self.hooks.messages().add(self.hooks.fleet().data.policy.keep.tell, title, text, good=good)

    def _repeat(self, work: Callable[[], None], stop: threading.Event) -> None:
        """Work every second, until ``stop`` is set. What goes wrong is logged, and tried again."""
        last, at = "", 0.0
        while not stop.is_set():
            problem = ""
            try:
                work()
            except (StentorError, OSError) as error:
                problem = str(error)  # of the fleet's files or of the disk: it may be gone at the next second
            except Exception:
                problem = traceback.format_exc()  # an error of ours must not end the thread
            if problem and (problem != last or time.monotonic() - at > LOG_EVERY):
                self.hooks.log(problem)
                last, at = problem, time.monotonic()
            stop.wait(TICK)
