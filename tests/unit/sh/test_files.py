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


def shellcheck(*options: str, text: str | None = None) -> str:
    beside = os.path.join(os.path.dirname(sys.executable), "shellcheck")
    program = beside if os.path.exists(beside) else shutil.which("shellcheck")
    if not program:
        need("shellcheck")
    words = [str(program), "--shell=sh", *options]
    return subprocess.run(words, input=text, capture_output=True, text=True, check=False).stdout


def text_of(name: str) -> str:
    return (FOLDER / f"{name}.sh").read_text(encoding="utf-8")


def test_files_are_indented_by_two_blanks_in_lines_of_120() -> None:
    for name in FILES:
        depth = 0
        for number, line in enumerate(text_of(name).splitlines(), 1):
            assert len(line) <= 120, (name, number)
            assert "\t" not in line, (name, number)
            indent = len(line) - len(line.lstrip(" "))
            assert indent % 2 == 0, (name, number)
            assert not line or indent <= depth + 4, (name, number)
            depth = indent if line else depth


def test_files_begin_with_what_they_are_for() -> None:
    assert [name for name in FILES if not re.match(r"# [A-Z]", text_of(name))] == []


def test_awk_is_given_no_backslash_that_awks_read_differently() -> None:
    """Of a replacement only "&" with backslashes before it means the same to mawk, gawk and all busyboxes."""
    texts = "\n".join(text_of(name) for name in FILES)
    replacements = re.findall(r'\bg?sub\(/(?:\\.|[^/\\])*/, "((?:\\.|[^"\\])*)"', texts)
    assert {text for text in replacements if r"\\" in text} == {r"\\\\&"}


@every_sh
def test_every_sh_takes_a_file_with_what_it_uses_alone(shell: str, tmp_path: Path) -> None:
    need(SHELLS[shell][0])
    program, home = tmp_path / "program", tmp_path / "home"
    home.mkdir()
    # Each in a child of its own of one shell, so that no file has what another defines.
    parts = [f"(\n{sh.join(name, call=f'echo {name} 0')}\n) || echo {name} $?\n" for name in FILES]
    program.write_text("".join(parts))
    done = subprocess.run(
        [*SHELLS[shell], str(program)],
        capture_output=True,
        text=True,
        check=False,
        env={"PATH": os.environ["PATH"], "HOME": str(home)},
    )
    assert (done.stdout.splitlines(), done.stderr) == ([f"{name} 0" for name in FILES], "")
    assert list(home.iterdir()) == []


def functions(text: str) -> list[str]:
    return re.findall(r"^([a-z_]+)\(\)", text, re.MULTILINE)


@pytest.mark.parametrize("program", ["dotfiles/main", "doctor/main", "probe", "inventory", "copy/receive"])
def test_a_program_has_no_function_twice(program: str) -> None:
    names = functions(sh.join(program))
    assert sorted(names) == sorted(set(names))


SHARED = ["base", "boot", "jobs", "process", "quoting", "state", "user_manager"]


def test_a_shared_function_is_written_once() -> None:
    shared = {function for other in SHARED for function in functions(text_of(other))}
    others = {name: functions(text_of(name)) for name in FILES if name not in SHARED}
    assert {name: shared & set(own) for name, own in others.items() if shared & set(own)} == {}


@pytest.mark.parametrize("part", range(8))
def test_shellcheck_has_nothing_to_say_of_a_file(part: int) -> None:
    # What is assigned or used in another file it cannot know.
    paths = [str(FOLDER / f"{name}.sh") for name in FILES[part::8]]
    assert shellcheck("-e", f"{MEANT},SC2034,SC2154", *paths) == ""


PROGRAMS = ["probe", "inventory", "needs", "doctor/main", "dotfiles/main", "reap", "wake", "watched"]


@pytest.mark.parametrize("name", PROGRAMS)
def test_every_variable_of_a_program_has_a_value(name: str) -> None:
    # Written with its comments, since those silence what is meant. How control flows says nothing of it.
    text = "#!/bin/sh\n" + with_comments(name)
    said = shellcheck("-i", "SC2154", "--extended-analysis=false", "-", text=text)
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
