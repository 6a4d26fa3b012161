"""Local programs: what they return, what ends them, and which modules may start them."""

from __future__ import annotations

import ast
import os
import re
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from stentor import programs, terminal
from stentor.errors import ProgramMissing, StentorError
from tests.support import ROOT

ENVIRON = {"PATH": os.environ["PATH"]}
# Writes its number and that of a child, and both stay.
FAMILY = "sleep 600 & echo $$ $!; wait"


def sh(script: str) -> list[str]:
    return ["sh", "-c", script]


def is_running(pid: int) -> bool:
    """Whether a process is there and no zombie (an orphan's zombie is for the init to remove)."""
    state = subprocess.run(["ps", "-o", "stat=", "-p", str(pid)], capture_output=True, text=True).stdout
    return bool(state.strip()) and not state.startswith("Z")


def ends(pid: int) -> bool:
    """Whether a process that was killed has gone, after the moment which the kernel takes for it."""
    for _ in range(500):
        if not is_running(pid):
            return True
        time.sleep(0.01)
    return False


def test_stream_constants_are_those_of_subprocess() -> None:
    assert (programs.PIPE, programs.MERGED, programs.DEVNULL) == (
        subprocess.PIPE,
        subprocess.STDOUT,
        subprocess.DEVNULL,
    )


def test_run_returns_code_and_both_streams() -> None:
    done = programs.run(
        sh("cat; pwd; echo $WORD >&2; exit 3"), {**ENVIRON, "WORD": "x"}, stdin=b"in\n", cwd="/"
    )
    assert done == programs.Completed(3, b"in\n/\n", b"x\n")
    assert (done.text, done.error_text) == ("in\n/\n", "x\n")


def test_run_merges_streams() -> None:
    assert programs.run(sh("echo a; echo b >&2"), ENVIRON, stderr=programs.MERGED).text == "a\nb\n"


def test_run_without_input_gives_an_empty_one() -> None:
    assert programs.run(["cat"], ENVIRON) == programs.Completed(0, b"", b"")


def test_run_returns_code_of_a_signal_as_a_shell_does() -> None:
    assert programs.run(sh("kill -TERM $$"), ENVIRON).code == 128 + signal.SIGTERM


def test_run_gives_the_program_a_session_of_its_own_unless_told_otherwise() -> None:
    asks = [sys.executable, "-c", "import os; print(os.getsid(0))"]
    assert programs.run(asks, ENVIRON).text != f"{os.getsid(0)}\n"
    assert programs.run(asks, ENVIRON, session=False).text == f"{os.getsid(0)}\n"


def test_timeout_ends_the_process_group_and_keeps_output() -> None:
    done = programs.run(sh(FAMILY), ENVIRON, timeout=0.5)
    assert (done.code, done.timed_out) == (128 + signal.SIGKILL, True)
    shell, child = map(int, done.text.split())
    assert ends(shell)
    assert ends(child)


def test_interrupt_ends_the_process_group(tmp_path: Path) -> None:
    def interrupt(*_: object) -> None:
        raise KeyboardInterrupt

    before = signal.signal(signal.SIGALRM, interrupt)
    signal.setitimer(signal.ITIMER_REAL, 0.5)
    try:
        with pytest.raises(KeyboardInterrupt):
            programs.run(sh(f"(echo $$ > {tmp_path}/pid); {FAMILY}"), ENVIRON)
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, before)
    assert ends(int((tmp_path / "pid").read_text()))


@pytest.mark.parametrize(
    "start",
    [
        programs.run,
        programs.Running,
        terminal.foreground,
        terminal.replace,
        programs.detach,
        lambda argv, environ: programs.run_many([argv], environ, at_once=1, timeout=1),
    ],
)
def test_missing_program_names_the_package(start: object) -> None:
    with pytest.raises(ProgramMissing, match="no-such-program is not installed here") as caught:
        start(["no-such-program"], ENVIRON)  # type: ignore[operator]
    assert caught.value.hint == "install no-such-program"


