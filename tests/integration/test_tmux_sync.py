"""Synchronised input on practice nodes: what reached each node is read on the node."""

from __future__ import annotations

import contextlib
import json
import os
import shlex
import shutil
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from stentor.lab import Lab
from stentor.tmux.plan import EXIT_UNATTACHED
from tests.support import need
from tests.terminal import Tmux, wait

pytestmark = pytest.mark.integration
Stentor = Callable[..., Any]
NODES = ("crtr", "prtr", "drtr")


@pytest.fixture
def tmux(environ: dict[str, str], lab: Lab, stentor: Stentor) -> Iterator[Tmux]:
    """Three nodes open and up, in the session ``cluster``."""
    need("tmux", "ssh")
    server = Tmux(environ)
    config = Path(environ["HOME"], ".tmux.conf")
    config.write_text("set -g prefix C-a\nset -g base-index 1\nsetw -g pane-base-index 1\n")
    try:
        said = stentor("tmux", "open", "--detach")
        assert said.code == 0, said.stderr
        wait(lambda: list(server.panes().values()).count("up") == 3, "three panes are up")
        for node in NODES:
            wait(lambda node=node: f"{node}:~$" in server.text(server.pane(node)), "a prompt")  # type: ignore[misc]
        yield server
    finally:
        server.end()


@pytest.fixture
def screen(environ: dict[str, str], tmux: Tmux) -> Iterator[Tmux]:
    """A terminal that shows the session."""
    outer = Tmux(environ, "terminal")
    command = shlex.join([*tmux.words, "attach-session", "-t", "=cluster"])
    outer(
        "-f", "/dev/null", "new-session", "-d", "-s", "t", "-x", "120", "-y", "40", f"env -u TMUX {command}"
    )
    wait(lambda: tmux("list-clients") != "", "a client is attached")
    yield outer
    outer.end()


def keys(screen: Tmux, *words: str) -> None:
    screen("send-keys", "-t", "t", *words)


def type_slowly(screen: Tmux, tmux: Tmux, text: str) -> None:
    """Type, and let the echo come: as a person does before Enter."""
    screen("send-keys", "-t", "t", "-l", text)
    active = tmux("display-message", "-p", "-t", "=cluster:", "#{pane_id}")
    wait(lambda: text in tmux.text(active), f"the echo of {text}")


def asked(screen: Tmux, part: str) -> str:
    """The line with the question: of two status lines, tmux takes the lower or, from 3.4 on, the upper."""

    def found() -> list[str]:
        return [row for row in screen.text("t").splitlines()[-2:] if part in row]

    wait(found, f"the question: {part}")
    return found()[0]


def done(lab: Lab) -> dict[str, str]:
    """What stands in the file ``done`` of each node."""
    found: dict[str, str] = {}
    for node in NODES:
        with contextlib.suppress(FileNotFoundError):
            found[node] = (lab.home(node) / "done").read_text()
    return found


def on(stentor: Stentor, *words: str) -> None:
    said = stentor("tmux", "sync", "on", "cluster", *words)
    assert said.code == 0, said.stderr


def tmux_variable(tmux: Tmux) -> str:
    """What ``TMUX`` is in a pane of this server."""
    return tmux("display-message", "-p", "-t", "=cluster:", "#{socket_path},#{pid},#{s/^[$]//:session_id}")


def is_on(tmux: Tmux) -> bool:
    return "1" in tmux("list-panes", "-s", "-t", "=cluster:", "-F", "#{pane_synchronized}").split()


def test_a_harmless_line_reaches_every_node(lab: Lab, stentor: Stentor, tmux: Tmux, screen: Tmux) -> None:
    on(stentor)
    wait(lambda: "SYNC: every key goes to 3 nodes: crtr prtr drtr" in screen.text("t"), "the banner")
    type_slowly(screen, tmux, "uname -n >> done")
    keys(screen, "Enter")
    wait(lambda: done(lab) == {node: f"{node}\n" for node in NODES}, "each node has it")


def test_a_dangerous_line_is_held_back(lab: Lab, stentor: Stentor, tmux: Tmux, screen: Tmux) -> None:
    on(stentor)
    for node in NODES:
        (lab.home(node) / "done").write_text("kept")
    type_slowly(screen, tmux, "rm -rf ~/")
    keys(screen, "Enter")
    line = asked(screen, "Type 3 to send it")
    assert "3 nodes (crtr prtr drtr)" in line
    keys(screen, "y", "Enter")
    wait(lambda: "not sent" in screen.text("t"), "it says that it was not sent")
    time.sleep(0.3)
    assert done(lab) == dict.fromkeys(NODES, "kept")
    # the line still stands there; with the right word it goes
    wait(lambda: "not sent" not in screen.text("t"), "what was said is gone")
    keys(screen, "Enter")
    asked(screen, "Type 3 to send it")
    keys(screen, "3", "Enter")
    wait(lambda: done(lab) == {}, "it was done on every node")


