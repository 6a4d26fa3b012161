"""From what a terminal shows to the command that Enter would send.

A terminal does not say where the prompt ends and the command begins. So every place where a prompt
may end is tried, and a line is dangerous if any of these readings is. Limits: see ``docs/tmux.md``.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from typing import NamedTuple

# Where prompts end: the classic signs, those of well-known themes, private-use glyphs of powerline fonts.
_END = re.compile(r"[$#%>❯➜λ»›▶⟩⟫✗✔\ue0a0-\ue0d4](?=\s|$)\s*")  # noqa: RUF001 - as they are
_CONTINUED = re.compile(
    r"^\s*(?:[a-z ]*(?:quote|cmdand|pipe|then|else|for|while|do|case|subsh|cursh|heredoc)\S*)?> "
)
_BOUNDARY = re.compile(r"(?<!\S)\S")
_GAP = re.compile(r"\s{2,}")


class Seen(NamedTuple):
    """What a pane shows around its cursor."""

    name: str  # the node, or the pane's id
    above: tuple[str, ...]  # the rows above the line, oldest first
    text: str  # the whole line in which the cursor is, wrapped rows joined
    cursor: int  # where in it the cursor is


class Readings(NamedTuple):
    """What the line may be."""

    # The text after each sign that ends prompts. If none of them is shell, that is dangerous.
    likely: tuple[str, ...]
    possible: tuple[str, ...]  # what else it may be


def readings(seen: Seen) -> Readings:
    """Every command that this line may be."""
    whole = seen.text.rstrip()
    # Text at the right edge may be a right-hand prompt.
    gap = _GAP.search(whole, max(0, seen.cursor - 1))
    cut = whole[: gap.start()] if gap else whole
    before = _continued(seen.above, cut)
    likely = [text for text in _after_prompts(cut) if text]
    possible: list[str] = []
    if not _after_prompts(cut):
        possible += _from_words(cut, 60)
    # A prompt that begins with its sign has the directory behind it.
    if cut.startswith("➜"):
        possible += _from_words(cut, 6)
    if cut != whole:
        possible += [text for text in _after_prompts(whole) if text]
    if before:
        joined = "\n".join([*before, _CONTINUED.sub("", cut)])
        # The prompt is in the first of them; a shell reads the rest as one command.
        first, _, rest = joined.partition("\n")
        likely = [f"{start}\n{rest}" for start in (_after_prompts(first) or [first])]
        possible += [_CONTINUED.sub("", cut)]
    return Readings(tuple(dict.fromkeys(likely)), tuple(dict.fromkeys(possible)))


def danger(panes: Sequence[Seen], judge: Callable[[str], Sequence[tuple[str, str]]], unreadable: str) -> str:
    """Why Enter should not be sent without a question; empty when there is no reason.

    Args:
        panes: those which Enter would reach; they can show different lines.
        judge: text to (rule, reason) of each danger in it.
        unreadable: the rule for text that is not shell.
    """
    known: dict[str, Sequence[tuple[str, str]]] = {}

    def judged(text: str) -> Sequence[tuple[str, str]]:
        if text not in known:
            known[text] = judge(text)
        return known[text]

    for seen in panes:
        found = readings(seen)
        for text in (*found.likely, *found.possible):
            for rule, reason in judged(text):
                if rule != unreadable:
                    return reason
        # A sign in the middle of a line makes a reading of its rest, which need not be shell.
        if found.likely and all(judged(text) for text in found.likely):
            return judged(found.likely[0])[0][1]
    return ""


def empty(seen: Seen) -> bool:
    """Whether there is nothing but a prompt."""
    text = seen.text.rstrip()
    ends = list(_END.finditer(text))
    return not text or bool(ends and ends[-1].end() >= len(text))


def _after_prompts(text: str) -> list[str]:
    return [text[match.end() :].strip() for match in _END.finditer(text)]


def _from_words(text: str, most: int) -> list[str]:
    return [text[match.start() :] for match in _BOUNDARY.finditer(text)][:most]


def _continued(above: Sequence[str], line: str) -> list[str]:
    """The rows above which belong to the same command: after a backslash, or shown with a second prompt."""
    rows: list[str] = []
    current = line
    for row in reversed(above):
        row = row.rstrip()
        if not (row.endswith("\\") or _CONTINUED.match(current)) or len(rows) == 20:
            break
        rows.insert(0, row)
        current = row
    return [rows[0], *(_CONTINUED.sub("", row) for row in rows[1:])] if rows else []
