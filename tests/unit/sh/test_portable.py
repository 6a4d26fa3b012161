"""What stands for flock, timeout and setsid where a system has none of them."""

from __future__ import annotations

import shutil
import subprocess
import time
from pathlib import Path

import pytest

from stentor import sh
from tests.support import need
from tests.unit.sh.practice import SHELLS, every_sh

TOOLS = ("flock", "timeout", "setsid")
PLAIN = ("sh", "sleep", "cat", "ps", "tr", "sed", "grep", "env", "base64", "true", "kill")


def prepare(folder: Path, *programs: str) -> str:
    """A folder for PATH with the usual programs and these."""
    folder.mkdir()
    for name in (*PLAIN, *programs):
        need(name)
        found = shutil.which(name, path="/usr/bin:/bin")
        assert found, name
        (folder / name).symlink_to(found)
    return str(folder)


@pytest.fixture(params=["tools", "perl", "python3"])
def path(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """PATH with the tools themselves, or with one language in their place."""
    return prepare(tmp_path / "bin", *(TOOLS if request.param == "tools" else (request.param,)))


def call(path: str, text: str, *words: str) -> subprocess.CompletedProcess[str]:
    program = sh.join("portable", call=text)
    return subprocess.run(
        ["/bin/sh", "-c", program, "sh", *words],
        env={"PATH": path},
        capture_output=True,
        text=True,
        timeout=60,
        stdin=subprocess.DEVNULL,
    )


def test_nothing_is_lacking(path: str) -> None:
    assert call(path, "lacks_tools").stdout == ""


def test_what_cannot_be_replaced_is_named(tmp_path: Path) -> None:
    assert call(prepare(tmp_path / "bin"), "lacks_tools").stdout.split() == [*TOOLS]
    assert call(prepare(tmp_path / "some", "timeout"), "lacks_tools").stdout.split() == ["flock", "setsid"]


@pytest.mark.parametrize(
    ("command", "code"),
    [("exit 0", 0), ("exit 7", 7), ("kill -9 $$", 137), ("sleep 0.1; exit 3", 3)],
)
def test_a_command_within_its_limit_keeps_its_exit_code(path: str, command: str, code: int) -> None:
    done = call(path, 'limited 20 sh -c "$1"; echo "code $?"', command)
    assert done.stdout == f"code {code}\n", done.stderr


def test_a_command_beyond_its_limit_ends_with_all_it_started(path: str, tmp_path: Path) -> None:
    started = 'sleep 600 & echo $! >"$1"; wait'
    done = call(path, 'limited 1 sh -c "$1" sh "$2"; echo "code $?"', started, str(tmp_path / "pid"))
    assert done.stdout == "code 124\n", done.stderr
    process = Path("/proc", (tmp_path / "pid").read_text().strip(), "stat")
    while process.exists() and process.read_text().rpartition(")")[2].split()[0] != "Z":
        time.sleep(0.05)


def test_a_session_of_its_own_is_led_by_its_command(path: str) -> None:
    text = 'own_session sh -c "sleep 20" & ps -o sid= -o pgid= -p $!; sleep 0.5; ps -o sid= -o pgid= -p $!; '
    said = call(path, text + 'echo "$!"; kill -9 -$!').stdout.split()
    assert said[2] == said[3] == said[4], said


def test_limited_in_a_session_leads_it(path: str) -> None:
    until = "until [ $(ps -o sid= -p $!) -eq $! ] || [ $((tries = tries + 1)) -gt 150 ]; do sleep 0.1; done"
    text = f"limited_as session 20 sleep 20 & tries=0; {until}; "
    text += "ps -o sid= -p $!; echo $!; kill -9 -$!; wait $!"
    said = call(path, text).stdout.split()
    assert said[0] == said[1], said


def test_a_lock_is_held_as_long_as_the_file_is_open(path: str, tmp_path: Path) -> None:
    lock = str(tmp_path / "lock")
    take = 'exec 9>"$1"; lock_number 9 && echo taken || echo refused'
    assert call(path, take, lock).stdout == "taken\n"
    mine = 'exec 9>"$1"; lock_number 9 && (exec 8>"$1"; lock_number 8 || echo refused); '
    freed = 'exec 9>&-; exec 7>"$1"; lock_number 7 && echo "taken again"'
    assert call(path, mine + freed, lock).stdout == "refused\ntaken again\n"
    waits = 'exec 9>"$1"; lock_number 9; (exec 8>"$1"; lock_number 8 wait; echo second) & '
    waits += "sleep 0.5; echo first; exec 9>&-; wait"
    # The one in the background has the first file open too, until it closes it.
    waits = waits.replace('(exec 8>"$1"', '(exec 9>&- 8>"$1"')
    assert call(path, waits, lock).stdout == "first\nsecond\n"


def test_it_is_the_lock_of_flock(path: str, tmp_path: Path) -> None:
    need("flock")
    lock = str(tmp_path / "lock")
    with open(lock, "w") as file:
        subprocess.run(["flock", "-n", str(file.fileno())], pass_fds=[file.fileno()], check=True)
        said = call(path, 'exec 9>"$1"; lock_number 9 || echo refused', lock).stdout
    assert said == "refused\n"


def test_a_command_line_is_told(path: str) -> None:
    said = call(path, "sleep 5 & sleep 0.5; words_of $!; kill $!").stdout
    assert said.split() == ["sleep", "5"]
    assert call(path, "words_of 4194305").stdout == ""


# Ended, it ends what it waits for, which would hold our pipes.
WAITING = "sh -c 'trap \"kill \\$!; exit\" TERM\nsleep 5 & wait' sh wait op=7"


def test_a_process_is_known_by_two_words(path: str) -> None:
    said = call(
        path, f"{WAITING} & sleep 0.5; runs $! wait op=7; echo $?; runs $! wait op=8; echo $?; kill $!"
    ).stdout
    assert said.split() == ["0", "1"]
    assert call(path, "runs 4194305 wait op=7; echo $?; runs '' wait op=7; echo $?").stdout.split() == [
        "1",
        "1",
    ]


@pytest.mark.skipif(not Path("/proc/self/cmdline").exists(), reason="the system has no /proc")
@every_sh
def test_a_process_is_known_without_another_one(shell: str) -> None:
    """Also where a word has several lines, as the program of a deadline has."""
    need(SHELLS[shell][0])
    call = f"{WAITING} & sleep 0.5; PATH=/none; runs $! wait op=7 && echo known; kill $!"
    done = subprocess.run(
        [*SHELLS[shell], "-c", sh.join("portable", call=call)], capture_output=True, timeout=60
    )
    assert done.stdout == b"known\n"


def test_base64_is_decoded(path: str) -> None:
    assert call(path, "printf 'aGVsbG8=' | unbase64").stdout == "hello"
