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