@pytest.mark.parametrize(("uid", "typed"), [(0, "apt-get"), (1000, "sudo apt-get")])
def test_hint_for_root_needs_no_sudo(monkeypatch: pytest.MonkeyPatch, uid: int, typed: str) -> None:
    monkeypatch.setattr("os.geteuid", lambda: uid)
    told = f"install openssh-client; on Debian and Ubuntu: {typed} install openssh-client"
    assert programs.missing("ssh-keyscan").hint == told


# Beside the words for who is not root; a package's description of a command may say it as well.
def test_no_hint_says_sudo_to_root() -> None:
    said = [
        path.name
        for path in Path(ROOT, "src").rglob("*.py")
        if re.search(r"""hint.*\bsudo (apt-get|systemctl)|Debian: sudo apt""", path.read_text())
    ]
    assert said == []


def test_program_that_may_not_be_run_is_not_called_missing(tmp_path: Path) -> None:
    (tmp_path / "program").write_text("")
    with pytest.raises(StentorError, match="program cannot be started: Permission denied") as caught:
        programs.run([str(tmp_path / "program")], ENVIRON)
    assert not isinstance(caught.value, ProgramMissing)


def test_missing_working_directory_is_named() -> None:
    with pytest.raises(StentorError, match=r"/no/such: true cannot be started: no such directory"):
        programs.run(["true"], ENVIRON, cwd="/no/such")


def test_run_many_keeps_order_and_limits_how_many_run(tmp_path: Path) -> None:
    script = f"echo $0; mkdir {tmp_path}/$0; ls {tmp_path} | wc -l; sleep 0.2; rmdir {tmp_path}/$0"
    done = programs.run_many([[*sh(script), str(n)] for n in range(5)], ENVIRON, at_once=2, timeout=30)
    assert [one.text.split()[0] for one in done] == [str(n) for n in range(5)]
    assert {int(one.text.split()[1]) for one in done} <= {1, 2}


def test_run_many_ends_late_programs_alone() -> None:
    late, quick = programs.run_many([sh(FAMILY), sh("echo b >&2; exit 4")], ENVIRON, at_once=2, timeout=1)
    assert (late.code, late.timed_out) == (128 + signal.SIGKILL, True)
    assert all(ends(int(pid)) for pid in late.text.split())
    assert quick == programs.Completed(4, b"", b"")


def test_run_many_ends_a_program_that_writes_without_end() -> None:
    much, quick = programs.run_many([["yes"], sh("echo b")], ENVIRON, at_once=2, timeout=60)
    assert (much.code, much.timed_out, len(much.stdout) < 2 << 20) == (128 + signal.SIGKILL, False, True)
    assert quick == programs.Completed(0, b"b\n", b"")


def test_run_many_of_nothing_returns_nothing() -> None:
    assert programs.run_many([], ENVIRON, at_once=2, timeout=1) == []


def test_running_program_is_talked_to_and_killed_at_the_end() -> None:
    with programs.Running(
        sh(f"read word; echo $word $$; {FAMILY}"), ENVIRON, stdin=programs.PIPE, stdout=programs.PIPE
    ) as process:
        assert programs.read(process.stdout, 0) is None
        os.write(process.stdin, b"hello\n")
        said = b""
        while said.count(b"\n") < 2:
            said += programs.read(process.stdout, 10) or b""
        assert process.wait() is None
    word, *pids = said.split()
    assert word == b"hello"
    assert all(ends(int(pid)) for pid in pids)


def test_running_program_ends_when_asked_to() -> None:
    with programs.Running(
        sh("trap 'exit 5' TERM; echo up; while :; do sleep 0.01; done"), ENVIRON, stdout=-1
    ) as process:
        assert programs.read(process.stdout, 10) == b"up\n"
        process.terminate()
        assert process.wait(10) == 5
        assert programs.read(process.stdout, 10) == b""