@pytest.mark.parametrize("key", ["C-j", "C-o", "KPEnter"])
def test_other_keys_that_send_a_line_are_held_back_too(
    lab: Lab, stentor: Stentor, tmux: Tmux, screen: Tmux, key: str
) -> None:
    on(stentor)
    type_slowly(screen, tmux, "touch done; sudo reboot")
    keys(screen, key)
    asked(screen, "Type 3")
    keys(screen, "n", "Enter")
    time.sleep(0.3)
    assert done(lab) == {}


def test_an_enter_faster_than_the_echo_is_read_all_the_same(
    lab: Lab, stentor: Stentor, tmux: Tmux, screen: Tmux
) -> None:
    on(stentor)
    keys(screen, "touch done; sudo rm -rf /etc", "Enter")
    asked(screen, "Type 3")
    keys(screen, "n", "Enter")
    assert done(lab) == {}


def test_a_paste_of_several_lines_asks(lab: Lab, stentor: Stentor, tmux: Tmux, screen: Tmux) -> None:
    on(stentor)
    screen("set-buffer", "-b", "two", "echo one >> done\necho two >> done\n")
    screen("paste-buffer", "-p", "-b", "two", "-t", "t")
    line = asked(screen, "a paste of 2 lines")
    assert "3 nodes (crtr prtr drtr)" in line
    keys(screen, "n", "Enter")
    time.sleep(0.5)
    assert done(lab) == {}
    screen("paste-buffer", "-p", "-b", "two", "-t", "t")
    asked(screen, "a paste of 2 lines")
    keys(screen, "3", "Enter")
    wait(lambda: done(lab) == dict.fromkeys(NODES, "one\ntwo\n"), "each node has both lines")


def test_a_paste_of_one_line_goes_to_all_and_waits_for_enter(
    lab: Lab, stentor: Stentor, tmux: Tmux, screen: Tmux
) -> None:
    on(stentor)
    screen("set-buffer", "-b", "one", "echo it\\'s \\$HOME; uname -n >> done")
    screen("paste-buffer", "-p", "-b", "one", "-t", "t")
    wait(lambda: all("uname -n >> done" in tmux.text(tmux.pane(n)) for n in NODES), "it stands in every pane")
    assert done(lab) == {}
    keys(screen, "Enter")
    wait(lambda: done(lab) == {node: f"{node}\n" for node in NODES}, "each node has it")


def test_a_paste_without_brackets_asks_from_its_second_line_on(
    lab: Lab, stentor: Stentor, tmux: Tmux, screen: Tmux
) -> None:
    on(stentor)
    screen("set-buffer", "-b", "two", "echo one >> done\necho two >> done\n")
    screen("paste-buffer", "-b", "two", "-t", "t")
    asked(screen, "several lines at once")
    keys(screen, "n", "Enter")
    assert set(done(lab).values()) <= {"one\n"}


def test_panes_can_be_left_out(lab: Lab, stentor: Stentor, tmux: Tmux, screen: Tmux) -> None:
    on(stentor, "--except", "prtr")
    said = stentor("tmux", "sync", "status", "cluster", "--json").stdout.splitlines()
    assert json.loads(said[1])["included"] == ["crtr", "drtr"]
    assert json.loads(said[1])["left_out"] == ["prtr"]
    type_slowly(screen, tmux, "uname -n >> done")
    keys(screen, "Enter")
    wait(lambda: done(lab) == {"crtr": "crtr\n", "drtr": "drtr\n"}, "two nodes have it")
    assert stentor("tmux", "sync", "on", "cluster", "--except", "nobody").code == 2


