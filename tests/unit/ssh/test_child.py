"""Children of a reactor: what stays of one that is killed."""

from __future__ import annotations

import os

import pytest

from stentor.ssh.child import Child
from stentor.ssh.reactor import Reactor


def test_killed_child_leaves_neither_zombie_nor_descriptor() -> None:
    before = os.listdir("/proc/self/fd")
    reactor = Reactor()
    child = Child(reactor, ["sleep", "600"], os.environ, lambda _: None, output=lambda _: None)
    child.kill()
    reactor.close()
    assert os.listdir("/proc/self/fd") == before
    with pytest.raises(ChildProcessError):
        os.waitpid(child.pid, os.WNOHANG)


def test_child_that_has_ended_is_not_waited_for_again() -> None:
    reactor = Reactor()
    ended: list[int] = []
    Child(reactor, ["true"], os.environ, ended.append)
    while not ended:
        for _ in reactor.turn():
            pass
    reactor.close()
    assert ended == [0]
    assert not reactor.at_close