def test_detached_program_outlives_us_in_its_own_session(tmp_path: Path) -> None:
    ours, theirs = os.pipe()
    pid = programs.detach(
        [sys.executable, "-c", "import os; print(os.getsid(0), input())"],
        ENVIRON,
        stdin=ours,
        log=str(tmp_path / "log"),
    )
    os.write(theirs, b"word\n")
    os.close(ours)
    os.close(theirs)
    os.waitpid(pid, 0)
    assert (tmp_path / "log").read_text() == f"{pid} word\n"


# Where processes are started, besides stentor.programs and stentor.terminal, and why.
STARTERS = {
    "export/ansible_plugin.py": "text that Ansible runs, without stentor",
    "playbooks/inside/": "run by Ansible, and on nodes, without stentor",
    "exchange.py": "waits for one that programs.py started",
    "lab/": "builds sandboxes, part of it as programs which run inside of them",
}
CALLS = {f"os.{name}" for name in dir(os) if name.startswith(("exec", "spawn", "posix_spawn", "fork"))}
CALLS |= {"os.system", "os.popen", "pty.fork", "pty.spawn"}
CALLS |= {"asyncio.create_subprocess_exec", "asyncio.create_subprocess_shell"}
NAMES = {"subprocess", *(call.rpartition(".")[2] for call in CALLS)}


def starts_processes(path: Path) -> bool:
    text = path.read_text()
    if not any(name in text for name in NAMES):  # most modules need not be parsed
        return False
    for node in ast.walk(ast.parse(text)):
        if isinstance(node, ast.Import) and any(name.name == "subprocess" for name in node.names):
            return True
        if isinstance(node, ast.ImportFrom) and node.module == "subprocess":
            return True
        if isinstance(node, ast.Attribute) and node.attr in NAMES and ast.unparse(node) in CALLS:
            return True
    return False


def test_other_modules_start_no_processes() -> None:
    source = Path(ROOT, "src/stentor")
    found = {str(p.relative_to(source)) for p in source.rglob("*.py") if starts_processes(p)}
    assert (
        found - {"programs.py", "terminal.py"} - {name for name in found if name.startswith(tuple(STARTERS))}
        == set()
    )
    assert all(any(name.startswith(start) for name in found) for start in STARTERS), "no longer starts any"


def test_a_process_is_there_until_it_has_ended_and_was_waited_for() -> None:
    with subprocess.Popen(["true"]) as process:
        assert programs.is_there(process.pid)
        process.wait()
    assert not programs.is_there(process.pid)
    assert programs.is_there(1), "another user's"
    assert programs.is_there(1 << 40), "no number of a process: nobody knows"


def test_what_a_program_writes_is_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("stentor.exchange.MOST_OUTPUT", 100_000)
    monkeypatch.setattr("stentor.exchange.MOST_ERRORS", 1000)
    loud = programs.run(sh("head -c 3000000 /dev/zero | tr '\\0' x >&2; echo done"), ENVIRON)
    assert (loud.code, loud.stdout, loud.stderr) == (0, b"done\n", b"x" * 1000)
    with pytest.raises(StentorError, match="sh wrote more than 0 MB, and was ended"):
        programs.run(sh("exec cat /dev/zero"), ENVIRON)


def test_a_long_input_and_a_long_output_do_not_wait_for_each_other() -> None:
    data = os.urandom(3_000_000)
    assert programs.run(["cat"], ENVIRON, stdin=data).stdout == data
    assert programs.run(sh("head -c 5; exec 0<&-; echo"), ENVIRON, stdin=data).stdout == data[:5] + b"\n"


def test_who_closed_its_output_is_waited_for() -> None:
    assert programs.run(sh("exec >&- 2>&-; sleep 0.1; exit 7"), ENVIRON).code == 7
    assert programs.run(sh("exec >&- 2>&-; sleep 30"), ENVIRON, timeout=0.1).timed_out
