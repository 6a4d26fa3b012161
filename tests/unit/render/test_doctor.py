"""What ``stentor doctor`` says of all nodes together."""

from __future__ import annotations

import pytest

from stentor.outcome import Outcome
from stentor.probe.doctor import Diagnosis
from stentor.probe.observe import Observation
from stentor.render.doctor import DoctorView


@pytest.mark.parametrize(
    ("looked", "down", "said"),
    [
        (1, 0, "1 node: nothing is wrong,"),
        (0, 1, "1 node: 1 not examined,"),
        (1, 2, "3 nodes: nothing is wrong, 2 not examined,"),
    ],
)
def test_nothing_is_wrong_is_said_of_what_was_looked_at(looked: int, down: int, said: str) -> None:
    found = [Diagnosis(Outcome("n", "ok"), Observation())] * looked + [
        Diagnosis(Outcome("n", "skipped"))
    ] * down
    seen = {f"n{number}": one for number, one in enumerate(found)}
    assert list(DoctorView(all_shells=False).counted(seen)) == [said]
