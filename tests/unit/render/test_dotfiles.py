"""Plans and states of dotfiles as lines."""

from __future__ import annotations

from typing import Any

import pytest

from stentor.render.dotfiles import plan_lines, state_words, status_lines
from stentor.render.json_dotfiles import Conflict, Dotfiles, Planned

REV = "1234567890" * 4
CONFLICTS = {"edited": "changed on the node"}

OP = "20261201T153549-dde896"


def planned(**fields: Any) -> Planned:
    empty: dict[str, Any] = {name: [] for name in ("conflicts", "changes", "scripts", "externals", "deletes")}
    empty |= {"node": "a", "kind": "ok", "reason": "", "assumed": False, "diff": "", "warnings": []}
    empty |= {"applied": "", "pending": "", "tried": "", "chezmoi": "2.71.0"}
    return Planned(**{**empty, **fields})


def standing(**fields: Any) -> Dotfiles:
    empty: dict[str, Any] = {name: [] for name in ("drift", "differs", "uncommitted", "reverted", "stderr")}
    empty |= {"node": "a", "kind": "ok", "reason": "", "wanted": REV, "missed": None, "missed_since": None}
    empty |= {"chezmoi": "2.71.0", "applied": f"{REV} op", "head": REV, "branch": "main", "ahead": None}
    empty |= {"behind": None, "pending": "", "timer": ""}
    return Dotfiles(**{**empty, **fields})


def test_a_plan_without_changes_is_one_line() -> None:
    assert plan_lines(["a", "b"], planned(), CONFLICTS) == ["a,b: no file would change"]


def test_a_plan_has_its_parts_in_order() -> None:
    plan = planned(
        conflicts=[Conflict("edited", ".a")],
        changes=["MM .a", " A .b", " R setup.sh", " D .old"],
        scripts=["setup.sh"],
        deletes=[".old"],
        externals=[".tool"],
        diff="-one\n+two\tthree",
    )
    assert plan_lines(["a"], plan, CONFLICTS) == [
        "a: 4 targets would change",
        "  conflict  .a: changed on the node",
        "  delete    .old",
        "  fetch     .tool",
        "  script    setup.sh (its effects cannot be reverted)",
        "  modify    .a",
        "  create    .b",
        "    -one",
        "    +two    three",
    ]
    replaced = plan_lines(["a"], plan, CONFLICTS, short=True, overwrite=["edited"])
    assert replaced[1] == "  replace   .a: changed on the node; a snapshot is kept"
    assert not any(line.startswith("    ") for line in replaced)


def test_what_a_node_says_cannot_move_the_cursor() -> None:
    assert "\x1b" not in "".join(plan_lines(["a"], planned(changes=[" A .\x1b[2J"]), CONFLICTS))


@pytest.mark.parametrize(
    ("fields", "words"),
    [
        ({}, []),
        ({"chezmoi": ""}, ["chezmoi is not installed"]),
        ({"head": ""}, ["no dotfiles on this node yet: stentor dotfiles init a"]),
        ({"applied": "0 op", "behind": 2}, ["2 behind"]),
        ({"applied": "0 op"}, ["not at 1234567890"]),
        ({"pending": f"op {REV} armed 55"}, ["waits to be confirmed for 55 s more"]),
        ({"pending": f"op {REV} armed over"}, ["not confirmed: stentor dotfiles revert a"]),
        ({"pending": f"op {REV} rolling"}, ["op is being reverted"]),
        ({"drift": [".a", ".b", ".c", ".d"]}, ["changed here: .a, .b, .c …"]),
        ({"reverted": [f"{REV} op no shell"]}, ["reverted 1234567890: no shell"]),
        (
            {"branch": "detached", "uncommitted": ["?? x"]},
            ["no branch checked out", "1 uncommitted in the clone"],
        ),
    ],
)
def test_the_state_of_a_node_in_words(fields: dict[str, Any], words: list[str]) -> None:
    assert state_words(standing(**fields), 0.0) == words


@pytest.mark.parametrize(
    ("fields", "end"),
    [({"head": ""}, "stentor dotfiles init node001"),
     ({"pending": f"{OP} {REV} armed over"}, "stentor dotfiles revert node001")],
)  # fmt: skip
@pytest.mark.parametrize("width", [60, 80, 120, 200])
def test_the_next_step_is_never_cut(fields: dict[str, Any], end: str, width: int) -> None:
    rows = [standing(node="node001", **fields), standing(node="node002")]
    lines = status_lines(rows, 0.0, width=width)
    assert any(line.endswith(end) for line in lines)
    assert max(map(len, lines)) <= width


@pytest.mark.parametrize("width", [60, 80, 120, 200])
def test_a_long_reason_goes_on_below_itself(width: int) -> None:
    reason = "no answer in 2 s from 192.168.254.11 port 22, through the jump host gateway.home.example"
    lines = status_lines([standing(kind="unreachable", reason=reason)] * 2, 0.0, width=width)
    said = " ".join(" ".join(lines).split())
    assert said.count(reason) == 2, lines
    assert max(map(len, lines)) <= width


def test_a_node_that_is_down_has_what_it_missed_in_the_table() -> None:
    down = standing(kind="unreachable", reason="no answer", missed=REV, missed_since=0.0)
    up, away = status_lines([standing(), down], 100.0)[1:]
    assert up.split()[:3] == ["a", "2.71.0", "1234567890"]
    assert up.endswith("up to date")
    assert "no answer; missed 1234567890, behind since" in away
