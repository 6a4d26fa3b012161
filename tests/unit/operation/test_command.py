"""A command on every node, and what is said of its end."""

from __future__ import annotations

import pytest

from stentor.engines.reach import Reach
from stentor.fanout.events import Finished
from stentor.operation.command import CommandChange
from stentor.outcome import Outcome
from stentor.testing import FakeNodes, Reply
from tests.practice import FLEET


@pytest.mark.parametrize(("code", "points"), [(127, True), (126, False), (1, False), (0, False)])
def test_a_command_that_is_not_found_points_at_doctor(code: int, points: bool) -> None:
    reach = Reach(FLEET, {}, engine=FakeNodes({"crtr": Reply(code=code)}))
    outcomes = [
        event.outcome for event in CommandChange("x").apply(["crtr"], reach) if isinstance(event, Finished)
    ]
    assert ["stentor doctor" in outcome.hint for outcome in outcomes] == [points]


def test_a_hint_that_is_there_stays() -> None:
    reach = Reach(FLEET, {}, engine=FakeNodes())
    told = Finished("crtr", Outcome("crtr", "failed", code=127, hint="another"))
    assert list(CommandChange("x", filter=lambda _: iter([told])).apply(["crtr"], reach)) == [told]


@pytest.mark.parametrize(
    ("line", "remote", "hint"),
    [
        ("sleep 9", "ended by TERM", ""),
        (
            "systemd-run sleep 9; tmux new -d; sleep 9",
            "ended by TERM; what systemd-run or tmux started may go on",
            "to see it: stentor run crtr 'systemctl list-units '\\''run-*'\\'''",
        ),
    ],
)
def test_what_no_look_finds_is_named_when_a_command_was_ended(line: str, remote: str, hint: str) -> None:
    reach = Reach(FLEET, {}, engine=FakeNodes())
    told = Finished("crtr", Outcome("crtr", "timed-out", started=True, remote="ended by TERM"))
    (found,) = CommandChange(line, filter=lambda _: iter([told])).apply(["crtr"], reach)
    assert isinstance(found, Finished)
    assert (found.outcome.remote, found.outcome.hint) == (remote, hint)


def test_of_a_command_that_was_not_ended_nothing_is_said_to_go_on() -> None:
    reach = Reach(FLEET, {}, engine=FakeNodes())
    found = [
        e for e in CommandChange("systemd-run sleep 9").apply(["crtr"], reach) if isinstance(e, Finished)
    ]
    assert [event.outcome.remote for event in found] == [""]
