"""What chezmoi said of itself is not asked again, unless it may have become another."""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.integration.dotfiles.practice import Home

CONFIG = ".config/chezmoi/chezmoi.toml"


@pytest.fixture
def home(tmp_path: Path) -> Home:
    """A node with a confirmed change, where what was noted of chezmoi is untrue, so that its use is seen."""
    home = Home(str(tmp_path))
    tool = os.path.join(home.tools, "chezmoi")
    program = os.path.realpath(tool)
    os.unlink(tool)
    shutil.copy(program, tool)
    rev = home.commit({"dot_zshrc": "export A=1\n"})
    home.clone()
    home.write(os.path.join(home.home, CONFIG), '[data]\n  name = "one"\n')
    assert home.begin(rev).code == 0
    assert home.confirm().code == 0
    noted = Path(home.state("chezmoi"))
    lines = noted.read_text().splitlines()
    assert lines[1] in program
    lines[1] = "9.9.9"
    noted.write_text("\n".join(lines) + "\n")
    return home


def version(home: Home) -> str:
    return home.run("status").all("chezmoi")[0]


def source(home: Home) -> str:
    return home.run("status").all("source")[0].split()[-1]


def clone_of(home: Home, place: str) -> None:
    shutil.copytree(os.path.join(home.home, ".local/share/chezmoi"), os.path.join(home.home, place))


def test_the_same_program_is_not_asked_for_its_version(home: Home) -> None:
    assert version(home) == "9.9.9"


def test_another_program_is_asked(home: Home) -> None:
    tool = os.path.join(home.tools, "chezmoi")
    shutil.copy(tool, f"{tool}.new")
    os.replace(f"{tool}.new", tool)
    assert version(home) != "9.9.9"


def test_a_script_that_chooses_among_programs_is_always_asked(home: Home) -> None:
    tool = os.path.join(home.tools, "chezmoi")
    os.replace(tool, f"{tool}-real")
    home.write(tool, f'#!/bin/sh\nexec "{tool}-real" "$@"\n', 0o755)
    rev = home.commit({"dot_zshrc": "export A=2\n"})
    assert home.begin(rev, op="op2").code == 0
    assert home.confirm("op2").code == 0
    noted = Path(home.state("chezmoi"))
    noted.write_text(noted.read_text().replace(noted.read_text().splitlines()[1], "9.9.9"))
    assert version(home) != "9.9.9"


def other_config(home: Home) -> None:
    clone_of(home, "dots")
    home.write(os.path.join(home.home, CONFIG), f'sourceDir = "{home.home}/dots"\n')


def config_elsewhere(home: Home) -> None:
    clone_of(home, "dots")
    home.write(os.path.join(home.home, ".mine/chezmoi/chezmoi.toml"), f'sourceDir = "{home.home}/dots"\n')
    home.write(os.path.join(home.home, ".profile"), "export XDG_CONFIG_HOME=$HOME/.mine\n")


def data_elsewhere(home: Home) -> None:
    clone_of(home, ".mine/chezmoi")
    home.write(os.path.join(home.home, ".profile"), "export XDG_DATA_HOME=$HOME/.mine\n")


@pytest.mark.parametrize("change", [other_config, config_elsewhere, data_elsewhere])
def test_settings_are_asked_again_where_they_may_be_others(
    home: Home, change: Callable[[Home], None]
) -> None:
    change(home)
    assert source(home) == os.path.join(
        home.home, "dots" if change is not data_elsewhere else ".mine/chezmoi"
    )


def test_a_plan_notes_nothing(home: Home) -> None:
    rev = home.commit({"dot_zshrc": "export A=2\n"})
    noted = Path(home.state("chezmoi"))
    before = noted.read_text()
    home.write(os.path.join(home.home, CONFIG), '[data]\n  name = "two"\n')
    assert home.run("plan", rev=rev).code == 0
    assert home.run("status").code == 0
    assert noted.read_text() == before


def test_entries_are_asked_again_where_chezmoi_has_written_since(home: Home) -> None:
    rev = home.commit({"dot_zshrc": "export A=2\n"})
    assert home.begin(rev, op="op2").code == 0
    assert home.confirm("op2").code == 0
    noted = Path(home.state("entries"))
    assert f'"{home.home}/.zshrc"' in noted.read_text()
    home.write(os.path.join(home.home, ".fresh"), "by hand\n")
    rev = home.commit({"dot_zshrc": "export A=3\n", "dot_fresh": "by chezmoi\n"})
    assert home.run("plan", rev=rev).all("conflict") == ["existing .fresh"]
    with noted.open("a") as file:
        file.write(f'  "{home.home}/.fresh": {{\n')
    assert home.run("plan", rev=rev).all("conflict") == []  # so it is used
    home.chezmoi("state", "set", "--bucket=some", "--key=one", "--value=two")
    assert home.run("plan", rev=rev).all("conflict") == ["existing .fresh"]
    refused = home.begin(rev, op="op3").all("refused")
    assert refused == ["conflict existing: .fresh "]


def test_what_a_change_has_removed_is_noted_as_no_entry(home: Home) -> None:
    home.write(os.path.join(home.home, ".old"), "by hand\n")
    rev = home.commit({"dot_zshrc": "export A=2\n", "dot_old": "by chezmoi\n"})
    assert home.begin(rev, op="op2", take="existing").code == 0
    assert home.confirm("op2").code == 0
    rev = home.commit({"dot_zshrc": "export A=3\n", "dot_old": None, ".chezmoiremove": ".old\n"})
    assert home.begin(rev, op="op3").code == 0
    assert home.confirm("op3").code == 0
    home.write(os.path.join(home.home, ".old"), "by hand again\n")
    rev = home.commit({"dot_old": "by chezmoi\n", ".chezmoiremove": None})
    # chezmoi has an entry of what it removed, too.
    assert [text.split()[1] for text in home.run("plan", rev=rev).all("conflict")] == [".old"]
