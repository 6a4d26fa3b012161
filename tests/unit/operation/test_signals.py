"""INT, TERM and HUP during an operation, and while a person is asked something."""

from __future__ import annotations

import os
import signal
import threading

import pytest

from stentor.fanout.cancellation import Cancellation
from stentor.operation.signals import ENDINGS, Signals, raising


@pytest.mark.parametrize(("number", "reason"), ENDINGS.items())
def test_first_signal_is_told_and_every_one_is_counted(number: signal.Signals, reason: str) -> None:
    cancellation, said = Cancellation(), list[str]()
    before = signal.getsignal(number)
    with Signals(cancellation, said.append):
        os.kill(os.getpid(), number)
        os.kill(os.getpid(), number)
    assert (cancellation.reason, cancellation.requests, said) == (reason, 2, [reason])
    assert signal.getsignal(number) is before
    cancellation.close()


def test_ignored_signals_stay_ignored() -> None:
    before = signal.signal(signal.SIGHUP, signal.SIG_IGN)
    cancellation = Cancellation()
    try:
        with Signals(cancellation, lambda _: None):
            os.kill(os.getpid(), signal.SIGHUP)
            with raising():
                os.kill(os.getpid(), signal.SIGHUP)
    finally:
        signal.signal(signal.SIGHUP, before)
    assert cancellation.requests == 0
    cancellation.close()


def test_other_threads_leave_signals_alone() -> None:
    before = signal.getsignal(signal.SIGINT)
    inside: list[object] = []

    def work() -> None:
        cancellation = Cancellation()
        with Signals(cancellation, lambda _: None), raising():
            inside.append(signal.getsignal(signal.SIGINT))
        cancellation.close()

    thread = threading.Thread(target=work)
    thread.start()
    thread.join()
    assert inside == [before]


@pytest.mark.parametrize("number", ENDINGS)
def test_signal_at_a_question_raises_and_the_operations_handler_comes_back(number: signal.Signals) -> None:
    cancellation = Cancellation()
    with Signals(cancellation, lambda _: None):
        ours = signal.getsignal(number)
        with pytest.raises(KeyboardInterrupt), raising():
            os.kill(os.getpid(), number)
        assert signal.getsignal(number) == ours
    assert cancellation.requests == 0
    cancellation.close()
