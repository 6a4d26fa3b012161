"""``stentor run`` as people use it: its views on real nodes, on a terminal, in a pipe, and interrupted."""

from __future__ import annotations

import fcntl
import functools
import hashlib
import json
import os
import pty
import re
import select
import shlex
import signal
import struct
import subprocess
import sys
import termios
import time
from base64 import b64decode
from collections.abc import Callable
from pathlib import Path
from typing import Any, NamedTuple

import pytest

from stentor.lab import Lab

pytestmark = pytest.mark.integration

MEGABYTE = 1000 * 1000
# Whole processes; Python itself takes some 10 MB of it.
MOST_MEMORY = 60 * 1024  # kB


# Between the tests and stentor: a process begins with the peak of the one which started it, and that
# of the tests is large.
LAUNCH = """
import os, sys
pid = os.posix_spawn(sys.executable, [sys.executable, *sys.argv[2:]], os.environ)
_, status, usage = os.wait4(pid, 0)
with open(sys.argv[1], "w") as file:
    file.write(str(usage.ru_maxrss))
sys.exit(os.waitstatus_to_exitcode(status))
"""


class Ran(NamedTuple):
    """What came of a process, and the most memory that it had (kB)."""

    code: int
    memory: int
    stderr: str


Run = Callable[..., Ran]


@pytest.fixture
def run(lab: Lab, environ: dict[str, str], tmp_path: Path) -> Run:
    """Run ``stentor run WORDS`` with stdout in a file, however much it is."""

    def start(out: Path, *words: str) -> Ran:
        with open(out, "wb") as stdout, open(tmp_path / "stderr", "wb") as stderr:
            memory = tmp_path / "memory"
            code = subprocess.run(
                [sys.executable, "-c", LAUNCH, memory, "-m", "stentor", "run", *words],
                env=environ,
                stdin=subprocess.DEVNULL,
                stdout=stdout,
                stderr=stderr,
            ).returncode
        return Ran(code, int(memory.read_text()), (tmp_path / "stderr").read_text())

    return start


def digest(path: Path) -> str:
    with open(path, "rb") as file:
        return hashlib.file_digest(file, "md5").hexdigest()


def test_a_hundred_megabytes_of_anything_from_one_node(run: Run, tmp_path: Path) -> None:
    ran = run(tmp_path / "raw", "crtr", "head -c 100000000 /dev/urandom | tee x | md5sum >&2; cat x; rm x")
    assert ran.code == 0
    assert digest(tmp_path / "raw") == ran.stderr.split()[0]
    assert (tmp_path / "raw").stat().st_size == 100 * MEGABYTE
    assert ran.memory < MOST_MEMORY


def test_a_hundred_megabytes_are_merged_beside_a_few_bytes(run: Run, tmp_path: Path) -> None:
    big = "yes abcdefghi | head -c 100000000"
    command = f"case $(hostname) in crtr|drtr) {big};; *) echo small;; esac"
    ran = run(tmp_path / "merged", "--gather", "@all", command)
    with open(tmp_path / "merged", "rb") as file:
        head = file.read(60)
        file.seek(-80, os.SEEK_END)
        tail = file.read()
    assert b"prtr,trtr,zrtr (3)" in head
    assert tail.endswith(b"abcdefghi\n")
    assert (tmp_path / "merged").stat().st_size == 100 * MEGABYTE + len("small\n") + sum(
        len(line) + 1
        for line in ("-" * 15, "prtr,trtr,zrtr (3)", "-" * 15, "-" * 15, "crtr,drtr (2)", "-" * 15)
    )
    assert ran.memory < MOST_MEMORY


def test_lines_of_ten_megabytes_of_three_nodes_never_mix(run: Run, tmp_path: Path) -> None:
    long = 'head -c 10000000 /dev/zero | tr "\\0" $(hostname | cut -c1); echo'
    command = f"for i in 1 2; do {long}; echo tick; done"
    ran = run(tmp_path / "lines", "--stream", "crtr,drtr,trtr", command)
    seen: dict[bytes, list[int]] = {}
    with open(tmp_path / "lines", "rb") as file:
        for line in file:
            node, _, text = line.rstrip(b"\n").partition(b": ")
            assert set(text) <= set(node[:1] + b"tick")
            assert text == b"tick" or text == node[:1] * len(text)
            seen.setdefault(node, []).append(len(text))
    assert seen == {node: [10_000_000, 4] * 2 for node in (b"crtr", b"drtr", b"trtr")}
    assert ran.memory < MOST_MEMORY


def test_binary_output_as_json_comes_back_exactly(run: Run, tmp_path: Path) -> None:
    run(tmp_path / "json", "--json", "crtr", "head -c 3000000 /dev/urandom | tee x | md5sum >&2; cat x; rm x")
    wrote = {"stdout": b"", "stderr": b""}
    with open(tmp_path / "json", encoding="utf-8") as file:
        for event in map(json.loads, file):
            if event["type"] == "output":
                data = b64decode(event["base64"]) if "base64" in event else event["text"].encode()
                wrote[event["stream"]] += data
    assert hashlib.md5(wrote["stdout"]).hexdigest() == wrote["stderr"].split()[0].decode()


