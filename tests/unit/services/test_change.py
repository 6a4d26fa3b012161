"""A deploy on several nodes, from what they answer."""

from __future__ import annotations

import threading
from collections.abc import Mapping

import pytest

from stentor.engines.reach import Reach
from stentor.fanout.cancellation import Cancellation
from stentor.fanout.events import Finished
from stentor.fleet.model import Fleet, Node
from stentor.fleet.service import Service
from stentor.fleet.services import Services
from stentor.outcome import Outcome
from stentor.services import deadlines
from stentor.services.change import ServicesChange
from stentor.services.item import Item
from stentor.services.parts import Parts
from stentor.testing import FakeNodes, Reply

VERBS = ("deploy", "confirm", "revert")
GOOD = {"deploy": "step armed\nstate applied", "confirm": "state confirmed", "revert": "state reverted"}


def deployed(
    nodes: tuple[str, ...], said: Mapping[tuple[str, str], Reply | str], services: Services | None = None
) -> dict[str, Outcome]:
    """Deploy an item to each node; all answers that are not given are good."""

    def answer(alias: str, command: str) -> Reply:
        verb = next((verb for verb in VERBS if f" {verb} " in command), "")
        found = said.get((alias, verb), GOOD.get(verb, ""))
        if isinstance(found, Reply):
            return found
        code = 1 if found.startswith("failed") else 0
        return Reply(f"stentor-services 1 {verb}\n{found}\nend {code}\n".encode(), code=code)

    fleet = Fleet("/fleet", {node: Node(node, "") for node in nodes}, {"all": nodes})
    items = {node: [Item("web", "systemd")] for node in nodes}
    change = ServicesChange(
        Parts(items, dict.fromkeys(nodes, ()), (), services or Services()), None, "deploy web", op="7"
    )
    events = change.apply(nodes, Reach(fleet, {}, engine=FakeNodes(answer)))
    return {event.node: event.outcome for event in events if isinstance(event, Finished)}


def test_all_nodes_confirm() -> None:
    found = deployed(("a", "b"), {})
    assert [(one.kind, one.reason) for one in found.values()] == [("ok", ""), ("ok", "")]


def test_the_time_of_a_node_is_until_it_was_put_back() -> None:
    begun = Reply(b"stentor-services 1 deploy\nstep armed\nstate applied\nend 0\n", seconds=0.05)
    back = Reply(b"stentor-services 1 revert\nstate reverted\nend 0\n", seconds=0.05)
    found = deployed(("a", "b"), {("a", "deploy"): begun, ("a", "revert"): back, ("b", "deploy"): "failed x"})
    assert found["a"].reason == "reverted: b failed"
    assert found["a"].seconds >= 0.1


def test_a_node_whose_deadline_came_takes_the_others_with_it() -> None:
    found = deployed(("a", "b"), {("a", "confirm"): "failed the change 7 is not there any more"})
    assert [one.kind for one in found.values()] == ["failed", "failed"]
    assert found["b"].reason.startswith(
        "reverted: a could not confirm it: the change 7 is not there any more"
    )


def test_what_was_not_put_back_is_said_with_its_place() -> None:
    found = deployed(
        ("a", "b"),
        {
            ("a", "deploy"): "failed no disk",
            ("b", "revert"): "left web (dead)\naside /s/left\nstate reverted",
        },
    )
    assert found["a"].reason == "no disk"
    assert found["b"].reason == "partly reverted (web (dead) left): a failed"
    assert found["b"].hint == "what was not put back is kept on the node, in /s/left"


def test_a_unit_that_does_not_work_is_said_with_its_log() -> None:
    failed = {("a", "deploy"): "step armed\nreverted web: web.service is failed (exit-code): no port"}
    for nodes, hint in [(("a",), "web"), (("a", "b"), "web --on a")]:
        services = Services(services={"web": Service("web", "systemd", nodes, unit="web.service")})
        found = deployed(nodes, failed, services)
        assert (found["a"].kind, found["a"].hint) == ("failed", f"its log: stentor services logs {hint}")
    assert found["b"].hint == ""
    assert deployed(("a",), {("a", "deploy"): "failed no disk"}, services)["a"].hint == ""


def test_a_node_that_is_lost_when_it_should_confirm_is_not_called_ok() -> None:
    found = deployed(("a", "b"), {("a", "confirm"): Reply(kind="lost", reason="connection reset")})
    assert (found["a"].kind, found["a"].reason) == ("lost", "not confirmed: connection reset")
    assert found["b"].ok


