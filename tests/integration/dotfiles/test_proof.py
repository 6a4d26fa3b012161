"""The proof: what a login leads to is found out, nobody's session is reached, and nothing is left behind."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from stentor.dotfiles import program
from tests.integration.dotfiles.conftest import Dotfiles
from tests.integration.dotfiles.practice import SHELLS, Home, manifest
from tests.support import lacking, need

pytestmark = pytest.mark.integration

NU = shutil.which("nu") or "nu"
PEOPLE = "case $- in *i*) ;; *) return ;; esac\n"
STAYS = 'tmux show -s | grep "exit-empty off"'
# The login shell, its file, what is in it, and the kinds of shell that do not come up by it.
CASES = {
    "exec tmux": ("bash", ".bashrc", PEOPLE + '[ -n "$TMUX" ] || exec tmux new-session -A -s main\n', ""),
    "exec tmux, with a server of its own": (
        "bash", ".bashrc", PEOPLE + '[ -n "$TMUX" ] || exec tmux -S ~/own.sock new -A -s main\n', "",
    ),
    "exec screen": ("bash", ".bashrc", PEOPLE + '[ -n "$STY" ] || exec screen -dRR -S main\n', ""),
    "oh-my-zsh's tmux plugin": (
        "zsh", ".zshrc",
        'if [[ -z "$TMUX" ]]; then command tmux attach || command tmux new-session; exit; fi\n', "",
    ),
    "tmux that fails at first": (
        "bash", ".bashrc",
        PEOPLE + '[ -n "$TMUX" ] || { tmux attach; mkdir "$TMUX_TMPDIR/once" && exit 1; exec tmux; }\n', "",
    ),
    "tmux whose server ends before it is asked for a session": (
        "bash", ".bashrc",
        PEOPLE + f'[ -n "$TMUX" ] || {{ tmux attach; {STAYS} || exit 1; exec tmux; }}\n', "",
    ),
    "exec zsh": ("bash", ".bashrc", PEOPLE + "command -v zsh >/dev/null && exec zsh\n", ""),
    "exec fish": ("bash", ".bashrc", PEOPLE + "exec fish\n", ""),
    "exec of the same shell": ("bash", ".bashrc", PEOPLE + '[ -n "$MORE" ] || MORE=1 exec bash -l\n', ""),
    "exec tmux, and zsh in it": ("bash", ".bashrc", PEOPLE + '[ -n "$TMUX" ] || exec tmux\nexec zsh\n', ""),
    "exec zsh in a login of dash": ("dash", ".profile", "exec zsh\n", ""),
    "zsh as a child": ("bash", ".bashrc", PEOPLE + "zsh; exit\n", ""),
    "exec elvish": ("bash", ".bashrc", PEOPLE + "exec elvish\n", ""),
    "elvish as a child": ("bash", ".bashrc", PEOPLE + "elvish; exit\n", ""),
    "exec xonsh": ("bash", ".bashrc", PEOPLE + "exec xonsh\n", ""),
    "exec nu": ("bash", ".bashrc", PEOPLE + f"exec {NU} -l\n", ""),
    "nu as a child": ("bash", ".bashrc", PEOPLE + f"{NU}; exit\n", ""),
    "nu": (NU, ".config/nushell/config.nu", "$env.config.show_banner = false\n", ""),
    "exec ash": ("bash", ".bashrc", PEOPLE + "PATH=~/applets:$PATH; exec ash\n", ""),
    "exec busybox sh": ("bash", ".bashrc", PEOPLE + "exec busybox sh -l\n", ""),
    "busybox sh as a child": ("bash", ".bashrc", PEOPLE + "busybox sh; exit\n", ""),
    "exec tcsh": ("bash", ".bashrc", PEOPLE + "exec tcsh\n", ""),
    "a recording of the session": (
        "bash", ".bashrc", PEOPLE + '[ -n "$SEEN" ] || { export SEEN=1; exec script -q /dev/null; }\n', "",
    ),
    "shell that ends at a failure": ("bash", ".bashrc", "set -e\n", ""),
    "the first fish, in tmux": (
        "fish", ".config/fish/config.fish", "status is-interactive; and not set -q TMUX; and exec tmux\n", "",
    ),
    "background process": ("bash", ".bashrc", 'sleep 300 &\neval "$(ssh-agent)" >/dev/null\n', ""),
    "completions of zsh": (
        "zsh", ".zshrc", "HISTFILE=~/.zsh_history SAVEHIST=9\nautoload -Uz compinit; compinit\n", "",
    ),
    "completions of prezto": (
        "zsh", ".zshrc", "autoload -Uz compinit; compinit -i -d ~/.cache/prezto/zcompdump\n", "",
    ),
    "fish": ("fish", ".config/fish/config.fish", "set -x GOOD 1\n", ""),
    "tcsh": ("tcsh", ".tcshrc", "setenv GOOD 1\n", ""),
    "warning of a locale": ("bash", ".bashrc", "export LC_ALL=xx_YY.UTF-8\necho warning >&2\n", ""),
    "exec tmux that fails": ("bash", ".bashrc", PEOPLE + "exec tmux no-such-command\n", "breaks"),
    "exec of what waits for ever": ("bash", ".bashrc", PEOPLE + "exec sleep 300\n", "hangs"),
    "question": ("bash", ".bashrc", PEOPLE + "read -r answer\n", "hangs"),
}  # fmt: skip


@pytest.fixture
def home(tmp_path: Path) -> Iterator[Home]:
    made = Home(str(tmp_path))
    with tempfile.TemporaryDirectory(prefix="s-", dir="/dev/shm") as temporary:  # sockets need short paths
        made.extra = {"TMPDIR": temporary}
        yield made
        made.kill_all()
        assert os.listdir(temporary) == []


def prove(
    home: Home, shell: str, fault: str = "", *, requires: str = "sh no-such-program", checks: str = ""
) -> list[str]:
    text = program.compose(checks=checks.splitlines())
    place = shutil.which(shell)
    if not place:
        lacking(f"no {shell}")
    home.extra["SHELL"] = str(place)
    seconds = "3" if fault else "30"
    answer = home.run("prove", text=text, seconds=seconds, requires=requires)
    assert answer.lines[-2:] == ["proved", "end 0"], answer
    return answer.lines[1:-2]


@pytest.mark.parametrize("case", CASES)
def test_start_files_are_followed_to_where_they_lead(home: Home, case: str) -> None:
    shell, name, text, fault = CASES[case]
    need(*(name for name in ("screen", "elvish", "xonsh", "busybox") if name in text))
    if NU in (shell, *text.replace(";", " ").split()) and not shutil.which(NU):
        pytest.skip("no nu, which is in no package of Debian's")
    if "prezto" in text:
        os.makedirs(f"{home.home}/.cache/prezto")
    if "applets" in text:
        need("busybox")
        os.mkdir(f"{home.home}/applets")
        os.symlink(str(shutil.which("busybox")), f"{home.home}/applets/ash")
    home.write(os.path.join(home.home, name), text)
    if name == ".bashrc":
        home.write(os.path.join(home.home, ".bash_profile"), ". ~/.bashrc\n")
    before = manifest(home.home)
    lines = prove(home, shell, fault)
    people = [line for line in lines if line.startswith(("shell interactive", "shell login-interactive"))]
    assert people
    assert all(line.split()[2].strip(":") == (fault or "ok") for line in people), lines
    assert "shell plain ok" in lines
    assert "missing interactive no-such-program" in lines or fault
    assert not any(line.endswith(" sh") for line in lines), lines
    assert manifest(home.home) == before
    end = time.monotonic() + 60
    while home.processes() and time.monotonic() < end:
        time.sleep(0.05)  # what stood in the shells' place has just heard of their end
    assert home.processes() == []


def test_a_program_that_waits_in_the_shells_place_is_named(home: Home) -> None:
    home.write(f"{home.home}/.bashrc", PEOPLE + "exec sleep 300\n")
    lines = prove(home, "bash", "hangs")
    assert "shell interactive hangs: no answer in 3 s; sleep runs in its place" in lines, lines
    home.write(f"{home.home}/.bashrc", PEOPLE + "read -r answer\n")
    assert "shell interactive hangs: no answer in 3 s" in prove(home, "bash", "hangs")


@pytest.mark.parametrize("sh", SHELLS)
def test_policy_checks_and_every_sh(home: Home, sh: str) -> None:
    home.shell = sh
    home.write(os.path.join(home.home, ".profile"), "export MINE=1\n")
    lines = prove(home, "dash", requires="", checks='test "$MINE" = 1\nfalse')
    assert lines == [
        *(f"shell {kind} ok" for kind in ("plain", "login", "interactive", "login-interactive")),
        'check ok test "$MINE" = 1',
        "check failed false",
    ]


def test_a_check_finds_a_syntax_error_that_a_login_of_zsh_survives(home: Home) -> None:
    """What the pages advise: zsh says that it cannot parse the file, and goes on without the rest of it."""
    home.write(os.path.join(home.home, ".zshrc"), "if true; then\n")
    lines = prove(home, "zsh", requires="", checks="zsh -ic true\nzsh -n ~/.zshrc")
    assert [line for line in lines if not line.startswith("shell ")] == [
        "check ok zsh -ic true",
        "check failed zsh -n ~/.zshrc",
    ]
    assert all(line.endswith(" ok") for line in lines if line.startswith("shell ")), lines


@pytest.mark.parametrize("script", ["", "echo 'script: no more terminals' >&2\nexit 1\n"])
def test_without_a_program_that_makes_terminals_the_login_is_asked_for_one(home: Home, script: str) -> None:
    folder = Path(home.folder) / "programs"
    folder.mkdir()
    for path in ("/usr/bin", "/bin"):
        for name in set(os.listdir(path)) - {"script", *os.listdir(folder)}:
            (folder / name).symlink_to(os.path.join(path, name))
    if script:
        home.write(str(folder / "script"), f"#!/bin/sh\n{script}", 0o755)
    home.extra["SHELL"] = "/bin/bash"
    text = re.sub("(?m)^PATH=.*", f"PATH={folder}", program.compose())
    answer = home.run("prove", text=text, seconds="4")
    assert "terminal none" in answer.lines
    assert answer.lines[-1] == "end 0"


def test_what_was_so_before_the_change_is_not_blamed_on_it(home: Home) -> None:
    home.clone()
    home.extra["SHELL"] = "/bin/bash"
    home.write(os.path.join(home.home, ".profile"), "exit 7\n")
    rev = home.commit({"dot_bashrc": "echo noise\n"})
    options = {"seconds": "4", "requires": "sh no-such-program"}
    assert home.begin(rev, text=program.compose(checks=["false"]), **options).code == 0
    answer = home.run("prove", text=program.compose(checks=["false"]), **options)
    before = {line.removeprefix("before ") for line in answer.lines if line.startswith("before ")}
    assert before == {
        "shell login breaks: it ended with code 7",
        "shell login-interactive breaks: it ended with code 7",
        "missing plain no-such-program",
        "missing interactive no-such-program",
        "check failed false",
    }
    new = [line for line in answer.lines if line.startswith(("shell", "missing", "check"))]
    assert new == [
        "shell plain speaks: a session without a terminal must print nothing (scp and git break)",
        "shell interactive ok",
    ]
    home.run("revert", op="op1")


@pytest.mark.parametrize(("name", "asks"), [("private_dot_ssh/config", True), ("dot_vimrc", False)])
def test_a_change_of_the_files_of_ssh_asks_for_a_login_with_a_terminal(
    home: Home, name: str, asks: bool
) -> None:
    home.clone()
    home.extra["SHELL"] = "/bin/bash"
    assert home.begin(home.commit({name: "# a comment\n"}), seconds="30").all("begun") == ["op1"]
    answer = home.run("prove", op="op1", seconds="30")
    assert any(line.startswith("terminal ") for line in answer.lines) == asks, answer
    home.run("revert", op="op1")


def tmux(dotfiles: Dotfiles, alias: str, *words: str) -> str:
    """The account's own server on a node."""
    home = dotfiles.lab.home(alias)
    environ = {**os.environ, "HOME": str(home), "TMUX_TMPDIR": str(home)}
    environ.pop("TMUX", None)
    done = subprocess.run(["tmux", "-f", "/dev/null", *words], env=environ, capture_output=True, text=True)
    return done.stdout.strip()


