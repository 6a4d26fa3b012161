"""``history``, ``show``, ``diff`` and ``rerun`` on the command line, with nodes in memory."""

from __future__ import annotations

import json
from typing import Any

import pytest

from stentor.testing import FakeNodes, Reply
from tests.practice import Practice


@pytest.fixture
def stentor(monkeypatch: pytest.MonkeyPatch) -> Practice:
    monkeypatch.setattr("stentor.cli.context.Context.fleet_root", lambda *_: "/fleet")
    practice = Practice(monkeypatch)
    practice.nodes = FakeNodes({"prtr": Reply(b"hot\n", code=3), "drtr": Reply(b"cool\n")})
    return practice


def lines(text: str) -> list[dict[str, Any]]:
    return [json.loads(line) for line in text.splitlines()]


def ran_on(stentor: Practice) -> list[str]:
    return [alias for alias, _ in stentor.nodes.commands]


def test_reap_says_that_nothing_was_left(stentor: Practice) -> None:
    ran = stentor.run("reap")
    assert (ran.code, ran.text, ran.said) == (0, "", "nothing was left by interrupted operations\n")


def test_rerun_goes_only_where_it_failed(stentor: Practice) -> None:
    assert stentor.run("run", "-u", "10s", "@core", "sensors").code == 1
    del stentor.nodes.tasks[:]
    assert stentor.run("rerun", "--failed").code == 1
    assert stentor.nodes.commands == [("prtr", "sensors")]
    first, again = stentor.run("show", "1", "--json"), stentor.run("show", "2", "--json")
    options = [lines(shown.text)[1]["options"] for shown in (first, again)]
    assert options == [{"timeout": 10.0}, {"timeout": 10.0, "rerun_of": 1}]
    assert "--timeout 10" in stentor.run("show", "2").text


@pytest.mark.parametrize("option", ["--unfinished", "--missing"])
def test_rerun_finishes_what_a_failed_canary_left(stentor: Practice, option: str) -> None:
    stopped = stentor.run("run", "--canary", "prtr", "@core", "sensors")
    assert "stentor rerun 1 --unfinished" in stopped.said
    del stentor.nodes.tasks[:]
    assert stentor.run("rerun", option).code == 0
    assert {alias for alias, command in stentor.nodes.commands if command == "sensors"} == {"crtr", "drtr"}


def test_rerun_says_what_it_has_nothing_to_do_with(stentor: Practice) -> None:
    stentor.run("run", "crtr", "true")
    ran = stentor.run("rerun", "--failed", "--unreachable")
    assert ran.code == 0
    assert ran.said == "no node failed or was unreachable in any operation of this fleet; nothing to rerun\n"
    ran = stentor.run("rerun", "1", "--failed")
    assert (ran.code, ran.said) == (0, "no node failed in operation 1; nothing to rerun\n")


def test_rerun_takes_the_last_operation_that_had_such_nodes(stentor: Practice) -> None:
    stentor.run("run", "@core", "sensors")
    stentor.run("run", "crtr", "true")
    del stentor.nodes.tasks[:]
    ran = stentor.run("rerun", "--failed")
    assert stentor.nodes.commands == [("prtr", "sensors")]
    assert ran.said.startswith("stentor: operation 1: sensors\n")


def test_rerun_leaves_out_what_succeeded_since(stentor: Practice) -> None:
    stentor.run("run", "@core", "sensors")
    stentor.nodes = FakeNodes()
    assert stentor.run("rerun", "1", "--not-ok").code == 0
    assert ran_on(stentor) == ["prtr"]
    for words in (["--failed"], ["1", "--failed"], ["--not-ok"]):
        ran = stentor.run("rerun", *words)
        assert ran.code == 0
        assert ran.said.endswith(
            "stentor: left out: prtr: succeeded since, in operation 2; nothing to rerun\n"
        )
    assert ran_on(stentor) == ["prtr"]
    assert stentor.run("rerun", "1").code == 0  # all of it, as it was asked for
    assert ran_on(stentor)[1:] == ["crtr", "prtr", "drtr"]


def test_rerun_names_what_it_leaves_out(stentor: Practice) -> None:
    stentor.nodes = FakeNodes({"prtr": Reply(code=3), "drtr": Reply(kind="unreachable", reason="no answer")})
    stentor.run("run", "@core", "sensors")
    said = stentor.run("rerun", "--failed").said
    assert "stentor: left out: drtr (unreachable); all that is not ok: stentor rerun 1 --not-ok\n" in said
    del stentor.nodes.tasks[:]
    stentor.run("rerun", "1", "--not-ok", "-n")
    assert "would run on 2 nodes" in stentor.run("rerun", "1", "--not-ok", "-n").said


