"""Secrets in front of a command: real shells, and real sudo with accounts of its own (root only)."""

from __future__ import annotations

import os
import pwd
import re
import shutil
import subprocess
import threading
import time
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest

from stentor.fanout import prelude
from stentor.lab import Lab, processes
from stentor.outcome import Kind, Outcome
from stentor.ssh.marker import end_group
from tests.accounts import as_tess, make_account

pytestmark = pytest.mark.integration
WORD = "stentor-00112233445566aa"
PASSWORD = "päss wörd $x 'y'"


@pytest.mark.parametrize("shell", [s for s in ("sh", "bash", "dash", "zsh") if shutil.which(s)])
def test_a_secret_comes_whole_and_the_input_behind_it_too(shell: str) -> None:
    value = "a\\n 'b' \"c\" $d\nnew line\t\x01 é \\"
    made = prelude.build('printf "%s|" "$TOKEN"; cat', {"TOKEN": value}, sudo=None, password="", word=WORD)
    done = subprocess.run(
        [shell, "-c", made.command],
        input=made.lines + b"the rest\n",
        capture_output=True,
        env={
            "PATH": os.environ["PATH"],
            "SHELL": f"/bin/{shell}" if os.path.exists(f"/bin/{shell}") else "/bin/sh",
        },
    )
    assert done.stdout == value.encode() + b"|the rest\n", done.stderr
    assert value not in made.command


def test_a_secret_is_in_no_process_list_and_no_journal(
    lab: Lab, stentor: Any, environ: dict[str, str]
) -> None:
    line = "echo $TOKEN | tr a-z A-Z; ps ax -o args= | grep -c '[s]esame-open' || true"
    done = stentor("run", "--env-secret", "TOKEN", "crtr", line, env={"TOKEN": "sesame-open"})
    assert done.stdout == "SESAME-OPEN\n0\n"
    stentor("run", "--env-secret", "TOKEN", "@gpu", "echo it is $TOKEN", env={"TOKEN": "sesame-open"})
    kept = b"".join(file.read_bytes() for file in Path(environ["XDG_STATE_HOME"]).rglob("journal*"))
    assert b"sesame-open" not in kept
    assert "[secret]" in stentor("show", "--gather").stdout
    assert stentor("rerun", env={"TOKEN": "sesame-open"}).code == 0
    assert stentor("run", "--env-secret", "NONE", "crtr", "true").code == 6


@pytest.fixture
def account(tmp_path: Path) -> Path:
    return make_account(tmp_path, PASSWORD)


def as_german(account: Path, sudoers: str, command: str) -> tuple[list[str], dict[str, str]]:
    """The words which run a command as tess, and an environment that is not English."""
    environ = {
        "PATH": os.environ["PATH"],
        "LANG": "de_DE.UTF-8",
        "LANGUAGE": "de",
        "LC_ALL": "de_DE.UTF-8",
    }
    return as_tess(account, sudoers, command), environ


def by_sudo(
    account: Path, sudoers: str, password: str, command: str, rest: bytes = b""
) -> tuple[Outcome, bytes]:
    """Run as tess in a mount namespace of its own; return the outcome and stdout."""
    made = prelude.build(command, {}, sudo="root", password=password, word=WORD)
    words, environ = as_german(account, sudoers, made.command)
    done = subprocess.run(words, input=made.lines + rest, capture_output=True, env=environ, timeout=30)
    verdicts = prelude.Verdicts(WORD)
    verdicts.stderr("a", done.stderr)
    kind: Kind = "failed" if done.returncode else "ok"
    return verdicts.outcome(Outcome("a", kind, done.returncode)), done.stdout + (
        done.stderr if kind == "ok" else b""
    )


def test_sudo_with_a_password(account: Path) -> None:
    outcome, said = by_sudo(account, "tess ALL=(ALL) ALL", PASSWORD, "id -un; cat", b"input\n")
    assert (outcome.kind, said) == ("ok", b"root\ninput\n")


def test_sudo_without_a_password_never_gives_it_to_the_command(account: Path) -> None:
    for sudoers in (
        "tess ALL=(ALL) NOPASSWD: ALL",
        "tess ALL=(ALL) ALL\ntess ALL=(ALL) NOPASSWD: /bin/sh, /usr/bin/sh",
    ):
        outcome, said = by_sudo(account, sudoers, PASSWORD, "id -un; cat", b"input\n")
        assert (outcome.kind, said) == ("ok", b"root\ninput\n"), sudoers


def test_the_commands_own_exit_code_comes_through(account: Path) -> None:
    outcome, _ = by_sudo(account, "tess ALL=(ALL) ALL", PASSWORD, "exit 7")
    assert (outcome.kind, outcome.code) == ("failed", 7)


@pytest.mark.parametrize(
    ("sudoers", "password", "reason"),
    [
        ("tess ALL=(ALL) ALL", "wrong", "wrong password"),
        ("tess ALL=(ALL) ALL", "", "asks for a password, and none was given"),
        ("root ALL=(ALL) ALL", PASSWORD, "this user may not"),
        ("Defaults requiretty\ntess ALL=(ALL) ALL", PASSWORD, "requiretty"),
        ("Defaults requiretty\ntess ALL=(ALL) ALL", "", "requiretty"),
    ],
)
def test_each_refusal_is_an_outcome_of_its_own(
    account: Path, sudoers: str, password: str, reason: str
) -> None:
    outcome, _ = by_sudo(account, sudoers, password, "id")
    assert outcome.kind == "denied"
    assert reason in outcome.reason
    assert outcome.hint