def test_a_node_that_waits_for_others_is_told_to_wait_on() -> None:
    verbs: list[tuple[str, str]] = []
    renewed = threading.Event()

    def answer(alias: str, command: str) -> Reply:
        verb = next((verb for verb in (*VERBS, "renew") if f" {verb} " in command), "")
        verbs.append((alias, verb))
        if verb == "renew":
            renewed.set()
        if (alias, verb) == ("b", "deploy"):
            assert renewed.wait(20), "b takes longer than a may wait"
        return Reply(f"stentor-services 1 {verb}\n{GOOD.get(verb, 'state renewed')}\nend 0\n".encode())

    fleet = Fleet("/fleet", {node: Node(node, "") for node in "ab"}, {"all": ("a", "b")})
    items = {node: [Item("web", "systemd")] for node in "ab"}
    parts = Parts(items, {"a": (), "b": ("a",)}, (), Services())
    change = ServicesChange(parts, None, "deploy web", op="7", window=1)
    events = change.apply(["a", "b"], Reach(fleet, {}, engine=FakeNodes(answer)))
    found = [event.outcome for event in events if isinstance(event, Finished)]
    assert [outcome.kind for outcome in found] == ["ok", "ok"], found
    assert ("a", "renew") in verbs
    assert ("b", "renew") not in verbs


def test_no_end_waits_for_a_node_that_does_not_hear_how_long_it_is_to_wait(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(deadlines, "_SECONDS", 3600.0)
    asked = threading.Event()

    def answer(alias: str, command: str) -> Reply:
        verb = next((verb for verb in (*VERBS, "renew") if f" {verb} " in command), "")
        if verb == "renew":
            asked.set()
            return Reply(seconds=3600.0)
        if (alias, verb) == ("b", "deploy"):
            assert asked.wait(20)
        return Reply(f"stentor-services 1 {verb}\n{GOOD.get(verb, '')}\nend 0\n".encode())

    fleet = Fleet("/fleet", {node: Node(node, "") for node in "ab"}, {"all": ("a", "b")})
    parts = Parts({node: [Item("web", "systemd")] for node in "ab"}, {"a": (), "b": ("a",)}, (), Services())
    change = ServicesChange(parts, None, "deploy web", op="7", window=1)
    events = change.apply(["a", "b"], Reach(fleet, {}, engine=FakeNodes(answer)))
    assert [event.outcome.kind for event in events if isinstance(event, Finished)] == ["ok", "ok"]


def test_an_interrupted_deploy_is_cancelled_and_put_back() -> None:
    """What ended its program tells nothing more once the node has said that everything is as before."""
    stop = Cancellation()

    def answer(alias: str, command: str) -> Reply:
        verb = next((verb for verb in VERBS if f" {verb} " in command), "")
        said = f"stentor-services 1 {verb}\n{GOOD.get(verb, '')}\nend 0\n"
        if (verb, alias) != ("deploy", "b"):
            return Reply(said.encode())
        threading.Timer(0.5, stop.request, ["Ctrl-C"]).start()
        return Reply(said.encode(), seconds=60)

    fleet = Fleet("/fleet", {node: Node(node, "") for node in "ab"}, {"all": ("a", "b")})
    items = {node: [Item("web", "systemd")] for node in "ab"}
    change = ServicesChange(Parts(items, dict.fromkeys("ab", ()), (), Services()), None, "deploy web", op="7")
    found = {}
    for event in change.apply("ab", Reach(fleet, {}, engine=FakeNodes(answer), cancellation=stop)):
        if isinstance(event, Finished):
            found[event.node] = event.outcome
    stop.close()
    assert {(one.kind, one.words, one.remote) for one in found.values()} == {
        ("cancelled", "cancelled: reverted after Ctrl-C", "")
    }


@pytest.mark.parametrize("asked", ["b", "a"])
def test_a_request_to_stop_does_not_end_what_takes_a_change_back(asked: str) -> None:
    """The nodes have confirmed it: no deadline of theirs would do so."""
    stop = Cancellation()

    def answer(alias: str, command: str) -> Reply:
        if alias == asked and not stop.requests:
            stop.request("Ctrl-C")
        return Reply(b"stentor-services 1 revert\nstate reverted\nend 0\n", seconds=0.1)

    nodes = FakeNodes(answer)
    fleet = Fleet("/fleet", {node: Node(node, "") for node in "ab"}, {"all": ("a", "b")})
    items = {node: [Item("web", "systemd")] for node in "ab"}
    change = ServicesChange(Parts(items, {"a": (), "b": ("a",)}, (), Services()), None, "deploy web", op="7")
    events = change.revert(["a", "b"], Reach(fleet, {}, engine=nodes, cancellation=stop), "a gate failed")
    assert events is not None
    assert [(one.node, one.outcome.kind) for one in events if isinstance(one, Finished)] == [
        ("b", "ok"),
        ("a", "ok"),
    ]
    stop.close()
