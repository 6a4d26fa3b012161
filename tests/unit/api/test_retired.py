"""A retired node takes part in nothing that does not ask for it by name."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import pytest

from stentor.api.fleet import Fleet
from stentor.dotfiles import rendering
from stentor.dotfiles.answer import Answer
from stentor.dotfiles.source import Source
from stentor.dotfiles.visit import Visit
from stentor.engines.reach import Reach
from stentor.fleet.model import Fleet as Data
from stentor.fleet.model import Node
from stentor.live import Live
from stentor.outcome import Outcome
from stentor.testing import FakeNodes

MAC = "aa:bb:cc:dd:ee:ff"
DATA = Data(
    "/fleet",
    {
        "zrtr": Node("zrtr", "", ("192.0.2.1",), mac=MAC, state="retired", phase=1),
        "new": Node("new", "", ("192.0.2.2",), mac=MAC, phase=1),
        "far": Node("far", "", ("192.0.2.3",), mac=MAC),
    },
    {"all": ("zrtr", "new", "far"), "pair": ("zrtr", "new"), "gone": ("zrtr",)},
)


@pytest.fixture
def fleet(tmp_path: Path) -> Fleet:
    return Fleet(DATA, environ={"XDG_STATE_HOME": str(tmp_path)}, hostname="elsewhere", engine=FakeNodes())


@pytest.fixture
def tried(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The nodes whose sshd was tried; each answers."""
    tried: list[str] = []

    def up_among(_: Live, nodes: Sequence[Node]) -> list[str]:
        tried.extend(node.alias for node in nodes)
        return [node.alias for node in nodes]

    monkeypatch.setattr(Live, "up_among", up_among)
    return tried


def test_up_and_down_do_not_try_it(fleet: Fleet, tried: list[str]) -> None:
    assert [node.alias for node in fleet.nodes("@up")] == ["new", "far"]
    assert fleet.nodes("@down") == ()
    assert set(tried) == {"new", "far"}


def test_no_node_is_woken_through_it(fleet: Fleet, tried: list[str]) -> None:
    woken = fleet.select("far").wake()
    assert [result.node for result in woken] == ["far"]
    assert tried == ["new"]
    assert [result.node for result in fleet.select("zrtr").wake(via="new")] == ["zrtr"]


def test_a_push_asks_and_renders_nothing_for_it(monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[str] = []

    def visits(_: object, nodes: list[Node], *__: object) -> dict[str, Visit]:
        asked.extend(node.alias for node in nodes)
        return {node.alias: Visit(Outcome(node.alias, "ok", 0), Answer("plan", (), 0)) for node in nodes}

    monkeypatch.setattr(rendering, "visits", visits)
    monkeypatch.setattr(rendering, "trial", lambda *_: ("1" * 40, b""))
    found = rendering.prove(Reach(DATA, {}), Source("", "r", "main"), "tree")
    assert found.proved == ("new", "far")
    assert asked == ["new", "far"]


@pytest.mark.parametrize("form", ["md", "html"])
def test_a_report_has_it_where_it_is_named(fleet: Fleet, form: str) -> None:
    assert "zrtr" not in fleet.report(form)
    assert "2 nodes: 2 expected up." in fleet.report(form)
    named = fleet.report(form, selector="@all,zrtr")
    assert "3 nodes: 1 expected retired, 2 expected up." in named
    assert "zrtr, new" in named and "@gone" in named
