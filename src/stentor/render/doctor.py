"""What ``stentor doctor`` says, to people and to programs."""

from __future__ import annotations

from typing import TYPE_CHECKING

from stentor.probe.observe import KINDS
from stentor.render.display import BaseDisplay
from stentor.render.style import KIND_STYLES, paint, printable
from stentor.render.table import Cell, Column, table
from stentor.render.wrap import hanging

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

    from stentor.outcome import Report
    from stentor.probe.doctor import Diagnosis
    from stentor.probe.finding import Finding
    from stentor.probe.fixes import Offer
    from stentor.probe.fixing import FixResult
    from stentor.probe.observe import Observation
    from stentor.probe.outward import Way
    from stentor.render.json_fields import Shape
    from stentor.render.json_lines import JsonLines
    from stentor.render.screen import Screen
    from stentor.rollout.snapshot import Answer

MARKS = {"bad": "bad", "warning": "warning", "note": "quiet"}
_COUNTED = {"bad": "bad", "warning": "to be looked at", "note": "worth knowing"}


class DoctorView:
    """A round of ``stentor doctor``: see :class:`stentor.render.survey.View`."""

    def __init__(self, *, all_shells: bool) -> None:
        # Show the shells of every node, not only of those with something to say.
        self._all_shells = all_shells

    def record(self, seen: Diagnosis, _: float) -> Shape:
        return doctor_record(seen)

    def picture(self, now: Mapping[str, Diagnosis], width: int | None, *, colour: bool) -> list[str]:
        """Return each node with its findings; the healthy ones in a line each."""
        found: list[str] = []
        for alias, diagnosis in now.items():
            lines = self._node(alias, diagnosis, width, colour=colour)
            found += ([""] if found and len(lines) > 1 else []) + lines
        return found

    def counted(self, now: Mapping[str, Diagnosis]) -> Iterator[str]:
        """Count all findings: ``3 nodes: 1 bad, 2 worth knowing, 1 not examined``."""
        severities = [finding.severity for diagnosis in now.values() for finding in diagnosis.findings]
        words = [f"{severities.count(key)} {name}" for key, name in _COUNTED.items() if key in severities]
        away = sum(not (diagnosis.seen or diagnosis.findings) for diagnosis in now.values())
        if not words and away < len(now):
            words.append("nothing is wrong")
        if away:
            words.append(f"{away} not examined")
        nodes = f"{len(now)} node{'' if len(now) == 1 else 's'}"
        yield f"{nodes}: {', '.join(words)},"

    def changes(self, _: Mapping[str, Diagnosis], __: Mapping[str, Diagnosis]) -> list[str]:
        """Nodes are examined once."""
        return []

    def _node(self, alias: str, diagnosis: Diagnosis, width: int | None, *, colour: bool) -> list[str]:
        """A node with its findings; a healthy one in a line."""
        outcome, seen = diagnosis.outcome, diagnosis.seen
        name = paint(alias, "strong", colour)
        if not outcome.ok and not diagnosis.findings:
            text = printable(outcome.words)
            return [f"{name}  {paint(text, KIND_STYLES.get(outcome.kind, 'bad'), colour)}"]
        lines = [f"{name}  {hanging(_summary(diagnosis), len(alias) + 2, width)}"]
        if diagnosis.way and (diagnosis.findings or self._all_shells):
            way = hanging(f"the way there: {printable(_way(diagnosis.way))}", 2, width)
            lines.append(f"  {paint(way, 'quiet', colour)}")
        if seen and (diagnosis.findings or self._all_shells):
            lines += ["", *_shells(seen, width, colour=colour)]
        for finding in diagnosis.findings:
            lines += ["", *_finding(finding, width, colour=colour)]
        return lines


def _shells(seen: Observation, width: int | None, *, colour: bool) -> list[str]:
    """How each kind of shell came up."""
    columns = [
        Column("SHELL"),
        Column("UP AFTER", right=True),
        Column("PRINTS", right=True),
        Column("COMMANDS"),
    ]
    columns += [Column("UMASK"), Column("LOCALE")]
    columns += [Column("READS", shrink=True, least=20)] if seen.traced else []
    rows: list[list[str | Cell]] = []
    for kind, shell in seen.shells.items():
        there = f"{shell.seconds:.2f} s" if shell.ready and shell.seconds is not None else ""
        state = Cell(there) if shell.ready else Cell("hangs" if shell.hung else f"exit {shell.code}", "bad")
        found = sum(bool(path) for path in shell.commands.values())
        commands = f"{found} of {len(shell.commands)}" if shell.commands else ""
        style = "bad" if found < len(shell.commands) else ""
        prints = seen.noise if kind == "ssh" else shell.stdout_bytes
        noise = Cell(f"{prints} B" if prints else "-", "bad" if prints and kind == "ssh" else "")
        reads = " ".join(seen.short(place.file) for place in shell.reads)
        row: list[str | Cell] = [KINDS[kind], state, noise, Cell(commands, style), shell.umask]
        rows.append([*row, shell.charmap, *([reads] if seen.traced else [])])
    room = None if width is None else width - 2
    return ["  " + line for line in table(columns, rows, width=room, colour=colour)]


