"""The keeper's threads: what goes wrong in one is logged, and does not end it."""

from __future__ import annotations

import threading
import time
from pathlib import Path

import pytest

from stentor.api import keeper as module
from stentor.api.fleet import Fleet
from stentor.api.hook_receiver import Receiver
from stentor.api.keeper import Keeper
from stentor.errors import StentorError
from stentor.testing import FakeNodes
from tests.practice import FLEET


class Failing(Keeper):
    """A keeper that meets an error in its first rounds."""

    def __init__(self, hooks: Receiver, error: Exception) -> None:
        super().__init__(hooks)
        self.error = error
        self.pings = self.acts = 0
        self.threads: set[int] = set()

    def ping(self) -> None:
        self.pings += 1
        self.threads.add(threading.get_ident())
        if self.pings < 3:
            raise type(self.error)(*self.error.args)

    def act(self, stop: threading.Event) -> None:
        self.acts += 1
        if self.acts < 3:
            raise type(self.error)(*self.error.args)


@pytest.mark.parametrize(
    "error", [KeyError("an error of ours"), StentorError("the disk is full"), OSError("x")]
)
def test_an_error_ends_no_thread_and_is_logged_once(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, error: Exception
) -> None:
    monkeypatch.setattr(module, "TICK", 0.01)
    environ = {"XDG_STATE_HOME": str(tmp_path)}
    fleet = Fleet(FLEET, environ=environ, hostname="elsewhere", engine=FakeNodes())
    log: list[str] = []
    keeper, stop = Failing(Receiver(lambda: fleet, environ, log=log.append), error), threading.Event()
    thread = threading.Thread(target=keeper.run, args=(stop,))
    thread.start()
    end = time.monotonic() + 60
    while min(keeper.pings, keeper.acts) < 6 and thread.is_alive() and time.monotonic() < end:
        time.sleep(0.01)
    stop.set()
    thread.join()
    assert min(keeper.pings, keeper.acts) >= 6
    assert len(keeper.threads) == 1
    assert len(log) == 2, log  # of each thread
    assert all(str(error) in text for text in log)
