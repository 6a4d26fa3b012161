"""What ``stentor top`` writes in a node's row, and which rows it shows."""

from __future__ import annotations

from collections.abc import Sequence

from stentor.api.poller import Last
from stentor.fleet.model import Node
from stentor.probe.columns import DISK, MEMORY, Field, size, span, style
from stentor.probe.columns import LOAD as BUSY
from stentor.probe.gpus import Gpu
from stentor.probe.status import Status, warnings
from stentor.render.style import KIND_STYLES, printable

COLUMNS = ("NODE", "LEVEL", "LOAD", "MEM", "DISK", "GPU", "LAST")
WIDTHS = {"NODE": 9, "LEVEL": 11, "LOAD": 5, "MEM": 4, "DISK": 4, "GPU": 9}
"""Columns of text; LAST has the rest. With two between them all fits into 80."""
LEAST = 10  # for LAST

HELP = """\
space  mark this node           a    mark all that are shown
r      a command, guarded and in the journal, on marked nodes, else on this one
t      a tmux pane for each      s    a login to this node
/      only rows with a word; !word: without it
u      look now                  + -  look more or less often
Esc    leave help, line, filter, marks; q and Ctrl-C leave top\
"""
"""What the keys do."""


def widths(columns: int) -> dict[str, int]:
    """Return how wide each column is that is shown; a narrow terminal shows no GPU.

    Args:
        columns: for all of them together.
    """
    found = dict(WIDTHS)
    if _rest(found, columns) < LEAST:
        del found["GPU"]
    return {**found, COLUMNS[-1]: max(_rest(found, columns), LEAST)}


def _rest(others: dict[str, int], columns: int) -> int:
    return columns - sum(others.values()) - 2 * len(others)


def cells(node: Node, status: Status | None, last: Last | None, now: float) -> tuple[Field, ...]:
    """Return a row: a field for each of ``COLUMNS``.

    Args:
        status: of the last look at it; None before the first.
        last: what was done there.
        now: seconds since 1970.
    """
    done = _last(last, now)
    if status is None:
        return (Field(node.alias), Field("...", "quiet"), *[Field("")] * 4, done)
    outcome, facts = status.outcome, status.facts
    if not outcome.ok or facts is None:
        level = Field(outcome.kind, KIND_STYLES.get(outcome.kind, "bad"))
        return (Field(node.alias), level, *[Field("")] * 4, done)
    load, memory, disk = facts.load_per_core, facts.memory_percent, facts.fullest
    return (
        Field(node.alias),
        Field("up", "good"),
        Field("?", "quiet") if load is None else Field(f"{load:.2f}", style(load, BUSY)),
        Field("?", "quiet") if memory is None else Field(f"{memory}%", style(memory, MEMORY)),
        Field("?", "quiet") if disk is None else Field(f"{disk.percent}%", style(disk.percent, DISK)),
        gpu(status.gpus),
        done,
    )


def gpu(cards: tuple[Gpu, ...]) -> Field:
    """All cards of a node in a few letters: ``87% 12G`` for one, ``4x 55%`` for more."""
    if not cards:
        return Field("-", "quiet")
    known = [card.busy for card in cards if card.busy is not None]
    busy = f"{sum(known) // len(known)}%" if known else "?"
    fullest = max((100 * (card.used or 0) // card.total for card in cards if card.total), default=0)
    colour = style(fullest, MEMORY)
    if len(cards) > 1:
        return Field(f"{len(cards)}x {busy}", colour)
    return Field(f"{busy} {size(cards[0].used)}" if cards[0].used is not None else busy, colour)


def _last(last: Last | None, now: float) -> Field:
    if last is None:
        return Field("")
    ago = span(max(0.0, now - last.at), 1)
    good = last.kind in ("ok", "running")
    return Field(
        f"{ago} {last.kind}: {printable(last.command)}", "" if good else KIND_STYLES.get(last.kind, "bad")
    )


def shown(text: str, node: Node, row: tuple[Field, ...]) -> bool:
    """Whether a row is to be seen with this filter: each word is somewhere in it, ``!word`` nowhere."""
    hay = " ".join((node.name, node.role or "", *(field.text for field in row))).lower()
    return all(
        (word[1:] not in hay) if word[0] == "!" and word[1:] else word in hay for word in text.lower().split()
    )


def detail(node: Node, status: Status | None) -> str:
    """One line on a node: who it is, and what a number cannot say."""
    if status is None:
        return f"{node.alias} {node.name}".strip()
    facts, outcome = status.facts, status.outcome
    if not outcome.ok or facts is None:
        parts: list[str] = [outcome.reason or outcome.kind, outcome.hint]
    else:
        up = f"up {span(facts.uptime, 1)}" if facts.uptime is not None else ""
        cores = f"{facts.cores} cores" if facts.cores else ""
        memory = f"{size(facts.memory_total)} memory" if facts.memory_total else ""
        parts = [*warnings(status), facts.os or "", facts.kernel or "", cores, memory, up]
    return printable(f"{node.alias}: " + " · ".join(part for part in parts if part))


def heading(
    title: str,
    statuses: dict[str, Status],
    count: int,
    interval: float,
    looking: bool,
    further: Sequence[str] = (),
    width: int = 1000,
) -> str:
    """The first line: how many are up, and how often they are looked at; in fewer words where it is narrow.

    Args:
        further: what else is to be said.
        width: columns for it; a text that is still wider is broken by the screen.
    """
    up = sum(status.outcome.ok for status in statuses.values())
    bad = sum(status.outcome.kind not in ("ok", "skipped") for status in statuses.values())
    troubled = (f"{bad} not reached or broken", f"{bad} not ok") if bad else ("", "")
    every = f"every {interval:g} s"
    text = " · ".join(
        filter(None, (f"stentor top {title}", f"{up} of {count} up", troubled[0], every, *further))
    )
    columns = width - len(" · looking")  # not to change its form with each look
    if len(text) > columns:
        text = " · ".join(filter(None, (title, f"{up}/{count} up", troubled[1], every, *further)))
    return f"{text} · looking" if looking and len(text) <= columns else text
