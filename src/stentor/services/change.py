"""A deploy as a change: node by node begun, proved by name, confirmed; or everything as it was."""

from __future__ import annotations

import hmac
import os
import time
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence

from stentor.engines.reach import Reach
from stentor.errors import StentorError
from stentor.fanout.events import Event, Finished, Notice
from stentor.fleet.service import RUNNING, SYSTEMD
from stentor.fleet.services import Services, Site
from stentor.outcome import NOT_REACHED, Kind, Outcome, not_seen
from stentor.rollout.change import BaseChange, Preview, Step
from stentor.rollout.sent import Sent
from stentor.rollout.spent import Spent
from stentor.services import program
from stentor.services.deadlines import renewed
from stentor.services.parts import Parts, known_on
from stentor.services.plan import look
from stentor.services.visit import Visit, aside, visit, visits
from stentor.sh.quoting import quote
from stentor.typed import NamedTuple

TIMEOUT = 1200.0  # of a node's part: images are fetched meanwhile
WINDOW = 120  # seconds that a node waits to be confirmed
_STEPS = {
    "recovering": "undoing a change that was not finished",
    "kept": "earlier files kept",
    "armed": "deadline armed",
    "applied": "applied, and it works",
}
_BY_ITSELF = "the node takes it back by itself; see 'stentor services status'"
_TOO_LATE = "is not there any more"
_LONGER = " (if it takes longer than the nodes wait: --deadline)"


class Proved(NamedTuple):
    """What came of asking for a web name: ``said`` is the reason where it failed."""

    fqdn: str
    ok: bool
    said: str = ""


Prove = Callable[[Services, Sequence[Site], Reach], Sequence[Proved]]


def operation_name() -> str:
    """Return a name for a change, unique on the nodes and sortable by time."""
    return f"{time.strftime('%Y%m%dT%H%M%S', time.gmtime())}-{os.urandom(3).hex()}"


