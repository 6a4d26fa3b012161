"""The doctor's script under several shells, and what is read out of its lines."""

from __future__ import annotations

import shutil
import subprocess
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from stentor.fleet.model import Node
from stentor.outcome import Outcome
from stentor.probe import doctor
from stentor.probe.doctor import diagnose, tasks
from stentor.probe.finding import Finding, listed, worst_first
from stentor.probe.fixes import Fix, blocker, fix_for
from stentor.probe.observe import Observation, Place, parse
from stentor.probe.outward import read, way_findings
from stentor.probe.rules_node import node_findings
from stentor.probe.rules_shells import shell_findings
from stentor.probe.session import Session
from stentor.rollout.snapshot import File
from tests.support import need

SCRIPT = Path(doctor.program())
SHELLS = ["dash", "bash", "busybox sh"]


def up(home: Path, seconds: float) -> None:
    """Say how long the node has been up, to a doctor that runs in this home."""
    new = deep(home) / "new"
    new.write_text(f"{seconds:.2f} 1.00\n")
    new.replace(deep(home) / "uptime")


def deep(home: Path) -> Path:
    """A folder in which files are not looked at for growth."""
    folder = home / "not" / "seen" / "by"
    folder.mkdir(parents=True, exist_ok=True)
    return folder


@contextmanager
def clock(home: Path, hanging: set[str], notes: Path, lines: int, then: float) -> Iterator[dict[str, str]]:
    """A clock for ``run``: it shows 100 s, and ``then`` once these jobs alone are left, with their notes."""
    up(home, 100)
    ended = threading.Event()

    def ready() -> bool:
        begun, over = ({file.stem for file in home.glob(f"run/*/*.{end}")} for end in ("begin", "code"))
        return begun - over == hanging and notes.exists() and notes.read_text().count("\n") == lines

    def wait() -> None:
        while not ended.wait(0.01):
            if ready():
                up(home, then)
                ended.set()

    thread = threading.Thread(target=wait)
    thread.start()
    try:
        yield {"STENTOR_UPTIME": str(deep(home) / "uptime")}
    finally:
        ended.set()
        thread.join()


LOGINS = {"login", "both", "trace-login", "trace-both"}


def run(
    shell: str, home: Path, *requires: str, login: str = "/bin/dash", path: str = "/usr/bin:/bin", **more: str
) -> Observation:
    words = shell.split()
    need(words[0])
    (home / "run").mkdir()
    with SCRIPT.open("rb") as script:
        # As a login shell would start it, since the environment of that is looked at.
        done = subprocess.run(
            ["/bin/sh", "-c", '"$@"; true', "sh", *words, "-s", "--", "5", "needed", "login", *requires],
            stdin=script,
            capture_output=True,
            env={
                "HOME": str(home),
                "PATH": path,
                "SHELL": login,
                "SSH_CLIENT": "127.0.0.1 1 22",
                "XDG_RUNTIME_DIR": str(home / "run"),
                **more,
            },
            timeout=100,
            check=False,
        )
    assert (done.returncode, done.stderr) == (0, b"")
    return parse(done.stdout)


@pytest.mark.parametrize("shell", SHELLS)
def test_the_script_runs_in_every_sh(shell: str, tmp_path: Path) -> None:
    (tmp_path / ".profile").write_text("PATH=$HOME/bin:$PATH\n")
    (tmp_path / "bin").mkdir()
    tool = tmp_path / "bin" / "tool"
    tool.write_text("#!/bin/sh\n")
    tool.chmod(0o755)
    seen = run(shell, tmp_path, "sed", "tool", "nowhere")
    assert (seen.complete, seen.environment_exact) == (True, True)
    assert (seen.home, seen.login_shell, seen.noise) == (str(tmp_path), "/bin/dash", 0)
    assert {"ssh", "login", "interactive", "both", "cron"} <= set(seen.shells)
    assert all(shell.ready and shell.code == 0 for kind, shell in seen.shells.items() if kind != "service")
    assert seen.shells["ssh"].path == ("/usr/bin", "/bin")
    assert seen.shells["ssh"].commands == {
        "sed": str(shutil.which("sed", path="/usr/bin:/bin")),
        "tool": "",
        "nowhere": "",
    }
    assert seen.shells["login"].commands["tool"] == str(tool)
    assert Place(f"{tmp_path}/.profile").file in [place.file for place in seen.shells["login"].reads]
    assert seen.elsewhere == {"tool": str(tool)}
    by_key = {finding.key: finding for finding in shell_findings(seen, ["sed", "tool", "nowhere"])}
    assert set(by_key) == {"command-missing", "command-absent"}
    assert "from ~/.profile:1" in by_key["command-missing"].evidence
    assert list((tmp_path / "run").iterdir()) == [], "what it worked in is taken away"