def test_everything_is_put_back(lab: Lab, stentor: Stentor, tmux: Tmux, screen: Tmux) -> None:
    tmux("bind-key", "-n", "Enter", "set-option", "-g", "@mine", "1", ";", "send-keys", "Enter")
    tmux("set-option", "-w", "-t", "=cluster:", "pane-border-style", "fg=blue")
    tmux("set-option", "-t", "=cluster:", "status-format[1]", "it's #{mine}")

    def state() -> list[str]:
        return [
            tmux("list-keys", "-T", "root"),
            tmux("show-options", "-w", "-t", "=cluster:"),
            tmux("show-options", "-t", "=cluster:"),
            tmux("show-options", "-s", "user-keys"),
            tmux("list-panes", "-t", "=cluster:", "-F", "#{pane_height} #{pane_synchronized}"),
        ]

    before = state()
    on(stentor)
    assert is_on(tmux)
    assert "fg=red" in tmux("show-options", "-w", "-t", "=cluster:", "pane-border-style")
    # in a window that is not in sync the key does what it did
    tmux("new-window", "-t", "=cluster:", "-n", "other", "cat")
    keys(screen, "Enter")
    wait(lambda: tmux("show-options", "-gv", "@mine", check=False) == "1", "the user's binding ran")
    wait(lambda: "sync is on in another window" in screen.text("t"), "the banner says so")
    tmux("kill-window", "-t", "=cluster:other")
    assert stentor("tmux", "sync", "toggle", "cluster").code == 0
    assert not is_on(tmux)
    assert "SYNC" not in screen.text("t")
    after = state()
    assert [row for row in after[1].splitlines() if not row.startswith("@stentor_")] == before[1].splitlines()
    assert [after[0], *after[2:]] == [before[0], *before[2:]]


def test_it_ends_when_a_pane_drops(lab: Lab, stentor: Stentor, tmux: Tmux, screen: Tmux) -> None:
    on(stentor)
    lab.backend.stop(["prtr"])
    wait(lambda: not is_on(tmux), "sync is off")
    wait(lambda: tmux.panes()["prtr"].startswith("down"), "the pane waits")
    # turned on again, the node that waits is left out
    said = stentor("tmux", "sync", "on", "cluster")
    assert "for 2: crtr drtr; left out: prtr" in said.stderr
    lab.backend.start(["prtr"])
    lab.backend.wait(["prtr"])


def test_it_ends_by_itself(
    lab: Lab, stentor: Stentor, tmux: Tmux, screen: Tmux, environ: dict[str, str]
) -> None:
    fleet = Path(environ["HOME"], "fleet")
    shutil.copytree(lab.fleet_dir, fleet)
    shutil.copy(lab.ssh_config, environ["HOME"])
    with open(fleet / "nodes.yaml", "a") as file:
        file.write("\ntmux:\n  sync_minutes: 0.05\n")
    assert stentor("tmux", "sync", "on", "cluster", fleet=fleet).code == 0
    assert is_on(tmux)
    wait(lambda: not is_on(tmux), "no input for three seconds")


def test_a_key_of_the_users_own_ends_it_too(lab: Lab, stentor: Stentor, tmux: Tmux, screen: Tmux) -> None:
    on(stentor)
    tmux("set-option", "-w", "-t", "=cluster:", "synchronize-panes", "off")
    wait(lambda: "SYNC" not in screen.text("t"), "banner and borders follow")
    assert "guard" not in tmux("list-keys", "-T", "root")


def test_a_window_closed_in_sync_leaves_nothing(lab: Lab, stentor: Stentor, tmux: Tmux, screen: Tmux) -> None:
    keys_before = tmux("list-keys", "-T", "root")
    options_before = tmux("show-options", "-t", "=cluster:")
    tmux("new-window", "-d", "-t", "=cluster:", "-n", "other", "cat")
    said = stentor("tmux", "sync", "on", env={"TMUX": tmux_variable(tmux), "TMUX_PANE": tmux.pane("crtr")})
    assert said.code == 0, said.stderr
    assert tmux("list-keys", "-T", "root") != keys_before
    tmux("kill-window", "-t", tmux.pane("crtr"))
    wait(lambda: tmux("list-keys", "-T", "root") == keys_before, "the keys are given back")
    wait(lambda: tmux("show-options", "-t", "=cluster:") == options_before, "so is the status line")
    assert "stentor-paste" not in tmux("list-keys")
    ours = [line for line in tmux("show-options", "-s").splitlines() if line.startswith("@stentor")]
    assert ours == [f"{EXIT_UNATTACHED} 0"], "only what open keeps until somebody is attached by it"


def test_a_zoomed_pane_alone_is_reached(lab: Lab, stentor: Stentor, tmux: Tmux, screen: Tmux) -> None:
    on(stentor)
    tmux("resize-pane", "-Z", "-t", tmux.pane("drtr"))
    wait(lambda: "zoomed: only to the one you see" in screen.text("t"), "the banner says so")
    keys(screen, "uname -n >> done", "Enter")
    wait(lambda: done(lab) == {"drtr": "drtr\n"}, "one node has it")
    time.sleep(0.5)
    assert done(lab) == {"drtr": "drtr\n"}


