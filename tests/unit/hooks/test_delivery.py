"""What a delivery is without what a forge says of it."""

from __future__ import annotations

from stentor.hooks.delivery import MAX_BODY, Delivery, Received, Secret


def test_the_largest_body_is_that_of_github() -> None:
    assert MAX_BODY == 26_214_400


def test_no_signature_is_good_without_what_checks_it() -> None:
    assert not Secret(b"key").verify(b"key", b"message", b"signature")


def test_a_header_is_read_without_blanks_and_one_that_was_not_sent_is_empty() -> None:
    received = Received({"x-event": " push "}, b"", b"", 0.0)
    assert (received.header("x-event"), received.header("x-other")) == ("push", "")


def test_a_delivery_that_is_no_push_has_nothing_to_roll_out() -> None:
    ping = Delivery("1", "d", "gitea", "ping")
    assert (ping.ref, ping.before, ping.after, ping.ignored) == ("", "", "", "")