def test_files_of_all_nodes(run: Run, tmp_path: Path) -> None:
    run(
        tmp_path / "out",
        "-o",
        str(tmp_path / "files"),
        "@all",
        "hostname; hostname >&2; head -c 5000000 /dev/zero",
    )
    names = {path.name for path in (tmp_path / "files").iterdir()}
    assert names == {
        f"{node}.{kind}" for node in ("crtr", "prtr", "drtr", "trtr", "zrtr") for kind in ("out", "err")
    }
    for node in ("crtr", "zrtr"):
        assert (tmp_path / "files" / f"{node}.out").read_bytes() == node.encode() + b"\n" + b"\0" * 5_000_000
        assert (tmp_path / "files" / f"{node}.err").read_text() == f"{node}\n"


@pytest.mark.parametrize(
    ("head", "expected"),
    [
        ("#!/bin/sh\nprintf '%s|' \"$@\"", "a b|$HOME|it's|\\x|"),
        ("#!/bin/bash\nprintf '%s|' \"$@\"", "a b|$HOME|it's|\\x|"),
        ("#!/usr/bin/env python3\nimport sys\nprint(*sys.argv[1:], sep='|', end='|')", "a b|$HOME|it's|\\x|"),
        ('#!/usr/bin/awk -f\nBEGIN { printf "%s|%s|", ARGV[1], ARGV[2] }', "a b|$HOME|"),
    ],
)
def test_scripts(run: Run, tmp_path: Path, head: str, expected: str) -> None:
    script = tmp_path / "script"
    # Far longer than a command line may be: it comes by standard input.
    script.write_text(head + "\n" + "# filler\n" * 50_000)
    ran = run(tmp_path / "out", "-s", str(script), "crtr", "a b", "$HOME", "it's", "\\x")
    assert (ran.code, (tmp_path / "out").read_text()) == (0, expected)


def running(lab: Lab, alias: str, mark: str) -> bool:
    for pid in lab.processes(alias):
        try:
            with open(f"/proc/{pid}/cmdline", "rb") as file:
                if mark.encode() in file.read().replace(b"\0", b" "):
                    return True
        except OSError:
            continue
    return False


def gone(lab: Lab, alias: str, mark: str) -> bool:
    return not running(lab, alias, mark)


def eventually(check: Callable[[], bool], seconds: float = 30.0) -> bool:
    until = time.monotonic() + seconds
    while not check():
        if time.monotonic() > until:
            return False
        time.sleep(0.02)
    return True


