"""Events beside output, as a line for people."""

import pytest

from stentor.fanout.events import LoginWaits, Notice, Progress, Retry
from stentor.render.notices import text


@pytest.mark.parametrize(
    ("event", "line"),
    [
        (
            Retry("prtr", "connection refused", 1.43, 2, 5),
            "connection refused; next try in 1.4 s (2 of 5)",
        ),
        (
            LoginWaits("prtr", "permission denied"),
            "waits for you to log in: permission denied",
        ),
        (Notice("", "anything"), "anything"),
    ],
)
def test_every_event_has_a_line(event: Progress, line: str) -> None:
    assert text(event) == line
