"""In which order logins begin, and what is kept for it."""

from __future__ import annotations

import os
from itertools import pairwise
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from stentor.ssh.login_order import DOWN, places
from stentor.ssh.login_times import LoginTimes


def order(aliases: list[str], last: dict[str, int]) -> list[str]:
    place = places(aliases, last)
    return sorted(aliases, key=place.__getitem__)


def test_slow_first_unknown_in_the_middle_down_last() -> None:
    last = {"fast": 90, "down": DOWN, "slow": 4000, "usual": 500, "as-usual": 450}
    names = ["down", "new", "fast", "as-usual", "usual", "slow"]
    assert order(names, last) == ["slow", "new", "as-usual", "usual", "fast", "down"]


def test_times_within_a_factor_of_two_change_no_order() -> None:
    assert order(["a", "b", "c"], {"a": 260, "b": 500, "c": 300}) == ["a", "b", "c"]


@pytest.mark.parametrize("last", [{}, {"gone": 9000}, {"b": DOWN, "a": DOWN, "c": DOWN}])
def test_nothing_to_tell_them_apart_leaves_the_order(last: dict[str, int]) -> None:
    assert order(["c", "a", "b"], last) == ["c", "a", "b"]


@given(st.dictionaries(st.sampled_from("abcdefgh"), st.integers(DOWN, 10**6)))
def test_nobody_is_lost_and_no_node_that_was_down_comes_before_another(last: dict[str, int]) -> None:
    names = list("hgfedcba")
    ordered = order(names, last)
    assert sorted(ordered) == sorted(names)
    down = [last.get(name) == DOWN for name in ordered]
    assert down == sorted(down)
    known = [last[name] for name in ordered if last.get(name, DOWN) != DOWN]
    assert all(before * 2 >= after for before, after in pairwise(known))


def test_a_login_and_the_start_of_its_session_add_up(tmp_path: Path) -> None:
    times = LoginTimes(str(tmp_path))
    times.took("crtr", 0.25)
    times.took("crtr", 3.0)
    times.down("drtr")
    times.took("other", 1.0)
    times.save({"crtr", "drtr", "prtr"})
    assert LoginTimes(str(tmp_path)).last() == {"crtr": 3250, "drtr": DOWN}
    assert os.stat(tmp_path / "logins").st_mode & 0o777 == 0o600
    later = LoginTimes(str(tmp_path))
    later.took("prtr", 0.5)
    later.took("drtr", 0.1)
    later.save({"crtr", "drtr", "prtr"})
    assert LoginTimes(str(tmp_path)).last() == {"crtr": 3250, "drtr": 100, "prtr": 500}


def test_damaged_lines_are_left_out(tmp_path: Path) -> None:
    (tmp_path / "logins").write_bytes(b"12 a\n\xff\nb\n 7\n-3 c\n1e3 d\n99999999999999 e\ndown f\nup g\n0 h")
    assert LoginTimes(str(tmp_path)).last() == {"a": 12, "f": DOWN, "h": 0}


def test_no_room_for_it_is_nobodys_failure(tmp_path: Path) -> None:
    times = LoginTimes(str(tmp_path / "missing"))
    times.took("crtr", 1.0)
    times.save({"crtr"})
    assert times.last() == {}
