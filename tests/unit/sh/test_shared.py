"""The functions which programs share, each file by itself."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import time
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from stentor import sh
from tests.unit.sh.practice import every_sh, run


@every_sh
def test_say_and_pair_print_a_line(shell: str) -> None:
    assert run(shell, "base", 'say a "b  c" \'\\n\'; pair key "x=y z"') == "a b  c \\n\nkey=x=y z\n"


@every_sh
def test_has_is_0_or_1(shell: str) -> None:
    assert run(shell, "base", "has sh; echo $?; has no-such-program; echo $?") == "0\n1\n"


@every_sh
def test_put_replaces_a_file_and_value_reads_its_first_line(shell: str, tmp_path: Path) -> None:
    (tmp_path / "old").write_text("one\ntwo\n")
    (tmp_path / "no end").write_text(" \\x")
    call = 'cd "$1"; put new "a \\\\ b"; put old three; '
    call += 'for f in new old "no end" none; do printf "[%s]" "$(value "$f")"; done'
    assert run(shell, "base", call, str(tmp_path)) == "[a \\ b][three][ \\x][]"
    assert sorted(os.listdir(tmp_path)) == ["new", "no end", "old"]


@every_sh
def test_nap_takes_fractions_or_a_second(shell: str, tmp_path: Path) -> None:
    whole = tmp_path / "sleep"
    whole.write_text('#!/bin/sh\necho "$1" >>"$0.log"\ncase $1 in *.*) echo bad >&2; exit 1 ;; esac\n')
    whole.chmod(0o755)
    # busybox may have a sleep of its own, which takes fractions.
    run(shell, "base", "nap 0.01", environ={"PATH": f"{tmp_path}:{os.environ['PATH']}"})
    log = tmp_path / "sleep.log"
    assert not log.exists() or log.read_text() == "0.01\n1\n"


@every_sh
def test_the_state_directory_is_one_in_every_environment(shell: str) -> None:
    call = 'state_directory; echo "$state"; state_directory x; echo "$state"'
    expected = f"/h o/{sh.STATE}\n/h o/{sh.STATE}/x\n"
    for more in ({}, {"XDG_STATE_HOME": "/elsewhere"}):
        assert run(shell, "state", call, environ={"HOME": "/h o", **more}) == expected


@every_sh
def test_the_boot_id_is_the_kernels_or_unknown(shell: str, tmp_path: Path) -> None:
    (tmp_path / "id").write_text("7f0c\n")
    assert run(shell, "boot", "boot_id", environ={"STENTOR_BOOT_ID": str(tmp_path / "id")}) == "7f0c\n"
    assert run(shell, "boot", "boot_id", environ={"STENTOR_BOOT_ID": str(tmp_path / "none")}) == "unknown\n"
    kernel = Path("/proc/sys/kernel/random/boot_id")
    if kernel.exists():
        assert run(shell, "boot", "boot_id") == kernel.read_text()
        assert run(shell, "boot", "system_id").splitlines()[0] == kernel.read_text().strip()


@every_sh
def test_a_group_is_signalled_and_known_to_live(shell: str) -> None:
    process = subprocess.Popen(["sleep", "60"], start_new_session=True)
    try:
        call = 'signal_group 0 "$1" && process_lives "$1" && signal_group TERM "$1" && echo sent'
        assert run(shell, "process", call, str(process.pid)) == "sent\n"
        assert process.wait(20) == -signal.SIGTERM
    finally:
        process.kill()
        process.wait()
    call = 'signal_group 0 "$1" || process_lives "$1" || echo gone'
    assert run(shell, "process", call, str(process.pid)) == "gone\n"


@every_sh
def test_a_process_is_found_by_a_word_wherever_it_stands(shell: str) -> None:
    if not os.path.exists("/proc/self/environ"):
        pytest.skip("no /proc")
    environ = {"A": "1", "WORD": "a-word-of-this-test", "Z": "1"}
    process = subprocess.Popen(["sleep", "60", "61"], env=environ)
    try:
        call = 'processes_with "WORD=a-word-$1" environ cmdline; processes_with 61 cmdline'
        found = run(shell, "process", call, "of-this-test").split()
        assert found[0] == str(process.pid)
        assert str(process.pid) in found[1:]
        assert run(shell, "process", 'processes_with "a-word-$1-not" environ', "of-this-test") == ""
    finally:
        process.kill()
        process.wait()


@every_sh
def test_a_user_manager_is_found_by_its_socket(shell: str, tmp_path: Path) -> None:
    call = 'user_manager_socket && echo "$XDG_RUNTIME_DIR"; exit 0'
    environ = {"XDG_RUNTIME_DIR": str(tmp_path)}
    assert run(shell, "user_manager", call, environ=environ) == ""
    with socket.socket(socket.AF_UNIX) as bus:
        bus.bind(str(tmp_path / "bus"))
        assert run(shell, "user_manager", call, environ=environ) == f"{tmp_path}\n"


@every_sh
def test_a_user_manager_must_answer_and_linger(shell: str, tmp_path: Path) -> None:
    for name, text in (
        ("systemd-run", ""),
        ("systemctl", 'test "$*" = "--user show-environment"'),
        ("loginctl", "echo $LINGER"),
    ):
        (tmp_path / name).write_text(f"#!/bin/sh\n{text}\n")
        (tmp_path / name).chmod(0o755)
    call = "user_manager && echo answers; user_systemd && echo lingers; exit 0"
    environ = {"PATH": f"{tmp_path}:{os.environ['PATH']}", "XDG_RUNTIME_DIR": str(tmp_path), "LINGER": "no"}
    assert run(shell, "user_manager", call, environ=environ) == "answers\n"
    assert run(shell, "user_manager", call, environ={**environ, "LINGER": "yes"}) == "answers\nlingers\n"
    assert run(shell, "user_manager", call, environ={**environ, "XDG_RUNTIME_DIR": ""}) == ""
    (tmp_path / "systemctl").write_text("#!/bin/sh\nexit 1\n")
    assert run(shell, "user_manager", call, environ=environ) == ""


@settings(max_examples=15, deadline=None)
@given(st.text("ab'\"\\$` \n*=é", max_size=12))
def test_a_quoted_word_is_evaluated_to_itself(word: str) -> None:
    for shell in ("dash", "bash", "busybox"):
        assert run(shell, "quoting", 'quoted "$1"; eval "set -- $quoted"; printf %s "$1"', word) == word


@every_sh
def test_guarded_commands_run_beside_each_other_until_their_time_is_over(shell: str, tmp_path: Path) -> None:
    call = """
