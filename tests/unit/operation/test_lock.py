"""The lock on nodes is taken before a change, refused to others, and given back."""

from __future__ import annotations

import time

import pytest

from stentor.engines.reach import Reach
from stentor.errors import Refused
from stentor.fanout.cancellation import Cancellation
from stentor.fleet.model import Fleet, Node
from stentor.operation.lock import claim, locked
from stentor.rollout import lock
from stentor.testing import FakeNodes, Reply, fake

NAMES = ("a", "b", "c")


class Nodes:
    """Fake nodes that keep a lock each; ``c`` is down."""

    def __init__(self, **held: str) -> None:
        self.held = held
        self.said: list[tuple[str, str]] = []
        self.engine = FakeNodes(self.answer)

    def answer(self, alias: str, command: str) -> Reply:
        if alias == "c":
            return Reply(kind="unreachable")
        if not command:
            return Reply()
        taking = "lock_take;" in command
        self.said.append((alias, "take" if taking else "give"))
        if not taking:
            self.held = {node: token for node, token in self.held.items() if token not in command}
            return Reply()
        if alias in self.held:
            return Reply(f"held {self.held[alias]} 0 eve@other reboot\n".encode())
        return Reply(b"taken\n")

    @property
    def reach(self) -> Reach:
        fleet = Fleet("/f", {n: Node(n, "") for n in NAMES}, {"all": NAMES})
        return Reach(fleet, {}, engine=self.engine)


def test_every_node_is_locked_and_given_back() -> None:
    nodes = Nodes()
    with locked(nodes.reach, NAMES, "copy"):
        assert sorted(nodes.said) == [("a", "take"), ("b", "take")]
    assert sorted(nodes.said[2:]) == [("a", "give"), ("b", "give")]


def test_nodes_that_are_down_need_no_lock() -> None:
    with locked(Nodes().reach, ("c",), "copy"):
        pass


def test_lock_of_somebody_else_is_refused_and_what_was_taken_is_given_back() -> None:
    nodes = Nodes(b="token/other:1:1")
    with pytest.raises(Refused, match="b: locked by eve@other"), locked(nodes.reach, NAMES, "copy"):
        pytest.fail("not to be reached")
    assert ("a", "give") in nodes.said


def test_lock_of_a_killed_stentor_is_taken_over(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("stentor.journal.owner.gone", lambda process: process == "dead")
    nodes = Nodes(a="token/dead")
    with locked(nodes.reach, NAMES, "copy"):
        assert nodes.held == {}
        assert nodes.said.count(("a", "take")) == 2


def test_exception_gives_the_locks_back() -> None:
    nodes = Nodes()
    with pytest.raises(ZeroDivisionError), locked(nodes.reach, NAMES, "copy"):
        raise ZeroDivisionError
    assert ("a", "give") in nodes.said


def asking(nodes: Nodes, at: str, times: int, cancellation: Cancellation) -> Reach:
    """Nodes that never answer to ``take`` or ``give``, and by then somebody has asked so often to stop."""
    answer = nodes.answer

    def hung(alias: str, command: str) -> Reply:
        reply = answer(alias, command)
        if (alias, at) not in nodes.said[-1:]:
            return reply
        while cancellation.requests < times:
            cancellation.request("Ctrl-C")
        return reply._replace(seconds=60.0)

    nodes.engine = FakeNodes(hung)
    return nodes.reach._replace(cancellation=cancellation)


@pytest.mark.parametrize("at", ["take", "give"])
def test_a_second_request_to_stop_does_not_wait_for_nodes_that_hang(at: str) -> None:
    nodes, cancellation = Nodes(), Cancellation()
    since = time.monotonic()
    with locked(asking(nodes, at, 2, cancellation), ("a",), "copy"):
        pass
    assert time.monotonic() - since < 8  # of the lock's own 10 seconds
    assert ("a", "give") in nodes.said
    cancellation.close()


def test_locks_are_given_back_after_a_second_request_to_stop() -> None:
    nodes, cancellation = Nodes(), Cancellation()
    with locked(nodes.reach._replace(cancellation=cancellation), ("a", "b"), "copy"):
        cancellation.request("Ctrl-C")
        cancellation.request("Ctrl-C")
    assert sorted(nodes.said[2:]) == [("a", "give"), ("b", "give")]
    cancellation.close()


def test_giving_back_after_a_second_request_to_stop_does_not_wait_for_nodes_that_hang(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Nor for their answer when what hangs there is to be ended."""
    monkeypatch.setattr(fake._FakeCommand, "end", lambda *_: None)
    nodes, cancellation = Nodes(), Cancellation()
    with locked(asking(nodes, "give", 2, cancellation), ("a", "b"), "copy"):
        cancellation.request("Ctrl-C")
        cancellation.request("Ctrl-C")
        since = time.monotonic()
    assert time.monotonic() - since < 8  # of the lock's own 10 seconds
    assert sorted(nodes.said[2:]) == [("a", "give"), ("b", "give")]
    cancellation.close()


def test_claim_says_who_and_by_which_process() -> None:
    mine = claim({}, "copy to ~/x")
    assert mine.what == "copy to ~/x"
    assert "@" in mine.who
    assert lock.process_of(mine.token) != ""