def test_a_user_that_is_not_there_is_said_without_a_password_too(account: Path) -> None:
    for password in ("", PASSWORD):
        made = prelude.build("id", {}, sudo="nosuch", password=password, word=WORD)
        words, environ = as_german(account, "tess ALL=(ALL) NOPASSWD: ALL", made.command)
        done = subprocess.run(words, input=made.lines, capture_output=True, env=environ, timeout=30)
        assert f"{WORD} nobody".encode() in done.stderr, done


@pytest.mark.parametrize("sudoers", ["tess ALL=(ALL) ALL", "tess ALL=(ALL) NOPASSWD: ALL"])
@pytest.mark.parametrize(
    ("user", "command"),
    [
        ("root", "sleep 4321.25"),
        ("nobody", "sleep 4321.25"),
        ("root", "trap '' TERM; sleep 4321.25; sleep 4321.25"),
    ],
)
def test_what_runs_by_sudo_is_ended_with_its_session(
    account: Path, sudoers: str, user: str, command: str
) -> None:
    made = prelude.build(command, {}, sudo=user, password=PASSWORD, word=WORD)
    words, environ = as_german(account, sudoers, made.command)
    session = subprocess.Popen(words, stdin=subprocess.PIPE, env=environ, start_new_session=True)
    # As sshd does: a process which nobody waits for is still there.
    waiting = threading.Thread(target=session.wait, daemon=True)
    waiting.start()
    try:
        assert session.stdin
        session.stdin.write(made.lines)
        session.stdin.close()
        assert _until(lambda: _sleepers(session.pid)), "it began"
        owner = 0 if user == "root" else pwd.getpwnam("nobody").pw_uid
        assert {os.stat(f"/proc/{pid}").st_uid for pid in _sleepers(session.pid)} == {owner}
        time.sleep(0.7)  # longer than the watcher takes to look: it must not end what is well
        assert _sleepers(session.pid)
        end = ["setpriv", "--reuid", "4321", "--clear-groups", "sh", "-c", end_group(session.pid, 10.0)]
        said = subprocess.run(end, capture_output=True, text=True, timeout=20)
        assert said.stdout == "term\n", "the word is true: it waits for what is not its own"
        assert not _sleepers(session.pid)
        assert _until(lambda: not _group(session.pid)), "nothing is left, the watcher included"
    finally:
        processes.kill(_group(session.pid))
        waiting.join(10)


@pytest.mark.parametrize(
    ("line", "said", "left"),
    [
        ("sudo -b sleep 4321.5", "term\n", []),  # sudo passes the signal on
        ("sudo -b setsid sleep 4321.5", "term\n", []),
        ("sudo -b setsid sh -c 'trap \"\" TERM; exec sleep 4321.5'", r"foreign:\d+/sleep,\n", [0]),
        ("setsid env -i sleep 4321.5 &", "term\n", []),
    ],
)
def test_what_left_the_session_is_ended_or_said_to_run_still(
    account: Path, line: str, said: str, left: list[int]
) -> None:
    """What belongs to root a login may not end; what has no mark is known by whose child it was."""
    seconds = f"4321.{int.from_bytes(os.urandom(3))}"  # its own: others run beside it
    mark = f"STENTOR_RUN=stentor-{os.urandom(8).hex()}"
    words, environ = as_german(
        account,
        "tess ALL=(ALL) NOPASSWD: ALL",
        f"export {mark}\n{line}\nsleep 4321.5".replace("4321.5", seconds),
    )
    session = subprocess.Popen(words, env=environ, start_new_session=True)
    waiting = threading.Thread(target=session.wait, daemon=True)
    waiting.start()

    def sleepers() -> dict[int, int]:
        table = processes.table()
        found = {}
        for pid, one in table.items():
            if list(one.words) == ["sleep", seconds] and one.state != "Z":
                with suppress(OSError):
                    found[pid] = os.stat(f"/proc/{pid}").st_uid
        return found

    try:
        assert _until(lambda: len(sleepers()) == 2), sleepers()
        command = end_group(session.pid, 1.0, mark)
        end = ["setpriv", "--reuid", "4321", "--clear-groups", "sh", "-c", command]
        assert re.fullmatch(said, subprocess.run(end, capture_output=True, text=True, timeout=90).stdout)
        assert [*sleepers().values()] == left
    finally:
        processes.kill(sleepers())
        waiting.join(10)


def test_what_ends_by_itself_leaves_no_watcher(account: Path) -> None:
    made = prelude.build("exit 3", {}, sudo="root", password=PASSWORD, word=WORD)
    words, environ = as_german(account, "tess ALL=(ALL) ALL", made.command)
    with subprocess.Popen(words, stdin=subprocess.PIPE, env=environ, start_new_session=True) as session:
        session.communicate(made.lines, timeout=20)
    assert session.returncode == 3
    assert _until(lambda: not _group(session.pid))


def _group(leader: int) -> list[int]:
    """The living processes of a process group."""
    return [pid for pid, one in processes.table().items() if one.state != "Z" and _group_of(pid) == leader]


def _group_of(pid: int) -> int:
    with suppress(ProcessLookupError):
        return os.getpgid(pid)
    return 0


def _sleepers(leader: int) -> list[int]:
    table = processes.table()
    ours = {pid: list(table[pid].words) for pid in _group(leader) if pid in table}
    return [pid for pid, words in ours.items() if words == ["sleep", "4321.25"]]


def _until(true: Callable[[], object]) -> bool:
    end = time.monotonic() + 40
    while time.monotonic() < end:
        if true():
            return True
        time.sleep(0.05)
    return False
