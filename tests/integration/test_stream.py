"""``run --stdin`` from a pipe: as it comes, to all nodes, in bounded room, and nothing left behind."""

from __future__ import annotations

import os
import resource
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import pytest

from stentor.lab import Lab
from tests.integration.conftest import living

pytestmark = pytest.mark.integration
NODES = ("crtr", "prtr", "drtr")


def start(words: list[str], environ: dict[str, str], **options: Any) -> subprocess.Popen[bytes]:
    argv = [sys.executable, "-m", "stentor", "run", *words]
    return subprocess.Popen(
        argv, env=environ, cwd=environ["HOME"], stdout=subprocess.PIPE, stderr=subprocess.PIPE, **options
    )


def small_files() -> None:
    resource.setrlimit(resource.RLIMIT_FSIZE, (1_000_000, 1_000_000))


def test_what_comes_is_passed_on_at_once(lab: Lab, environ: dict[str, str]) -> None:
    process = start(["-i", "@core", "cat"], environ, stdin=subprocess.PIPE)
    assert process.stdin and process.stdout
    for number in range(3):
        process.stdin.write(f"line {number}\n".encode())
        process.stdin.flush()
        lines = {process.stdout.readline() for _ in NODES}
        assert lines == {f"{node}: line {number}\n".encode() for node in NODES}
    process.stdin.close()
    assert process.wait(30) == 0
    process.stdout.close()
    assert process.stderr
    process.stderr.close()


def test_a_stream_without_end_takes_bounded_room(lab: Lab, environ: dict[str, str]) -> None:
    """No file of a megabyte can be written; nodes that have enough end it."""
    with subprocess.Popen(["yes"], stdout=subprocess.PIPE) as endless:
        process = start(
            ["-i", "@core", "head -c 20000000 | wc -c"], environ, stdin=endless.stdout, preexec_fn=small_files
        )
        out, err = process.communicate(timeout=60)
        endless.kill()
    assert process.returncode == 0, err
    assert sorted(out.split(b"\n")[:-1]) == sorted(f"{node}: 20000000".encode() for node in NODES)


def test_every_node_gets_all_of_a_large_stream(lab: Lab, environ: dict[str, str], tmp_path: Path) -> None:
    data = os.urandom(1 << 20) * 12
    (tmp_path / "data").write_bytes(data)
    with (
        (tmp_path / "data").open("rb") as file,
        subprocess.Popen(["cat"], stdin=file, stdout=subprocess.PIPE) as cat,
    ):
        process = start(["-i", "@core", "sleep 0.$(($$ % 5)); sha256sum"], environ, stdin=cat.stdout)
        assert cat.stdout
        cat.stdout.close()
        out, err = process.communicate(timeout=60)
    sums = {line.split()[1] for line in out.splitlines()}
    assert (process.returncode, len(sums), len(out.splitlines())) == (0, 1, 3), err


def test_a_node_that_reads_nothing_or_is_down_holds_nobody_up(make_lab: Any, environ: dict[str, str]) -> None:
    lab = make_lab()
    environ["STENTOR_FLEET"] = str(lab.fleet_dir)
    command = 'if [ "$(hostname)" = drtr ]; then exec 0</dev/null; echo none; else wc -c; fi'
    with subprocess.Popen(["head", "-c", "9000000", "/dev/zero"], stdout=subprocess.PIPE) as source:
        process = start(["-i", "@all", command], environ, stdin=source.stdout)
        assert source.stdout
        source.stdout.close()
        out, err = process.communicate(timeout=60)
    assert b"crtr: 9000000\n" in out, (out, err)
    assert b"Traceback" not in err


def test_more_nodes_than_the_window_are_told(lab: Lab, environ: dict[str, str]) -> None:
    with subprocess.Popen(["head", "-c", "9000000", "/dev/zero"], stdout=subprocess.PIPE) as source:
        process = start(["-i", "-f", "1", "@core", "wc -c"], environ, stdin=source.stdout)
        assert source.stdout
        source.stdout.close()
        out, err = process.communicate(timeout=60)
    assert (process.returncode, out.count(b"9000000")) == (1, 1)
    assert b"standard input goes to 1 nodes at once" in err


def test_a_program_for_the_nodes_is_looked_at_before_it_is_sent(
    lab: Lab, environ: dict[str, str], stentor: Any
) -> None:
    with subprocess.Popen(["echo", "reboot"], stdout=subprocess.PIPE) as source:
        process = start(["-i", "@core", "sh"], environ, stdin=source.stdout)
        _, err = process.communicate(timeout=60)
    assert process.returncode == 6, err
    assert b"dangerous" in err


@pytest.mark.parametrize("number", [signal.SIGKILL, signal.SIGTERM])
def test_nothing_is_left_behind_whatever_ends_us(
    number: signal.Signals, lab: Lab, environ: dict[str, str]
) -> None:
    place = Path(environ["TMPDIR"])
    for words in (["-i", "@core", "cat >/dev/null"], ["-i", "@core", "sh"]):
        with subprocess.Popen(["yes", "true"], stdout=subprocess.PIPE) as endless:
            process = start(words, environ, stdin=endless.stdout)
            time.sleep(0.7)
            assert list(place.iterdir()) == []
            process.send_signal(number)
            process.communicate(timeout=30)
            endless.kill()
        assert list(place.iterdir()) == []
        end = time.monotonic() + 60
        while time.monotonic() < end and any("reap" in one.words for one in living(Path(environ["HOME"]))):
            time.sleep(0.1)  # what a killed stentor leaves to a guardian
