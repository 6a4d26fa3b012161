"""A revision on its way through begin, proof and the end, with nodes that answer as ``node.sh`` does."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest

from stentor.dotfiles import change as changes
from stentor.dotfiles.change import DotfilesChange
from stentor.dotfiles.login import Proof
from stentor.dotfiles.request import ChangeRequest
from stentor.engines.reach import Reach
from stentor.errors import UsageError
from stentor.fanout.cancellation import Cancellation
from stentor.fanout.events import Finished, Notice
from stentor.fleet.model import Fleet, Node
from stentor.fleet.policy.sections import Dotfiles as Policy
from stentor.outcome import Outcome
from stentor.rollout.change import Step
from stentor.testing import FakeNodes, Reply

NODES = ("a", "b")
BEGUN = "step snapshotted\nstep armed\nstep performed\nbegun op\n"


class Answers:
    """What fake nodes answer to each verb; ``asked`` has node and verb, in order."""

    def __init__(self, **said: str | Reply) -> None:
        self.said = {"begin": BEGUN, "settle": "state confirmed\n", "revert": "state reverted\n", **said}
        self.asked: list[tuple[str, str]] = []

    def __call__(self, alias: str, command: str) -> Reply:
        if not command:
            return Reply()
        verb = command.split(" stentor ")[1].split()[0]
        self.asked.append((alias, verb))
        said = self.said.get(f"{verb}_{alias}", self.said[verb])
        if isinstance(said, Reply):
            return said
        return Reply(f"stentor-dotfiles 1 {verb}\n{said}end 0\n".encode())


@pytest.fixture
def cancellation() -> Iterator[Cancellation]:
    made = Cancellation()
    yield made
    made.close()


def reach_by(answers: Answers, cancellation: Cancellation | None = None) -> Reach:
    fleet = Fleet("/fleet", {alias: Node(alias, "") for alias in NODES}, {})
    return Reach(fleet, {}, engine=FakeNodes(answers), cancellation=cancellation)


def request() -> ChangeRequest:
    return ChangeRequest("op", "token", rev="1" * 40)


def prove_by(monkeypatch: pytest.MonkeyPatch, proof: Callable[[str], Proof]) -> None:
    monkeypatch.setattr(changes, "prove", lambda reach, node, op, token, terms: proof(node.alias))


def outcomes(events: Iterator[object]) -> dict[str, Outcome]:
    found = [event for event in events if isinstance(event, Finished)]
    assert len({event.node for event in found}) == len(found), "one outcome a node"
    return {event.node: event.outcome for event in found}


def test_a_confirmed_change_is_settled(monkeypatch: pytest.MonkeyPatch) -> None:
    prove_by(monkeypatch, lambda _: Proof((), confirmed=True))
    answers = Answers()
    events = list(DotfilesChange(Policy(), request()).apply(NODES, reach_by(answers)))
    steps = [(event.name, event.text) for event in events if isinstance(event, Step) and event.node == "a"]
    assert steps[-2:] == [("performed", "applied"), ("confirmed", "a new login confirmed it")]
    assert {node: one.kind for node, one in outcomes(iter(events)).items()} == {"a": "ok", "b": "ok"}
    assert answers.asked[2:] == [("a", "settle"), ("b", "settle")]


def test_a_node_that_the_proving_login_has_seen_clean_up_is_asked_no_more(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    prove_by(monkeypatch, lambda alias: Proof((), confirmed=True, concluded=alias == "a"))
    answers = Answers()
    found = outcomes(DotfilesChange(Policy(), request()).apply(NODES, reach_by(answers)))
    assert [(one.kind, one.reason) for one in found.values()] == [("ok", "")] * 2
    assert answers.asked[2:] == [("b", "settle")]


def test_a_change_that_no_login_proves_is_reverted(monkeypatch: pytest.MonkeyPatch) -> None:
    prove_by(monkeypatch, lambda alias: Proof(() if alias == "a" else ("no shell",), alias == "a"))
    found = outcomes(DotfilesChange(Policy(), request()).apply(NODES, reach_by(Answers())))
    assert (found["a"].kind, found["b"].kind, found["b"].reason) == ("ok", "failed", "reverted: no shell")


class Time:
    """In place of ``time``: a pause takes none, and its seconds have passed."""

    def __init__(self) -> None:
        self.now = 1000.0

    def monotonic(self) -> float:
        return self.now

    time = monotonic

    def sleep(self, seconds: float) -> None:
        self.now += seconds


def test_the_time_of_a_node_that_reverts_at_its_deadline_is_all_of_it(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """And no other node's end waits for that."""
    monkeypatch.setattr(changes, "time", Time())
    prove_by(monkeypatch, lambda alias: Proof(() if alias == "a" else ("no login",), alias == "a"))
    answers = Answers(revert=Reply(kind="unreachable"))
    change = DotfilesChange(Policy(window=90), request())
    found = []
    for event in change.apply(NODES, reach_by(answers)):
        found.append(event)
        if isinstance(event, Notice):
            assert "cannot log in" in event.text
            assert list(outcomes(iter(found))) == ["a"]
            answers.said["revert"] = "state reverted\n"
    ended = outcomes(iter(found))
    assert ended["b"].reason == "reverted: no login"
    assert 90 <= ended["b"].seconds < 100
    assert ended["a"].seconds < 1


