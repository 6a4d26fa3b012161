"""A command on every node, and what is said of its end."""

from __future__ import annotations

from pathlib import Path

import pytest

from stentor.engines.reach import Reach
from stentor.fanout.events import Finished
from stentor.fanout.task import DEFAULTS, Task
from stentor.operation.command import CommandChange
from stentor.outcome import Outcome
from stentor.rollout.sent import Sent
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


def started(change: CommandChange) -> Task:
    nodes = FakeNodes()
    assert list(change.apply(["crtr"], Reach(FLEET, {}, engine=nodes)))
    (task,) = nodes.tasks
    return task


def test_a_command_is_its_own_title_and_what_the_guard_looks_at() -> None:
    plain = CommandChange("uptime")
    assert (plain.name, plain.title, plain.sends()) == ("run", "uptime", (Sent("uptime"),))
    named = CommandChange("sh x", title="script x", sends=Sent("text of x"))
    assert (named.title, named.sends()) == ("script x", (Sent("text of x"),))


def test_variables_reach_the_command() -> None:
    assert started(CommandChange("env", environment={"A": "1"})).environment == {"A": "1"}
    plain = started(CommandChange("env"))
    assert (plain.command, plain.environment) == ("env", {})


def test_standard_input_is_looked_for_on_the_node_unless_that_is_switched_off(tmp_path: Path) -> None:
    given = tmp_path / "in"
    given.write_text("x")
    assert started(CommandChange("cat", stdin=str(given), check=False)).stdin == str(given)
    looked = CommandChange("cat", stdin=str(given))
    sent = started(looked).stdin
    assert isinstance(sent, str) and sent != str(given)
    assert Path(sent).read_text().splitlines()[1:] == ["x"]
    assert started(CommandChange("cat")).stdin is None


def test_what_a_command_writes_has_no_limit_of_its_own() -> None:
    nodes = FakeNodes({"crtr": Reply(stdout=b"x" * 100)})
    reach = Reach(FLEET, {}, settings=DEFAULTS._replace(most_bytes=10), engine=nodes)
    outcomes = [e.outcome.kind for e in CommandChange("x").apply(["crtr"], reach) if isinstance(e, Finished)]
    assert outcomes == ["ok"]
