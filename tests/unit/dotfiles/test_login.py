"""What a new login proves, and how a change is confirmed in it."""

from __future__ import annotations

import os
import stat
from collections.abc import Callable
from pathlib import Path

import pytest

from stentor.dotfiles import login
from stentor.dotfiles.login import Proof, Terms, prove
from stentor.engines.reach import Reach
from stentor.fanout.cancellation import Cancellation
from stentor.fleet.model import Fleet, Node

NODE = Node("crtr", "cooperator", ("192.168.254.10",), user="cooperator", port=2222)
FLEET = Fleet("/fleet", {"crtr": NODE}, {"all": ("crtr",)})
HEADER = "echo 'stentor-dotfiles 1 prove'; "
GOOD = HEADER + "echo 'shell plain ok'; echo proved; "
ANSWER = 'read -r word; [ "$word" = confirm ] && echo "state confirmed"; echo end 0'


class Programs:
    """Programs in place of ssh, scp, sftp and git, and the lines by which they were called."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.called = folder / "called"
        self.called.touch()
        self.reach = Reach(FLEET, {"HOME": "/home/me", "PATH": f"{folder}:{os.environ['PATH']}"})
        for name in ("scp", "sftp", "git"):
            self.put(name, "true")

    def put(self, name: str, script: str) -> None:
        path = self.folder / name
        path.write_text(f'#!/bin/sh\necho "{name} $*" >>{self.called}\n{script}\n')
        path.chmod(path.stat().st_mode | stat.S_IXUSR)

    def prove(self, script: str, *, noisy: bool = False) -> Proof:
        self.put("ssh", script)
        return prove(self.reach, NODE, "op1", "token", Terms(1, ("chezmoi", "git"), noisy))


@pytest.fixture
def programs(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Programs:
    made = Programs(tmp_path)
    monkeypatch.setenv("PATH", made.reach.environ["PATH"])
    return made


def test_one_login_confirms_the_change(programs: Programs) -> None:
    assert programs.prove(GOOD + ANSWER) == Proof((), confirmed=True)
    (line,) = programs.called.read_text().splitlines()
    assert "ControlPath=none -T -o BatchMode=yes" in line
    assert line.endswith("/pending/program prove 'op=op1' 'token=token' 'seconds=1' 'requires=chezmoi git'")


@pytest.mark.parametrize(
    ("script", "fault"),
    [
        ("sleep 60", "a new login did not come up within 6 s"),
        ("echo hi; " + GOOD + ANSWER, "a session without a terminal printed 3 bytes"),
        ("printf 'one\\nlast words\\n' >&2; exit 1", "a new login ended with code 1: last words"),
        ("exit 3", "a new login ended with code 3"),
        ("yes", "a new login wrote more than 256 KB"),
        ("yes >&2", "a new login ended with code 153: y"),
        (HEADER + "echo 'shell plain hangs: why'; echo proved; " + ANSWER, "the plain shell hangs: why"),
        (HEADER + "echo 'failed home no room'; echo end 1", "no room"),
        (GOOD + "echo state reverted; echo end 4", "the node had already reverted the change"),
        (GOOD + "exit 1", "the node did not answer whether the change is confirmed"),
    ],
)  # fmt: skip
def test_login_that_does_not_work_is_a_fault(
    programs: Programs, monkeypatch: pytest.MonkeyPatch, script: str, fault: str
) -> None:
    monkeypatch.setattr(login, "_CLEAN_UP", -4.8)  # of six seconds little is left
    (found,) = programs.prove(script).faults
    assert found.removesuffix(" (scp and git break on it)") == fault


def test_what_was_so_before_is_no_fault(programs: Programs) -> None:
    found = programs.prove(
        f"echo hi; {HEADER} echo 'before shell login hangs: no answer'; echo 'before missing plain git'; "
        f"echo proved; {ANSWER}",
        noisy=True,
    )
    before = ("the login shell hangs: no answer", "git is not found in: plain shell")
    assert found == Proof((), confirmed=True, before=before)


def test_complaints_are_a_fault_only_where_copies_or_git_break(programs: Programs) -> None:
    complaining = "echo 'warning: setlocale' >&2; " + GOOD + ANSWER
    assert programs.prove(complaining).confirmed
    called = programs.called.read_text().splitlines()
    assert [line.split()[0] for line in called] == ["ssh", "sftp", "scp", "git"]
    assert "-o User=cooperator -o Port=2222 crtr:.local/state/stentor/" in called[2]
    programs.put("git", "echo 'fatal: protocol error' >&2; exit 128")
    assert programs.prove(complaining) == Proof(("git does not work there any more: fatal: protocol error",))


def test_terminal_of_sshd_is_tried_where_the_node_has_none(programs: Programs) -> None:
    on_terminal = 'printf "stentor-dotfiles 1 terminal\\r\\n%s\\r\\nend 0\\r\\n" "$FOUND"'
    script = (
        'case "$*" in *" -tt "*) ' + f"{on_terminal}; exit;; esac; "
        f"{HEADER} echo 'shell login-interactive breaks: why'; echo terminal none; echo proved; {ANSWER}"
    )
    assert programs.prove(f"FOUND='shell login-interactive ok'; {script}").confirmed
    found = programs.prove(f"FOUND='shell login-interactive hangs: no answer'; {script}")
    assert found.faults == ("the login-interactive shell hangs: no answer",)


def test_request_to_stop_proves_nothing_and_finds_no_fault(programs: Programs) -> None:
    cancellation = Cancellation()
    cancellation.request("Ctrl-C")
    programs.reach = programs.reach._replace(cancellation=cancellation)
    assert programs.prove("sleep 60") == Proof(())
    cancellation.close()


def test_background_process_holds_nothing_up(programs: Programs) -> None:
    assert programs.prove(f"sleep 30 & {GOOD}{ANSWER}").confirmed


def test_this_machine_is_entered_by_its_own_shell(
    programs: Programs, monkeypatch: pytest.MonkeyPatch
) -> None:
    programs.put("shell", GOOD + ANSWER)
    shell: Callable[[], str] = lambda: str(programs.folder / "shell")  # noqa: E731
    monkeypatch.setattr(login, "_shell", shell)
    programs.reach = programs.reach._replace(local="crtr")
    assert programs.prove("exit 9").confirmed
    (line,) = programs.called.read_text().splitlines()
    assert line.startswith("shell -c sh ~/.local/state")
    environ = login._environment(programs.reach, NODE)
    assert (environ["HOME"], environ["TERM"]) == ("/home/me", "xterm")
    assert "SSH_CONNECTION" in environ
