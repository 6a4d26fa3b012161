"""Who is asked for a login, when, and in which order."""

from __future__ import annotations

from collections.abc import Callable

from stentor.engines.prompts import Prompts
from stentor.fleet.model import Node
from stentor.ssh.diagnose import Diagnosis
from stentor.ssh.reactor import Reactor

NODES = {alias: Node(alias, alias) for alias in ("crtr", "prtr", "drtr")}
DENIED = Diagnosis("denied", "permission denied", "")


class Clock:
    """A time that goes on only when it is told to."""

    def __init__(self) -> None:
        self.time = 0.0

    def __call__(self) -> float:
        return self.time


class Person:
    """Asking with somebody at the terminal who answers, until Ctrl-C."""

    def __init__(self, stops_at: str = "") -> None:
        self.clock = Clock()
        self.reactor = Reactor(self.clock)
        self.asked: list[str] = []
        self.told: list[str] = []
        self.stops_at = stops_at
        self.prompts = Prompts(self.reactor, self.answer, NODES, lambda: self.stops_at in self.asked)

    def answer(self, node: Node, argv: list[str]) -> int:
        self.asked.append(node.alias)
        return int(argv[0])

    def tell(self, word: str) -> Callable[[], None]:
        return lambda: self.told.append(word)

    def denied(self, alias: str, code: int = 0) -> None:
        node = NODES[alias]
        words = [str(code)]
        assert self.prompts.wanted(
            node, DENIED, words, self.tell(f"{alias} ready"), self.tell(f"{alias} failed")
        )
        self.prompts.settled(node)

    def later(self, seconds: float) -> None:
        self.clock.time += seconds
        list(self.reactor.turn(0.0))


def test_nodes_are_asked_for_in_the_fleets_order() -> None:
    person = Person()
    for node in NODES.values():
        person.prompts.cold(node)
    for alias, code in (("drtr", 0), ("prtr", 255), ("crtr", 0)):
        assert person.asked == []
        person.denied(alias, code)
    assert person.asked == ["crtr", "prtr", "drtr"]
    assert person.told == ["prtr failed", "crtr ready", "drtr ready"]


def test_ctrl_c_at_one_prompt_is_for_all() -> None:
    person = Person(stops_at="prtr")
    for node in NODES.values():
        person.prompts.cold(node)
    for alias in NODES:
        person.denied(alias)
    assert person.asked == ["crtr", "prtr"]
    assert person.told == []


def test_while_logins_come_to_their_end_they_are_waited_for() -> None:
    person = Person()
    for node in NODES.values():
        person.prompts.cold(node)
    person.later(0.9)
    person.denied("crtr")
    person.later(0.9)
    person.denied("drtr")
    assert person.asked == []
    person.later(1.1)
    person.later(1.1)  # prtr is silent: it holds the others back for a moment, not for ever
    assert person.asked == ["crtr", "drtr"]


def test_a_silent_node_holds_nothing_back_where_nobody_is_to_be_asked() -> None:
    person = Person()
    person.prompts.cold(NODES["crtr"])
    person.prompts.ready(person.tell("prtr ready"))
    assert person.told == []
    person.later(1.1)
    assert person.told == ["prtr ready"]