def test_the_files_of_bash_are_followed_for_root_too(tmp_path: Path) -> None:
    """A bash of root takes no PS4 from its environment; for everybody else it traces itself."""
    need("bash")
    (tmp_path / ".bashrc").write_text("case $- in *i*) ;; *) return ;; esac\nPATH=$HOME/bin:$PATH\n")
    (tmp_path / ".profile").write_text("# first\n. ~/.bashrc\n")
    (tmp_path / "bin").mkdir()
    program(tmp_path / "bin", "tool", "")
    seen = run("dash", tmp_path, "tool", login="/bin/bash")
    assert seen.traced
    by_kind = {kind: {place.file: place.line for place in shell.reads} for kind, shell in seen.shells.items()}
    bashrc, profile = str(tmp_path / ".bashrc"), str(tmp_path / ".profile")
    assert (by_kind["ssh"][bashrc], profile in by_kind["ssh"]) == (1, False)
    assert (by_kind["login"][profile], by_kind["login"][bashrc]) == (2, 1)
    assert by_kind["interactive"][bashrc] == 2
    (found,) = [f for f in shell_findings(seen, ["tool"]) if f.key == "command-missing"]
    assert "have it from ~/.bashrc:2, but an ssh command leaves that file at line 1" in found.evidence


def test_shells_are_followed_only_where_something_is_odd(tmp_path: Path) -> None:
    need("bash")
    assert not run("dash", tmp_path, "sed", login="/bin/bash").traced


def test_a_shell_that_hangs_is_ended(tmp_path: Path) -> None:
    need("bash")
    pids_file = deep(tmp_path) / "pids"
    (tmp_path / ".bash_profile").write_text(f"trap '' TERM\nsleep 99 & echo $$ $! >>{pids_file}; wait\n")
    with clock(tmp_path, LOGINS, pids_file, 4, then=105.2) as environ:
        seen = run("dash", tmp_path, login="/bin/bash", **environ)
    assert seen.shells["login"].hung == 5
    assert seen.shells["ssh"].ready
    found = shell_findings(seen, [])
    assert [finding.key for finding in found] == ["shell-hangs"]
    pids = [int(word) for word in pids_file.read_text().split()]
    assert len(pids) == 8, "a login shell and one by hand, each with its sleep, and those which are traced"
    patience = time.monotonic() + 30
    while (left := [pid for pid in pids if not gone(pid)]) and time.monotonic() < patience:
        time.sleep(0.02)
    assert left == []


def test_a_shell_that_is_late_is_followed_meanwhile(tmp_path: Path) -> None:
    need("bash")
    runs = deep(tmp_path) / "runs"
    # It waits in one process, so that what this machine is busy with is little beside it.
    wait = f"until read -r up rest <{runs.parent}/uptime && [ $up != 100.00 ]; do sleep 1; done"
    (tmp_path / ".bash_profile").write_text(f"echo run >>{runs}\n{wait}\n")
    with clock(tmp_path, LOGINS, runs, 4, then=104.9) as environ:
        seen = run("dash", tmp_path, login="/bin/bash", **environ)
    late = seen.shells["login"]
    assert "login begin 100.00" in seen.said["shell"]
    assert seen.said["traced"] == ("100.00",), "it was followed before it had come up"
    assert late.seconds == pytest.approx(4.9)
    assert [place.file for place in late.reads][-1] == str(tmp_path / ".bash_profile")
    assert [finding.key for finding in shell_findings(seen, [])] == ["shell-slow"]


def test_what_a_shell_waits_for_a_processor_is_not_its_own() -> None:
    lines = ["login_shell /bin/bash", "shell ssh begin 10.00", "shell ssh up 14.00", "shell ssh done yes"]
    assert [f.key for f in shell_findings(parse(said(*lines)), [])] == ["shell-slow"]
    # A second of work, for which it waited three times as long.
    starved = parse(said(*lines, "shell ssh cpu 10 10 40 40 200000000 600000000"))
    assert starved.shells["ssh"].waited == 3.0
    assert shell_findings(starved, []) == []
    for odd in ("", "x", "0 0 0 0 0 5", "1 2", "9 9 9 9 1 99999999"):
        assert 0 <= parse(said(*lines, f"shell ssh cpu {odd}")).shells["ssh"].waited <= 4


