"""When something is tried again."""

from __future__ import annotations

from stentor.hooks.clock import Retry


def attempts(retry: Retry, key: str, seconds: int) -> list[int]:
    return [now for now in range(seconds) if retry.due(key, float(now))]


def test_each_attempt_comes_later_than_the_one_before_up_to_the_longest_wait() -> None:
    assert attempts(Retry(2.0, 5.0), "a", 25) == [0, 2, 6, 11, 16, 21]


def test_each_key_has_its_own_attempts() -> None:
    retry = Retry(10.0, 100.0)
    assert retry.due("a", 5.0) and retry.due("b", 6.0)
    assert not retry.due("a", 14.9) and retry.due("a", 15.0)


def test_what_is_forgotten_is_tried_at_once_and_waits_as_at_first() -> None:
    retry = Retry(2.0, 50.0)
    assert attempts(retry, "a", 7) == [0, 2, 6]
    retry.forget("a")
    retry.forget("never tried")
    assert [now for now in (7, 8, 9) if retry.due("a", float(now))] == [7, 9]
