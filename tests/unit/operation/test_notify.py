"""The end of a long operation is told as the policy wants."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from stentor.fleet.policy import Policy
from stentor.fleet.policy.sections import Notify
from stentor.operation.events import Bell
from stentor.operation.notify import notify, summary
from stentor.outcome import Outcome, Report
from tests.practice import Practice


def told(
    tmp_path: Path, policy: Notify, *, seconds: float = 90.0, ci: str = "", title: str = "up"
) -> tuple[list[object], list[str]]:
    """The events, and what each program was called with."""
    for name in ("notify-send", "mine"):
        program = tmp_path / name
        program.write_text(
            f'#!/bin/sh\necho "{name} $STENTOR_RESULT|$STENTOR_COMMAND|$#" >> {tmp_path}/calls\n'
        )
        program.chmod(0o755)
    environ = {"PATH": f"{tmp_path}:{os.environ['PATH']}", "CI": ci}
    events: list[object] = list(notify(policy, environ, seconds=seconds, title=title, result="2 ok"))
    calls = tmp_path / "calls"
    return events, calls.read_text().splitlines() if calls.exists() else []


ALL = Notify(bell=True, desktop=True, command="mine")


@pytest.fixture(autouse=True)
def path(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", f"{tmp_path}:{os.environ['PATH']}")


def test_bell_desktop_and_a_command(tmp_path: Path) -> None:
    assert told(tmp_path, ALL) == ([Bell()], ["notify-send 2 ok|up|4", "mine 2 ok|up|0"])


@pytest.mark.parametrize(
    ("policy", "options"),
    [
        (Notify(), {}),
        (ALL, {"seconds": 59.0}),
        (Notify(bell=True, after=120.0), {}),
        (ALL, {"ci": "true"}),
    ],
)
def test_nothing_is_sent_without_policy_or_after_a_short_operation_or_in_ci(
    tmp_path: Path, policy: Notify, options: dict[str, object]
) -> None:
    assert told(tmp_path, policy, **options) == ([], [])  # type: ignore[arg-type]


def test_a_command_that_fails_is_no_failure_of_the_operation(tmp_path: Path) -> None:
    events, _ = told(tmp_path, Notify(command="exit 3"))
    assert events == []


def test_outcomes_in_words() -> None:
    outcomes = [Outcome("a", "ok"), Outcome("b", "failed", 1), Outcome("c", "ok")]
    assert summary(Report(outcomes), 1) == "1 failed, 2 ok"


def test_a_run_is_told_when_it_is_over(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    practice = Practice(monkeypatch)
    command = f'echo "$STENTOR_RESULT: $STENTOR_COMMAND" > {tmp_path}/told'
    practice.fleet = practice.fleet._replace(policy=Policy(notify=Notify(after=0.0, command=command)))
    assert practice.run("run", "@gpu", "uptime").code == 0
    assert (tmp_path / "told").read_text() == "2 ok: uptime\n"


@pytest.mark.parametrize(
    ("title", "shown"),
    [("--script x", "--script x"), ("a\0b", "a b"), ("x" * 300_000, "x" * 1000), ("\udcff", "?")],
)
def test_any_title_is_told(title: str, shown: str, tmp_path: Path) -> None:
    _, calls = told(tmp_path, ALL, title=title)
    assert calls == [f"notify-send 2 ok|{shown}|4", f"mine 2 ok|{shown}|0"]


def test_a_second_request_to_stop_does_not_wait_for_a_command_that_hangs(tmp_path: Path) -> None:
    asked: list[bool] = []

    def stop() -> bool:
        asked.append((tmp_path / "begun").exists())
        return asked[-1]

    policy = Notify(command=f"touch {tmp_path}/begun; sleep 10; touch {tmp_path}/ended")
    assert list(notify(policy, dict(os.environ, CI=""), seconds=90.0, title="", result="", stop=stop)) == []
    assert asked[-1]
    assert not (tmp_path / "ended").exists()
