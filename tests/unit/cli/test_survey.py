"""What looks at nodes and is interrupted: what was seen until then is shown."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import pytest

from stentor.outcome import Outcome
from stentor.probe.ping import Ping
from stentor.testing import FakeNodes, Reply
from tests.practice import Practice, ctrl_c


@pytest.fixture
def practice(monkeypatch: pytest.MonkeyPatch) -> Practice:
    def interrupted(*_: Any, **__: Any) -> Iterator[Ping]:
        yield Ping(Outcome("prtr", "ok", seconds=0.1), "up")
        yield Ping(Outcome("crtr", "refused", reason="connection refused"), "refused")
        raise KeyboardInterrupt

    monkeypatch.setattr("stentor.api.probes.pings", interrupted)
    return Practice(monkeypatch)


def test_nodes_that_were_seen_are_shown_and_the_others_named(practice: Practice) -> None:
    ran = practice.run("ping", "@core")
    assert [line.split()[0] for line in ran.text.splitlines()] == ["NODE", "crtr", "prtr"]
    assert ran.said.endswith("stentor: interrupted; not seen: drtr\n")
    assert ran.code == 4


def test_quiet_shows_nothing(practice: Practice) -> None:
    ran = practice.run("ping", "-q", "@core")
    assert (ran.code, ran.text, ran.said) == (4, "", "stentor: interrupted; not seen: drtr\n")


def test_json_ends_with_a_report(practice: Practice) -> None:
    lines = [json.loads(line) for line in practice.run("ping", "--json", "@core").text.splitlines()]
    assert [line["node"] for line in lines if line["type"] == "ping"] == ["prtr", "crtr"]
    assert lines[-1]["kinds"] == {"refused": ["crtr"], "cancelled": ["drtr"], "ok": ["prtr"]}


@pytest.mark.parametrize("words", ["tmux list", "migrate check"])
def test_other_looks_show_the_nodes_that_were_seen(monkeypatch: pytest.MonkeyPatch, words: str) -> None:
    practice = Practice(monkeypatch)
    nodes = {alias: node._replace(phase=1) for alias, node in practice.fleet.nodes.items()}
    practice.fleet = practice.fleet._replace(nodes=nodes)
    practice.nodes = FakeNodes({"drtr": Reply(seconds=30)})
    with ctrl_c(0.5):
        ran = practice.run(*words.split(), "@core")
    assert "crtr" in ran.text and "prtr" in ran.text
    assert ran.said.endswith("stentor: interrupted; not seen: drtr\n")
    assert ran.code == 130


@pytest.mark.parametrize(
    "words",
    ["ping", "status", "doctor", "facts", "needs", "trust", "dotfiles status", "tmux list"],
)
def test_a_selector_without_nodes_has_a_report_as_well(monkeypatch: pytest.MonkeyPatch, words: str) -> None:
    practice = Practice(monkeypatch)
    ran = practice.run(*words.split(), "--json", "crtr!crtr")
    lines = [json.loads(line) for line in ran.text.splitlines()]
    assert (ran.code, [line["type"] for line in lines][-1:]) == (0, ["report"])
