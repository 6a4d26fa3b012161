"""The chart of a node's pings."""

from __future__ import annotations

from stentor.hooks.history import Hour
from stentor.web.charts import WIDTH, chart

NOW = 1_800_000_000 // 3600 * 3600


def test_nothing_is_known() -> None:
    drawn = chart((), NOW + 60.0)
    assert [(bar.kind, bar.width) for bar in drawn.bars] == [("none", WIDTH)]
    assert drawn.ways == ()


def test_hours_alike_are_one_bar_and_a_gap_ends_the_line() -> None:
    hours = (
        Hour(NOW - 31 * 86400, 60, 60, 0.1),  # too old
        Hour(NOW - 5 * 3600, 60, 60, 0.1),
        Hour(NOW - 4 * 3600, 60, 60, 0.2),
        Hour(NOW - 3 * 3600, 60, 0, 0.0),
        Hour(NOW - 2 * 3600, 60, 30, 0.05),
        Hour(NOW, 1, 1, 0.1),
    )
    drawn = chart(hours, NOW + 60.0)
    assert [(bar.kind, bar.width) for bar in drawn.bars] == [
        ("none", WIDTH - 6),
        ("up", 2),
        ("down", 1),
        ("part", 1),
        ("none", 1),
        ("up", 1),
    ]
    assert sum(bar.width for bar in drawn.bars) == WIDTH
    assert len(drawn.ways) == 3
    assert drawn.most == 0.2
