"""Every way of keeping nodes apart, as whoever runs the tests and as an ordinary user: the real command."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from stentor.lab import processes
from stentor.lab.directory import remove_tree
from stentor.lab.faults import faketime
from tests.integration.conftest import Said, living
from tests.support import ROOT, lacking, need, need_root

pytestmark = pytest.mark.integration

TESTER = 54321
# A mount of its own lets this one process tree know an ordinary user with a shell, called tester,
# and gives it terminals as Debian does, whatever the machine does.
AS_TESTER = f"""
mount --bind "$0/passwd" /etc/passwd
mount -t devpts -o "newinstance,ptmxmode=0666,mode=620,gid=$(cat "$0/terminals")" devpts /dev/pts
mount --bind /dev/pts/ptmx /dev/ptmx
exec setpriv --reuid={TESTER} --regid={TESTER} --clear-groups "$@"
"""


# Those whose way depends on who keeps the nodes apart; test_lab_faults.py has them all.
FAULTS = {
    "isolated": ("down", "full-disk", "read-only-home"),
    "plain": ("down", "denied", "host-key-changed", "slow-login=1", "bashrc-exits"),
}


class Someone:
    """Runs commands as the caller or as tester, with a HOME in the playground."""

    def __init__(self, base: Path, ordinary: bool) -> None:
        self.base = base
        self.before: list[str] = []
        self.python = sys.executable
        if ordinary:
            shutil.copytree(
                f"{ROOT}/src/stentor", base / "code" / "stentor", ignore=shutil.ignore_patterns("*.pyc")
            )
            passwd = (
                "root:x:0:0:root:/root:/bin/sh\n" + f"tester:x:{TESTER}:{TESTER}::{base}/home:/bin/bash\n"
            )
            (base / "passwd").write_text(passwd)
            (base / "terminals").write_text("5")
            os.chown(base / "home", TESTER, TESTER)
            self.before = ["unshare", "--mount", "sh", "-c", AS_TESTER, str(base)]
            self.python = readable_python()

    def run(self, *words: str) -> Said:
        environ = {
            "HOME": f"{self.base}/home",
            "PATH": "/usr/local/bin:/usr/bin:/bin",
            "LC_ALL": "C.UTF-8",
            "PYTHONDONTWRITEBYTECODE": "1",
        }
        if self.before:
            environ["PYTHONPATH"] = f"{self.base}/code"
        done = subprocess.run(
            [*self.before, *words],
            env=environ,
            cwd="/",
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
        )
        return Said(done.returncode, done.stdout, done.stderr)

    def lab(self, verb: str, *words: str) -> Said:
        return self.run(self.python, "-m", "stentor", "lab", verb, *words, "--dir", f"{self.base}/home/lab")

    def ssh(self, alias: str, command: str, *options: str) -> Said:
        config = f"{self.base}/home/lab/ssh_config"
        return self.run("ssh", "-F", config, "-o", "BatchMode=yes", *options, alias, command)


def readable_python() -> str:
    """An interpreter which an ordinary user may run; the tests' own may lie in root's HOME."""
    for path in (os.path.realpath(sys.executable), "/usr/bin/python3"):
        words = ["setpriv", f"--reuid={TESTER}", f"--regid={TESTER}", "--clear-groups", "env", path, "-c"]
        new = "import sys; sys.exit(sys.version_info < (3, 11))"
        if os.path.exists(path) and subprocess.run([*words, new], capture_output=True).returncode == 0:
            return path
    lacking("no Python of 3.11 or later which an ordinary user may run")
    return ""


@pytest.fixture(params=["myself", "ordinary user"])
def someone(request: pytest.FixtureRequest, playground: Path) -> Iterator[Someone]:
    need("bwrap", "setpriv", "unshare", "sshd")
    ordinary = request.param == "ordinary user"
    if ordinary:
        need_root()
    base = playground / f"u{os.urandom(3).hex()}"
    (base / "home").mkdir(parents=True)
    try:
        yield Someone(base, ordinary)
        assert living(base) == []
        assert list((base / "home").iterdir()) == []
    finally:
        left = {process.pid for process in living(base)}
        processes.kill(left)
        processes.wait_gone(left)
        remove_tree(base)


@pytest.mark.parametrize("backend", ["bwrap", "unshare", "plain"])
def test_up_use_break_heal_down(someone: Someone, backend: str) -> None:
    up = someone.lab("up", "--backend", backend)
    assert up.code == 0, up.stderr
    assert up.stdout == f"export STENTOR_FLEET={someone.base}/home/lab/ssot\n"
    assert ("hostname is simulated" in up.stderr) == (backend == "plain")

    # An sshd that is not root's gives terminals only where /dev/pts belongs to their group; up says so.
    given = "logins with a terminal do not work" not in up.stderr
    assert given or backend == "plain"
    asked = 'tty -s && tty || echo none; hostname; uname -n; id -un; cd; pwd; touch mine; echo "$HOME"'
    seen = someone.ssh("crtr", asked, *(["-tt"] if given else []))
    assert seen.code == 0, seen.stderr
    terminal, said, hostname, user, *homes = seen.stdout.split()
    assert said == "crtr"
    assert terminal.startswith("/dev/") == given
    if backend == "plain":
        assert homes == [f"{someone.base}/home/lab/nodes/crtr/home"] * 2
    else:
        assert (hostname, user, homes) == ("crtr", "crtr", ["/home/crtr"] * 2)
        # A file that only lay over the machine's would be uncovered by the next adduser there.
        etc = someone.ssh(
            "crtr", "stat -f -c %T /etc; touch /etc/mine 2>/dev/null || echo refused; cat /etc/hostname"
        )
        assert etc.stdout == "tmpfs\nrefused\ncrtr\n"
    assert Path(someone.base, "home/lab/nodes/crtr/home/mine").exists()

    for fault in FAULTS["plain" if backend == "plain" else "isolated"]:
        broken = someone.lab("break", "drtr", fault)
        assert broken.code == 0, broken.stderr
        assert state(someone, "drtr") == ("down" if fault in ("down", "power-cut") else "broken")
        assert someone.lab("heal", "drtr").code == 0
        assert someone.ssh("drtr", "echo in") == (0, "in\n", ""), fault
    assert someone.lab("down").code == 0


def state(someone: Someone, alias: str) -> str:
    """The node's state by the table: this account's Python has none of the packages that --json needs."""
    rows = [line.split() for line in someone.lab("status").stdout.splitlines()]
    return next(row[1] for row in rows if row[:1] == [alias])


@pytest.mark.parametrize("backend", ["bwrap", "unshare", "plain"])
def test_programs_run_on_a_node_end_with_it(someone: Someone, backend: str) -> None:
    need("tmux")
    assert someone.lab("up", "--backend", backend).code == 0
    started = someone.ssh(
        "trtr", "tmux new-session -d -s work 'sleep 1000'; tmux ls; (setsid sleep 1000 >&- 2>&- &)"
    )
    assert "work: 1 windows" in started.stdout, started.stderr
    assert someone.lab("down").code == 0
    # The fixture looks for what is left.


def test_a_plain_node_has_no_disk_of_its_own(someone: Someone) -> None:
    assert someone.lab("up", "--backend", "plain").code == 0
    said = someone.lab("break", "drtr", "full-disk")
    assert said.code == 6
    assert "no file system of its own" in said.stderr
    assert someone.ssh("drtr", "echo in") == (0, "in\n", "")
    assert someone.lab("down").code == 0


def test_a_wrong_clock_of_plain_nodes_leaves_nothing_in_memory(someone: Someone) -> None:
    if faketime() is None:
        lacking("libfaketime is not installed")

    def shared() -> list[str]:
        names = sorted(os.listdir("/dev/shm"))
        return [name for name in names if "faketime" in name or "stentor-lab-" in name]

    before = shared()
    assert someone.lab("up", "--backend", "plain").code == 0
    for end in (("heal", "drtr"), ("down",)):
        assert someone.lab("break", "drtr", "clock-skew=+2h").code == 0
        # What a shell runs last takes its place, and libfaketime hears nothing of the shell's end.
        said = [someone.ssh("drtr", f"{word} date +%s").stdout for word in ("", "exec")]
        assert [round((int(one) - time.time()) / 3600) for one in said] == [2, 2]
        assert someone.lab(*end).code == 0
        assert shared() == before


def test_sftp_and_scp(someone: Someone) -> None:
    for backend in ("bwrap", "plain"):
        assert someone.lab("up", "--backend", backend).code == 0
        config = f"{someone.base}/home/lab/ssh_config"
        copied = someone.run("scp", "-F", config, "/etc/hostname", "crtr:copied")
        assert copied.code == 0, copied.stderr
        assert someone.ssh("crtr", "cat copied").stdout == Path("/etc/hostname").read_text()
        assert someone.lab("down").code == 0


@pytest.mark.parametrize("someone", ["ordinary user"], indirect=True)
def test_a_machine_without_terminals_for_plain_nodes(someone: Someone) -> None:
    (someone.base / "terminals").write_text("0")
    up = someone.lab("up", "--backend", "plain")
    assert up.code == 0, up.stderr
    assert "logins with a terminal do not work" in up.stderr
    assert someone.ssh("crtr", "echo in") == (0, "in\n", "")
    assert someone.lab("down").code == 0


# A user who may make no namespace, as where the administrator forbids it.
NO_NAMESPACES = """
echo 0 >/proc/sys/user/max_user_namespaces
exec setpriv --bounding-set=-all --inh-caps=-all --ambient-caps=-all "$@"
"""


@pytest.mark.parametrize("someone", ["ordinary user"], indirect=True)
def test_without_namespaces_plain_sshds_serve_and_why_is_said(someone: Someone) -> None:
    confined = ["unshare", "--user", "--map-current-user", "--keep-caps", "sh", "-c", NO_NAMESPACES, "sh"]
    before, someone.before = someone.before, [*someone.before, *confined]
    up = someone.lab("up", "--nodes", "1")
    someone.before = before
    assert up.code == 0, up.stderr
    notes = [line for line in up.stderr.splitlines() if line.startswith("note: ")]
    assert [note.split()[1] for note in notes] == ["bwrap:", "unshare:"]
    assert "1 node: 1 up (plain; hostname is simulated" in up.stderr
    assert someone.ssh("node001", "echo in") == (0, "in\n", "")
    assert someone.lab("down").code == 0
