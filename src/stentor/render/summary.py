"""The end of every fan-out in a few words, worst first, each kind apart."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

from stentor.engines.verdict import exit_reason
from stentor.fanout.events import Finished, Progress
from stentor.outcome import KINDS, Outcome, Report
from stentor.render.display import BaseDisplay
from stentor.render.names import brief
from stentor.render.screen import Screen
from stentor.render.style import KIND_STYLES, paint, printable
from stentor.typed import TYPE_CHECKING

if TYPE_CHECKING:
    from stentor.render.json_fields import Shape

# What is said behind the number, "1 lost in the middle"; of other kinds their names.
_WORDS = {"lost": "lost in the middle", "signalled": "ended by a signal", "no-banner": "without SSH banner"}
MOST_REASONS = 8  # of one kind; what is behind them is one line for all
MOST_HINTS = 5
NARROWEST = 40


def kind_words(kind: str) -> str:
    """Return what a kind of outcome is called: ``host key changed``, ``ended by a signal``."""
    return _WORDS.get(kind, kind.replace("-", " "))


def duration(seconds: float) -> str:
    """A time as people say it: ``0.2 s``, ``12 s``, ``3 min 20 s``, ``2 h 05 min``."""
    if seconds < 9.95:
        return f"{seconds:.1f} s"
    whole = round(seconds)
    if whole < 60:
        return f"{whole} s"
    if whole < 3600:
        return f"{whole // 60} min {whole % 60:02d} s"
    return f"{whole // 3600} h {whole % 3600 // 60:02d} min"


def cause(kind: str, code: int | None, text: str) -> str:
    """Return the reason of an outcome; of a command there is nothing but its exit code to say."""
    if kind == "failed" and code is not None and text in ("", exit_reason(code)):
        return f"exit {code}"
    return printable(text).removeprefix(f"{kind}: ")


def reason(outcome: Outcome) -> str:
    """Say in few words why, to tell nodes of the same kind apart; empty when there is nothing to say."""
    words = "" if outcome.kind == "ok" else cause(outcome.kind, outcome.code, outcome.reason)
    if outcome.remote:
        words = f"{words}; remote process {printable(outcome.remote)}".removeprefix("; ")
    if outcome.attempts > 1 and not outcome.ok:
        words = f"{words}; {outcome.attempts} attempts".removeprefix("; ")
    return words


class Part:
    """One kind of outcome in the summary."""

    __slots__ = ("by_reason", "count", "kind")

    def __init__(self, kind: str) -> None:
        self.kind = kind
        self.count = 0
        self.by_reason: dict[str, list[str]] = {}

    def add(self, outcome: Outcome) -> None:
        """Count one node."""
        self.count += 1
        self.by_reason.setdefault(reason(outcome), []).append(outcome.node)

    @property
    def title(self) -> str:
        """``2 failed``."""
        return f"{self.count} {kind_words(self.kind)}"

    def details(
        self,
        width: int,
        groups: Mapping[str, Sequence[str]] | None,
        form: str = "{nodes}: {why}",
    ) -> list[str]:
        """``prtr: exit 3``: the nodes with each reason, the most frequent first, in ``width`` columns."""
        if self.kind == "ok":
            return []
        rows = sorted(self.by_reason.items(), key=lambda row: -len(row[1]))
        shown = rows if len(rows) <= MOST_REASONS else rows[: MOST_REASONS - 1]
        lines = []
        for why, nodes in shown:
            names = brief(nodes, max(width - len(why) - 2, 20), groups)
            lines.append(form.format(nodes=names, why=why) if why else names)
        if len(rows) > len(shown):
            rest = [node for _, nodes in rows[len(shown) :] for node in nodes]
            names = brief(rest, max(width - 15, 20), groups)
            lines.append(form.format(nodes=names, why="other reasons"))
        return lines


def parts(report: Report) -> list[Part]:
    """Sort a report's outcomes by kind, the worst kind first."""
    found: dict[str, Part] = {}
    for outcome in report:
        part = found.get(outcome.kind)
        if part is None:
            part = found[outcome.kind] = Part(outcome.kind)
        part.add(outcome)
    return [found[kind] for kind in KINDS if kind in found]


