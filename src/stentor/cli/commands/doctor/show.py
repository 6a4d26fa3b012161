"""What the doctor says to people."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable

    from stentor.probe.doctor import Diagnosis
    from stentor.probe.finding import Finding
    from stentor.probe.observe import Observation
    from stentor.probe.outward import Way
    from stentor.render.screen import Screen

MARKS = {"bad": "bad", "warning": "warning", "note": "quiet"}
_COUNTED = {"bad": "bad", "warning": "to be looked at", "note": "worth knowing"}


class Page:
    """The lines about nodes.

    Args:
        screen: where they go.
        all_shells: show the shells of every node, not only of those with something to say.
    """

    def __init__(self, screen: Screen, *, all_shells: bool) -> None:
        self.screen = screen
        self.all_shells = all_shells

    def node(self, alias: str, diagnosis: Diagnosis) -> list[str]:
        """A node with its findings; a healthy one in a line."""
        from stentor.render.style import KIND_STYLES, paint, printable

        colour, outcome, seen = self.screen.colour_out, diagnosis.outcome, diagnosis.seen
        name = paint(alias, "strong", colour)
        if not outcome.ok and not diagnosis.findings:
            text = printable(f"{outcome.kind}: {outcome.reason}")
            return [f"{name}  {paint(text, KIND_STYLES.get(outcome.kind, 'bad'), colour)}"]
        lines = [f"{name}  {_summary(diagnosis)}"]
        if diagnosis.way and (diagnosis.findings or self.all_shells):
            lines.append(f"  {paint('the way there: ' + printable(_way(diagnosis.way)), 'quiet', colour)}")
        if seen and (diagnosis.findings or self.all_shells):
            lines += ["", *self.shells(seen)]
        for finding in diagnosis.findings:
            lines += ["", *self.finding(finding)]
        return lines

    def shells(self, seen: Observation) -> list[str]:
        """How each kind of shell came up."""
        from stentor.probe.observe import KINDS
        from stentor.render.table import Cell, Column, table

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
            state = (
                Cell(there) if shell.ready else Cell("hangs" if shell.hung else f"exit {shell.code}", "bad")
            )
            found = sum(bool(path) for path in shell.commands.values())
            commands = f"{found} of {len(shell.commands)}" if shell.commands else ""
            style = "bad" if found < len(shell.commands) else ""
            prints = seen.noise if kind == "ssh" else shell.stdout_bytes
            noise = Cell(f"{prints} B" if prints else "-", "bad" if prints and kind == "ssh" else "")
            reads = " ".join(seen.short(place.file) for place in shell.reads)
            row: list[str | Cell] = [KINDS[kind], state, noise, Cell(commands, style), shell.umask]
            rows.append([*row, shell.charmap, *([reads] if seen.traced else [])])
        width = self.screen.width - 2 if self.screen.live_out else None
        return ["  " + line for line in table(columns, rows, width=width, colour=self.screen.colour_out)]

    def finding(self, finding: Finding) -> list[str]:
        """What was found, what it means, and the mend."""
        from stentor.render.style import paint

        colour = self.screen.colour_out
        label = paint(f"{finding.severity:<7}", MARKS[finding.severity], colour)
        head = f"  {label}  {paint(finding.what, 'strong', colour)}"
        rows = (("seen", finding.evidence), ("means", finding.consequence), ("mend", finding.mend))
        return [head, *(f"           {paint(f'{name:<5}', 'quiet', colour)}  {text}" for name, text in rows)]


def counted(diagnoses: Iterable[Diagnosis]) -> str:
    """All findings in a few words: ``1 bad, 2 worth knowing``."""
    severities = [finding.severity for diagnosis in diagnoses for finding in diagnosis.findings]
    words = [f"{severities.count(key)} {name}" for key, name in _COUNTED.items() if key in severities]
    return ", ".join(words) or "nothing is wrong"


def _summary(diagnosis: Diagnosis) -> str:
    """A node in a line."""
    seen = diagnosis.seen
    words = []
    if seen and seen.shells:
        slowest = max((shell.seconds or 0.0 for shell in seen.shells.values()), default=0.0)
        shell = seen.login_shell.rpartition("/")[2]
        words.append(
            f"{shell}, {len(seen.shells)} kinds of shell, the slowest is there after {slowest:.1f} s"
        )
    if not diagnosis.outcome.ok:
        words.append(f"{diagnosis.outcome.kind}: {diagnosis.outcome.reason}")
    if not diagnosis.findings:
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
