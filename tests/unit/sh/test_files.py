"""Every file of ``sh/``: its form, what shellcheck says of it, and that each sh takes it by itself."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

import stentor.sh
from stentor import sh
from tests.support import need
from tests.unit.sh.practice import SHELLS, every_sh

FOLDER = Path(stentor.sh.__file__).parent
FILES = sorted(str(path.relative_to(FOLDER).with_suffix("")) for path in FOLDER.rglob("*.sh"))
# A || after && is meant: the last is done when either of them fails.
MEANT = "SC2015"


def shellcheck(text: str, *options: str) -> str:
    beside = os.path.join(os.path.dirname(sys.executable), "shellcheck")
    program = beside if os.path.exists(beside) else shutil.which("shellcheck")
    if not program:
        need("shellcheck")
    words = [str(program), "--shell=sh", *options, "-"]
    return subprocess.run(words, input=text, capture_output=True, text=True, check=False).stdout


def text_of(name: str) -> str:
    return (FOLDER / f"{name}.sh").read_text(encoding="utf-8")


@pytest.mark.parametrize("name", FILES)
def test_a_file_is_indented_by_two_blanks_in_lines_of_120(name: str) -> None:
    depth = 0
    for number, line in enumerate(text_of(name).splitlines(), 1):
        assert len(line) <= 120, number
        assert "\t" not in line, number
        indent = len(line) - len(line.lstrip(" "))
        assert indent % 2 == 0, number
        assert not line or indent <= depth + 4, number
        depth = indent if line else depth


@pytest.mark.parametrize("name", FILES)
def test_a_file_begins_with_what_it_is_for(name: str) -> None:
    assert re.match(r"# [A-Z]", text_of(name))


@pytest.mark.parametrize("name", FILES)
@every_sh
def test_every_sh_takes_a_file_with_what_it_uses_alone(name: str, shell: str, tmp_path: Path) -> None:
    need(SHELLS[shell][0])
    done = subprocess.run(
        [*SHELLS[shell], "-c", sh.join(name, call="echo loaded")],
        capture_output=True,
        text=True,
        check=False,
        env={"PATH": os.environ["PATH"], "HOME": str(tmp_path)},
    )
    assert (done.stdout, done.stderr, done.returncode) == ("loaded\n", "", 0)
    assert list(tmp_path.iterdir()) == []


def functions(text: str) -> list[str]:
    return re.findall(r"^([a-z_]+)\(\)", text, re.MULTILINE)


@pytest.mark.parametrize("program", ["dotfiles/main", "doctor/main", "probe", "inventory", "copy/receive"])
def test_a_program_has_no_function_twice(program: str) -> None:
    names = functions(sh.join(program))
    assert sorted(names) == sorted(set(names))


SHARED = ["base", "boot", "jobs", "process", "quoting", "state", "user_manager"]


@pytest.mark.parametrize("name", [name for name in FILES if name not in SHARED])
def test_a_shared_function_is_written_once(name: str) -> None:
    shared = {function for other in SHARED for function in functions(text_of(other))}
    assert not shared & set(functions(text_of(name)))


@pytest.mark.parametrize("name", FILES)
def test_shellcheck_has_nothing_to_say_of_a_file(name: str) -> None:
    # What is assigned or used in another file it cannot know.
    assert shellcheck(text_of(name), "-e", f"{MEANT},SC2034,SC2154") == ""


PROGRAMS = ["probe", "inventory", "needs", "doctor/main", "dotfiles/main", "reap", "wake", "watched"]


@pytest.mark.parametrize("name", PROGRAMS)
def test_every_variable_of_a_program_has_a_value(name: str) -> None:
    # Written with its comments, since those silence what is meant. How control flows says nothing of it.
    said = shellcheck("#!/bin/sh\n" + with_comments(name), "-i", "SC2154", "--extended-analysis=false")
    unset = set(re.findall(r"SC2154[^:]*: (\w+) is referenced but not assigned", said))
    given = {"doctor/main": {"known_shells"}, "dotfiles/main": set()}
    assert unset <= given.get(name, set()), said


def with_comments(name: str, seen: set[str] | None = None) -> str:
    seen = set() if seen is None else seen
    if name in seen:
        return ""
    seen.add(name)
    text = text_of(name)
    uses = [word for line in re.findall(r"^# uses:(.*)$", text, re.MULTILINE) for word in line.split()]
    return "".join(with_comments(other, seen) for other in uses) + text
