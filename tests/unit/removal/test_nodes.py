"""A node's answer about what it keeps, and what the change makes of it."""

from __future__ import annotations

import pytest

from stentor.fanout.collect import Result
from stentor.fanout.spool import Spool
from stentor.outcome import Outcome
from stentor.removal.nodes import Kept, UninstallChange, read


def answered(text: str, outcome: Outcome | None = None) -> Result:
    piece = Spool().piece()
    piece.append(text.encode())
    return Result(outcome or Outcome("drtr", "ok", 0), piece, None)


def test_what_is_kept_is_read_with_its_size() -> None:
    text = (
        "timer cron\nboot systemd\ncopy 4 /a b/.stentor-copy.1.x\nstate 581 /s/dotfiles\nother /s/y\nlisted\n"
    )
    found = read(answered(text))
    assert found.kept == (
        Kept("timer", "cron"),
        Kept("boot", "systemd"),
        Kept("copy", "/a b/.stentor-copy.1.x", 4),
        Kept("state", "/s/dotfiles", 581),
    )
    assert (found.others, found.blocker) == (("/s/y",), "")


@pytest.mark.parametrize("text", ["", "state 5 /s/dotfiles\n", "welcome!\n"])
def test_an_answer_that_is_cut_short_is_a_failure(text: str) -> None:
    assert read(answered(text)).outcome.kind == "failed"


def test_what_is_under_way_blocks() -> None:
    waiting = read(answered("pending op-7\nlisted\n"))
    assert waiting.blocker == "a change of the dotfiles waits to be confirmed: op-7"
    assert waiting.next_step == "stentor dotfiles confirm drtr, or stentor dotfiles revert drtr"
    held = read(answered("held token 1700000000 crtr@cooperator dotfiles apply\n"))
    assert held.blocker.startswith("locked by crtr@cooperator since 2023-")


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("listed\n", ""),
        ("state 4 /s/dotfiles\nlisted\n", "could not be removed: /s/dotfiles"),
        ("pending op-7\n", "a change of the dotfiles waits to be confirmed: op-7"),
    ],
)
def test_a_node_is_ok_only_if_nothing_is_left(text: str, reason: str) -> None:
    outcome = UninstallChange({}).read(answered(text))
    assert (outcome.kind, outcome.reason) == ("failed" if reason else "ok", reason)


def test_a_node_that_was_not_reached_keeps_its_reason() -> None:
    away = Outcome("drtr", "unreachable", None, "no answer in 1 s")
    assert UninstallChange({}).read(answered("", away)) == away
