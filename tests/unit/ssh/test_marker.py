"""The line which a command says of itself."""

from __future__ import annotations

import contextlib
import os
import shutil
import signal
import subprocess
import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from stentor.shells import POSIX
from stentor.ssh.marker import Scanner, end_group, wrap

WORD = "stentor-0123456789abcdef"
SHELLS = [["bash"], ["dash"], ["busybox", "sh"], ["zsh", "-f"], ["fish", "--no-config"]]


def _available() -> list[list[str]]:
    return [shell for shell in SHELLS if shutil.which(shell[0])]


@given(
    st.binary(max_size=60),
    st.binary(max_size=60),
    st.integers(1, 2**22),
    st.lists(st.integers(1, 9), min_size=1),
)
def test_any_split(before: bytes, after: bytes, pid: int, sizes: list[int]) -> None:
    stream = before + f"{WORD} {pid} /bin/zsh\n".encode() + after
    scanner = Scanner(WORD)
    passed, at, turn = b"", 0, 0
    while at < len(stream):
        size = sizes[turn % len(sizes)]
        passed += scanner.feed(stream[at : at + size])
        at, turn = at + size, turn + 1
    passed += scanner.rest()
    assert passed == before + after
    assert (scanner.pid, scanner.shell) == (pid, "/bin/zsh")


@given(st.binary(max_size=200), st.integers(1, 50))
def test_without_a_marker_nothing_is_lost(data: bytes, size: int) -> None:
    scanner = Scanner(WORD)
    passed = b"".join(scanner.feed(data[at : at + size]) for at in range(0, len(data), size))
    assert passed + scanner.rest() == data
    assert scanner.pid == 0


def test_endless_noise_is_not_held() -> None:
    scanner = Scanner(WORD)
    total = sum(len(scanner.feed(b"x" * 65536)) for _ in range(10))
    assert total + len(scanner.rest()) == 10 * 65536


@pytest.mark.parametrize("shell", _available(), ids=lambda s: s[0])
@pytest.mark.parametrize("known", [True, False])
def test_every_shell_says_it(shell: list[str], known: bool) -> None:
    name = "sh" if known and shell[0] in POSIX else shell[0] if known else ""
    line = wrap("echo out; echo err >&2; exit 3", WORD, name, {"GREETING": "it's \\ fine $HOME"})
    environ = {**os.environ, "SHELL": shutil.which(shell[0]) or "/bin/sh"}
    if shell[0] == "busybox":
        environ["SHELL"] = "/bin/sh"
    done = subprocess.run([*shell, "-c", line], capture_output=True, env=environ, timeout=20)
    scanner = Scanner(WORD)
    assert done.returncode == 3
    assert done.stdout == b"out\n"
    assert scanner.feed(done.stderr) == b"err\n"
    assert scanner.pid > 0


@pytest.mark.parametrize("shell", _available(), ids=lambda s: s[0])
def test_environment_arrives_unharmed(shell: list[str]) -> None:
    value = 'it\'s \\ "fine" $HOME `x` \n !bang'
    name = "sh" if shell[0] in POSIX else shell[0]
    line = wrap("printenv GREETING", WORD, name, {"GREETING": value})
    environ = {**os.environ, "SHELL": shutil.which(shell[0]) or "/bin/sh"}
    done = subprocess.run([*shell, "-c", line], capture_output=True, env=environ, timeout=20)
    assert done.stdout.decode() == value + "\n"


@pytest.mark.parametrize("shell", _available(), ids=lambda s: s[0])
@pytest.mark.parametrize(
    ("script", "word"),
    [("exec sleep 60", "term"), ("trap '' TERM; sleep 60; sleep 60", "kill"), (None, "gone")],
)
def test_end_group(shell: list[str], script: str | None, word: str) -> None:
    pid = 2**22 + 5  # over the largest pid there is
    process = None
    if script:
        process = subprocess.Popen(["sh", "-c", script], start_new_session=True)
        pid = process.pid
        time.sleep(0.1)
    try:
        done = subprocess.Popen(
            [*shell, "-c", end_group(pid, 5.0 if word == "term" else 0.3)], stdout=subprocess.PIPE
        )
        while process and process.poll() is None and done.poll() is None:
            time.sleep(0.01)  # reap it, as sshd would: kill -0 sees a zombie as alive
        assert done.communicate(timeout=20)[0].decode().split() == [word]
    finally:
        if process:
            with contextlib.suppress(ProcessLookupError):
                os.killpg(process.pid, signal.SIGKILL)
            process.wait()
