"""How a gateway's answer is judged."""

from __future__ import annotations

from stentor.engines.tree.gateway import Said
from stentor.gateways.check import state_of
from stentor.outcome import Outcome

OK = Outcome("gw1", "ok", 0)


def test_gateway_that_serves_is_as_it_says() -> None:
    assert state_of(OK, Said(7, "3.11.2", "1.10.1", "/p")) == (OK, "3.11.2", "1.10.1", "/p")


def test_what_is_missing_comes_with_the_next_step() -> None:
    failed = Outcome("gw1", "failed", 77, "exit code 77")
    outcome = state_of(failed, Said(lack="python3", reason="no Python is installed")).outcome
    assert (outcome.kind, outcome.reason) == ("failed", "no Python is installed")
    assert outcome.hint.endswith("stentor gateway install gw1")


def test_silence_is_no_success() -> None:
    outcome = state_of(OK, None).outcome
    assert (outcome.kind, outcome.reason) == ("failed", "it did not say what it has")
    assert "stentor run gw1" in outcome.hint


def test_node_that_was_not_reached_keeps_its_reason() -> None:
    lost = Outcome("gw1", "unreachable", reason="no route")
    assert state_of(lost, None).outcome == lost
