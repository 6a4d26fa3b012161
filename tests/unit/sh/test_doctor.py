"""Parts of the doctor's program by themselves; the whole is tried in tests/unit/probe."""

from __future__ import annotations

import os
import shutil
from pathlib import Path

import pytest

from tests.support import need
from tests.unit.sh.practice import every_sh, run


@every_sh
def test_a_job_leaves_its_output_and_code_and_is_ended_when_its_time_is_over(
    shell: str, tmp_path: Path
) -> None:
    need("setsid")
    call = """
D=$1 limit=1 early='' session=login requires='' ENV_PROGRAM=env SETSID=setsid
mkdir "$D"
start_ticker
launch do-soon sh -c 'echo out; echo err >&2; exit 3'
launch do-late setsid sh -c 'echo begun; sleep 60 & wait'
await
kill "$ticker"
echo "hung:$hung pending:$pending"
"""
    assert run(shell, "doctor/jobs", call, str(tmp_path / "d")) == "hung: do-late pending:\n"
    found = {name: (tmp_path / "d" / f"do-{name}.stdout").read_text() for name in ("soon", "late")}
    assert found == {"soon": "out\n", "late": "begun\n"}
    assert (tmp_path / "d" / "do-soon.stderr").read_text() == "err\n"
    assert (tmp_path / "d" / "do-soon.code").read_text() == "3\n"
    assert (tmp_path / "d" / "do-late.hung").exists()


@every_sh
def test_a_job_that_is_ended_at_the_moment_of_a_tick_is_told_as_hung(shell: str, tmp_path: Path) -> None:
    call = """
D=$1 limit=0 early='' session=login requires='' ENV_PROGRAM=env SETSID=
mkdir "$D"
trap 'ticked=yes' ALRM
wait() { kill -ALRM $$; command wait "$@"; }
launch do-late sh -c 'kill -9 $$'
await
echo "hung:$hung pending:$pending"
"""
    assert run(shell, "doctor/jobs", call, str(tmp_path / "d")) == "hung: do-late pending:\n"
    assert (tmp_path / "d" / "do-late.code").read_text() == "137\n"


@every_sh
@pytest.mark.parametrize(
    ("login", "family"),
    [("/usr/bin/zsh", "zsh"), ("/bin/dash", "sh"), ("/bin/tcsh", "other"), ("/usr/bin/myzsh", "other")],
)
def test_the_family_of_a_login_shell_is_looked_up_in_the_table(shell: str, login: str, family: str) -> None:
    call = 'launch() { :; }; user_service() { :; }; traces=needed; shells; echo "$family"'
    said = run(shell, "doctor/shells", call, known_shells="dash=sh zsh=zsh", login_shell=login)
    assert said == f"login_shell {login}\n{family}\n"


@every_sh
def test_variables_of_the_server_are_words_of_a_command_line(shell: str, tmp_path: Path) -> None:
    call = """
environ='' login_shell='' start_path='' start_env=''
take "A=it's
two" >/dev/null
take 'SHELL=/bin/x y' >/dev/null
take 'not a variable' >/dev/null
eval "env -i $environ" | sort
echo "$login_shell"
"""
    said = run(shell, "doctor/environment", call)
    assert said == "A=it's\nSHELL=/bin/x y\ntwo\n/bin/x y\n"


@every_sh
def test_files_that_grew_are_told_with_both_sizes(shell: str, tmp_path: Path) -> None:
    (tmp_path / "do-sizes-a.stdout").write_text("- - - - 10 - - - /h/x y\n- - - - 5 - - - /h/z\n")
    (tmp_path / "do-sizes-b.stdout").write_text(
        "- - - - 12 - - - /h/x y\n- - - - 5 - - - /h/z\n- - - - 1 - - - /h/n\n"
    )
    assert run(shell, "doctor/growing", "D=$1; changed a b", str(tmp_path)) == "/h/x y|10|12\n"


@every_sh
def test_commands_beside_path_and_useful_entries_are_found(shell: str, tmp_path: Path) -> None:
    home, scratch = tmp_path / "home", tmp_path / "scratch"
    for folder in (home / ".cargo/bin", tmp_path / "empty", scratch):
        folder.mkdir(parents=True)
    (home / ".cargo/bin/tool").write_text("#!/bin/sh\n")
    (home / ".cargo/bin/tool").chmod(0o755)
    (scratch / "ssh.out").write_text(f"up 1\npath {home}/.cargo/bin:{tmp_path}/empty:relative\ndone yes\n")
    call = 'D=$1 requires="tool none"; places'
    said = run(shell, "doctor/path", call, str(scratch), environ={"HOME": str(home)})
    assert said == f"elsewhere tool {home}/.cargo/bin/tool\nuseful {home}/.cargo/bin\n"


@every_sh
def test_what_a_trace_says_is_told_file_by_file(shell: str, tmp_path: Path) -> None:
    need("awk")
    (tmp_path / "trace-login.stderr").write_text(
        "noise\n+@|@/etc/profile@|@1@|@/bin@|@ a\n++@|@/h/.profile@|@3@|@/bin@|@ b\n"
        "+@|@/h/.profile@|@4@|@/x:/bin@|@ c\n+@|@zsh@|@@|@/x:/bin@|@ d\n"
    )
    call = "D=$1 family=bash traced_kinds=' login'; traced"
    assert run(shell, "doctor/trace", call, str(tmp_path)).splitlines() == [
        "change login 3|/h/.profile|/x:/bin",
        "read login 1|/etc/profile",
        "read login 4|/h/.profile",
        "stopped login 0|",
    ]


@every_sh
def test_the_load_counts_for_all_processors(shell: str) -> None:
    count = int(run(shell, "doctor/node", "cores").removeprefix("cores "))
    assert count >= len(os.sched_getaffinity(0))
    assert shutil.which("nproc") is None or count >= 1
