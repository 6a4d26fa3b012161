"""Programs of one file: the lock, what reap ends, secrets, the packet that wakes."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path

import pytest

from stentor import sh
from tests.unit.sh.practice import SHELLS, every_sh, run

WORD = "stentor-0123456789abcdef"
OURS = {"lock_mine": "ours", "lock_limit": "3600", "lock_words": "1 me@here a change"}


@every_sh
def test_a_lock_is_seen_by_others_until_it_is_given_back(shell: str, tmp_path: Path) -> None:
    environ = {"HOME": str(tmp_path)}
    asked = 'lock_held && echo "held $lock_token $lock_said"; exit 0'
    theirs = {**OURS, "lock_mine": "theirs"}
    assert run(shell, "lock", asked, environ=environ, **theirs) == ""
    assert run(shell, "lock", "lock_take && echo taken", environ=environ, **OURS) == "taken\n"
    assert run(shell, "lock", asked, environ=environ, **OURS) == ""
    assert run(shell, "lock", asked, environ=environ, **theirs) == "held ours 1 me@here a change\n"
    assert run(shell, "lock", "lock_take || echo refused", environ=environ, **theirs) == "refused\n"
    # Every login shell finds the same lock, be XDG_STATE_HOME set in it or not.
    elsewhere = {**environ, "XDG_STATE_HOME": str(tmp_path / "elsewhere")}
    assert run(shell, "lock", "lock_take || echo refused", environ=elsewhere, **theirs) == "refused\n"
    run(shell, "lock", "lock_give", environ=environ, **theirs)
    assert (tmp_path / sh.STATE / "fleet-lock").is_dir(), "only whose it is gives it back"
    run(shell, "lock", "lock_give", environ=environ, **OURS)
    assert list((tmp_path / sh.STATE).iterdir()) == []


@every_sh
@pytest.mark.parametrize(
    ("given", "boot"),
    [({"lock_limit": "-5"}, "one"), ({}, "another")],
    ids=["its time is up", "booted since"],
)
def test_a_stale_lock_is_taken_over(shell: str, given: dict[str, str], boot: str, tmp_path: Path) -> None:
    for name in ("one", "another"):
        (tmp_path / name).write_text(f"{name}\n")
    environ = {"HOME": str(tmp_path), "STENTOR_BOOT_ID": str(tmp_path / "one")}
    assert run(shell, "lock", "lock_take && echo taken", environ=environ, **{**OURS, **given}) == "taken\n"
    environ["STENTOR_BOOT_ID"] = str(tmp_path / boot)
    theirs = {**OURS, "lock_mine": "theirs"}
    assert run(shell, "lock", "lock_take && echo taken", environ=environ, **theirs) == "taken\n"
    assert (tmp_path / sh.STATE / "fleet-lock/owner").read_text().startswith("theirs ")


@every_sh
def test_where_no_lock_can_be_made_the_work_goes_on(shell: str, tmp_path: Path) -> None:
    (tmp_path / ".local").write_text("no folder can be here")
    assert run(shell, "lock", "lock_take && echo on", environ={"HOME": str(tmp_path)}, **OURS) == "on\n"


@every_sh
def test_reap_ends_what_has_the_word_and_nothing_else(shell: str) -> None:
    if not os.path.exists("/proc/self/environ"):
        pytest.skip("no /proc")
    word = f"stentor-{os.urandom(8).hex()}"  # of its own: others run beside it
    marked = {**os.environ, "STENTOR_RUN": word}
    ours = subprocess.Popen(["sleep", "60"], start_new_session=True, env=marked)
    other = subprocess.Popen(
        ["sleep", "60"], start_new_session=True, env={**marked, "STENTOR_RUN": word[:-1]}
    )
    try:
        words = ["STENTOR_RUN", word[:12], word[12:]]
        with subprocess.Popen(
            [*SHELLS[shell], "-c", sh.join("reap", call='reap "$@"'), "sh", *words, "0", "0"],
            stdout=subprocess.PIPE,
            text=True,
        ) as process:
            assert ours.wait(60) == -15
            assert process.communicate(timeout=60)[0] == "term\n"
        assert other.poll() is None
        gone = ["4000000", "0"]  # a number that Linux gives to nobody
        assert run(shell, "reap", 'reap "$@"', *words, *gone) == "gone\n", "of no such group"
        assert run(shell, "reap", 'reap "$@"', "STENTOR_RUN", "short", "word", "0", "0") == "gone\n"
    finally:
        for left in (ours, other):
            left.kill()
            left.wait()


@every_sh
def test_a_secret_is_one_line_and_the_rest_is_the_commands(shell: str) -> None:
    done = subprocess.run(
        [*SHELLS[shell], "-c", sh.join("secrets", call="secret TOKEN\nprintenv TOKEN\ncat")],
        input="a\\0134\\012'b' \nrest\n",
        capture_output=True,
        text=True,
        check=True,
    )
    assert done.stdout == "a\\\n'b' \nrest\n"


@every_sh
@pytest.mark.parametrize(
    ("program", "said"),
    [
        ("python3", "-c for python"),
        ("perl", "-MSocket -MIO::Socket::INET -e for perl"),
        ("wakeonlan", "-i 10.0.0.255 -p 9 aa:bb"),
        ("etherwake", "aa:bb"),
    ],
)
def test_wake_takes_a_program_that_is_there(shell: str, program: str, said: str, tmp_path: Path) -> None:
    (tmp_path / program).write_text('#!/bin/sh\necho "$*"\n')
    (tmp_path / program).chmod(0o755)
    (tmp_path / "sh").symlink_to("/bin/sh")
    (tmp_path / "sed").symlink_to("/bin/sed")
    words = ["aa:bb", "10.0.0.255", "9", "for python", "for perl", "\\0377"]
    printed = run(shell, "wake", 'wake "$@" 2>/dev/null', *words, environ={"PATH": str(tmp_path)})
    # busybox has an `ip` of its own, by which etherwake gets an interface.
    assert printed.rstrip().endswith(said)


@every_sh
def test_socat_gets_the_bytes_of_the_packet(shell: str, tmp_path: Path) -> None:
    (tmp_path / "socat").write_text('#!/bin/sh\necho "$*"; exec /bin/cat\n')
    (tmp_path / "socat").chmod(0o755)
    words = ["aa:bb", "10.0.0.255", "9", "", "", "A\\0102\\0103"]
    said = run(shell, "wake", 'wake "$@"', *words, environ={"PATH": str(tmp_path)})
    assert said == "- UDP-DATAGRAM:10.0.0.255:9,broadcast\nABC"
