"""Ctrl-C at any moment reaches the change, and cuts no line short."""

import signal
import time
from collections.abc import Iterator

import pytest

from stentor.cli.interrupts import Interrupts


def test_what_comes_while_an_event_is_shown_is_raised_in_the_iterator() -> None:
    heard: list[str] = []

    def events() -> Iterator[int]:
        try:
            yield 1
            time.sleep(20)
        except KeyboardInterrupt:
            heard.append("the change")
            raise

    before = signal.getsignal(signal.SIGINT)
    with pytest.raises(KeyboardInterrupt), Interrupts() as interrupts:
        for _ in events():
            with interrupts.shown():
                signal.raise_signal(signal.SIGINT)
                heard.append("the line")
    assert heard == ["the line", "the change"]
    assert signal.getsignal(signal.SIGINT) is before


def test_what_comes_with_the_last_event_is_forgotten_with_it() -> None:
    with Interrupts() as interrupts, interrupts.shown():
        signal.raise_signal(signal.SIGINT)
    time.sleep(0.1)