def test_a_guard_that_cannot_start_asks(lab: Lab, stentor: Stentor, tmux: Tmux, screen: Tmux) -> None:
    on(stentor)
    binding = tmux("list-keys", "-T", "root", "Enter", check=False) or tmux("list-keys", "-T", "root")
    assert sys.executable in binding
    tmux("set-environment", "-g", "PYTHONHOME", "/nowhere")
    type_slowly(screen, tmux, "touch done")
    keys(screen, "Enter")
    asked(screen, "the guard could not read this line")
    keys(screen, "n", "Enter")
    assert done(lab) == {}


def test_send_sees_the_whole_line(lab: Lab, stentor: Stentor, tmux: Tmux) -> None:
    said = stentor("tmux", "send", "@core", "uname -n >> done")
    assert (said.code, said.stderr) == (0, "sent to 3: crtr prtr drtr\n")
    wait(lambda: done(lab) == {node: f"{node}\n" for node in NODES}, "each node has it once")
    for words in (["@core", "sudo reboot"], ["cluster", "echo a\necho b"]):
        said = stentor("tmux", "send", *words)
        assert said.code == 6
        assert "--yes-really 3" in said.stderr
    assert stentor("tmux", "send", "@core", "sudo reboot", "--yes-really", "2").code == 6
    said = stentor("tmux", "send", "crtr", "rm -rf ~/", "--yes-really", "1")
    assert said.code == 0
    wait(lambda: "crtr" not in done(lab), "done on crtr")
    on(stentor)
    said = stentor("tmux", "send", "drtr", "echo only >> done")
    wait(lambda: done(lab)["drtr"] == "drtr\nonly\n", "drtr has it")
    time.sleep(0.3)
    assert done(lab)["prtr"] == "prtr\n"
    assert is_on(tmux)
    said = stentor("tmux", "send", "@all", "true")
    assert said.code == 4
    assert "not connected, not sent: trtr" in said.stderr


def test_outside_tmux_sync_takes_the_only_session(lab: Lab, stentor: Stentor, tmux: Tmux) -> None:
    tmux("new-session", "-d", "-s", "mine")
    said = stentor("tmux", "sync", "on")
    assert (said.code, said.stderr) == (0, "cluster:cluster: sync is on for 3: crtr prtr drtr\n")
    assert is_on(tmux)
    assert stentor("tmux", "open", "drtr", "-s", "other", "--detach").code == 0
    said = stentor("tmux", "sync", "off")
    assert said.code == 2
    assert "name the session: cluster, other" in said.stderr
    assert is_on(tmux)


def test_sync_from_a_key_binding(lab: Lab, stentor: Stentor, tmux: Tmux, screen: Tmux) -> None:
    program = shlex.join([sys.executable, "-m", "stentor", "tmux", "sync", "toggle"])
    tmux("bind-key", "S", "run-shell", program)
    keys(screen, "C-a", "S")
    wait(lambda: is_on(tmux), "on")
    wait(lambda: "SYNC" in screen.text("t"), "the banner")
    keys(screen, "C-a", "S")
    wait(lambda: not is_on(tmux), "off")


def test_nothing_is_left_running_when_the_server_ends(lab: Lab, stentor: Stentor, tmux: Tmux) -> None:
    on(stentor)
    tmux.end()
    table = subprocess.run(["ps", "-eo", "args"], capture_output=True, text=True).stdout
    assert os.path.dirname(tmux.environ["HOME"]) not in "\n".join(
        r for r in table.splitlines() if "tmux guard" in r
    )


def test_sync_without_its_guard_ends(stentor: Stentor, tmux: Tmux, screen: Tmux) -> None:
    on(stentor)
    time.sleep(4)  # the first look is over, and found all in order
    assert is_on(tmux)
    here = ("-t", "=cluster:")
    for taken in (
        [("unbind-key", "-n", "Enter")],
        [("bind-key", "-n", "Enter", "send-keys", "Enter")],
        [("set-option", "-u", *here, "status-format")],
        [("set-option", *here, "status", "off")],
        [("set-option", "-w", "-u", *here, "@stentor_sync")],
        [("set-option", "-w", "-u", *here, "@stentor_off"), ("unbind-key", "-n", "Enter")],
    ):
        assert is_on(tmux)
        for words in taken:
            tmux(*words)
        wait(lambda: not is_on(tmux), f"sync ends after {taken}")
        stentor("tmux", "sync", "off", "cluster")
        on(stentor)
