"""`stentor doctor`: one script in one session a node, and from what it saw to findings."""

from __future__ import annotations

import time
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from typing import NamedTuple

from stentor import sh, shells
from stentor.digits import whole
from stentor.fanout.collect import parsed
from stentor.fanout.events import Event, Progress
from stentor.fanout.task import Task
from stentor.fleet.model import Node
from stentor.outcome import Outcome, exit_code
from stentor.probe.advice import Advice
from stentor.probe.finding import Finding, worst_first
from stentor.probe.inside import Entrance, inside_findings, seen_inside
from stentor.probe.managed import in_repository
from stentor.probe.observe import BEGIN, Observation, parse
from stentor.probe.outward import Way, way_findings
from stentor.probe.rules_node import node_findings
from stentor.probe.rules_shells import shell_findings
from stentor.probe.session import Session, sessions
from stentor.probe.status import skew
from stentor.sh.program import path
from stentor.sh.quoting import quote_any

MOST_BYTES = 4 << 20  # a node that says more than this is not telling of its shells


class Diagnosis(NamedTuple):
    """What was found on one node."""

    outcome: Outcome  # of the session; ``ok`` if the script came to its end
    seen: Observation | None = None  # what it saw; None where nothing was
    findings: tuple[Finding, ...] = ()  # worst first
    # The login, the doctor's own or one made anew; None for this machine, and for nodes that are expected
    # down.
    way: Way | None = None
    entered: str = ""  # the other way by which a node with a broken shell was looked at; empty for all others
    printed: int = 0  # bytes of standard output which came before the script began

    @property
    def faults(self) -> tuple[Finding, ...]:
        """The findings which are no mere notes."""
        return tuple(finding for finding in self.findings if finding.severity != "note")


def tasks(nodes: Iterable[Node], shell_timeout: int, *, trace: bool = False, token: str = "") -> list[Task]:
    """One task a node: the script, by ``sh``, with what is required of that node.

    Args:
        shell_timeout: seconds after which a shell that is not there is said to hang.
        trace: follow every shell through its start-up files, not only those of a node with something odd.
        token: a word by which these sessions are found again, should their shells hang.
    """
    # By its full name, since PATH may be what is wrong. The last word keeps the login shell alive
    # while the script runs, which looks at its environment.
    last = f": {token}" if token else "true"
    line = script_line
    return [Task(node, f"{line(node, shell_timeout, trace=trace)}; {last}", program()) for node in nodes]


def program() -> str:
    """Return the path of the program, for the standard input of ``script_line``."""
    return path("doctor/main", front=sh.assign(known_shells=shells.started()))


def script_line(node: Node, shell_timeout: int, *, trace: bool = False, session: str = "login") -> str:
    """The line which runs the script from standard input.

    Args:
        shell_timeout: seconds for each kind of shell.
        trace: as of ``tasks``.
        session: ``login`` for an ordinary one; for one by another way the token of the ordinary ones.
    """
    words = ["/bin/sh", "-s", "--", str(shell_timeout), "always" if trace else "needed", session]
    return " ".join([*words, *map(quote_any, node.requires)])


def diagnose(session: Session, requires: Sequence[str]) -> Diagnosis:
    """From what a node answered to what is wrong with it.

    Args:
        requires: commands which the fleet requires of it.
    """
    outcome, seen = session.outcome, parse(session.output)
    if not session.output or (not seen.complete and not seen.shells):
        return Diagnosis(_unfinished(outcome, bool(session.output)), printed=seen.noise)
    now = whole((seen.said.get("now") or ("",))[0])
    ahead = 0.0 if now is None else skew(now, session.began, session.answered)
    found = [*shell_findings(seen, requires), *node_findings(seen, ahead)]
    findings = in_repository(found, seen.said.get("managed", ()), outcome.node)
    return Diagnosis(
        _unfinished(outcome, True) if not seen.complete else outcome,
        seen,
        tuple(worst_first(findings)),
        printed=seen.noise,
    )