ATTACHES = "export TMUX_TMPDIR=~\n" + PEOPLE + '[ -n "$TMUX" ] || exec tmux new-session -A -s main\n'


def test_nobody_s_session_is_typed_into(dotfiles: Dotfiles) -> None:
    """Not even where the start files lead to a server that the proof does not expect."""
    home = dotfiles.lab.home("prtr")
    dotfiles.start("prtr")
    tmux(dotfiles, "prtr", "new-session", "-d", "-s", "main", f"cat >{home}/typed")
    try:
        before = tmux(dotfiles, "prtr", "list-panes", "-a", "-F", "#{session_name} #{pane_pid}")
        for number in (1, 2):
            dotfiles.commit({"dot_bashrc": f"{ATTACHES}# {number}\n", "dot_bash_profile": ". ~/.bashrc\n"})
            said = dotfiles("apply", "prtr", "--yes", "--overwrite", "existing")
            assert said.code == 0, said
        assert tmux(dotfiles, "prtr", "list-panes", "-a", "-F", "#{session_name} #{pane_pid}") == before
        assert tmux(dotfiles, "prtr", "list-clients") == ""
        assert (home / "typed").read_text() == ""
        assert not (home / ".bash_history").exists()
    finally:
        tmux(dotfiles, "prtr", "kill-server")


