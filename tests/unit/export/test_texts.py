"""The old names, in the three shells: each does what it says, and sourcing starts nothing."""

from __future__ import annotations

import os
import shutil
import subprocess
from pathlib import Path

import pytest

from stentor.cli.main import main
from stentor.export.texts import script
from tests.support import need

SHELLS = {"bash": ["bash", "--norc", "--noprofile"], "zsh": ["zsh", "-f"], "fish": ["fish", "--no-config"]}

CALLS = {
    "tmux-cluster": "tmux open",
    "tmux-cluster mine": "tmux open --session=mine",
    "tmux-cluster --help": "tmux open --help",
    "tmux-cluster mine --detach": "tmux open --session=mine --detach",
    "tmux-gpu": "tmux open @gpu",
    "tmux-gpu -d": "tmux open @gpu -d",
    "tmux-gpu mine": "tmux open @gpu --session=mine",
    "tmux-attach-cluster": "tmux attach",
    "tmux-attach-cluster --help": "tmux attach --help",
    "tmux-sync-on": "tmux sync on",
    "tmux-sync-off": "tmux sync off",
    "tmux-sync-toggle": "tmux sync toggle",
    "tn crtr": "tmux window crtr",
    "tnm crtr": "tmux window --mosh crtr",
    "cluster-ping": "ping",
    "cluster-status @gpu": "status @gpu",
    "cluster-tmux-list": "tmux list",
    "push-dotfiles -m 'two words'": "dotfiles push -m two words",
    "sync-dotfiles --show-diff": "dotfiles sync --show-diff",
    "tc": "tmux open",
    "tg": "tmux open @gpu",
    "ta": "tmux attach",
    "tsync": "tmux sync toggle",
    "cstatus": "status",
    "cping": "ping",
    "csync": "dotfiles sync",
    "cpush -n": "dotfiles push -n",
}


@pytest.fixture
def world(tmp_path: Path) -> dict[str, str]:
    """A PATH in which ``stentor`` only says what it was asked."""
    program = tmp_path / "bin" / "stentor"
    program.parent.mkdir()
    program.write_text(
        "#!/bin/sh\n"
        'if [ "$1" = completion ]; then\n'
        "  printf '@gpu\\t2 nodes\\n@core\\t3 nodes\\ncrtr\\tgateway\\n'; exit; fi\n"
        'echo "$*" >> "$HOME/asked"\n'
    )
    program.chmod(0o755)
    return {"PATH": f"{program.parent}:{os.environ['PATH']}", "HOME": str(tmp_path), "LC_ALL": "C.UTF-8"}


def source(
    shell: str, world: dict[str, str], lines: str, before: str = ":"
) -> subprocess.CompletedProcess[str]:
    need(shell)
    init = Path(world["HOME"], f"init.{shell}")
    init.write_text(script(shell))
    start = "shopt -s expand_aliases\n" if shell == "bash" else ""
    program = Path(world["HOME"], "program")
    program.write_text(f"{start}{before}\n. {init}\n{lines}\n")
    return subprocess.run(
        [*SHELLS[shell], str(program)], env=world, capture_output=True, text=True, stdin=subprocess.DEVNULL
    )


@pytest.mark.parametrize("shell", SHELLS)
def test_every_old_name_runs_its_command(shell: str, world: dict[str, str]) -> None:
    done = source(shell, world, "\n".join(CALLS))
    assert done.returncode == 0, done.stderr
    assert done.stderr == ""
    assert Path(world["HOME"], "asked").read_text().splitlines() == list(CALLS.values())


@pytest.mark.parametrize("shell", ["bash", "zsh"])
def test_an_alias_of_the_same_name_stays_and_breaks_nothing(shell: str, world: dict[str, str]) -> None:
    before = "alias tn='echo mine' ta='echo attach' push-dotfiles='echo push'"
    done = source(shell, world, "tn x\nta\npush-dotfiles\ncluster-ping\ntc\ncpush", before)
    assert (done.returncode, done.stderr, done.stdout) == (0, "", "mine x\nattach\npush\npush\n")
    assert Path(world["HOME"], "asked").read_text().splitlines() == ["ping", "tmux open"]