tell_done=yes
guarded late sh -c 'echo $$ >"$0/pid"; echo begun; exec sleep 60' "$1"
guarded soon sh -c 'echo one; echo two; echo unseen >&2'
guarded none no-such-program
finish_jobs 10
echo end
"""
    lines = run(shell, "jobs", call, str(tmp_path)).splitlines()
    assert lines[-1] == "end"
    assert sorted(lines[:-1]) == ["late=begun", "none_done=1", "soon=one", "soon=two", "soon_done=1"]
    # It was killed, and is nobody's child any more: who takes it over reads its end a moment later.
    pid = int((tmp_path / "pid").read_text())
    for _ in range(100):
        try:
            os.kill(pid, 0)
        except ProcessLookupError:
            return
        time.sleep(0.05)
    os.kill(pid, signal.SIGKILL)
    raise AssertionError("a command outlived its time")


@every_sh
def test_guarded_commands_may_tell_their_errors_too(shell: str) -> None:
    call = "with_errors=yes; guarded key sh -c 'echo seen >&2'; finish_jobs 50"
    assert run(shell, "jobs", call) == "key=seen\n"


@every_sh
def test_who_began_first_is_told_first_to_end(shell: str) -> None:
    call = (
        'kill() { [ "$2" != TERM ] || echo "$4"; }; ours=" 100 99 7"; known=" 100/2000 8/1 7/2000 99/300"; '
    )
    assert run(shell, "ending", f"{call}tell_ours TERM") == "99\n7\n100\n"
    assert run(shell, "ending", f'{call}known="" ours=-5; tell_ours TERM') == "-5\n"