def test_complaint_on_standard_error_is_no_fault(dotfiles: Dotfiles) -> None:
    dotfiles.start("prtr")
    dotfiles.commit({"dot_bashrc": "export LC_ALL=xx_YY.UTF-8\necho complaint >&2\n"})
    said = dotfiles("apply", "prtr", "--yes")
    assert said.code == 0, said
    assert dotfiles.clean("prtr")


@pytest.mark.parametrize("noise", ["echo noise", "date +%s.%N"], ids=["the same", "another at each login"])
def test_noise_that_was_there_before_is_no_fault(dotfiles: Dotfiles, noise: str) -> None:
    (dotfiles.lab.home("prtr") / ".bashrc").write_text(f"{noise}\n")
    dotfiles.commit({"dot_good": "1\n"})
    said = dotfiles("apply", "prtr", "--yes")
    assert said.code == 0, said
    assert dotfiles.read("prtr", ".good") == "1\n"


def test_proof_waits_for_no_background_process(dotfiles: Dotfiles) -> None:
    dotfiles.start("prtr")
    dotfiles.commit({"dot_bashrc": "sleep 600 >/dev/null 2>&1 &\n"})
    said = dotfiles("apply", "prtr", "--yes")
    assert said.code == 0, said


@pytest.mark.parametrize("where", ["dot_bashrc", "dot_bash_aliases"])
def test_a_change_whose_start_file_prints_is_taken_back(dotfiles: Dotfiles, where: str) -> None:
    dotfiles.start("prtr")
    dotfiles.commit({"dot_bashrc": ". ~/.bash_aliases\n", where: "echo hello\n"})
    said = dotfiles("apply", "prtr", "--yes", "--overwrite", "existing")
    assert (said.code, "scp and git break" in said.stderr + said.stdout) == (1, True), said
    assert dotfiles.clean("prtr")
