"""SIGTERM and SIGHUP during a command: as Ctrl-C, and the handlers are put back."""

from __future__ import annotations

import os
import signal
from collections.abc import Iterator

import pytest

from stentor.cli.sigint import raise_on_termination, restore_termination
from stentor.errors import Terminated

BOTH = (signal.SIGTERM, signal.SIGHUP)


@pytest.fixture
def handlers() -> Iterator[None]:
    before = {number: signal.signal(number, signal.SIG_DFL) for number in BOTH}
    yield
    for number, handler in before.items():
        signal.signal(number, handler)


@pytest.mark.parametrize("number", BOTH)
@pytest.mark.usefixtures("handlers")
def test_signal_interrupts_as_ctrl_c_does(number: int) -> None:
    raise_on_termination()
    with pytest.raises(Terminated):
        signal.raise_signal(number)
    restore_termination()
    assert signal.getsignal(number) == signal.SIG_DFL


@pytest.mark.usefixtures("handlers")
def test_ignored_signal_stays_ignored() -> None:
    signal.signal(signal.SIGHUP, signal.SIG_IGN)
    raise_on_termination()
    os.kill(os.getpid(), signal.SIGHUP)
    restore_termination()
    assert signal.getsignal(signal.SIGHUP) == signal.SIG_IGN
