"""Ctrl-Z and fg, from a shell with job control, in every command that stays on the terminal."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from stentor.lab import Lab
from tests.support import need
from tests.terminal import Tmux, wait

pytestmark = [pytest.mark.integration, pytest.mark.timeout(150)]


class Shell:
    """A bash at a terminal of 90 columns."""

    def __init__(self, environ: dict[str, str]) -> None:
        self.tmux = Tmux({name: value for name, value in environ.items() if name != "CI"}, "jobs")
        start = ["-f", "/dev/null", "new-session", "-d", "-s", "t", "-x", "90", "-y", "40"]
        self.tmux(*start, "env -u CI PS1='ready> ' bash --norc --noprofile -i")
        self.tmux("send-keys", "-t", "t", "-l", "PS1='ready> '; clear")
        self.key("Enter")
        self.see("ready>")

    def key(self, *keys: str) -> None:
        self.tmux("send-keys", "-t", "t", *keys)

    def enter(self, line: str) -> None:
        self.key("-l", "--", line)
        self.key("Enter")

    def stentor(self, words: str) -> None:
        self.enter(f"{sys.executable} -m stentor {words}")

    def see(self, text: str) -> None:
        try:
            wait(lambda: text in self.tmux.text("t"), text)
        except AssertionError:
            raise AssertionError(f"'{text}' is not seen in:\n{self.tmux.text('t')}") from None

    def drawn(self, columns: int) -> bool:
        """Whether the picture is whole at this width: no line is wrapped, and every node is in it."""
        lines = self.tmux("capture-pane", "-p", "-t", "t").splitlines()
        rows = [line for line in lines if line.split()[:1] in (["crtr"], ["prtr"], ["drtr"])]
        return len(rows) == 3 and max(map(len, lines)) <= columns

    def suspend(self) -> None:
        """Ctrl-Z: the shell has the terminal, and it works as ever."""
        self.key("C-z")
        self.see("Stopped")
        assert self.tmux("display-message", "-p", "-t", "t", "#{alternate_on} #{cursor_flag}") == "0 1", (
            "the shell is on the second screen, or has no cursor"
        )
        self.enter("clear; stty -a | grep -o ' icanon.* echo ' | wc -l; echo $((20 + 22)) here")
        self.see("42 here")
        assert "\n1\n" in "\n" + self.tmux.text("t"), "the terminal's modes were not given back"


@pytest.fixture
def shell(environ: dict[str, str], lab: Lab) -> Iterator[Shell]:
    need("tmux", "bash", "stty")
    shown = Shell(environ)
    try:
        yield shown
    finally:
        shown.tmux.end()


def test_run_goes_on(shell: Shell) -> None:
    shell.stentor("run --stream @core 'echo begun; sleep 3; echo over'")
    shell.see("drtr: begun")
    shell.suspend()
    shell.enter("fg")
    shell.see("drtr: over")
    shell.see("3 ok in")


def test_ping_watch_draws_again(shell: Shell) -> None:
    shell.stentor("ping --watch 1 @core")
    shell.see("drtr  up")
    shell.suspend()
    shell.enter("clear; fg")
    shell.see("drtr  up")
    shell.key("C-c")
    shell.see("ready>")


def test_services_watched_are_drawn_in_place_and_go_on(shell: Shell, lab: Lab) -> None:
    services = "services: {api: {node: '@core', type: systemd}}"
    (lab.fleet_dir / "services.yaml").write_text(services)
    shell.stentor("services status --watch 1")
    shell.see("SERVICE")
    shell.see("Ctrl-C ends")
    shell.tmux("resize-window", "-t", "t", "-x", "60", "-y", "40")
    shell.suspend()
    shell.enter("clear; fg")
    shell.see("drtr: api: ")
    shell.key("C-c")
    shell.see("ready>")
    assert shell.tmux.text("t").count("SERVICE") == 1
    shell.enter("echo code $?")
    shell.see("code 0")


def test_top_draws_again(shell: Shell) -> None:
    shell.stentor("top @core")
    shell.see("filter")
    shell.suspend()
    shell.enter("fg")
    shell.see("filter")
    shell.key("q")
    shell.see("ready>")


def test_the_prompt_goes_on(shell: Shell) -> None:
    shell.stentor("shell @core")
    shell.see("Ctrl-D leaves")
    shell.suspend()
    shell.enter("fg")
    shell.see("@core (3)>")
    shell.enter("echo $((40 + 3)) nodes")
    shell.see("43 nodes")
    shell.key("C-d")
    shell.see("ready>")


def test_a_line_at_the_prompt_outlives_other_widths(shell: Shell) -> None:
    shell.tmux("resize-window", "-t", "t", "-x", "200", "-y", "40")
    shell.stentor("shell @core")
    shell.see("Ctrl-D leaves")
    text = "x" * 150
    shell.key("-l", "--", f"echo {text}$((40 + 4))")
    shell.see(f"{text}$((40 + 4))")
    for width in ("60", "80", "200"):
        shell.tmux("resize-window", "-t", "t", "-x", width, "-y", "40")
    shell.key("Enter")
    shell.see(f"{text}44")
    shell.see("3 ok")
    shell.key("C-d")
    shell.see("ready>")


def test_a_playbook_goes_on_and_is_ended_by_ctrl_c(shell: Shell, tmp_path: Path) -> None:
    tasks = "[{name: first, command: hostname}, {name: slow, command: sleep 60}]"
    playbook = tmp_path / "site.yml"
    playbook.write_text(f"- {{hosts: all, gather_facts: false, tasks: {tasks}}}\n")
    shell.stentor(f"playbook {playbook} crtr,drtr --yes")
    shell.see("drtr: changed: first")
    shell.suspend()
    shell.tmux("resize-window", "-t", "t", "-x", "60", "-y", "40")
    shell.enter("fg")
    shell.see("waiting for crtr,drtr")
    shell.key("C-c")
    shell.see("2 cancelled")
    shell.enter("echo code $?")
    shell.see("code 130")


def test_a_table_that_is_watched_fits_a_terminal_that_is_resized(shell: Shell) -> None:
    shell.stentor("ping --watch 1 @core")
    shell.see("drtr  up")
    shell.tmux("resize-window", "-t", "t", "-x", "60", "-y", "40")
    wait(lambda: shell.drawn(60), "drawn at 60 columns")
    shell.tmux("resize-window", "-t", "t", "-x", "120", "-y", "40")
    wait(lambda: shell.drawn(120), "drawn at 120 columns")
    shell.key("C-c")
    shell.see("ready>")


def test_top_fits_a_terminal_that_is_resized(shell: Shell) -> None:
    shell.stentor("top @core")
    shell.see("filter")
    shell.tmux("resize-window", "-t", "t", "-x", "120", "-y", "30")
    shell.see("LOAD")
    wait(lambda: shell.drawn(120), "drawn at 120 columns")
    shell.key("C-c")
    shell.see("ready>")


def test_ctrl_c_ends_a_run_and_the_prompt_of_the_shell_comes_back(shell: Shell) -> None:
    shell.stentor("run --stream @core 'echo begun; sleep 60'")
    shell.see("drtr: begun")
    shell.key("C-c")
    shell.see("3 cancelled")
    shell.enter("echo code $?")
    shell.see("code 130")
