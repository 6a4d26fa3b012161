from __future__ import annotations

from collections.abc import Callable

import pytest

from stentor.fanout.engine import Failure, Listener
from stentor.fanout.events import Finished, Output, Started
from stentor.fanout.run import run
from stentor.fanout.task import Settings, Task
from stentor.fleet.model import Fleet, Node
from stentor.ssh.reactor import Reactor

NODE = Node("a", "a")
FLEET = Fleet("/fleet", {"a": NODE}, {"all": ("a",)})


class Overtaken:
    """An engine whose stdout is quicker than the word that the command began."""

    name = "overtaken"

    def __init__(self, reactor: Reactor, size: int, kind: str) -> None:
        self._reactor = reactor
        self._size = size
        self._kind = kind

    def prepare(self, node: Node, ready: Callable[[], None], failed: Callable[[Failure], None]) -> None:
        ready()

    def start(self, task: Task, listener: Listener) -> Overtaken:
        def tell() -> None:
            listener.opened()
            listener.output("stdout", b"x" * self._size)
            listener.output("stdout", b"y")
            if self._kind == "ok":
                listener.started(7)
            listener.ended(self._kind, 0 if self._kind == "ok" else 1, "")

        self._reactor.soon(tell)
        return self

    def end(self, grace: float, done: Callable[[str], None]) -> None:
        done("")

    def abandon(self) -> None:
        """Nothing runs."""

    def describe(self, node: Node) -> str:
        return ""

    def close(self) -> None:
        """Nothing is kept."""


def told(size: int, kind: str) -> list[str]:
    def engine(reactor: Reactor, fleet: Fleet, settings: Settings) -> Overtaken:
        return Overtaken(reactor, size, kind)

    events = list(run(FLEET, [Task(NODE, "x")], engine=engine))
    wrote = b"".join(event.data for event in events if isinstance(event, Output))
    assert wrote == b"x" * size + b"y"
    return [type(event).__name__ for event in events]


@pytest.mark.parametrize("size", [1, 60_000])
def test_output_comes_after_the_word_that_the_command_began(size: int) -> None:
    assert told(size, "ok") == [Started.__name__, Output.__name__, Output.__name__, Finished.__name__]


def test_output_of_a_shell_that_never_came_to_the_command_is_not_lost() -> None:
    assert told(1, "shell-broken") == ["Output", "Output", "Finished"]


def test_much_output_is_not_held_back() -> None:
    assert told(100_000, "ok") == ["Output", "Output", "Started", "Finished"]