@pytest.mark.parametrize(
    ("shell", "options"),
    [("bash", "set -eu"), ("zsh", "setopt err_exit no_unset ksh_arrays sh_word_split null_glob")],
)
def test_options_of_the_shell_break_nothing(shell: str, options: str, world: dict[str, str]) -> None:
    done = source(shell, world, "cluster-ping crtr", options)
    assert (done.returncode, done.stderr) == (0, "")
    assert Path(world["HOME"], "asked").read_text().splitlines() == ["ping crtr"]


@pytest.mark.parametrize("command", ["shell-init", "completion"])
def test_the_folder_of_the_file_is_made(command: str, tmp_path: Path) -> None:
    path = tmp_path / "new" / "stentor" / "init.bash"
    assert main([command, "bash", "-o", str(path)]) == 0
    assert "stentor" in path.read_text()


@pytest.mark.parametrize("shell", SHELLS)
def test_sourcing_starts_no_program_and_prints_nothing(shell: str, world: dict[str, str]) -> None:
    bare = {**world, "PATH": str(Path(world["HOME"], "bin"))}
    need(shell)
    shell_path = shutil.which(shell)
    assert shell_path
    init = Path(world["HOME"], "init")
    init.write_text(script(shell))
    done = subprocess.run(
        [shell_path, *SHELLS[shell][1:], "-c", f". {init}"], env=bare, capture_output=True, text=True
    )
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")
    assert not Path(world["HOME"], "asked").exists()


@pytest.mark.parametrize("shell", SHELLS)
def test_sourcing_forks_not_even_a_subshell(shell: str, world: dict[str, str]) -> None:
    need(shell)
    init = Path(world["HOME"], "init")
    init.write_text(script(shell))
    line = f". {init}; read -r line </proc/self/stat; echo $line"
    done = subprocess.run([*SHELLS[shell], "-c", line], env=world, check=True, capture_output=True, text=True)
    faults_of_children = done.stdout.rpartition(")")[2].split()[8]
    assert faults_of_children == "0"


def test_completion_in_bash(world: dict[str, str]) -> None:
    ask = (
        "try() { COMP_LINE=$1 COMP_POINT=${#1}; COMP_WORDS=($1) COMP_CWORD=1; COMPREPLY=();"
        ' _stentor_init_complete; echo "$1: ${COMPREPLY[*]}"; }\n'
        "try 'tn cr'\ntry 'cping @'\ntry 'tn x'\ncomplete -p tn"
    )
    done = source("bash", world, ask)
    assert done.stdout.splitlines() == [
        "tn cr: crtr", "cping @: gpu core", "tn x: ", "complete -F _stentor_init_complete tn",
    ]  # fmt: skip


def test_completion_in_fish(world: dict[str, str]) -> None:
    done = source("fish", world, "complete -C 'tn cr'; complete -C 'cping @g'")
    assert done.stdout.splitlines() == ["crtr\tgateway", "@gpu\t2 nodes"]


def test_completion_in_zsh(world: dict[str, str]) -> None:
    ask = "_describe() { print -l -- ${(P)2} }\n_stentor_init_complete"
    assert source("zsh", world, ask).stdout.splitlines() == ["@gpu:2 nodes", "@core:3 nodes", "crtr:gateway"]


def test_an_alias_of_yours_stays_in_fish(world: dict[str, str]) -> None:
    init = Path(world["HOME"], "init")
    init.write_text(script("fish"))
    line = f"alias tn='echo mine'; . {init}; and . {init}; tn; tc"
    done = subprocess.run(
        [*SHELLS["fish"], "-c", line], env=world, capture_output=True, text=True, check=True
    )
    assert (done.stdout, done.stderr) == ("mine\n", "")
    assert Path(world["HOME"], "asked").read_text() == "tmux open\n"