def test_rerun_says_why_the_last_failure_is_none_of_a_run(stentor: Practice) -> None:
    stentor.run("run", "@core", "sensors")
    stentor.run("copy", "prtr", "/etc/hostname", "/tmp/")
    ran = stentor.run("rerun", "--failed")
    assert ran.code == 6
    assert "operation 2, the last with failed nodes, was 'stentor copy'" in ran.said


def test_history_of_what_is_not_ok(stentor: Practice) -> None:
    stentor.run("run", "@core", "sensors")
    stentor.run("run", "crtr", "true")
    found = lines(stentor.run("history", "--json", "--outcome", "not-ok").text)
    assert [line.get("id") for line in found] == [None, 1]


def test_rerun_previews_who_would_be_reached(stentor: Practice) -> None:
    stentor.run("run", "@core", "sensors")
    del stentor.nodes.tasks[:]
    ran = stentor.run("rerun", "-n", "--failed")
    assert "would run on 1 node: sensors" in ran.said
    assert [line["type"] for line in lines(stentor.run("rerun", "-n", "-j").text)] == ["plan"] + [
        "target"
    ] * 3
    assert ran_on(stentor) == []


def test_rerun_repeats_only_runs(stentor: Practice) -> None:
    stentor.run("facts", "crtr")
    ran = stentor.run("rerun", "1")
    assert (ran.code, "operation 1 was 'stentor facts'" in ran.said) == (6, True)


def test_rerun_without_a_number_passes_over_operations_that_only_look(stentor: Practice) -> None:
    stentor.run("run", "crtr", "true")
    stentor.run("facts", "crtr")
    assert stentor.run("rerun", "--json").code == 0
    assert stentor.nodes.commands[-1] == ("crtr", "true")


def test_dangerous_lines_are_guarded_again(stentor: Practice) -> None:
    stentor.run("run", "--yes-really", "3", "@core", "rm -rf /")
    assert stentor.run("rerun").code == 6
    assert stentor.run("rerun", "--yes-really", "3").code == 1


def test_a_selector_that_nothing_came_out_as_names_the_way_to_the_outcomes(stentor: Practice) -> None:
    stentor.run("run", "crtr", "true")
    ran = stentor.run("run", "@failed", "true")
    assert (ran.code, ran.text) == (2, "")
    assert ran.said == (
        "stentor: @failed: no node is selected\nhint: what came of the last operation: stentor show\n"
    )
    assert "hint" not in stentor.run("run", "crtr!crtr", "true").said


def test_history_is_filtered_and_shown_newest_first(stentor: Practice) -> None:
    assert stentor.run("history").said == "the journal has no operation yet\n"
    stentor.run("run", "@core", "sensors")
    stentor.run("run", "crtr", "true")
    assert [line.split()[0] for line in stentor.run("history").text.splitlines()] == ["ID", "2", "1"]
    found = lines(stentor.run("history", "--json", "--outcome", "failed").text)
    assert [line.get("id") for line in found] == [None, 1]
    assert stentor.run("history", "--command", "nothing").said == "the journal has no such operation\n"


def test_show_gives_output_as_it_came(stentor: Practice) -> None:
    stentor.run("run", "@core", "sensors")
    assert stentor.run("show", "--node", "prtr").stdout == b"hot\n"
    assert stentor.run("show", "--node", "trtr").code == 2
    assert "cool" in stentor.run("show", "-b").text
    assert stentor.run("show", "--steps").text == ""


def test_diff_compares_node_by_node(stentor: Practice) -> None:
    stentor.run("run", "@core", "sensors")
    stentor.run("run", "@core", "sensors")
    same = stentor.run("diff", "1", "2")
    assert (same.code, same.said) == (0, "no difference on 3 nodes\n")
    stentor.nodes = FakeNodes({"prtr": Reply(b"cool\n")})
    stentor.run("run", "@core", "sensors")
    assert stentor.run("diff", "1", "3").code == 1
    compared = lines(stentor.run("diff", "--json", "1", "3").text)[1:]
    assert [line["node"] for line in compared if not line["same"]] == ["prtr", "drtr"]


def test_rerun_leaves_out_who_is_retired_since(stentor: Practice) -> None:
    stentor.run("run", "@core", "sensors")
    del stentor.nodes.tasks[:]
    retired = stentor.fleet.nodes["prtr"]._replace(state="retired")
    stentor.fleet = stentor.fleet._replace(nodes={**stentor.fleet.nodes, "prtr": retired})
    again = stentor.run("rerun", "1")
    assert "stentor: retired since, and left out: prtr" in again.said
    assert set(ran_on(stentor)) == {"crtr", "drtr"}
    assert stentor.run("run", "@failed", "true").code != 0  # prtr alone had failed


def test_diff_of_one_node_says_node(stentor: Practice) -> None:
    stentor.run("run", "crtr", "sensors")
    stentor.run("run", "crtr", "sensors")
    assert stentor.run("diff", "1", "2").said == "no difference on 1 node\n"