@pytest.mark.parametrize(("number", "word"), [(signal.SIGINT, "Ctrl-C"), (signal.SIGTERM, "SIGTERM")])
def test_a_signal_ends_what_runs_on_the_nodes(
    lab: Lab, environ: dict[str, str], number: int, word: str
) -> None:
    words = [sys.executable, "-m", "stentor", "run", "--stream", "crtr,drtr", "echo begun; exec sleep 6543"]
    process = subprocess.Popen(words, env=environ, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    assert process.stdout is not None
    assert sorted(process.stdout.readline() for _ in range(2)) == ["crtr: begun\n", "drtr: begun\n"]
    assert running(lab, "crtr", "6543")
    process.send_signal(number)
    _, said = process.communicate(timeout=20)
    assert process.returncode == 130
    assert f"2 cancelled: crtr,drtr ({word}; remote process ended by TERM)" in said.replace("\n", " ")
    assert not running(lab, "crtr", "6543")
    assert not running(lab, "drtr", "6543")


def test_a_reader_that_goes_ends_what_runs_on_the_nodes(lab: Lab, environ: dict[str, str]) -> None:
    stentor = f"{sys.executable} -m stentor run crtr,drtr 'yes 7654'"
    done = subprocess.run(
        ["bash", "-c", f"{stentor} | head -n 2; exit ${{PIPESTATUS[0]}}"],
        env=environ,
        capture_output=True,
        text=True,
        timeout=30,
    )
    assert done.returncode == 141
    assert re.fullmatch(r"([cd]rtr: 7654\n){2}", done.stdout)
    assert "Traceback" not in done.stderr
    for node in ("crtr", "drtr"):
        assert eventually(functools.partial(gone, lab, node, "7654"))


@pytest.mark.parametrize(
    "line",
    [
        "set -m; sleep 8611 & wait",
        "setsid sleep 8612 & wait",
        "nohup setsid sh -c 'sleep 8613; true' >/dev/null 2>&1 & wait",
        "sh -c 'trap \"\" TERM; sleep 8614; sleep 8614' & setsid sleep 8615 & wait",
        "sleep 8616 & kill -STOP $!; wait",
    ],
)
def test_what_left_the_process_group_is_ended_too(line: str, lab: Lab, stentor: Any) -> None:
    done = stentor("run", "-u", "1", "crtr", line)
    assert done.code == 1
    word = "KILL" if "trap" in line else "TERM"
    assert f"ended by {word}" in done.stderr, done.stderr
    assert eventually(functools.partial(gone, lab, "crtr", "sleep 86"))


def test_what_another_program_started_is_named(lab: Lab, stentor: Any, environ: dict[str, str]) -> None:
    line = "tmux -L goes-on new-session -d 'sleep 8621'; sleep 8622"
    lab.run(
        "crtr", "tmux -L goes-on new-session -d 'sleep 8620'"
    )  # or the line starts the server, with its mark
    try:
        done = stentor("run", "-u", "2", "crtr", line)
        assert "ended by TERM; what tmux started may go on" in done.stderr, done.stderr
        assert gone(lab, "crtr", "sleep 8622")
        assert not gone(lab, "crtr", "sleep 8621"), "the words are true"
    finally:
        lab.run("crtr", "tmux -L goes-on kill-server")


def on_terminal(environ: dict[str, str], *words: str, columns: int = 80) -> tuple[int, str]:
    """Run stentor with a terminal of its own; return its code and all that was written to it."""
    ours, theirs = pty.openpty()
    fcntl.ioctl(theirs, termios.TIOCSWINSZ, struct.pack("HHHH", 24, columns, 0, 0))
    process = subprocess.Popen(
        [sys.executable, "-m", "stentor", *words],
        env={**environ, "TERM": "xterm", "CI": ""},
        stdin=subprocess.DEVNULL,
        stdout=theirs,
        stderr=theirs,
        start_new_session=True,
    )
    os.close(theirs)
    written = b""
    while True:
        select.select([ours], [], [], 30)
        try:
            data = os.read(ours, 65536)
        except OSError:  # the other end was closed by its last holder
            break
        if not data:
            break
        written += data
    os.close(ours)
    return process.wait(30), written.decode().replace("\r\n", "\n")


def test_on_a_terminal_a_quick_command_is_merged(lab: Lab, environ: dict[str, str]) -> None:
    code, text = on_terminal({**environ, "NO_COLOR": "1"}, "run", "crtr,drtr,trtr", "echo same")
    assert code == 0
    # On a busy machine it is not over within a second, and progress is shown meanwhile.
    shown = re.sub(r"\d/3 · [^\r\n]*(?=\r\x1b\[K)", "", text).replace("\r\x1b[K", "")
    assert re.fullmatch(r"-{15}\ncrtr,drtr,trtr \(3\)\n-{15}\nsame\n3 ok in \d+\.\d s\n", shown)


def test_on_a_terminal_a_slow_command_becomes_live_with_a_progress_line(
    lab: Lab, environ: dict[str, str]
) -> None:
    command = "for i in 1 2 3; do echo step $i; sleep 0.7; done"
    code, text = on_terminal(environ, "run", "crtr,drtr", command, columns=60)
    assert code == 0
    assert "\x1b[36mcrtr:\x1b[0m step 3\n" in text
    assert "0/2 · 1 s · waiting for crtr,drtr" in text
    # What the progress line leaves when it is taken away again is nothing.
    shown = re.sub(r"[^\n]*\r\x1b\[K", "", text)
    assert "waiting" not in shown
    assert shown.count("step") == 6


def test_every_line_of_the_progress_fits_the_terminal(lab: Lab, environ: dict[str, str]) -> None:
    _, text = on_terminal({**environ, "NO_COLOR": "1"}, "run", "@all", "sleep 1.6", columns=30)
    drawn = re.findall(r"\r\x1b\[K([^\r\n]+)", text)
    assert drawn
    assert all(len(line) < 30 for line in drawn)


UNREAD = "stentor: standard input is not read; --stdin sends it to the nodes\n"


def test_standard_input_that_nobody_asked_for_is_named_once(
    lab: Lab, stentor: Callable[..., Any], environ: dict[str, str], tmp_path: Path
) -> None:
    done = stentor("run", "crtr,drtr", "cat", input="secret\n")
    assert (done.code, done.stdout) == (0, "")
    assert done.stderr.count(UNREAD) == 1
    for words, given in (
        (("run", "crtr", "cat"), ""),
        (("run", "--stdin", "crtr", "cat"), "x\n"),
        (("run", "--script", "-", "crtr"), "echo hi\n"),
    ):
        assert UNREAD not in stentor(*words, input=given).stderr
    # A file, and a pipe into which somebody writes while the command runs; nothing of them is read.
    source = tmp_path / "source"
    source.write_text("one\ntwo\n")
    run = f"{shlex.quote(sys.executable)} -m stentor run crtr"
    for line, left, times in (
        (f"{{ {run} true; cat; }} < {source}", "one\ntwo\n", 1),
        (f"(sleep 1; echo late) | {{ {run} sleep 3; cat; }}", "late\n", 1),
        (f"{run} true < /dev/null", "", 0),
        (f"{run} true <&-", "", 0),
    ):
        shell = subprocess.run(["bash", "-c", line], env=environ, capture_output=True, text=True, timeout=60)
        assert (shell.stdout, shell.stderr.count(UNREAD)) == (left, times), line