class ServicesChange(BaseChange):
    """Brings services, the gateway and the DNS to what the fleet says.

    Args:
        prove: asks for web names as a browser would; None to ask for none.
        title: one line for people.
        op: the name of the change on the nodes.
        window: seconds that a node waits to be confirmed, once it has applied its part.

    Attributes:
        looked: what came of each node when it was asked for the preview.
        window: as it was given.
    """

    name = "services deploy"

    def __init__(
        self, parts: Parts, prove: Prove | None, title: str, op: str = "", *, window: int = WINDOW
    ) -> None:
        self.title = title
        self.op = op or operation_name()
        self.looked: dict[str, Outcome] = {}
        self._parts = parts
        self._prove = prove
        self.window = window
        self._spent = Spent(time.monotonic)
        self._applied: list[str] = []  # nodes that wait to be confirmed
        self._later: set[str] = set()  # nodes that are to be changed, and whose turn has not come

    @property
    def nodes(self) -> tuple[str, ...]:
        """The nodes on which anything is to hold, in the order in which they are changed."""
        return tuple(alias for phase in self._parts.phases for alias in phase)

    @property
    def ordered(self) -> bool:
        """Whether some nodes have to be changed before others."""
        return len(self._parts.phases) > 1

    @property
    def behind(self) -> Mapping[str, Collection[str]]:
        """Node to the nodes that it needs."""
        return self._parts.behind

    def digest(self, nodes: Sequence[str], key: bytes) -> str:
        """Return a digest of what is to hold on these nodes, in this order.

        Args:
            nodes: aliases.
            key: without it nobody can tell which contents (a short secret, say) give this digest.
        """
        said = repr([(alias, self._parts.items[alias]) for alias in nodes])
        return hmac.new(key, said.encode("utf-8", "replace"), "sha256").hexdigest()

    def sends(self) -> Sequence[Sent]:
        """The checks and files that the fleet file names, modes of its folders, and units that stop."""
        items = [item for found in self._parts.items.values() for item in found]
        services = self._parts.services.services
        files = dict.fromkeys(file.path for item in items for file in item.files if file.data is not None)
        lines = [service.check for service in services.values() if service.check]
        lines += [f"rm -f {quote(file.path)}" for item in items for file in item.files if file.data is None]
        lines += [f"chmod {mode} {quote(path)}" for item in items for path, mode, _ in item.folders if mode]
        ending = {item.name for item in items} & {
            one.name for one in services.values() if one.state != RUNNING
        }
        lines += [f"systemctl stop {quote(services[name].unit)}" for name in ending if services[name].unit]
        return [Sent(files=tuple(files)), *map(Sent, dict.fromkeys(lines))]

    def preview(self, nodes: Sequence[str], reach: Reach) -> Mapping[str, Preview]:
        """Say what would change on each node; touch nothing."""
        items = {alias: self._parts.items[alias] for alias in nodes}
        known = {alias: known_on(self._parts.services, alias) for alias in nodes}
        previews, self.looked = look(reach, items, known)
        self._later = {alias for alias, one in previews.items() if one.changes}
        return previews

    def undo(self, nodes: Sequence[str]) -> str:
        """Return the command line that takes it back later."""
        return f"stentor services rollback {','.join(nodes)}"

    def apply(self, nodes: Sequence[str], reach: Reach) -> Iterator[Event | Step]:
        """Begin on each node, prove the web names, and confirm; all of it, or nothing of it."""
        pending: dict[str, Outcome] = {}
        ended: dict[str, Outcome] = {}
        self._applied = []
        self._later -= set(nodes)
        try:
            with renewed(reach, self.op, self.window, lambda: self._applied):
                yield from self._begin(nodes, reach, pending, ended)
                why = self._fault(ended) or reach.stop_reason
                if not why and pending:
                    failed = self._ask(reach, {*nodes, *self._later} - pending.keys())
                    for one in failed:
                        yield Notice("", f"{one.fqdn}: {one.said}")
                    why = "; ".join(f"{one.fqdn}: {one.said}" for one in failed[:3]) or reach.stop_reason
            with reach.ending() as ending:
                interrupted = bool(reach.stop_reason) and not self._fault(ended)
                settled = self._settled(pending, ending, why, interrupted=interrupted)
                ended.update({alias: self._spent.until_now(one) for alias, one in settled.items()})
            pending.clear()
            for alias in nodes:
                if alias not in ended:
                    ended[alias] = Outcome(alias, "cancelled", reason=f"not begun: {why or 'interrupted'}")
                yield Finished(alias, ended[alias])
        except BaseException as error:
            # A caller that closes this iterator hears no more: nothing may stay undecided.
            reason = "Ctrl-C" if isinstance(error, KeyboardInterrupt) else str(error) or "an interrupt"
            interrupted = isinstance(error, (KeyboardInterrupt, GeneratorExit))
            with reach.ending() as ending:
                back = self._back(pending, ending, reason, interrupted=interrupted)
                self.cut_short = [self._spent.until_now(one) for one in back.values()]
            raise

    def _begin(
        self, nodes: Sequence[str], reach: Reach, pending: dict[str, Outcome], ended: dict[str, Outcome]
    ) -> Iterator[Event | Step]:
        """Carry the phases out; the first failure ends them."""
        for phase in self._parts.phases:
            texts = {
                alias: program.compose(self._parts.items[alias], payload=True)
                for alias in phase
                if alias in nodes
            }
            for event in visit(
                reach,
                texts,
                "deploy",
                reach.settings.timeout or TIMEOUT,
                op=self.op,
                window=str(self.window),
            ):
                if isinstance(event, Step):
                    if event.name == "armed":
                        pending[event.node] = Outcome(event.node, "cancelled", started=True)
                    yield event._replace(text=_STEPS.get(event.name, event.text))
                elif isinstance(event, Visit):
                    self._begun(event, pending, ended)
                    yield from self._steps(event)
                else:
                    yield event
            if self._fault(ended) or reach.stop_reason:
                return

    def _begun(self, seen: Visit, pending: dict[str, Outcome], ended: dict[str, Outcome]) -> None:
        """Note what came of a node: its change waits, or it is over."""
        outcome = self._spent.until_now(seen.outcome)
        alias = outcome.node
        if seen.answer and seen.answer.one("state") == "applied":
            pending[alias] = outcome
            self._applied.append(alias)
        elif outcome.kind in ("cancelled", "lost", "timed-out") and outcome.started:
            pending[alias] = outcome  # how far it came only the node knows
            if outcome.kind != "cancelled":
                ended[alias] = outcome
        else:
            pending.pop(alias, None)
            ended[alias] = outcome._replace(hint=outcome.hint or self._log_of(outcome))

    def _log_of(self, outcome: Outcome) -> str:
        """Return the command that shows the log of the unit that failed: it is kept when the unit is gone."""
        name, colon, _ = outcome.reason.removeprefix("reverted: ").partition(": ")
        service = self._parts.services.services.get(name)
        if outcome.kind != "failed" or not colon or service is None or service.kind != SYSTEMD:
            return ""
        on = f" --on {outcome.node}" if len(service.nodes) > 1 else ""
        return f"its log: stentor services logs {name}{on}"

    def _steps(self, seen: Visit) -> Iterator[Step]:
        for _, name in seen.answer.numbered("did") if seen.answer else ():
            yield Step(seen.outcome.node, "changed", f"{name}: changed")

    def _fault(self, ended: Mapping[str, Outcome]) -> str:
        """Why everything is taken back; a node that was not reached is no reason."""
        for outcome in ended.values():
            if not outcome.ok and outcome.kind not in NOT_REACHED and outcome.kind != "skipped":
                return f"{outcome.node} failed"
        return ""

    def _ask(self, reach: Reach, away: Collection[str]) -> list[Proved]:
        """The web names that do not answer as they should.

        Those of nodes that are away, or whose turn comes later, are not asked for.
        """
        services = self._parts.services
        sites = [
            site
            for site in self._parts.sites
            if not set(away) & {*_nodes_of(services, site), *services.gateway_nodes}
        ]
        if self._prove is None or not sites:
            return []
        return [one for one in self._prove(services, sites, reach) if not one.ok]

    def _settled(
        self, pending: Mapping[str, Outcome], reach: Reach, why: str, *, interrupted: bool
    ) -> dict[str, Outcome]:
        """Confirm, or take everything back: also where a node's deadline has come meanwhile."""
        if why:
            return self._back(pending, reach, why, interrupted=interrupted)
        texts = {alias: program.compose(self._parts.items[alias]) for alias in pending}
        answered = visits(reach, texts, "confirm", 60.0, op=self.op)
        for alias, seen in answered.items():
            if said := seen.answer.one("failed") if seen.answer else "":
                longer = _LONGER if said.endswith(_TOO_LATE) else ""
                return self._back(pending, reach, f"{alias} could not confirm it: {said}{longer}")
        return self._confirmed(pending, answered)

    def _confirmed(self, pending: Mapping[str, Outcome], answered: Mapping[str, Visit]) -> dict[str, Outcome]:
        found = {}
        for alias, seen in answered.items():
            outcome = pending[alias]
            if seen.answer and seen.answer.one("state") == "confirmed":
                found[alias] = outcome._replace(kind="ok", code=0, reason="")
            else:
                reason = f"not confirmed: {seen.outcome.reason or seen.outcome.kind}"
                found[alias] = outcome._replace(kind="lost", code=None, reason=reason, hint=_BY_ITSELF)
        return found

    def _back(
        self, pending: Mapping[str, Outcome], reach: Reach, why: str, *, interrupted: bool = False
    ) -> dict[str, Outcome]:
        """Take back what is not confirmed, and say what became of it."""
        interrupted = interrupted or bool(reach.stop_reason)
        return {
            alias: self._reverted(pending[alias], seen, why, interrupted=interrupted)
            for alias, seen in self._revert(pending, reach).items()
        }

    def _revert(self, nodes: Collection[str], reach: Reach) -> dict[str, Visit]:
        """Have these nodes put everything back, the last phase first; return what they answered."""
        found: dict[str, Visit] = {}
        for phase in reversed(self._parts.phases):
            texts = {alias: program.compose(self._parts.items[alias]) for alias in phase if alias in nodes}
            try:
                found.update(visits(reach, texts, "revert", 300.0, op=self.op))
            except StentorError:  # no space here for what is sent, say: each node has its deadline
                found.update({alias: Visit(not_seen(alias), None) for alias in texts})
        return found

    def _reverted(self, begun: Outcome, seen: Visit, why: str, *, interrupted: bool) -> Outcome:
        state = seen.answer.one("state") if seen.answer else ""
        left = seen.answer.one("left") if seen.answer else ""
        own = begun.reason if begun.kind in ("lost", "timed-out") else ""
        if state in ("unknown", "reverted"):  # the node itself says what came of it: more than what was ended
            begun = begun._replace(remote="")
        if state == "unknown":
            text = f"nothing was changed: {own or why}"
            return begun._replace(kind="cancelled", code=None, reason=text, hint="")
        if state != "reverted":
            reason = f"{own or why}; and it is not known what became of it"
            return begun._replace(kind="lost", code=None, reason=reason, hint=_BY_ITSELF)
        how = f"partly reverted ({left} left)" if left else "reverted"
        kind: Kind = "cancelled" if interrupted and not left else "failed"
        text = f"{how} after {why}" if interrupted else f"{how}: {own or why}"
        code = None if kind == "cancelled" else 1
        return begun._replace(kind=kind, code=code, reason=text, hint=aside(seen.answer))

    def revert(self, nodes: Sequence[str], reach: Reach, why: str) -> Iterator[Event | Step]:
        """Take back what these nodes have confirmed."""
        with reach.ending() as ending:
            found = self._revert(nodes, ending)
        for alias, seen in found.items():
            confirmed = Outcome(alias, "ok", 0, started=True)
            outcome = self._reverted(confirmed, seen, why, interrupted=bool(reach.stop_reason))
            whole = seen.answer and seen.answer.one("state") == "reverted" and not seen.answer.one("left")
            yield Finished(alias, outcome._replace(kind="ok", code=0) if whole else outcome)


def _nodes_of(services: Services, site: Site) -> tuple[str, ...]:
    service = services.services.get(site.service)
    return service.nodes if service else ()