def _unfinished(outcome: Outcome, said: bool) -> Outcome:
    if not outcome.ok:
        return outcome
    reason = "the script did not come to its end" if said else "the script said nothing"
    hint = f"look for an exit in the start-up files of its shell: stentor ssh {outcome.node}"
    return outcome._replace(kind="shell-broken", reason=reason, hint=hint)


def examine(
    events: Iterable[Event], nodes: Mapping[str, Node], *, clock: Callable[[], float] = time.time
) -> Iterator[Diagnosis | Progress]:
    """Turn the events of a fan-out of ``tasks`` into a diagnosis for each node, as soon as it is done."""
    for session in sessions(events, most_bytes=MOST_BYTES, mark=BEGIN.encode(), clock=clock):
        if isinstance(session, Progress):
            yield session
        else:
            yield parsed(
                diagnose,
                (session, nodes[session.outcome.node].requires),
                Diagnosis,
                session.outcome,
                session.output,
            )


def with_entrance(
    diagnosis: Diagnosis, entrance: Entrance, requires: Sequence[str], sftp: Sequence[str]
) -> Diagnosis:
    """The same with what was seen of a node whose shell lets no command through.

    Args:
        requires: commands which the fleet requires of the node.
        sftp: the quoted words which stand between ``sftp`` and a path there.
    """
    findings = inside_findings(entrance, diagnosis.outcome, sftp)
    seen = seen_inside(entrance)
    if seen:
        found = [*shell_findings(seen, requires), *node_findings(seen)]
        findings += in_repository(found, seen.said.get("managed", ()), diagnosis.outcome.node)
    kept = [finding for finding in diagnosis.findings if not finding.key.startswith("way-")]
    return diagnosis._replace(
        seen=seen or diagnosis.seen, findings=tuple(worst_first([*findings, *kept])), entered=entrance.way
    )


def with_way(diagnosis: Diagnosis, way: Way, agent_state: str) -> Diagnosis:
    """The same with what was seen on the way there."""
    way = way._replace(printed=diagnosis.printed)
    found = way_findings(way, diagnosis.outcome, agent_state)
    return diagnosis._replace(way=way, findings=tuple(worst_first([*found, *diagnosis.findings])))


def with_advice(diagnosis: Diagnosis, told: Iterable[Advice]) -> Diagnosis:
    """The same with what ssh_config says and the node does not get."""
    found = [
        Finding(
            "ssh-config",
            "note",
            "a block of ssh_config for its address does not hold",
            one.what,
            "another tool that calls ssh by the address logs in otherwise, or elsewhere",
            one.hint,
        )
        for one in told
    ]
    return diagnosis._replace(findings=tuple(worst_first([*diagnosis.findings, *found])))


def about(diagnosis: Diagnosis | Progress, command: str) -> Diagnosis | Progress:
    """The same with what concerns one command, or a note that every shell finds it."""
    if isinstance(diagnosis, Progress) or diagnosis.seen is None:
        return diagnosis
    found = [one for one in diagnosis.findings if one.key in ("command-missing", "command-absent")]
    found = [
        one._replace(fix=f"install {command}", consequence=f'"{command}: command not found"')
        if one.key == "command-absent"
        else one
        for one in found
    ]
    places = sorted({shell.commands.get(command, "") for shell in diagnosis.seen.shells.values()} - {""})
    if not found and places:
        where = ", ".join(map(diagnosis.seen.short, places))
        kept = Finding(
            "command-found",
            "note",
            f"every kind of shell finds {command}",
            f"it is {where}",
            "it is found",
            "none",
        )
        found = [kept]
    return diagnosis._replace(findings=tuple(found))


def code_of(diagnoses: Iterable[Diagnosis], fixed: Collection[tuple[str, str]] = ()) -> int:
    """Return 1 if anything is bad, else the exit code of every command that reaches nodes.

    Args:
        fixed: node and key of each finding that was fixed since.
    """
    found = list(diagnoses)
    for diagnosis in found:
        for finding in diagnosis.findings:
            reached = not finding.key.startswith("way-") or diagnosis.outcome.ok
            if finding.severity == "bad" and reached and (diagnosis.outcome.node, finding.key) not in fixed:
                return 1
    return exit_code([diagnosis.outcome for diagnosis in found])
