"""The lines of an operation for people: each reason once."""

from __future__ import annotations

import io

from stentor.operation.events import Leftovers
from stentor.outcome import Report
from stentor.render.operation import OperationView
from stentor.render.screen import Screen
from stentor.rollout.events import GateFailed, WaveEnded
from stentor.rollout.plan import Verdict, Wave


def said(*events: object) -> str:
    err = io.BytesIO()
    view = OperationView(Screen(io.BytesIO(), err), rollout=True)
    for event in events:
        view.show(event)
    view.end(Report(()))
    return err.getvalue().decode()


def test_one_interrupted_operation_and_several() -> None:
    assert said(Leftovers((8,))) == (
        "stentor: operation 8 was interrupted: cleaning up processes it may have left on its nodes\n"
    )
    assert said(Leftovers((8, 9))) == (
        "stentor: operations 8, 9 were interrupted: cleaning up processes they may have left on their nodes\n"
    )


FAILED = GateFailed("crtr", "./ok", "exit code 3")
WAVE = Wave("canary", "canary", ("crtr",), "")


def test_a_failed_gate_is_left_to_the_summary_where_the_rollout_stops() -> None:
    stopped = WaveEnded(1, 2, WAVE, Verdict(False, "the canary failed: crtr"))
    assert said(FAILED, stopped) == "stentor: stopped: the canary failed: crtr\n"


def test_a_failed_gate_is_said_where_the_rollout_goes_on() -> None:
    assert said(FAILED, WaveEnded(1, 2, WAVE, Verdict(True, "fine"))) == (
        "stentor: crtr: gate failed: exit code 3\n"
    )