def test_an_error_in_one_proof_is_that_nodes_failure(monkeypatch: pytest.MonkeyPatch) -> None:
    def prove(alias: str) -> Proof:
        if alias == "b":
            raise OSError("too many open files")
        return Proof((), confirmed=True)

    prove_by(monkeypatch, prove)
    found = outcomes(DotfilesChange(Policy(), request()).apply(NODES, reach_by(Answers())))
    assert found["a"].ok
    assert found["b"].reason == "reverted: no login could be tried: too many open files"


def test_a_node_is_proved_while_another_one_begins(
    monkeypatch: pytest.MonkeyPatch, cancellation: Cancellation
) -> None:
    def prove(alias: str) -> Proof:
        cancellation.request("Ctrl-C")
        return Proof((), confirmed=True)

    prove_by(monkeypatch, prove)
    answers = Answers(begin_b=Reply(seconds=60))
    events = list(DotfilesChange(Policy(), request()).apply(NODES, reach_by(answers, cancellation)))
    found = outcomes(iter(events))
    assert (found["a"].kind, found["b"].kind) == ("ok", "cancelled")
    assert [event.node for event in events if isinstance(event, Step) and event.name == "confirmed"] == ["a"]


def test_a_request_to_stop_while_it_begins_reverts_what_has_begun(cancellation: Cancellation) -> None:
    answers = Answers(begin_b=Reply(seconds=60))
    change = DotfilesChange(Policy(), request())
    found = []
    for event in change.apply(NODES, reach_by(answers, cancellation)):
        found.append(event)
        if isinstance(event, Step) and event.name == "performed":
            cancellation.request("Ctrl-C")
    ended = outcomes(iter(found))
    assert (ended["a"].kind, ended["a"].reason) == ("cancelled", "reverted after Ctrl-C")
    assert (ended["b"].kind, ended["b"].reason) == ("cancelled", "cancelled: Ctrl-C")
    assert change.reverted == {"a"}
    assert ("a", "revert") in answers.asked


def test_a_request_to_stop_during_the_proof_reverts_what_is_not_confirmed(
    monkeypatch: pytest.MonkeyPatch, cancellation: Cancellation
) -> None:
    def prove(alias: str) -> Proof:
        cancellation.request("SIGTERM") if not cancellation.requests else None
        return Proof((), confirmed=alias == "a")

    prove_by(monkeypatch, prove)
    found = outcomes(DotfilesChange(Policy(), request()).apply(NODES, reach_by(Answers(), cancellation)))
    assert found["a"].ok
    assert (found["b"].kind, found["b"].reason) == ("cancelled", "reverted after SIGTERM")