def _finding(finding: Finding, width: int | None, *, colour: bool) -> list[str]:
    """What was found, what it means, and the line that fixes it, which stays whole to be copied."""
    label = paint(f"{finding.severity:<7}", MARKS[finding.severity], colour)
    lines = [f"  {label}  {paint(hanging(printable(finding.what), 11, width), 'strong', colour)}"]
    rows = (
        ("seen", finding.evidence, width),
        ("means", finding.consequence, width),
        ("fix", finding.fix, None),
    )
    for name, text, room in rows:
        lines.append(
            f"           {paint(f'{name:<5}', 'quiet', colour)}  {hanging(printable(text), 18, room)}"
        )
    return lines


def _summary(diagnosis: Diagnosis) -> str:
    """A node in a line."""
    seen = diagnosis.seen
    words = []
    if seen and seen.shells:
        slowest = max((shell.seconds or 0.0 for shell in seen.shells.values()), default=0.0)
        shell = printable(seen.login_shell.rpartition("/")[2])
        words.append(
            f"{shell}, {len(seen.shells)} kinds of shell, the slowest is there after {slowest:.1f} s"
        )
    if not diagnosis.outcome.ok:
        words.append(printable(diagnosis.outcome.words))
    if seen and not diagnosis.findings:
        words.insert(0, "nothing is wrong")
    return "; ".join(words)


def _way(way: Way) -> str:
    """The steps of a login which went well, or how far it came."""
    files = f"{len(way.config)} configuration file{'' if len(way.config) == 1 else 's'}"
    steps = [files, way.address, way.software.removeprefix("OpenSSH_")]
    steps += [
        f"host key in {way.known_by}" if way.known_by else "",
        f"let in by {way.method}" if way.method else "",
    ]
    return ", ".join(step for step in [*steps, way.reason] if step)


def doctor_record(diagnosis: Diagnosis) -> Shape:
    """Return one node's line for programs."""
    from stentor.render import json_doctor as json

    seen = diagnosis.seen
    return json.Doctor.of(
        diagnosis.outcome,
        entered=diagnosis.entered or None,
        way=diagnosis.way and json.Way.of(diagnosis.way, kind=diagnosis.way.kind or None),
        login_shell=seen.login_shell if seen else None,
        shells=[_shell_record(seen, kind) for kind in seen.shells] if seen else [],
        findings=[json.Finding.of(finding) for finding in diagnosis.findings],
    )


def _shell_record(seen: Observation, kind: str) -> Shape:
    from stentor.render import json_doctor as json

    shell = seen.shells[kind]
    return json.Shell.of(
        shell,
        shell=kind,
        hung=shell.hung is not None,
        commands={name: path or None for name, path in shell.commands.items()},
        prints=seen.noise if kind == "ssh" else shell.stdout_bytes,
        reads=[json.Place(place.file, place.line or None) for place in shell.reads],
        path_changes=[
            json.PathChange(c.place.file, c.place.line or None, list(c.path)) for c in shell.changes
        ],
    )


class FixView(BaseDisplay):
    """A display of what came of each fix."""

    def __init__(
        self, screen: Screen, records: JsonLines | None, results: list[FixResult], undo: Callable[[], str]
    ) -> None:
        self._screen = screen
        self._records = records  # lines for programs instead, or None
        self._results = results  # of the change, which grow while it goes on
        self._undo = undo  # returns the command that undoes the operation

    def show(self, event: object) -> None:
        from stentor.rollout.change import Step

        if not isinstance(event, Step) or event.name not in ("fixed", "not-fixed"):
            return
        if self._records:
            from stentor.render import json_doctor

            result = self._results[-1]
            undo = f"{self._undo()} {event.node}" if result.kind == "ok" else ""
            self._records.write(json_doctor.Fix.of(result, what=result.title, undo=undo))
        else:
            self._screen.print(f"{event.node}: {printable(event.text)}")

    def end(self, report: Report) -> None:
        """Say how it is undone."""
        if not self._records and any(result.kind == "ok" for result in self._results):
            self._screen.say(f"to undo it: {self._undo()}")


def tell_blocked(screen: Screen, records: JsonLines | None, offer: Offer) -> None:
    """Say why a fix is not offered."""
    reason = f"not offered: {offer.blocker}"
    if records:
        from stentor.render import json_doctor

        records.write(json_doctor.Fix(offer.node, offer.fix.title, "", "skipped", reason))
    else:
        screen.print(printable(f"{offer.node}: not done: {offer.fix.title}: {reason}"))


class UndoView(BaseDisplay):
    """A display of what each node restored."""

    def __init__(self, screen: Screen, records: JsonLines | None, answers: Mapping[str, Answer]) -> None:
        self._screen = screen
        self._records = records  # lines for programs instead, or None
        self._answers = answers  # of the change, which grow while it goes on

    def show(self, event: object) -> None:
        from stentor.fanout.events import Finished
        from stentor.probe.fixing import shown

        if not isinstance(event, Finished):
            return
        outcome, said = event.outcome, self._answers.get(event.node)
        restored = [shown(path) for path in said.restored] if said else []
        if self._records:
            from stentor.render import json_doctor

            left = said.left if said else []
            self._records.write(json_doctor.Undone.of(outcome, restored=restored, left=left))
            return
        if restored:
            self._screen.print(printable(f"{outcome.node}: restored: {', '.join(restored)}"))
        if not outcome.ok:
            self._screen.print(printable(f"{outcome.node}: {outcome.reason or outcome.kind}"))
