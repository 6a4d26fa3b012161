"""The commands which open sessions."""

from __future__ import annotations

import pytest

from stentor.tmux import plan
from stentor.tmux.layout import Size
from stentor.tmux.state import FORMAT, SEPARATOR, not_supported, parse

LEAST = Size(38, 6)
WIDE = Size(200, 50)
PANES = [
    plan.Pane("crtr"),
    plan.Pane("prtr", ("sh", "loop", "prtr")),
    plan.Pane("drtr", ("sh", "loop", "drtr")),
]


def create(panes: list[plan.Pane], size: Size = WIDE) -> list[tuple[str, ...]]:
    return plan.create("cluster", panes, layout="auto", least=LEAST, size=size)


def test_three_nodes_are_one_window() -> None:
    commands = create(PANES)
    names = [command[0] for command in commands]
    assert names.count("new-session") == names.count("new-window") == 1
    assert names.count("split-window") == 2
    assert ("select-layout", "main-vertical") in commands
    assert [c[-1] for c in commands if c[:3] == ("set-option", "-p", "@node")] == ["crtr", "prtr", "drtr"]
    # this machine's pane has no program: the user's own shell
    assert next(c for c in commands if c[0] == "new-window")[-1] == "cluster"


def test_nothing_after_the_first_window_names_an_index() -> None:
    targets = [c[c.index("-t") + 1] for c in create(PANES) if "-t" in c]
    assert set(targets) == {"=cluster:", "=cluster:^", "=cluster:^.{top-left}"}


def test_many_nodes_open_several_windows() -> None:
    commands = create([plan.Pane(f"n{i}", ("x",)) for i in range(40)], Size(80, 24))
    windows = [c for c in commands if c[0] == "new-window"]
    assert len(windows) == 7
    assert windows[0][windows[0].index("-n") + 1] == "cluster-1"


def test_missing_nodes_are_added_to_windows_with_space() -> None:
    windows = [plan.Window("@4", Size(80, 23), 5, "auto")]
    commands = plan.add("s", windows, PANES, layout="auto", least=LEAST, size=Size(80, 24))
    assert commands[0] == ("split-window", "-t", "@4")
    assert [c[0] for c in commands].count("new-window") == 1


@pytest.mark.parametrize(
    ("selector", "name"),
    [
        (None, "cluster"),
        ("@core", "cluster"),
        ("@gpu", "gpu"),
        ("crtr,prtr", "crtr+prtr"),
        ("@all!@gpu", "@all_@gpu"),
        ("n[1-4].home", "n_1-4_home"),
        ("%role=gpu", "role_gpu"),
    ],
)
def test_session_names(selector: str | None, name: str) -> None:
    assert plan.session_name(selector, "@core", "cluster") == name


def test_panes_are_parsed() -> None:
    fields = FORMAT.count(SEPARATOR) + 1
    values = ["$1", "@2", "%3", "crtr", "1", "0", "auto", "80", "23", "sh", "up", "my <|> session", "w"]
    assert len(values) == fields
    with pytest.raises(ValueError, match=r"zip|argument"):
        parse("too<|>short")
    values[11] = "cluster"
    pane = parse(SEPARATOR.join(values))
    assert (pane.pane_id, pane.node, pane.synced, pane.dead, pane.window_columns) == (
        "%3",
        "crtr",
        True,
        False,
        80,
    )


def test_versions() -> None:
    assert not_supported("tmux 3.1c")
    assert not_supported("tmux 2.9a")
    assert not any(
        not_supported(v) for v in ("tmux 3.2", "tmux 3.3a", "tmux 3.5a", "tmux next-3.6", "tmux master")
    )