def summary(
    report: Report,
    *,
    seconds: float,
    width: int = 80,
    colour: bool = False,
    groups: Mapping[str, Sequence[str]] | None = None,
    dot: str = " · ",
    whole: bool = False,
) -> list[str]:
    """Return the summary's lines: one if everything fits into it, else one for each kind and reason.

    Args:
        width: columns.
        groups: of the fleet, to name sets of nodes by.
        dot: what stands between the kinds.
        whole: break no reason, since no terminal shows it.
    """
    width = max(width, NARROWEST)
    found = parts(report)
    if not found:
        return ["no nodes"]
    end = f" in {duration(seconds)}"
    # Without colour first, since only that can be measured.
    plain = dot.join(_short(part, width, groups) for part in found) + end
    if len(plain) <= width:
        painted = (_paint(part, _short(part, width, groups), colour) for part in found)
        return [dot.join(painted) + paint(end, "quiet", colour)]
    from stentor.render.wrap import columns_of, hanging

    end = f"{dot}{duration(seconds)} in all"
    column = max(len(part.title) for part in found) + 2
    lines = []
    for part in found:
        details = part.details(width - column - len(end), groups) or [""]
        for index, detail in enumerate(details):
            title = _paint(part, part.title, colour) if index == 0 else ""
            space = " " * (column - (len(part.title) if index == 0 else 0))
            lines.append(f"{title}{space}{hanging(detail, column, None if whole else width)}".rstrip())
    if whole or columns_of(lines[-1].rpartition("\n")[2]) + len(end) <= width:
        lines[-1] += paint(end, "quiet", colour)
    else:
        lines.append(" " * column + paint(end.removeprefix(dot), "quiet", colour))
    return lines


def _short(part: Part, width: int, groups: Mapping[str, Sequence[str]] | None) -> str:
    details = part.details(width, groups, "{why}: {nodes}")
    if not details:
        return part.title
    if len(details) == 1:
        why, nodes = next(iter(part.by_reason.items()))
        names = brief(nodes, width, groups)
        return f"{part.title}: {names}" + (f" ({why})" if why else "")
    return f"{part.title} ({'; '.join(details)})"


def _paint(part: Part, text: str, colour: bool) -> str:
    title = part.title
    return paint(title, KIND_STYLES.get(part.kind, "bad"), colour) + text.removeprefix(title)


def hints(report: Report, groups: Mapping[str, Sequence[str]] | None = None, width: int = 80) -> list[str]:
    """What to do next, each hint once, the worst kind's first, with the nodes that it is for."""
    nodes: dict[str, list[str]] = {}
    for outcome in report.worst_first():
        if outcome.hint:
            nodes.setdefault(printable(outcome.hint), []).append(outcome.node)
    lines = []
    for hint, named in list(nodes.items())[:MOST_HINTS]:
        lines.append(f"hint: {brief(named, max(width // 2, 20), groups)}: {hint}")
    if len(nodes) > MOST_HINTS:
        lines.append(f"hint: {len(nodes) - MOST_HINTS} more with --json")
    return lines


def say_interrupted(
    screen: Screen, missing: Sequence[str], groups: Mapping[str, Sequence[str]] | None = None
) -> None:
    """Say that Ctrl-C ended a look at nodes, and which of them were not seen."""
    names = brief(missing, 60, groups)
    screen.say(f"stentor: interrupted; not seen: {names}" if names else "stentor: interrupted")


def say_hints(screen: Screen, report: Report, groups: Mapping[str, Sequence[str]] | None = None) -> None:
    """Say what to do next; see :func:`hints`."""
    for line in hints(report, groups, screen.width):
        screen.say(line)


class Summary(BaseDisplay):
    """Notices while it goes on and the summary at the end, on stderr."""

    __slots__ = ("_alone", "_clock", "_groups", "_screen", "_start")

    def __init__(
        self,
        screen: Screen,
        groups: Mapping[str, Sequence[str]] | None,
        clock: Callable[[], float],
        *,
        alone: bool = False,
    ) -> None:
        self._screen = screen
        self._groups = groups  # of the fleet, to name sets of nodes by
        self._clock = clock  # seconds that never go back
        self._start = clock()
        self._alone = alone  # one node, whose success needs no words

    def show(self, event: object) -> None:
        if isinstance(event, Progress):
            from stentor.render.notices import line

            self._screen.say(paint(line(event), "quiet", self._screen.colour_err))

    def end(self, report: Report) -> None:
        if self._alone and all(outcome.ok for outcome in report):
            return
        screen = self._screen
        lines = summary(
            report,
            seconds=self._clock() - self._start,
            width=screen.width,
            colour=screen.colour_err,
            groups=self._groups,
            dot=" · " if screen.can_show("·") else " | ",
            whole=not screen.live_err,
        )
        for line in lines:
            screen.say(line)
        say_hints(screen, report, self._groups)


class OutcomeRecords(BaseDisplay):
    """A display that writes a record of a verb's own for each node that is finished."""

    def __init__(self, write: Callable[[Shape], None], record: Callable[[Outcome], Shape]) -> None:
        self._write = write  # takes a record
        self._record = record  # makes one

    def show(self, event: object) -> None:
        if isinstance(event, Finished):
            self._write(self._record(event.outcome))


class OutcomeLines(BaseDisplay):
    """A display of what came of each node in the end, a line each, on stdout."""

    def __init__(self, screen: Screen) -> None:
        self._screen = screen

    def end(self, report: Report) -> None:
        for outcome in report:
            text = outcome.reason.removeprefix("ok: ") if outcome.ok else outcome.words
            style = KIND_STYLES.get(outcome.kind, "bad")
            line = printable(f"{outcome.node}: {text or 'ok'}")
            self._screen.print(paint(line, style, self._screen.colour_out))
