"""What an edit keeps: line ends, comments, anchors, merge keys; and that it reads YAML as ``check`` does."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path

import pytest

from stentor.errors import FleetError
from stentor.fleet.check import Source, check
from stentor.fleet.edit import add_node, set_values
from stentor.fleet.rewrite import rewritten


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("crtr:", "crtr: {state: down}"),
        ("crtr:   # why", "crtr: {state: down}   # why"),
        ("crtr: ~", "crtr: {state: down}"),
        (
            "crtr: {role: x,  # why\n      # more\n      }",
            "crtr: {state: down, role: x,  # why\n      # more\n      }",
        ),
        ("crtr: {state: up,  # why\n      role: x}", "crtr: {state: down,  # why\n      role: x}"),
        ("crtr: &base {role: x}\n  b: {<<: *base}", "crtr: &base {state: down, role: x}\n  b: {<<: *base}"),
        ("b: &base {role: x}\n  crtr: {<<: *base}", "b: &base {role: x}\n  crtr: {state: down, <<: *base}"),
        (
            "b: &base {role: x}\n  crtr:\n    <<: *base\n    os: y  # z",
            "b: &base {role: x}\n  crtr:\n    state: down\n    <<: *base\n    os: y  # z",
        ),
        ("b: {role: &r x}\n  crtr: {role: *r}", "b: {role: &r x}\n  crtr: {state: down, role: *r}"),
        ("crtr: !!map {role: x}", "crtr: !!map {state: down, role: x}"),
    ],
)
def test_comments_anchors_and_merge_keys_stay(before: str, after: str) -> None:
    rest = "\n  z: {role: 'q'}  # last\n"
    text = f"nodes:\n  {before}{rest}"
    assert set_values(text, "crtr", {"state": "down"}) == f"nodes:\n  {after}{rest}"


@pytest.mark.parametrize(
    ("entry", "values"),
    [
        ("b: &base {role: x}\n  crtr: *base", {"state": "down"}),
        ("b: {role: &r x}\n  crtr: {role: *r}", {"role": "y"}),
        ("crtr: {role: &r x}\n  b: {role: *r}", {"role": "y"}),
        ("crtr: {role: x,  # why\n      os: y}", {"os": None}),
        ("crtr: {vars: {a: 1},  # why\n      os: y}", {"vars": {"b": 2}}),
    ],
)
def test_what_a_program_would_spoil_is_refused(entry: str, values: dict[str, object]) -> None:
    with pytest.raises(FleetError) as caught:
        set_values(f"nodes:\n  {entry}\n", "crtr", values)
    assert "editor" in caught.value.hint


def test_a_comment_goes_with_the_key_it_is_about() -> None:
    text = "nodes:\n  crtr:\n    role: x  # why\n    os: y  # stays\n"
    assert set_values(text, "crtr", {"role": None}) == "nodes:\n  crtr:\n    os: y  # stays\n"


@pytest.mark.parametrize(
    "text", ["nodes:\n  a:\n    role: x\n    # c\n    arch: y\n", "nodes:\n  a: {role: x}\n"]
)
def test_line_ends_stay(text: str, tmp_path: Path) -> None:
    file = tmp_path / "nodes.yaml"
    file.write_bytes(text.replace("\n", "\r\n").encode())
    changes: list[Callable[[str], str]] = [
        lambda old: set_values(old, "a", {"state": "down"}),
        lambda old: add_node(old, "b", {"role": "x", "arch": "y"}),
    ]
    for change in changes:
        made = rewritten(str(tmp_path), change, environ={}, cwd=str(tmp_path))
        assert made.after.count("\r\n") == made.after.count("\n") == made.after.count("\r")
        assert made.after.replace("\r\n", "\n") == change(text)


READ = [
    "nodes:\n  a: {role: x}\n",
    "\ufeffnodes:\n  a: {role: x}\n",
    "%YAML 1.2\n---\nnodes:\n  a: {role: x}\n",
    "nodes:\n  a: &b {role: x}\n  c: {<<: *b}\n",
    "nodes:\n  'a': {\"role\": on}\n",
    "nodes:\n  a:\n    role: >-\n      x\n",
    "nodes:\n  ? a\n  : {role: x}\n",
]
NOT_READ = [
    "nodes:\n  a: {role: x}\n---\nnodes: {}\n",
    "nodes:\n\ta: {role: x}\n",
    "nodes:\n  a: {role: x, role: y}\n",
    "nodes:\n  a: {role: *unknown}\n",
    "nodes:\n  a: {role: x\n",
    "nodes:\n  a: {role: \x07}\n",
    "nodes:\n  a: {role: !!python/name:os.sep x}\n",
    "- a\n",
    "",
]


@pytest.mark.parametrize("text", READ + NOT_READ)
def test_check_and_edit_agree_on_what_is_yaml(text: str, tmp_path: Path) -> None:
    file = tmp_path / "nodes.yaml"
    file.write_text(text)
    faults = check([Source("nodes", str(file), text.encode())], str(tmp_path)).faults
    assert bool(faults) == (text in NOT_READ)

    def change(old: str) -> str:
        return set_values(old, "a", {"state": "down"})

    if faults:
        with pytest.raises(FleetError):
            rewritten(str(tmp_path), change, environ={}, cwd=str(tmp_path))
        return
    after = rewritten(str(tmp_path), change, environ={}, cwd=str(tmp_path)).after
    assert "state: down" in after


@pytest.mark.parametrize(
    ("text", "what"),
    [
        (None, "it is a pipe, not a file"),
        ("nodes:\n\ta: {}\n", "a tab where YAML wants spaces"),
        ("nodes:\n  a: {}\n---\nnodes:\n  b:\n", "a second document begins here"),
    ],
)
def test_what_is_wrong_with_the_file_is_said_as_check_says_it(
    text: str | None, what: str, tmp_path: Path
) -> None:
    file = tmp_path / "nodes.yaml"
    if text is None:
        os.mkfifo(file)  # nobody writes to it
    else:
        file.write_text(text)
    with pytest.raises(FleetError, match=what):
        rewritten(
            str(tmp_path), lambda text: set_values(text, "a", {"role": "x"}), environ={}, cwd=str(tmp_path)
        )
