"""The acting methods against nodes in memory."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator, Sequence
from pathlib import Path

import pytest

from stentor.api.fleet import Fleet, Selection
from stentor.async_api import AsyncFleet
from stentor.engines.reach import Reach
from stentor.errors import Refused, SelectorError, UsageError
from stentor.fanout.cancellation import Cancellation
from stentor.fanout.events import Event
from stentor.fleet.model import Fleet as Data
from stentor.fleet.model import Node
from stentor.rollout.change import BaseChange
from stentor.testing import FakeNodes, Reply

NAMES = ("a", "b", "c")
DATA = Data("/fleet", {name: Node(name, "", mac="aa:bb:cc:dd:ee:ff") for name in NAMES}, {"all": NAMES})


class Say(BaseChange):
    """A change of a caller's own."""

    name = "say"
    title = "say it"

    def apply(self, nodes: Sequence[str], reach: Reach) -> Iterator[Event]:
        return reach.command(reach.nodes(nodes), "say")


@pytest.fixture
def nodes() -> FakeNodes:
    return FakeNodes({"b": Reply(b"no\n", code=3)})


@pytest.fixture
def fleet(nodes: FakeNodes, tmp_path: Path) -> Fleet:
    return Fleet(DATA, environ={"XDG_STATE_HOME": str(tmp_path)}, hostname="elsewhere", engine=nodes)


def kinds(results: object) -> dict[str, str]:
    return {result.node: result.kind for result in results}  # type: ignore[attr-defined]


def test_the_journal_keeps_the_selector_as_it_was_given(fleet: Fleet) -> None:
    fleet.select("a,b!b").run("x")
    fleet.select("@all!c").rollout(Say())
    Selection(fleet, fleet.nodes("a,b")).run("x")
    assert [record.selector for record in fleet.history()] == ["a,b", "@all!c", "a,b!b"]


def test_run_is_in_the_journal_and_rerun_repeats_its_options(fleet: Fleet, nodes: FakeNodes) -> None:
    assert kinds(fleet.select().run("x", timeout=7, environment={"A": "1"})) == {
        "a": "ok", "b": "failed", "c": "ok",
    }  # fmt: skip
    (record,) = fleet.history()
    assert (record.command, record.options) == ("x", {"timeout": 7})
    assert fleet.operation().id == fleet.operation(record.id).id == record.id
    assert kinds(fleet.rerun(sets=["failed"])) == {"b": "failed"}
    assert nodes.commands[-1] == ("b", "x")
    assert fleet.operation().options == {"timeout": 7, "rerun_of": record.id}
    assert len(fleet.rerun(record.id, sets=["unreachable"])) == 0


def test_switched_off_journal_writes_nothing(fleet: Fleet) -> None:
    fleet.select("a").run("x", journal=False)
    assert fleet.history() == []


def test_script_sends_its_text_and_is_rerun_without_the_file(
    fleet: Fleet, nodes: FakeNodes, tmp_path: Path
) -> None:
    script = tmp_path / "up.sh"
    script.write_text("#!/bin/sh\necho up\n")
    assert kinds(fleet.select("a").script(str(script), "--fast")) == {"a": "ok"}
    script.unlink()
    assert kinds(fleet.rerun()) == {"a": "ok"}
    assert [command for _, command in nodes.commands] == ["/bin/sh -s -- --fast"] * 2
    with pytest.raises(UsageError, match="cannot read the script"):
        fleet.select("a").script(str(script))


def test_dangerous_lines_are_refused_unless_the_number_is_said(fleet: Fleet, nodes: FakeNodes) -> None:
    with pytest.raises(Refused):
        fleet.select().run("rm -rf /")
    assert nodes.commands == []
    fleet.select().run("rm -rf /", yes_really=3)
    fleet.select().run("rm -rf /", guard=False)
    assert len(nodes.commands) == 6


def test_a_change_of_ones_own_is_rolled_out_in_waves(fleet: Fleet, nodes: FakeNodes) -> None:
    results = fleet.select().rollout(Say(), canary="b", lock=False)
    assert kinds(results) == {"a": "cancelled", "b": "failed", "c": "cancelled"}
    assert nodes.commands == [("b", "say")]
    assert results.operation is not None
    assert "canary" in results.operation.stopped


def test_shutdown_asks_for_the_number_of_nodes(fleet: Fleet, nodes: FakeNodes) -> None:
    with pytest.raises(Refused):
        fleet.select().shutdown(command="halt")
    assert kinds(fleet.select().shutdown(command="halt", yes_really=3, lock=False))["a"] == "ok"
    assert ("a", "halt") in nodes.commands


def test_facts_that_come_to_no_end_are_not_remembered(fleet: Fleet) -> None:
    (one,) = fleet.select("a").facts()
    assert (one.outcome.kind, one.facts) == ("shell-broken", {})
    (one,) = fleet.select("a").facts(known=True)
    assert (one.outcome.kind, one.facts, one.at) == ("skipped", {}, 0.0)


def test_operations_that_only_look_leave_failed_as_it_was(fleet: Fleet) -> None:
    fleet.select().run("x")
    fleet.select("a").facts()
    assert [node.alias for node in fleet.select("@failed").nodes] == ["b"]
    assert fleet.operation().kind == "facts"


def test_status_and_doctor_are_in_the_order_of_the_selection(fleet: Fleet) -> None:
    assert [one.outcome.node for one in fleet.select().status()] == ["a", "b", "c"]


def test_undo_refuses_what_is_no_fix(fleet: Fleet) -> None:
    fleet.select("a").run("x")
    with pytest.raises(UsageError, match="is no 'stentor doctor --fix'"):
        fleet.undo(1)


def test_export_and_report_are_texts(fleet: Fleet) -> None:
    assert "new-window" in fleet.select("a").export("tmux")
    assert "# " in fleet.report(operations=0)


def test_methods_can_be_awaited(nodes: FakeNodes, fleet: Fleet) -> None:
    async def main() -> dict[str, str]:
        return kinds(await AsyncFleet(fleet).select("a,b").run("x"))

    assert asyncio.run(main()) == {"a": "ok", "b": "failed"}


def test_dotfiles_can_be_awaited(fleet: Fleet) -> None:
    async def main() -> dict[str, str]:
        return kinds(await AsyncFleet(fleet).select("a").dotfiles.confirm())

    assert asyncio.run(main()) == kinds(fleet.select("a").dotfiles.confirm())


def test_one_cancellation_is_for_several_operations(fleet: Fleet) -> None:
    cancellation = Cancellation()
    for _ in range(2):
        assert kinds(fleet.select("a").run("x", cancellation=cancellation)) == {"a": "ok"}
    cancellation.close()


def test_cancelling_the_await_ends_the_commands(tmp_path: Path) -> None:
    slow = FakeNodes({"a": Reply(seconds=60)})
    fleet = Fleet(DATA, environ={"XDG_STATE_HOME": str(tmp_path)}, hostname="elsewhere", engine=slow)

    async def main() -> None:
        job = asyncio.ensure_future(AsyncFleet(fleet).select("a").run("x"))
        while not slow.commands:
            await asyncio.sleep(0.01)
        job.cancel()
        with pytest.raises(asyncio.CancelledError):
            await job

    asyncio.run(main())
    assert [node.kind for node in fleet.operation().nodes] == ["cancelled"]


@pytest.mark.parametrize("expression", ["", " ", ",", "@"])
def test_an_empty_selector_is_an_error(fleet: Fleet, nodes: FakeNodes, expression: str) -> None:
    with pytest.raises(SelectorError):
        fleet.select(expression)
    assert nodes.commands == []
