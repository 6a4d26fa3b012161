"""Which panes share a window."""

from __future__ import annotations

from hypothesis import given, settings
from hypothesis import strategies as st

from stentor.tmux.layout import Size, capacity, choose, pane_size, share

LEAST = Size(38, 6)


def test_layouts_are_those_of_the_removed_scripts() -> None:
    assert [choose("auto", count) for count in (1, 2, 3, 4)] == [
        "tiled",
        "even-vertical",
        "main-vertical",
        "tiled",
    ]
    assert choose("tiled", 3) == "tiled"


def test_capacity_of_windows() -> None:
    assert capacity(Size(80, 23), LEAST, "auto") == 6
    assert capacity(Size(200, 59), LEAST, "auto") == 30
    assert capacity(Size(20, 5), LEAST, "auto") == 1


@settings(deadline=None)
@given(st.integers(40, 400), st.integers(10, 120), st.integers(2, 60), st.integers(2, 20))
def test_no_pane_is_too_small(columns: int, rows: int, least_columns: int, least_rows: int) -> None:
    least = Size(least_columns, least_rows)
    fitting = capacity(Size(columns, rows), least, "auto")
    for count in range(2, fitting + 1):
        size = pane_size(Size(columns, rows), count, choose("auto", count))
        assert size.columns >= least_columns
        assert size.rows >= least_rows


@settings(deadline=None)
@given(st.lists(st.integers()), st.integers(1, 50))
def test_panes_are_distributed_evenly(items: list[int], most: int) -> None:
    windows = share(items, most)
    assert [item for window in windows for item in window] == items
    sizes = {len(window) for window in windows}
    assert not sizes or (max(sizes) <= most and max(sizes) - min(sizes) <= 1)
