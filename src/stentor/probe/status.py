"""`stentor status`: the facts of each node, by one portable probe in one session."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import NamedTuple

from stentor.fanout.collect import parsed
from stentor.fanout.events import Event, Progress
from stentor.outcome import Outcome
from stentor.probe import gpus
from stentor.probe.columns import DISK, LOAD, MEMORY, span, style
from stentor.probe.facts import Facts, parse
from stentor.probe.gpus import Gpu
from stentor.probe.session import sessions

# Whatever the login shell is, it starts a plain sh, which reads the probe from its standard input.
COMMAND = "sh -s"
MOST_BYTES = 1 << 20  # a node that says more than this is not telling facts
CLOCK_TOLERANCE = 2.0  # seconds; the node's clock is read in whole ones


class Status(NamedTuple):
    """What one node is and how it fares."""

    outcome: Outcome  # of the probe; ``ok`` if it came to its end
    facts: Facts | None = None  # what was found out, or None where nothing was
    # Seconds by which the node's clock is ahead of ours; 0.0 within what can be told.
    clock_skew: float | None = None
    gpus: tuple[Gpu, ...] = ()  # its graphics processors, where the probe was asked for them (``gpus.ASKED``)


def read_statuses(events: Iterable[Event], *, clock: Callable[[], float]) -> Iterator[Status | Progress]:
    """Turn the events of a fan-out of the probe into a status for each node, as soon as it is done.

    Args:
        events: of ``COMMAND`` with the program ``probe`` as standard input.
        clock: this machine's, in seconds since 1970.
    """
    for session in sessions(events, most_bytes=MOST_BYTES, clock=clock):
        if isinstance(session, Progress):
            yield session
        else:
            yield parsed(
                judge,
                (session.outcome, session.output, session.began, session.answered),
                Status,
                session.outcome,
                session.output,
            )


def judge(outcome: Outcome, output: bytes, began: float, ended: float) -> Status:
    """Make a status of what came of one node.

    Args:
        began: when it began and
        ended: when it had ended by our clock, seconds since 1970.
    """
    facts = parse(output)
    if outcome.ok and not facts.complete:
        reason = "the probe did not come to its end" if output else "the probe said nothing"
        outcome = outcome._replace(
            kind="shell-broken",
            reason=reason,
            hint=f"look for an exit in the start-up files of its shell: stentor ssh {outcome.node}",
        )
    return Status(
        outcome,
        facts if facts != Facts() else None,
        None if facts.clock is None else skew(facts.clock, began, ended),
        gpus.parse(output),
    )


def skew(clock: int, began: float, ended: float) -> float:
    """How far a clock, read between two moments of ours, is ahead of it; 0.0 if that cannot be told."""
    if clock > ended + CLOCK_TOLERANCE:
        return clock - ended
    if clock < began - CLOCK_TOLERANCE:
        return clock - began
    return 0.0


def warnings(status: Status) -> list[str]:
    """What a person should know of a node beside the numbers of the table."""
    facts = status.facts
    found: list[str] = []
    if facts is None:
        return []
    disks = dict.fromkeys(disk for disk in (facts.root, facts.home) if disk)
    found += [f"{disk.mount} is {disk.percent}% full" for disk in disks if disk.percent >= DISK[1]]
    if facts.home_writable is False:
        found.append("the home directory cannot be written")
    if status.clock_skew:
        way = "ahead" if status.clock_skew > 0 else "behind"
        found.append(f"its clock is {span(abs(status.clock_skew))} {way}")
    found += [f"{what} does not answer (a dead network disk, a stopped server?)" for what in facts.hung]
    return found


def changes(before: Mapping[str, Status], now: Iterable[Status]) -> list[str]:
    """Say in a line each what differs from before in kind, system or warnings."""
    lines = []
    for status in now:
        alias = status.outcome.node
        words = _in_words(status)
        earlier = before.get(alias)
        if earlier is None:
            lines.append(f"{alias}: {words}")
        elif _in_words(earlier) != words:
            lines.append(f"{alias}: {_in_words(earlier)} -> {words}")
    return lines


def _in_words(status: Status) -> str:
    if not status.outcome.ok:
        return f"{status.outcome.kind} ({status.outcome.reason})"
    facts = status.facts or Facts()
    words = [facts.os or "?", facts.kernel or "?", *warnings(status)]
    for what, value, limits in (
        ("load", facts.load_per_core, LOAD),
        ("memory", facts.memory_percent, MEMORY),
    ):
        if style(value, limits) == "bad":
            words.append(f"{what} high")
    return f"up ({', '.join(words)})"