def test_a_confirmation_that_was_quicker_than_the_request_to_stop_stays(
    monkeypatch: pytest.MonkeyPatch, cancellation: Cancellation
) -> None:
    def prove(_: str) -> Proof:
        cancellation.request("Ctrl-C")
        return Proof(())

    prove_by(monkeypatch, prove)
    answers = Answers(revert="state confirmed\n")
    found = outcomes(DotfilesChange(Policy(), request()).apply(["a"], reach_by(answers, cancellation)))
    assert (found["a"].kind, found["a"].reason) == ("ok", "a new login had confirmed it")
    assert answers.asked[-2:] == [("a", "revert"), ("a", "settle")]


@pytest.mark.parametrize(
    ("at_boot", "more"),
    [
        ("systemd", ""),
        ("cron", ""),
        ("login", ", or at its next login if it goes down before"),
        ("none", " unless it goes down before: then run 'stentor dotfiles revert a'"),
    ],
)
def test_a_second_request_does_not_wait_for_the_revert(
    monkeypatch: pytest.MonkeyPatch, cancellation: Cancellation, at_boot: str, more: str
) -> None:
    def prove(_: str) -> Proof:
        cancellation.request("Ctrl-C")
        cancellation.request("Ctrl-C")
        return Proof(())

    prove_by(monkeypatch, prove)
    answers = Answers(revert=Reply(seconds=3600), begin=f"boot {at_boot}\n{BEGUN}")
    found = outcomes(DotfilesChange(Policy(), request()).apply(["a"], reach_by(answers, cancellation)))
    assert found["a"].kind == "cancelled"
    assert found["a"].reason == f"not reached after Ctrl-C; the node reverts the change by itself{more}"


def test_an_iterator_that_is_closed_leaves_no_change_unproved() -> None:
    answers = Answers(begin_b=Reply(seconds=60))
    change = DotfilesChange(Policy(), request())
    events = change.apply(NODES, reach_by(answers))
    for event in events:
        if isinstance(event, Step) and event.name == "performed":
            break
    events.close()  # type: ignore[attr-defined]
    (ended,) = change.interrupted()
    assert (ended.node, ended.kind, ended.reason) == ("a", "cancelled", "reverted after an interrupt")


def test_a_revert_is_a_rollback_of_the_same_operation(monkeypatch: pytest.MonkeyPatch) -> None:
    prove_by(monkeypatch, lambda _: Proof((), confirmed=True))
    answers = Answers(rollback=BEGUN)
    events = DotfilesChange(Policy(), request()).revert(["a"], reach_by(answers), "b failed")
    assert events is not None
    assert outcomes(events)["a"].ok
    assert answers.asked == [("a", "rollback"), ("a", "settle")]


def test_a_rollback_cannot_be_reverted() -> None:
    change = DotfilesChange(Policy(), ChangeRequest("op", "token", to="op0"))
    assert change.revert(["a"], reach_by(Answers()), "b failed") is None


def test_a_window_shorter_than_a_proof_is_an_error() -> None:
    reach = reach_by(Answers())
    needed = DotfilesChange(Policy(), request()).window(reach)
    assert needed > Policy().login
    assert DotfilesChange(Policy(window=needed), request()).window(reach) == needed
    with pytest.raises(UsageError, match=f"window: {needed - 1}s is shorter than the proof"):
        DotfilesChange(Policy(window=needed - 1), request()).window(reach)


def test_what_could_not_be_put_back_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    prove_by(monkeypatch, lambda _: Proof(("it hangs",)))
    answers = Answers(revert="state reverted\nleft /home/a/.x\nleft /home/a/.y\n")
    found = outcomes(DotfilesChange(Policy(), request()).apply(["a"], reach_by(answers)))
    assert found["a"].reason == "partly reverted (/home/a/.x, /home/a/.y left): it hangs"
    assert found["a"].hint.startswith("see why they cannot be written")
