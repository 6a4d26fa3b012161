"""Playbooks for people: their plays, the waves, and what would change, nodes alike together."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import TYPE_CHECKING

from stentor.render.dotfiles import diff_lines
from stentor.render.names import brief, fold
from stentor.render.style import paint, printable

if TYPE_CHECKING:
    from stentor.playbooks.listing import Listing
    from stentor.playbooks.prepare import Read
    from stentor.render.json_playbooks import Checked, Play
    from stentor.render.screen import Screen
    from stentor.rollout.change import Preview

_NAMES = 60  # columns


def show_plays(screen: Screen, read: Read, nodes: Sequence[str], waves: Iterable[str]) -> None:
    """Say what will be done, where, in which order, and how it is taken back."""
    listing = read.listing
    for play in listing.plays:
        mine = [node for node in nodes if node in {*play.matched}]
        count = f"{play.tasks} task{'s' if play.tasks != 1 else ''}"
        where = brief(mine, _NAMES) if mine else "none of these nodes"
        serial = f", its own batches: {', '.join(play.serial)}" if play.serial else ""
        screen.say(printable(f"play '{play.name}': {where}, {count}{serial}"))
    without = [node for node in nodes if not listing.expected(node)]
    if without and not listing.dynamic:
        screen.say(f"no play is for {brief(without, _NAMES)}")
    for line in waves:
        screen.say(line)
    if read.back is not None:
        screen.say(f"to revert: {printable(read.back.request.file)}")
    else:
        screen.say("cannot be reverted; a comment '# stentor: revert=FILE' in the playbook names what does")


def show_previews(screen: Screen, previews: Iterable[Preview]) -> None:
    """Print what would change, nodes alike together."""
    found: dict[tuple[object, ...], list[str]] = {}
    for one in previews:
        found.setdefault((one.changes, one.diff, one.unknown), []).append(one.node)
    for (changes, diff, unknown), nodes in found.items():
        screen.lines(_lines(nodes, changes, diff, str(unknown), colour=screen.colour_out))


def _lines(
    nodes: Sequence[str], changes: object, diff: object, unknown: str, *, colour: bool
) -> Iterator[str]:
    names = fold(nodes)
    lines = [str(line) for line in changes] if isinstance(changes, tuple) else []
    changing = [line for line in lines if line.startswith("changed: ")]
    if unknown and not lines:
        yield paint(printable(f"{names}: {unknown}"), "warning", colour)
        return
    count = len(changing)
    title = (
        f"{count} task{'s' if count != 1 else ''} would change something" if count else "nothing would change"
    )
    yield paint(f"{names}: {title}", "strong", colour)
    for line in lines:
        style = "" if line.startswith("changed: ") else "warning"
        text = printable(f"  {line.removeprefix('changed: ')}")
        yield paint(text, style, colour) if style else text
    if isinstance(diff, tuple):
        yield from (f"    {line}" for line in diff_lines(diff, colour=colour))
    if unknown:
        yield paint(printable(f"  {unknown}"), "warning", colour)


def play_records(listing: Listing, nodes: Sequence[str]) -> Iterator[Play]:
    """Yield the record of each play."""
    from stentor.render.json_playbooks import Play

    for play in listing.plays:
        mine = [node for node in nodes if node in {*play.matched}]
        yield Play(play.name, play.pattern, play.place, mine, play.tasks)


def preview_records(previews: Iterable[Preview]) -> Iterator[Checked]:
    """Yield the record of what would change on each node."""
    from stentor.render.json_playbooks import Checked

    for one in previews:
        yield Checked(one.node, list(one.changes), "\n".join(one.diff), one.unknown)