def said(*lines: str) -> bytes:
    return "\n".join(["stentor_doctor 1", *lines, "stentor_doctor_end 1", ""]).encode()


def gone(pid: int) -> bool:
    """Whether a process has ended; one that nobody has waited for counts as ended."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] in "ZX"
    except (FileNotFoundError, ProcessLookupError):
        return True


@given(st.binary(max_size=400), st.binary(max_size=400))
def test_whatever_a_node_says_is_no_accident(before: bytes, after: bytes) -> None:
    seen = parse(before + b"\nstentor_doctor 1\n" + after)
    assert seen.noise <= len(before) + 1
    shell_findings(seen, ["git"])
    node_findings(seen)
    diagnose(Session(Outcome("a", "ok"), before + after, 0.0, 0.0), ["git"])


LINES = [
    "shell ssh path /bin",
    "shell ssh done yes",
    "shell ssh code x",
    "shell ssh",
    "read ssh",
    "change ssh 3|/f|/a:/b",
    "stopped both |",
    "useful /bin",
    "path_line f|x",
    "now 9",
]


@given(st.lists(st.sampled_from(LINES)))
def test_lines_in_any_order(lines: list[str]) -> None:
    seen = parse("\n".join(["stentor_doctor 1", *lines]).encode())
    shell_findings(seen, ["git"])


def test_nothing_said_is_a_broken_shell() -> None:
    found = diagnose(Session(Outcome("crtr", "ok"), b"", 0.0, 0.0), [])
    assert (found.outcome.kind, found.findings) == ("shell-broken", ())


def test_what_is_required_is_asked_for() -> None:
    (task,) = tasks([Node("a", "a", requires=("git", "nvidia-smi"))], 8)
    assert task.command == "/bin/sh -s -- 8 needed login git nvidia-smi; true"


def test_order_and_lists() -> None:
    findings = [Finding(key, severity, "", "", "", "") for key, severity in (("a", "note"), ("b", "bad"))]
    assert [finding.key for finding in worst_first(findings)] == ["b", "a"]
    assert [listed([]), listed(["a"]), listed(["a", "b", "c"], "or")] == ["", "a", "a, b or c"]


def program(folder: Path, name: str, text: str) -> None:
    folder.mkdir(exist_ok=True)
    (folder / name).write_text(f"#!/bin/sh\n{text}\n")
    (folder / name).chmod(0o755)


@pytest.mark.parametrize("shell", ["dash", "bash"])
def test_a_mount_that_hangs_holds_nobody_up(shell: str, tmp_path: Path) -> None:
    """A table of mounts and a df of our own: the real ones are in the integration tests."""
    table, asked = tmp_path / "mounts", deep(tmp_path) / "asked"
    table.write_text(
        "nas:/x /mnt/my\\040data nfs4 rw 0 0\n/dev/sda / ext4 rw 0 0\nnas:/y /mnt/good nfs rw 0 0\n"
    )
    program(
        tmp_path / "bin",
        "df",
        f'case "$*" in *my*) echo >{asked}; exec sleep 99 ;; *good) exit ;; *) exec /bin/df "$@" ;; esac',
    )
    with clock(tmp_path, {"do-mount-1"}, asked, 1, then=105.2) as environ:
        path = f"{tmp_path}/bin:/usr/bin:/bin"
        seen = run(shell, tmp_path, path=path, STENTOR_MOUNTS=str(table), **environ)
    assert seen.complete
    assert seen.said["mount_hangs"] == ("nfs4 nas:/x /mnt/my data",)
    (found,) = [finding for finding in node_findings(seen) if finding.key == "mount-hangs"]
    assert found.what == "/mnt/my data does not answer"


def test_units_and_time(tmp_path: Path) -> None:
    program(
        tmp_path / "bin",
        "systemctl",
        'case $1 in --user) ;; *) echo "atuin.service loaded failed failed x" ;; esac',
    )
    program(tmp_path / "bin", "timedatectl", "echo NTP=no; echo NTPSynchronized=no")
    seen = run("dash", tmp_path, path=f"{tmp_path}/bin:/usr/bin:/bin", STENTOR_SYSTEMD=str(tmp_path))
    found = {f.key: f for f in node_findings(seen)}
    assert found["units-failed"].evidence == "atuin.service"
    assert found["clock-unsynchronised"].fix == "timedatectl set-ntp true"


@pytest.mark.parametrize(
    ("line", "key"),
    [
        ("disk 81 100 1000 /", "disk-low"),
        ("disk 80 100 1000 /", ""),
        ("disk 99 100 1000 /", "disk-full"),
        ("home_write  Read-only file system", "home-not-writable"),
        ("home_write yes", ""),
        ("home_write hangs", "home-hangs"),
        ("timedate NTPSynchronized=yes", ""),
        ("grows 1 2 /h/x", "file-grows"),
        ("mount_hangs nfs a:/b /mnt", "mount-hangs"),
        ("permit /etc/ssh/sshd_config:3:PermitUserEnvironment no", ""),
        ("permit /etc/ssh/sshd_config:3:PermitUserEnvironment yes", "permit-user-environment"),
        ("load 9\ncores 4", "load-high"),
        ("load 7\ncores 4", ""),
        ("rc 3", "rc"),
        ("rc 3\nrc_hangs 8", "rc-hangs"),
        ("environment_file 3\nenvironment_lost A=1", "environment-file"),
        ("mode 700 1 /h/.ssh", ""),
        ("mode 700 7 /h/.ssh", "owner-wrong"),
        ("mode 7x7 1 /h/.ssh", ""),
        ("mode 711 1 /h/.ssh", "mode-loose"),
    ],
)
def test_rules_of_the_node(line: str, key: str) -> None:
    seen = parse(f"stentor_doctor 1\nhome /h\nuid 1\n{line}\n".encode())
    assert [finding.key for finding in node_findings(seen)] == ([key] if key else [])


LOGIN = """\
debug1: Reading configuration data /home/me/.ssh/config
debug1: Connecting to 192.168.254.10 [192.168.254.10] port 22.
debug1: Remote protocol version 2.0, remote software version OpenSSH_9.2p1 Debian
debug1: Server host key: ssh-ed25519 SHA256:abc
debug1: Host 'crtr' is known and matches the ED25519 host key.
debug1: Found key in /home/me/.ssh/known_hosts:7
debug1: Authentications that can continue: publickey,password
debug1: Next authentication method: publickey
debug1: Offering public key: /home/me/.ssh/id_rsa RSA SHA256:x agent
debug1: Authentications that can continue: publickey,password
debug1: Offering public key: /home/me/.ssh/id_ed25519 ED25519 SHA256:y explicit
"""
IN = """\
debug1: Server accepts key: /home/me/.ssh/id_ed25519 ED25519 SHA256:y explicit
Authenticated to 192.168.254.10 ([192.168.254.10]:22) using "publickey".
"""


def test_the_steps_of_a_login() -> None:
    way = read(LOGIN + IN, alias="crtr", seconds=5)
    assert (way.ok, way.method, way.known_by) == (True, "publickey", "/home/me/.ssh/known_hosts:7")
    assert way.offered == ("publickey", "password")
    assert [answer for _, answer in way.tried] == ["not accepted", "accepted"]
    assert way_findings(way, Outcome("crtr", "ok"), "keys") == []


def test_a_login_that_is_denied() -> None:
    said = LOGIN + "me@crtr: Permission denied (publickey,password).\n"
    way = read(said, alias="crtr", seconds=5)
    (found,) = way_findings(way, Outcome("crtr", "denied"), "empty")
    assert "id_ed25519 (ED25519): not accepted" in found.evidence
    assert "the agent has no key" in found.evidence
    assert "authorized_keys" in found.fix
    assert way_findings(way, Outcome("crtr", "skipped"), "keys") == []
    (found,) = way_findings(way, Outcome("crtr", "ok"), "keys")
    assert "warm connection" in found.what


def test_a_login_behind_which_the_shell_prints() -> None:
    way = read(LOGIN + IN, alias="crtr", seconds=5)._replace(printed=8)
    assert way_findings(way, Outcome("crtr", "shell-broken"), "none")[0].key == "noise"
    assert way_findings(way, Outcome("crtr", "ok"), "none") == [], "the script has said it already"


def test_a_login_that_is_given_up() -> None:
    way = read(LOGIN, alias="crtr", seconds=5, ended=False)
    assert (way.kind, way.reason) == ("unreachable", "no answer in 5 s")


@given(st.text(max_size=300), st.booleans())
def test_whatever_ssh_says(said: str, ended: bool) -> None:
    way = read(LOGIN[:200] + said, alias="a", seconds=5, ended=ended)
    for kind in ("ok", "denied", "shell-broken"):
        way_findings(way, Outcome("a", kind), "none")


def test_fixes_move_and_set_modes_only() -> None:
    def fix(fix: str) -> Fix | None:
        return fix_for(Finding("k", "bad", "", "", "", "", fix))

    assert fix("move .ssh/rc") == Fix("move ~/.ssh/rc aside", (File("moved", ".ssh/rc"),))
    changed = fix("chmod 600 644 .ssh/id_a b")
    assert changed is not None
    assert changed.files == (File("mode", ".ssh/id_a b"),)
    assert changed.change.startswith("chmod 600 '.ssh/id_a b' ||")
    assert fix("chmod 755 777 ") is not None
    assert [fix(""), fix("move .bashrc"), fix("rm x")] == [None, None, None]


def test_what_cannot_be_undone_is_not_offered() -> None:
    moved, mode = Fix("", (File("moved", ".ssh/rc"),)), Fix("", (File("mode", ".ssh"),))
    full = Finding("home-not-writable", "bad", "the home directory is full", "", "", "")
    locked = full._replace(what="the home directory is read-only")
    assert [blocker(moved, []), blocker(mode, []), blocker(moved, [full])] == ["", "", ""]
    assert blocker(mode, [full]) == "no snapshot of it can be kept, since the home directory is full"
    assert "read-only" in blocker(moved, [locked])


def test_a_user_service_has_its_path_from_environment_d() -> None:
    lines = ["home /h", "login_shell /bin/bash", "traced 1.0"]
    for kind, path in (("ssh", "/bin"), ("login", "/h/tools:/bin"), ("service", "/h/tools:/bin")):
        place = "/h/tools/hello" if "tools" in path else ""
        lines += [
            f"shell {kind} path {path}",
            f"shell {kind} command hello {place}",
            f"shell {kind} done yes",
        ]
    lines += ["change login 2|/h/.profile|/h/tools:/bin", "read login 2|/h/.profile"]
    conf = "service_line /h/.config/environment.d/10-path.conf|1:PATH=$HOME/tools:$PATH"

    def evidence(*more: str) -> str:
        found = shell_findings(parse(said(*lines, *more)), ["hello"])
        return next(finding.evidence for finding in found if finding.key == "command-missing")

    shell = "a login shell has it from ~/.profile:2, a file which an ssh command does not read"
    assert evidence().endswith(f"{shell}; a user service has it")
    assert evidence(conf).endswith(
        f"{shell}; a user service has it from ~/.config/environment.d/10-path.conf:1"
    )


def test_one_line_brings_all_that_is_missing() -> None:
    lines = ["home /h", "login_shell /bin/bash", "useful /h/a", "useful /opt/b"]
    lines += [f"shell {kind} path {path}" for kind, path in (("ssh", "/bin"), ("both", "/h/a:/opt/b:/bin"))]
    lines += [f"shell {kind} done yes" for kind in ("ssh", "both")]
    (found,) = shell_findings(parse("\n".join(["stentor_doctor 1", *lines]).encode()), [])
    assert found.what == "PATH of an ssh command lacks ~/a and /opt/b"
    assert found.fix == """echo 'PATH="$HOME/a:/opt/b:$PATH"' >> ~/.bashrc"""


def test_line_for_the_crontab_names_no_directory_twice() -> None:
    lines = ["home /h", "login_shell /bin/bash"]
    for kind, path, place in (("ssh", "/usr/local/bin:/bin", "/usr/local/bin/hello"), ("cron", "/bin", "")):
        lines += [
            f"shell {kind} path {path}",
            f"shell {kind} command hello {place}",
            f"shell {kind} done yes",
        ]
    found = shell_findings(parse(said(*lines)), ["hello"])
    (fix,) = [finding.fix for finding in found if "crontab" in finding.fix]
    assert fix == "at the top of the crontab: PATH=/usr/local/bin:/usr/bin:/bin"


@pytest.mark.parametrize(
    ("more", "severity", "fix"),
    [
        ((), "note", ""),
        (("rc_writes_environment yes",), "warning", "move .ssh/rc"),
        (("rc_writes_environment yes", "rc_xauth yes"), "warning", ""),
        (("rc_writes_environment yes", "environment_file 3", "environment_reaches A=1"), "note", ""),
    ],
)
def test_rc_that_writes_an_environment_which_reaches_nobody_is_moved(
    more: tuple[str, ...], severity: str, fix: str
) -> None:
    seen = parse("\n".join(["stentor_doctor 1", "home /h", "uid 1", "rc 3", *more]).encode())
    found = next(finding for finding in node_findings(seen) if finding.key == "rc")
    assert (found.severity, found.safe_fix) == (severity, fix)
