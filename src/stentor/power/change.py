"""Reboot, shut down and wake as changes: what an operation carries out."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import TYPE_CHECKING

from stentor.fanout.collect import collect
from stentor.fanout.events import Finished
from stentor.outcome import Outcome
from stentor.power import reboot, wake
from stentor.rollout.change import BaseChange, Preview, Step
from stentor.rollout.sent import Sent

if TYPE_CHECKING:
    from stentor.engines.reach import Reach
    from stentor.fanout.collect import Result
    from stentor.fanout.events import Event
    from stentor.fleet.model import Node

_FORBIDDEN = "this user may not do that there (sudo -n is refused)"
_ALLOWED = "log in as root, or let sudo do it without a password; power: in policy.yaml names another command"
_LOOK = 1.0  # seconds between two looks at a node that reboots
_ASK = 10.0  # seconds for one question


class _PowerChange(BaseChange):
    """A change by one command on each node: our own, or that of the user's or the policy's."""

    usual: str  # what is said of our own

    def __init__(self, command: str) -> None:
        self.title = command or self.name
        self._command = command  # empty for our own

    def sends(self) -> Sequence[Sent]:
        """The command of the user's or the policy's."""
        return (Sent(self._command, meant=("power",)),) if self._command else ()

    def preview(self, nodes: Sequence[str], reach: Reach) -> Mapping[str, Preview]:
        """Say the command; no node is asked."""

        def planned(node: Node) -> str:
            skipped = f"skipped if it does not answer (expected {node.state}), else "
            return f"{skipped if node.expected_down else ''}{self._command or self.usual}"

        return {node.alias: Preview(node.alias, (planned(node),)) for node in reach.nodes(nodes)}


class RebootChange(_PowerChange):
    """Reboot nodes, each proved to be back by its boot id before it is finished."""

    name = "reboot"
    usual = reboot.REBOOT

    def __init__(
        self,
        command: str,
        limit: float,
        forget: Callable[[str], None],
        *,
        clock: Callable[[], float] = time.monotonic,
        sleep: Callable[[float], None] = time.sleep,
    ) -> None:
        super().__init__(command)
        self._limit = limit  # seconds until a node must be back
        self._forget = forget  # ends the warm connection to a node: the system it led to is gone
        self._clock = clock  # seconds that never go back
        self._sleep = sleep  # waits so many seconds

    def apply(self, nodes: Sequence[str], reach: Reach) -> Iterator[Event | Step]:
        """Reboot these nodes at the same time; a wave has as many as the plan says."""
        began = self._clock()
        waiting: dict[str, str] = {}  # alias to the boot id before
        before = _ask(reach, reach.nodes(nodes), reboot.BOOT_ID)
        command = self._command or reboot.reboot()
        ready = []
        for alias in nodes:
            if before[alias].ok:
                ready.append(alias)
            else:
                yield Finished(alias, before[alias].outcome)
        for alias, asked in _ask(reach, reach.nodes(ready), command).items():
            both = asked.outcome._replace(seconds=before[alias].outcome.seconds + asked.outcome.seconds)
            if asked.kind == "failed":
                yield Finished(alias, _failed(both, self._command))
            elif asked.kind == "cancelled":
                yield Finished(alias, both)
            else:
                # A connection that is lost here is what a reboot looks like.
                yield Step(alias, "going-down", "going down")
                waiting[alias] = before[alias].text
        yield from self._wait(waiting, reach, began)

    def _wait(self, waiting: dict[str, str], reach: Reach, began: float) -> Iterator[Event | Step]:
        stop = reach.cancellation
        while waiting and self._clock() - began < self._limit and not (stop and stop.reason):
            self._sleep(_LOOK)
            for alias in waiting:
                self._forget(alias)
            for alias, now in _ask(reach, reach.nodes(list(waiting)), reboot.BOOT_ID).items():
                if now.ok and reboot.is_back(waiting[alias], now.text):
                    seconds = self._clock() - began
                    yield Step(alias, "back", f"back after {seconds:.0f} s")
                    del waiting[alias]
                    yield Finished(alias, Outcome(alias, "ok", 0, seconds=seconds, started=True))
        for alias in waiting:
            seconds = self._clock() - began
            if stop and stop.reason:
                reason = f"{stop.reason} before it was back; it may still be rebooting"
                yield Finished(alias, Outcome(alias, "cancelled", None, reason, "", seconds, True))
            else:
                reason = f"not back within {self._limit:g} s"
                yield Finished(alias, Outcome(alias, "timed-out", None, reason, "", seconds, True))


class ShutdownChange(_PowerChange):
    """Shut nodes down."""

    name = "shutdown"
    usual = reboot.SHUTDOWN

    def apply(self, nodes: Sequence[str], reach: Reach) -> Iterator[Event | Step]:
        """Shut these nodes down."""
        command = self._command or reboot.shutdown()
        settings = reach.settings._replace(timeout=15.0)
        for event in reach.command(reach.nodes(nodes), command, settings):
            if isinstance(event, Finished) and event.outcome.ok:
                yield Step(event.node, "going-down", "going down")
            elif isinstance(event, Finished) and event.outcome.kind == "failed":
                event = Finished(event.node, _failed(event.outcome, self._command))
            yield event


def _failed(outcome: Outcome, command: str) -> Outcome:
    """Return it with a reason: our own command says by its code that it may not."""
    forbidden = not command and outcome.code == reboot.FORBIDDEN
    reason = _FORBIDDEN if forbidden else f"its command failed: {outcome.reason or f'exit {outcome.code}'}"
    hint = _ALLOWED if forbidden else outcome.hint
    return outcome._replace(code=None, reason=reason, hint=hint)


class WakeChange(BaseChange):
    """Wake nodes by Wake-on-LAN."""

    name = "wake"
    title = "wake"

    def __init__(self, via: dict[str, str | None], broadcast: str = "", port: int = wake.PORT) -> None:
        self._via = via  # alias to the alias of the node that sends the packet; None for this machine
        # The address it is sent to; empty for everybody here and the node's own networks.
        self._broadcast = broadcast
        self._port = port  # UDP port

    def preview(self, nodes: Sequence[str], reach: Reach) -> Mapping[str, Preview]:
        """Say what would be sent from where."""
        return {node.alias: Preview(node.alias, (self.route(node),)) for node in reach.nodes(nodes)}

    def apply(self, nodes: Sequence[str], reach: Reach) -> Iterator[Event | Step]:
        """Send the packets."""
        for alias in nodes:
            node, via = reach.fleet.nodes[alias], self._via[alias]
            yield Step(alias, "waking", self.route(node))
            places = (self._broadcast,) if self._broadcast else wake.broadcasts(node.addresses)
            problems = [self._send(reach, via, node.mac or "", place) for place in places]
            if problems and all(problems):  # one that left is enough
                yield Finished(alias, Outcome(alias, "failed", reason=f"not woken: {problems[0]}"))
            else:
                yield Finished(alias, Outcome(alias, "ok", 0))

    def route(self, node: Node) -> str:
        """Say what is sent from where."""
        return f"{node.mac} from {self._via[node.alias] or 'here'}"

    def _send(self, reach: Reach, via: str | None, mac: str, broadcast: str) -> str:
        """Send one packet; return why it could not be sent, or nothing."""
        if via is None:
            try:
                wake.send(mac, broadcast, self._port)
            except OSError as error:
                return f"{broadcast}: {error.strerror or error}"
            return ""
        result = _ask(reach, reach.nodes([via]), wake.command(mac, broadcast, self._port))[via]
        said = result.stderr.decode(errors="replace").strip().removeprefix("stentor: ")
        return "" if result.ok else f"{via}: {said or result.outcome.reason}"


def _ask(reach: Reach, nodes: Sequence[Node], command: str) -> dict[str, Result]:
    settings = reach.settings._replace(timeout=_ASK, connect_timeout=3.0)
    found = {result.node: result for result in collect(reach.command(nodes, command, settings))}
    return {node.alias: found[node.alias] for node in nodes}
