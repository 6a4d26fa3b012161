"""Requests to stop, and what is done after the first of them."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from stentor.fanout.cancellation import Cancellation


@pytest.fixture
def cancellation() -> Iterator[Cancellation]:
    made = Cancellation()
    yield made
    made.close()


def test_a_renewed_one_is_not_stopped_by_the_first_request(cancellation: Cancellation) -> None:
    with cancellation.renewed() as early:
        cancellation.request("Ctrl-C")
        with cancellation.renewed() as late:
            assert (early.requests, late.requests, late.reason) == (0, 0, "")


def test_a_second_request_stops_a_renewed_one_at_once(cancellation: Cancellation) -> None:
    with cancellation.renewed() as early:
        cancellation.request("Ctrl-C")
        cancellation.request("Ctrl-C")
        with cancellation.renewed() as late:
            assert early.requests > 1
            assert late.requests > 1
            assert early.reason == late.reason == "Ctrl-C"


def test_one_for_what_is_done_after_two_requests_is_stopped_by_a_third(cancellation: Cancellation) -> None:
    cancellation.request("Ctrl-C")
    cancellation.request("Ctrl-C")
    with cancellation.renewed(anew=True) as late:
        assert late.requests == 0
        cancellation.request("Ctrl-C")
        assert late.requests > 1


def test_a_renewed_one_hears_nothing_after_its_end(cancellation: Cancellation) -> None:
    with cancellation.renewed() as renewed:
        pass
    cancellation.request("Ctrl-C")
    cancellation.request("Ctrl-C")
    assert renewed.requests == 0
