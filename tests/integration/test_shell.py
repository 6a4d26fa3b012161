"""``stentor shell`` as a person has it: at a terminal, in front of practice nodes."""

from __future__ import annotations

import json
import os
import shlex
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from stentor.lab import Lab
from tests.support import need
from tests.terminal import Tmux, wait

pytestmark = pytest.mark.integration
Stentor = Callable[..., Any]


class Prompt:
    """A terminal in which ``stentor shell`` runs."""

    def __init__(self, environ: dict[str, str], selector: str) -> None:
        # Not CI: there is a person here.
        self.tmux = Tmux({name: value for name, value in environ.items() if name != "CI"}, "prompt")
        command = shlex.join([sys.executable, "-m", "stentor", "shell", selector])
        start = f"env -u CI {command}; echo left with $?; exec sleep 60"
        self.tmux("-f", "/dev/null", "new-session", "-d", "-s", "t", "-x", "100", "-y", "50", start)
        self.see("Ctrl-D leaves")

    def type(self, *keys: str) -> None:
        self.tmux("send-keys", "-t", "t", *keys)

    def text(self) -> str:
        return self.tmux.text("t")

    def see(self, text: str) -> None:
        try:
            wait(lambda: text in self.text(), text)
        except AssertionError:
            raise AssertionError(f"'{text}' is not seen in:\n{self.text()}") from None

    def enter(self, line: str, expected: str) -> None:
        self.type("-l", "--", line)
        self.type("Enter")
        self.see(expected)


@pytest.fixture
def prompt(environ: dict[str, str], lab: Lab) -> Iterator[Prompt]:
    need("tmux", "ssh")
    shown = Prompt(environ, "@core")
    try:
        yield shown
    finally:
        shown.tmux.end()


def test_lines_run_gathered_on_the_nodes_of_the_moment(prompt: Prompt, stentor: Stentor) -> None:
    prompt.see("@core (3)>")
    prompt.enter("echo over; echo all", "3 ok in")
    prompt.enter("@gpu", "@gpu (2)>")
    prompt.enter("hostname", "2 ok in")
    prompt.enter(":select crtr", "crtr (1)>")
    prompt.enter("@gpu test -e /nothing", "[1] crtr (1)>")
    prompt.enter("!echo $((6 * 7)) here", "42 here")
    prompt.enter(":view stream", "output is shown: stream")
    prompt.enter("echo streamed", "crtr: streamed")
    prompt.enter(":with --timeout 1", "every line with: --timeout 1")
    prompt.enter("sleep 20", "timed out")
    prompt.enter(":with --sudo", "every line with: --sudo")
    prompt.enter("id -u", "sudo password for the nodes")
    prompt.enter("wrong", "hint: crtr")
    prompt.enter(":with", "every line with: no options")
    prompt.enter("-prtr", "'-' removes no node here")
    prompt.enter(":nonsense", "there is no command ':nonsense'")
    prompt.type("C-d")
    prompt.see("left with")
    lines = [json.loads(line) for line in stentor("history", "--json").stdout.splitlines()]
    done = [(line["command"], line["selector"]) for line in lines if line["type"] == "record"]
    assert done[::-1] == [
        ("echo over; echo all", "@core"),
        ("hostname", "@gpu"),
        ("test -e /nothing", "@gpu"),
        ("echo streamed", "crtr"),
        ("sleep 20", "crtr"),
        ("id -u", "crtr"),
    ]


def test_tab_completes_names_and_paths_of_a_node(prompt: Prompt, lab: Lab) -> None:
    prompt.enter("echo Precious > ~/precious-file", "3 ok in")  # warm now
    prompt.type("-l", "cat ~/prec")
    prompt.type("Tab")
    prompt.see("cat ~/precious-file")
    prompt.type("Enter")
    prompt.see("\nPrecious\n")
    prompt.type("-l", ":sel")
    prompt.type("Tab")
    prompt.see("> :select")
    prompt.type("-l", " prt")
    prompt.type("Tab")
    prompt.see(":select prtr")
    prompt.type("Enter")
    prompt.see("prtr (1)>")


def test_a_dangerous_line_asks_for_the_number_of_nodes(prompt: Prompt) -> None:
    prompt.enter("rm -rf /", "type the number of nodes to continue:")
    prompt.enter("4", "not sent")
    prompt.enter("echo still here", "3 ok in")


def test_ctrl_c_ends_the_running_command_only(prompt: Prompt, stentor: Stentor) -> None:
    prompt.enter("echo ready; sleep 317", "crtr: ready")
    prompt.type("C-c")
    prompt.see("3 cancelled")
    prompt.see("[130] @core (3)>")
    prompt.type("-l", "half a li")
    prompt.type("C-c")
    prompt.enter("pgrep -fc '[s]leep 317' || echo none", "\nnone\n")
    prompt.type("C-d")
    prompt.see("left with")


def test_lines_are_remembered_privately_for_the_next_shell(
    prompt: Prompt, environ: dict[str, str], lab: Lab
) -> None:
    prompt.enter("echo remember me", "3 ok in")
    prompt.type("C-d")
    prompt.see("left with 0")
    kept = Path(environ["XDG_STATE_HOME"], "stentor", "shell-history")
    assert kept.read_text() == "echo remember me\n"
    assert os.stat(kept).st_mode & 0o777 == 0o600
    prompt.tmux.end()
    again = Prompt(environ, "crtr")
    try:
        again.type("Up")
        again.see("> echo remember me")
    finally:
        again.tmux.end()


def test_without_a_terminal_it_says_what_to_use(stentor: Stentor, lab: Lab) -> None:
    said = stentor("shell")
    assert said.code == 6
    assert "stentor run SELECTOR COMMAND" in said.stderr


def test_without_prompt_toolkit_it_says_how_to_get_it(environ: dict[str, str], lab: Lab) -> None:
    need("tmux")
    code = (
        "import sys; sys.modules['prompt_toolkit'] = None; sys.argv = ['stentor', 'shell'];"
        "from stentor.cli.main import main; print('code', main())"
    )
    tmux = Tmux(environ, "without")
    try:
        start = shlex.join([sys.executable, "-c", code]) + "; exec sleep 60"
        tmux("-f", "/dev/null", "new-session", "-d", "-s", "t", "-x", "100", "-y", "20", start)
        wait(lambda: "code 69" in tmux.text("t"), "it ends")
        assert "-m pip install 'prompt-toolkit" in tmux.text("t")
        assert "Traceback" not in tmux.text("t")
    finally:
        tmux.end()
