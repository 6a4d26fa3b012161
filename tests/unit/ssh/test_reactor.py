"""Timers, descriptors, and to whom an exception belongs; no test waits."""

from __future__ import annotations

import os

import pytest

from stentor.errors import UsageError
from stentor.ssh.reactor import Reactor


def broken() -> None:
    raise ValueError("no")


@pytest.fixture
def reactor() -> Reactor:
    return Reactor(lambda: 0.0)


def test_exception_is_given_to_its_owner(reactor: Reactor) -> None:
    told: list[Exception] = []
    reactor.on_behalf(told.append, broken)
    assert [str(error) for error in told] == ["no"]
    assert reactor.owner is None


def test_what_is_registered_on_behalf_of_an_owner_belongs_to_it(reactor: Reactor) -> None:
    told: list[Exception] = []
    read, write = os.pipe()
    os.write(write, b"x")

    def register() -> None:
        reactor.soon(broken)
        reactor.after(0.0, broken)
        reactor.watch(read, lambda _: broken())

    reactor.on_behalf(told.append, register)
    list(reactor.turn())
    assert len(told) == 3
    reactor.unwatch(read)
    os.close(read)
    os.close(write)
    reactor.close()


def test_owner_of_a_callback_owns_what_that_registers(reactor: Reactor) -> None:
    told: list[Exception] = []
    reactor.on_behalf(told.append, reactor.soon, lambda: reactor.soon(broken))
    list(reactor.turn())
    list(reactor.turn())
    assert len(told) == 1


def test_exception_that_belongs_to_nobody_is_raised(reactor: Reactor) -> None:
    told: list[Exception] = []
    reactor.on_behalf(told.append, lambda: reactor.on_behalf(None, reactor.soon, broken))
    with pytest.raises(ValueError, match="no"):
        list(reactor.turn())
    assert told == []


def test_error_of_stentors_own_is_raised(reactor: Reactor) -> None:
    def wrong() -> None:
        raise UsageError("too long")

    with pytest.raises(UsageError):
        reactor.on_behalf(lambda _: None, wrong)


def test_cancelled_timer_does_nothing(reactor: Reactor) -> None:
    done: list[int] = []
    reactor.after(0.0, lambda: done.append(1)).cancel()
    reactor.after(0.0, lambda: done.append(2))
    list(reactor.turn())
    assert done == [2]
