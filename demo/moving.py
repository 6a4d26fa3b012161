"""An SVG that moves, from what a terminal showed: CSS alone, no script, no font from elsewhere.

Each line of the screen is text that appears at its time, and disappears if something else takes its place.
Who has asked for reduced motion, or whose viewer does not animate, sees the last frame.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from html import escape
from typing import NamedTuple

from rich.console import Console
from rich.terminal_theme import SVG_EXPORT_THEME
from rich.text import Text

_CHAR, _LINE, _EDGE, _TOP = 8.43, 20, 14, 50  # pixels
_BACK, _FRONT = "#292929", "#c5c8c6"
_FONTS = 'ui-monospace,SFMono-Regular,Menlo,Consolas,"DejaVu Sans Mono",monospace'
_STYLE = f"""\
text{{font:14px {_FONTS};fill:{_FRONT};white-space:pre}}
.b{{font-weight:bold}}.d{{opacity:.6}}.h{{visibility:hidden}}"""


class Frame(NamedTuple):
    """What the terminal showed.

    Attributes:
        lines: the screen, with colours as escape sequences.
        seconds: for how long.
        typed: seconds that it takes to type the last line; 0 where it was not typed.
    """

    lines: tuple[str, ...]
    seconds: float
    typed: float = 0.0


class Row(NamedTuple):
    """A line at one place of the screen, from when to when; ``end`` is None for one that stays."""

    place: int
    line: str
    begin: float
    end: float | None = None
    typed: float = 0.0


def rows(frames: Sequence[Frame]) -> list[Row]:
    """Return each line with its time, in the order in which they come."""
    found: list[Row] = []
    shown: dict[int, Row] = {}
    now = 0.0
    for frame in frames:
        lines = dict(enumerate(frame.lines))
        for place in {*shown, *lines}:
            line = lines.get(place, "").rstrip()
            if place in shown and shown[place].line != line:
                found.append(shown.pop(place)._replace(end=now))
            if line and place not in shown:
                last = place == len(frame.lines) - 1
                shown[place] = Row(place, line, now, typed=frame.typed if last else 0.0)
        now += frame.seconds
    return sorted([*found, *shown.values()], key=lambda row: (row.begin, row.place))


def moving(frames: Sequence[Frame], width: int, title: str, label: str) -> str:
    """Return the picture of these frames, one after the other, again and again.

    Args:
        frames: what was shown.
        width: the terminal's columns.
        title: what stands above it.
        label: what the picture shows, for those who do not see it.
    """
    every, total = rows(frames), sum(frame.seconds for frame in frames)
    high = _TOP + _LINE * max(row.place for row in every) + _EDGE
    wide = round(width * _CHAR + 2 * _EDGE)
    rules = [rule for number, row in enumerate(every) for rule in _rules(number, row, total)]
    body = [part for number, row in enumerate(every) for part in _body(number, row)]
    dots = "".join(
        f'<circle cx="{x}" cy="18" r="6" fill="{c}"/>'
        for x, c in ((20, "#ff5f57"), (40, "#febc2e"), (60, "#28c840"))
    )
    named = f' aria-label="{escape(label)}"'
    return "\n".join(
        [
            f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {wide} {high}" role="img"{named}>',
            f"<style>\n{_STYLE}\n@media (prefers-reduced-motion:no-preference){{",
            f".h{{visibility:visible}}.m{{animation:{total:.1f}s step-end infinite}}",
            *rules,
            "}\n</style>",
            f'<rect width="{wide}" height="{high}" rx="8" fill="{_BACK}"/>{dots}',
            f'<text x="{wide // 2}" y="23" text-anchor="middle">{escape(title)}</text>',
            *body,
            "</svg>\n",
        ]
    )


def _rules(number: int, row: Row, total: float) -> Iterator[str]:
    begin = _percent(row.begin, total)
    steps = ["0%{opacity:0}"] if row.begin else []
    steps += [f"{begin}{{opacity:1}}"]
    steps += ["100%{opacity:1}"] if row.end is None else [f"{_percent(row.end, total)},100%{{opacity:0}}"]
    if row.begin or row.end is not None:
        yield f"@keyframes r{number}{{{''.join(steps)}}}.r{number}{{animation-name:r{number}}}"
    if row.typed:
        letters = len(Text.from_ansi(row.line).plain)
        moved = f"transform:translateX({letters * _CHAR:.0f}px)"
        end = _percent(row.begin + row.typed, total)
        yield (
            f"@keyframes c{number}{{0%{{transform:none}}"
            f"{begin}{{transform:none;animation-timing-function:steps({letters})}}{end},100%{{{moved}}}}}"
            f".c{number}{{animation-name:c{number}}}"
        )


def _body(number: int, row: Row) -> Iterator[str]:
    hidden = "" if row.end is None else " h"
    y = _TOP + _LINE * row.place
    yield f'<text class="m r{number}{hidden}" y="{y}">{"".join(_spans(row.line))}</text>'
    if row.typed:  # what covers the line, and moves aside
        letters = len(Text.from_ansi(row.line).plain)
        yield (
            f'<rect class="m c{number} h" x="{_EDGE + 2 * _CHAR:.1f}" y="{y - 15}" '
            f'width="{letters * _CHAR:.0f}" height="{_LINE}" fill="{_BACK}"/>'
        )


def _spans(line: str) -> Iterator[str]:
    """Text in one style each, at its column: no font decides where a column is."""
    column = 0
    for text, style, _ in Console(color_system="truecolor", width=1000).render(Text.from_ansi(line, end="")):
        blanks = len(text) - len(text.lstrip())
        shown = text.strip()
        if shown:
            names = [name for name, has in (("b", style and style.bold), ("d", style and style.dim)) if has]
            named = f' class="{" ".join(names)}"' if names else ""
            colour = ""
            if style and style.color and not style.color.is_default:
                colour = f' fill="{style.color.get_truecolor(SVG_EXPORT_THEME).hex}"'
            x = _EDGE + (column + blanks) * _CHAR
            length = f'textLength="{len(shown) * _CHAR:.1f}"'
            yield f'<tspan x="{x:.1f}" {length}{named}{colour}>{escape(shown)}</tspan>'
        column += len(text)


def _percent(moment: float, total: float) -> str:
    return f"{100 * moment / total:.2f}%"
