"""The commands which open sessions."""

from __future__ import annotations

import pytest

from stentor.errors import UsageError
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


def opened(place: tuple[str, ...], name: str, layout: str, *program: str) -> list[tuple[str, ...]]:
    return [
        ("new-window", *place, "-n", name, *program),
        ("set-option", "-w", "allow-rename", "off"),
        ("set-option", "-w", "pane-border-status", "top"),
        ("set-option", "-w", "pane-border-format", plan.BORDER),
        ("set-option", "-w", "main-pane-width", "50%"),
        ("set-option", "-w", "main-pane-height", "50%"),
        ("set-option", "-w", "@layout", layout),
    ]


def test_session_is_made_by_these_commands() -> None:
    assert create(PANES[:2]) == [
        ("new-session", "-d", "-s", "cluster", "-x", "200", "-y", "50", "sleep", "20"),
        ("set-option", "-t", "=cluster:", "@stentor", "1"),
        ("set-option", "-t", "=cluster:", "destroy-unattached", "off"),
        ("set-option", "-sF", "@stentor_exit_unattached", "#{exit-unattached}"),
        ("set-option", "-s", "exit-unattached", "off"),
        *opened(("-k", "-t", "=cluster:^"), "cluster", "auto"),
        ("set-option", "-p", "@node", "crtr"),
        ("set-option", "-p", "@state", "up"),
        ("split-window", "sh", "loop", "prtr"),
        ("select-layout", "tiled"),
        ("set-option", "-p", "@node", "prtr"),
        ("select-layout", "even-vertical"),
        ("select-window", "-t", "=cluster:^"),
        ("select-pane", "-t", "=cluster:^.{top-left}"),
    ]


def test_further_windows_of_a_new_session_come_after_the_first() -> None:
    commands = plan.create("s", PANES, layout="auto", least=Size(38, 48), size=Size(80, 50))
    assert [c[1:-3] for c in commands if c[0] == "new-window" and c[-3:-1] == ("sh", "loop")] == [
        ("-a", "-n", "s-2"),
        ("-a", "-n", "s-3"),
    ]
    assert [c[-1] for c in commands if c[0] == "select-layout"] == []


def test_status_line_takes_a_row_of_a_new_session() -> None:
    for rows, panes in ((14, 1), (15, 2)):
        commands = plan.create("s", PANES[:2], layout="even-vertical", least=LEAST, size=Size(80, rows))
        assert [c[0] for c in commands].count("new-window") == 3 - panes


def test_nodes_are_added_to_windows_with_space_then_to_new_ones() -> None:
    windows = [
        plan.Window("@4", Size(80, 23), 5, "auto"),
        plan.Window("@5", Size(80, 23), 9, "auto"),
        plan.Window("@6", Size(80, 23), 4, "even-horizontal"),
    ]
    panes = [*PANES, plan.Pane("a#b", ("x",))]
    commands = plan.add("s", windows, panes, layout="tiled", least=LEAST, size=Size(200, 50))
    assert commands == [
        ("split-window", "-t", "@4"),
        ("select-layout", "tiled"),
        ("set-option", "-p", "@node", "crtr"),
        ("set-option", "-p", "@state", "up"),
        ("select-layout", "tiled"),
        *opened(("-a", "-t", "=s:$"), "s-4", "tiled", "sh", "loop", "prtr"),
        ("set-option", "-p", "@node", "prtr"),
        ("split-window", "sh", "loop", "drtr"),
        ("select-layout", "tiled"),
        ("set-option", "-p", "@node", "drtr"),
        ("split-window", "x"),
        ("select-layout", "tiled"),
        ("set-option", "-p", "@node", "a#b"),
        ("select-layout", "tiled"),
    ]


def test_layout_is_chosen_by_the_panes_that_a_window_then_has() -> None:
    one = [plan.Window("@1", Size(200, 50), 1, "auto")]
    commands = plan.add("s", one, PANES[1:], layout="auto", least=LEAST, size=WIDE)
    assert [c for c in commands if c[0] == "split-window"] == [
        ("split-window", "-t", "@1", "sh", "loop", "prtr"),
        ("split-window", "sh", "loop", "drtr"),
    ]
    assert commands[-1] == ("select-layout", "main-vertical")


def test_size_of_new_windows_is_that_of_those_that_there_are() -> None:
    def count(windows: list[plan.Window], size: Size) -> int:
        commands = plan.add("s", windows, PANES[:2], layout="even-vertical", least=LEAST, size=size)
        return [c[0] for c in commands].count("new-window")

    full = plan.Window("@1", Size(80, 13), 1, "even-vertical")
    assert count([full], WIDE) == 2
    assert count([full._replace(size=Size(80, 14), panes=2)], Size(80, 9)) == 1
    assert count([full._replace(size=Size(80, 14), panes=2), full], Size(80, 9)) == 1
    assert (count([], Size(80, 15)), count([], Size(80, 14))) == (1, 2)


def test_window_of_one_pane_has_no_layout_and_its_name_is_literal() -> None:
    commands = plan.window("a#b", PANES[1:2], "tiled", ("-t", "$1:"))
    assert commands == [
        *opened(("-t", "$1:"), "a##b", "tiled", "sh", "loop", "prtr"),
        ("set-option", "-p", "@node", "prtr"),
    ]


def test_session_name_is_cut_and_never_empty() -> None:
    assert plan.session_name("n" * 50, "@core", "cluster") == "n" * 40
    assert plan.session_name("%=", "@core", "cluster") == "cluster"
    assert plan.session_name("a..b", "@core", "cluster") == "a_b"


@pytest.mark.parametrize("name", ["work", "a b", "gpu+core", "@x", "über-1"])
def test_a_plain_name_of_a_session_is_taken(name: str) -> None:
    assert plan.checked_name(name) == name


@pytest.mark.parametrize(
    "name",
    ["#(date)", "#{pid}", "a.b", "a:b", "$(date)", "`date`", "a\nb", " a", "a ", "", "a;b", "'", "\x1b[2J"],
)
def test_a_name_that_tmux_would_expand_or_not_find_is_refused(name: str) -> None:
    with pytest.raises(UsageError, match="cannot be the name of a tmux session"):
        plan.checked_name(name)
