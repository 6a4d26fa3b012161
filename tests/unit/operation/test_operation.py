"""One operation: what happens in which order, and what is written down however it ends."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any

import pytest

from stentor import journal
from stentor.engines.reach import Reach
from stentor.errors import Refused
from stentor.fanout.events import Event, Finished, Output
from stentor.fleet.model import Fleet, Node
from stentor.fleet.policy import Policy
from stentor.fleet.policy.sections import Notify
from stentor.journal.operation import Record
from stentor.journal.query import find, steps
from stentor.operation.events import Began, Behind, Bell, Ended, JournalProblem, Missed, NotBegun, Unheard
from stentor.operation.operation import Operation
from stentor.operation.request import Request, Switches
from stentor.outcome import Outcome
from stentor.rollout.change import BaseChange, Step
from stentor.rollout.plan import Plan, Wave
from stentor.testing import FakeNodes, Reply

NAMES = ("a", "b", "c")
WAVES = Plan(tuple(Wave("wave", f"node {name}", (name,), "") for name in NAMES))


class Told(BaseChange):
    """A change that does what a test says, node by node."""

    name = "told"
    title = "what a test says"

    def __init__(self, each: Callable[[str], Iterator[Event | Step]] | None = None) -> None:
        self.each = each or (lambda node: iter([Finished(node, Outcome(node, "ok", 0, started=True))]))
        self.applied: list[str] = []
        self.open: list[str] = []
        self.closed = False

    def apply(self, nodes: Sequence[str], _: Reach) -> Iterator[Event | Step]:
        try:
            for node in nodes:
                self.applied.append(node)
                self.open = [node]
                yield from self.each(node)
                self.open = []
        finally:
            self.closed = True

    def interrupted(self) -> Sequence[Outcome]:
        return [Outcome(node, "cancelled", reason="cut short", started=True) for node in self.open]


class Bench:
    """Operations on nodes in memory, with a journal of their own."""

    def __init__(self, state: Path) -> None:
        self.environ = {"XDG_STATE_HOME": str(state)}
        self.engine = FakeNodes(self.answer)
        self.held = ""
        self.policy: dict[str, Any] = {}

    def answer(self, _: str, command: str) -> Reply:
        if "lock_take;" in command:
            return Reply(self.held.encode() or b"taken\n")
        return Reply()

    def operation(
        self, change: Any, plan: Plan | None = None, *, lock: bool = False, **more: Any
    ) -> Operation:
        fleet = Fleet("/fleet", {n: Node(n, "") for n in NAMES}, {"all": NAMES}, policy=Policy(**self.policy))
        reach = Reach(fleet, self.environ, engine=self.engine)
        request = Request(
            "told", "say it", "@all", NAMES, lock=lock, rest=lambda nodes, n: f"finish {n} {','.join(nodes)}"
        )
        return Operation(reach, request, change, plan, **more)

    def record(self) -> Record:
        return find(journal.read(self.environ), "@last", "/fleet")

    def kinds(self) -> dict[str, str]:
        return {node.node: node.kind for node in self.record().nodes}


@pytest.fixture
def bench(tmp_path: Path) -> Bench:
    return Bench(tmp_path)


def names(events: Sequence[object]) -> list[str]:
    return [type(event).__name__ for event in events]


# ---- in which order ----


def test_lock_is_taken_before_the_journal_begins_and_given_back_after_its_end(bench: Bench) -> None:
    seen: list[tuple[str, int]] = []
    operation = bench.operation(Told(), lock=True)
    plain = bench.answer

    def answer(alias: str, command: str) -> Reply:
        if command:
            what = "take" if "lock_take;" in command else "give"
            book = journal.read(bench.environ)
            rows = book.rows("SELECT ended IS NULL FROM operations")
            book.close()
            seen.append((what, rows[0][0] if rows else -1))
        return plain(alias, command)

    bench.engine._answers = answer
    events = list(operation.events())
    assert names(events) == ["Began", "Finished", "Finished", "Finished", "Ended"]
    assert seen == [("take", -1)] * 3 + [("give", 0)] * 3


def test_nodes_locked_by_somebody_else_are_not_touched_or_recorded(bench: Bench) -> None:
    bench.held = "held token 0 eve@other reboot\n"
    change = Told()
    with pytest.raises(Refused, match="locked by eve@other"):
        list(bench.operation(change, lock=True).events())
    assert change.applied == []
    assert journal.read(bench.environ).rows("SELECT id FROM operations") == []


def test_every_node_has_one_outcome_and_the_last_event_ends_it(bench: Bench) -> None:
    def each(node: str) -> Iterator[Event | Step]:
        yield Step(node, "on-the-way", "on the way")
        yield Output(node, "stdout", node.encode())
        yield Finished(node, Outcome(node, "failed" if node == "b" else "ok", 0, started=True))

    operation = bench.operation(Told(each))
    events = list(operation.events())
    assert events[0] == Began(1)
    end = events[-1]
    assert isinstance(end, Ended)
    assert ([outcome.kind for outcome in end.report], end.code, end.stopped) == (
        ["ok", "failed", "ok"],
        1,
        "",
    )
    assert [event.node for event in events if isinstance(event, Finished)] == list(NAMES)
    record = bench.record()
    assert (record.id, record.kind, record.command, record.exit_code, record.state) == (
        1, "told", "say it", 1, "done",
    )  # fmt: skip
    assert [node.stdout.data for node in record.nodes] == [b"a", b"b", b"c"]
    book = journal.read(bench.environ)
    assert [(node, text) for _, node, text in steps(book, 1)] == [(n, "on the way") for n in NAMES]


# ---- how it can end ----


def test_stop_request_in_a_wave_leaves_the_next_waves_alone(bench: Bench) -> None:
    def each(node: str) -> Iterator[Event | Step]:
        operation.cancellation.request("Ctrl-C")
        yield Finished(node, Outcome(node, "cancelled", reason="Ctrl-C", started=True))

    change = Told(each)
    operation = bench.operation(change, WAVES)
    events = list(operation.events())
    assert change.applied == ["a"]
    assert bench.kinds() == dict.fromkeys(NAMES, "cancelled")
    (rest,) = [event for event in events if isinstance(event, NotBegun)]
    assert rest == NotBegun(NAMES, "finish 1 a,b,c")
    assert operation.code == 130
    assert "Ctrl-C" in operation.stopped


@pytest.mark.parametrize("error", [RuntimeError("broken"), KeyboardInterrupt()])
def test_exception_in_a_change_goes_up_and_the_journal_is_whole(bench: Bench, error: BaseException) -> None:
    def each(node: str) -> Iterator[Event | Step]:
        if node == "b":
            raise error
        yield Finished(node, Outcome(node, "ok", 0, started=True))

    operation = bench.operation(Told(each), WAVES)
    with pytest.raises(type(error)):
        list(operation.events())
    record = bench.record()
    assert bench.kinds() == {"a": "ok", "b": "cancelled", "c": "cancelled"}
    assert [node.reason for node in record.nodes[1:]] == [
        "cut short",
        "not begun: the operation was interrupted",
    ]
    assert (record.exit_code, record.note) == (70, f"ended by {type(error).__name__}")


@pytest.mark.parametrize(("gates", "reason"), [((), ""), (("./healthy",), "changed; a gate was cut off")])
def test_exception_in_a_wave_loses_no_outcome_of_its_other_nodes(
    bench: Bench, gates: tuple[str, ...], reason: str
) -> None:
    def each(node: str) -> Iterator[Event | Step]:
        if node == "b":
            raise RuntimeError
        yield Finished(node, Outcome(node, "ok", 0, started=True))

    plan = Plan((Wave("wave", "all", NAMES, ""),), gates=gates)
    with pytest.raises(RuntimeError):
        list(bench.operation(Told(each), plan).events())
    assert bench.kinds() == {"a": "ok", "b": "cancelled", "c": "cancelled"}
    assert [node.reason for node in bench.record().nodes] == [
        reason,
        "cut short",
        "not begun: the operation was interrupted",
    ]


def test_exception_at_a_gate_leaves_the_changed_nodes_changed(bench: Bench) -> None:
    def answer(_: str, command: str) -> Reply:
        if command == "./healthy":
            raise KeyboardInterrupt
        return Reply()

    bench.engine._answers = answer
    plan = Plan((Wave("wave", "all", NAMES, ""),), gates=("./healthy",))
    with pytest.raises(KeyboardInterrupt):
        list(bench.operation(Told(), plan).events())
    assert bench.kinds() == dict.fromkeys(NAMES, "ok")


def test_closing_the_iterator_ends_the_change_and_the_journal(bench: Bench) -> None:
    change = Told()
    events = bench.operation(change, lock=True).events()
    while not isinstance(next(events), Finished):
        pass
    events.close()  # type: ignore[attr-defined]
    assert change.closed
    assert change.applied == ["a"]
    assert (bench.record().state, bench.record().note) == ("done", "ended by GeneratorExit")
    assert "lock_give" in bench.engine.commands[-1][1]


def test_error_in_the_middle_gives_the_locks_back(bench: Bench) -> None:
    def each(_: str) -> Iterator[Event | Step]:
        raise RuntimeError
        yield  # type: ignore[unreachable]

    with pytest.raises(RuntimeError):
        list(bench.operation(Told(each), lock=True).events())
    given = [alias for alias, command in bench.engine.commands if "lock_take;" not in command]
    assert sorted(given) == list(NAMES)


# ---- what can be switched off ----


def test_switches_leave_out_lock_and_journal(bench: Bench) -> None:
    operation = bench.operation(Told(), lock=True, switches=Switches(lock=False, journal=False))
    events = list(operation.events())
    assert events[0] == Began(0)
    assert bench.engine.commands == []
    assert journal.read(bench.environ).rows("SELECT id FROM operations") == []


def test_journal_that_cannot_be_written_is_said_once(tmp_path: Path) -> None:
    (tmp_path / "stentor").write_text("a file where the directory should be")
    bench = Bench(tmp_path)
    events = list(bench.operation(Told()).events())
    (problem,) = [event for event in events if isinstance(event, JournalProblem)]
    assert problem.off
    assert names(events) == ["JournalProblem", "Began", "Finished", "Finished", "Finished", "Ended"]


# ---- afterwards ----


@pytest.mark.parametrize(("seconds", "bells"), [(61.0, 1), (59.0, 0)])
def test_long_operations_are_notified(bench: Bench, seconds: float, bells: int) -> None:
    bench.policy = {"notify": Notify(bell=True)}
    times = iter([0.0, seconds])
    events = list(bench.operation(Told(), clock=lambda: next(times)).events())
    assert events.count(Bell()) == bells
    assert isinstance(events[-1], Ended)


def test_notify_can_be_switched_off(bench: Bench) -> None:
    bench.policy = {"notify": Notify(bell=True, after=0.0)}
    events = list(bench.operation(Told(), switches=Switches(notify=False)).events())
    assert Bell() not in events


def test_nodes_that_answer_and_missed_a_change_are_named(bench: Bench) -> None:
    reach = bench.operation(Told())._reach
    book = journal.open(bench.environ, reach.fleet.policy.journal, "/fleet")
    book.remember("/fleet", "b", journal.MISSED, {"rev": "abc"})
    book.close()
    events = list(bench.operation(Told()).events())
    assert [event for event in events if isinstance(event, Behind)] == [
        Behind(("b",), "stentor dotfiles catch-up b")
    ]


def test_nodes_that_miss_this_change_are_named_once(bench: Bench) -> None:
    class Late:
        def begin(self, book: journal.Journal) -> None:
            book.remember("/fleet", "b", journal.MISSED, {"rev": "abc"})

        def stands(self) -> None: ...

        def end(self, _: object) -> Iterator[Missed]:
            yield Missed(("b",), "stentor dotfiles catch-up b")

    events = list(bench.operation(Told(), catch_up=Late()).events())
    assert [event for event in events if isinstance(event, (Behind, Missed))] == [
        Missed(("b",), "stentor dotfiles catch-up b")
    ]


def test_nodes_that_decided_alone_are_named_once_and_when_their_time_is_over(bench: Bench) -> None:
    reach = bench.operation(Told())._reach
    book = journal.open(bench.environ, reach.fleet.policy.journal, "/fleet")
    book.remember("/fleet", "a", journal.UNHEARD, {"op": "x", "until": book.clock() + 100})
    book.remember("/fleet", "b", journal.UNHEARD, {"op": "x", "until": book.clock() - 1})
    book.close()
    said = [
        [event for event in bench.operation(Told()).events() if isinstance(event, Unheard)] for _ in range(2)
    ]
    assert said == [[Unheard(("b",), "stentor dotfiles status b")], []]


def test_outcomes_that_a_revert_changed_are_in_the_journal(bench: Bench) -> None:
    class Reverting(Told):
        def revert(self, nodes: Sequence[str], _: Reach, __: str) -> Iterator[Event | Step] | None:
            return iter([Finished(node, Outcome(node, "ok", 0, started=True)) for node in nodes])

    def each(node: str) -> Iterator[Event | Step]:
        yield Finished(node, Outcome(node, "failed" if node == "b" else "ok", 0, started=True))

    operation = bench.operation(Reverting(each), WAVES._replace(on_failure="revert"))
    list(operation.events())
    record = bench.record()
    assert bench.kinds() == {"a": "failed", "b": "failed", "c": "cancelled"}
    assert record.nodes[0].reason == "reverted, because another node failed"
    assert operation.outcomes["a"].kind == "failed"


# ---- what it knows of itself ----


def test_number_is_that_of_the_journal(bench: Bench) -> None:
    operation = bench.operation(Told())
    assert operation.number == 0
    list(operation.events())
    assert operation.number == 1


def test_lock_names_the_operation_in_a_few_words(bench: Bench) -> None:
    operation = bench.operation(Told(), lock=True)
    operation.request = operation.request._replace(title="x" * 200)
    list(operation.events())
    taken = next(command for _, command in bench.engine.commands if "lock_take;" in command)
    assert "told " + "x" * 75 in taken
    assert "x" * 76 not in taken


def test_request_has_no_lock_and_no_command_for_the_rest() -> None:
    request = Request("told", "say it", "@all", NAMES)
    assert (request.lock, request.marked, request.largest) == (False, True, False)
    assert request.rest(NAMES, 1) == ""
    assert Switches() == (True, True, True)


class Missing:
    """Who has to catch up, as an operation asks for it."""

    def __init__(self) -> None:
        self.calls: list[object] = []

    def begin(self, _: object) -> None:
        self.calls.append("begin")

    def stands(self) -> None:
        self.calls.append("stands")

    def end(self, outcomes: Any) -> Iterator[Missed]:
        self.calls.append([outcome.node for outcome in outcomes])
        yield Missed(("z",), "catch up z")


def test_catch_up_begins_before_the_first_node_and_ends_after_the_last(bench: Bench) -> None:
    def each(node: str) -> Iterator[Event | Step]:
        yield Finished(node, Outcome(node, "failed" if node == "b" else "ok", 0, started=True))

    missing = Missing()
    events = list(bench.operation(Told(each), catch_up=missing).events())
    assert missing.calls == ["begin", "stands", "stands", [*NAMES]]
    assert names(events)[-2:] == ["Missed", "Ended"]


def test_catch_up_hears_of_an_operation_that_was_cut_short(bench: Bench) -> None:
    def each(node: str) -> Iterator[Event | Step]:
        if node == "b":
            raise RuntimeError
        yield Finished(node, Outcome(node, "ok", 0, started=True))

    missing = Missing()
    with pytest.raises(RuntimeError):
        list(bench.operation(Told(each), WAVES, catch_up=missing).events())
    assert missing.calls == ["begin", "stands", [*NAMES]]


def test_failed_nodes_alone_leave_nothing_to_begin(bench: Bench) -> None:
    def each(node: str) -> Iterator[Event | Step]:
        yield Finished(node, Outcome(node, "cancelled", started=True))

    assert "NotBegun" not in names(list(bench.operation(Told(each)).events()))


def test_duration_is_from_the_beginning_to_the_end(bench: Bench) -> None:
    bench.policy = {"notify": Notify(bell=True)}
    times = iter([1000.0, 1059.0])
    assert Bell() not in list(bench.operation(Told(), clock=lambda: next(times)).events())


def test_operation_that_is_over_holds_no_descriptors(bench: Bench) -> None:
    operation = bench.operation(Told())
    list(operation.events())
    assert operation.cancellation.fileno() == -1


def test_nodes_that_missed_nothing_are_not_named(bench: Bench) -> None:
    book = journal.open(bench.environ, bench.operation(Told())._reach.fleet.policy.journal, "/fleet")
    book.remember("/fleet", "b", journal.MISSED, {})
    book.close()
    assert not [event for event in bench.operation(Told()).events() if isinstance(event, Behind)]


def test_rest_are_nodes_that_were_not_done(bench: Bench) -> None:
    def each(node: str) -> Iterator[Event | Step]:
        if node == "b":
            operation.cancellation.request("Ctrl-C")
        kind: Any = "cancelled" if node == "b" else "ok"
        yield Finished(node, Outcome(node, kind, started=True))

    operation = bench.operation(Told(each), WAVES)
    (rest,) = [event for event in operation.events() if isinstance(event, NotBegun)]
    assert rest == NotBegun(("b", "c"), "finish 1 b,c")
    operation = bench.operation(Told(each))
    (rest,) = [event for event in operation.events() if isinstance(event, NotBegun)]
    assert rest == NotBegun(("b",), "finish 2 b")


@pytest.mark.parametrize(("requests", "left"), [(1, ("c",)), (2, ("b", "c"))])
def test_node_lost_by_a_second_interrupt_is_among_the_rest(
    bench: Bench, requests: int, left: tuple[str, ...]
) -> None:
    """With one request alone it was lost by itself, and what came of it is for its user to see."""

    def each(node: str) -> Iterator[Event | Step]:
        if node == "b":
            for _ in range(requests):
                operation.cancellation.request("Ctrl-C")
        yield Finished(node, Outcome(node, "lost" if node == "b" else "ok", started=True))

    operation = bench.operation(Told(each), WAVES)
    (rest,) = [event for event in operation.events() if isinstance(event, NotBegun)]
    assert rest == NotBegun(left, f"finish 1 {','.join(left)}")


def test_operation_that_succeeds_has_no_note(bench: Bench) -> None:
    list(bench.operation(Told()).events())
    assert (bench.record().exit_code, bench.record().note) == (0, "")
