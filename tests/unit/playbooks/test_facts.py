"""When an earlier answer of a host still holds."""

from __future__ import annotations

import json
import time
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from stentor.playbooks.inside import facts

Memory: Any = facts.Memory  # without types, as all that runs inside of Ansible

AGE = 100.0


@pytest.mark.parametrize(
    ("age", "done", "holds"),
    [
        (10, {}, True),
        (AGE + 1, {}, False),
        (-10, {}, False),  # the clock was set back
        (10, {"other": -20}, True),
        (10, {"other": -5}, False),
        (10, {"other": None}, False),  # it goes on, or was killed
        (10, {"": -5}, False),
        (10, {"own": -5}, True),  # the run that knows that it holds
        (10, {"own": -5, "other": -5}, False),
    ],
)
def test_an_answer_holds_while_it_is_young_and_nobody_else_was_there(
    tmp_path: Path, age: float, done: Mapping[str, float | None], holds: bool
) -> None:
    now = time.time()
    answer = {"question": "q", "at": now - age, "facts": {"a": 1}, "words": ["own"]}
    (tmp_path / "n.json").write_text(json.dumps(answer))
    ended = {word: None if end is None else now + end for word, end in done.items()}
    said = {"folder": str(tmp_path), "since": now - AGE, "hosts": {"n": ended}, "check": False}
    memory = Memory(said, {})
    assert (memory.answer("n", "q") is not None) == holds
    assert memory.answer("n", "another question") is None
    memory.begin()
    assert not (tmp_path / "n.json").exists(), "a run that is killed leaves none"
    memory.end()
    assert (tmp_path / "n.json").exists() == holds


@pytest.mark.parametrize(
    "text", ["", "{", "[]", "null", '{"at": 1}', '{"at": "x", "facts": {}, "words": []}']
)
def test_a_file_that_cannot_be_read_is_no_answer(tmp_path: Path, text: str) -> None:
    (tmp_path / "n.json").write_text(text)
    said = {"folder": str(tmp_path), "since": 0.0, "hosts": {"n": {}}, "check": False}
    assert Memory(said, {}).known == {}
