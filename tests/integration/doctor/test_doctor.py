"""`doctor` on practice nodes: each start-up file wounded in turn is found, and nothing on healthy nodes."""

from __future__ import annotations

import json
import os
import shutil
from pathlib import Path

import pytest

from stentor.lab import Lab
from stentor.sh import STATE
from tests.integration.doctor.ward import SHELLS, Stentor, Tally, doctor, findings, prepend, rc, write
from tests.support import lacking, need

pytestmark = pytest.mark.integration


def test_nothing_is_invented_on_healthy_nodes(healthy: Lab, stentor: Stentor, tally: Tally) -> None:
    found, _ = doctor(stentor, healthy)
    tally(0, 0, sum(len(findings(line)) for line in found.values()), len(found))
    assert {alias: findings(line) for alias, line in found.items()} == {alias: {} for alias in SHELLS}
    for alias, line in found.items():
        kinds = {shell["shell"]: shell for shell in line["shells"]}
        assert set(kinds) - {"service"} == {"ssh", "login", "interactive", "both", "cron"}
        assert all(shell["ready"] for shell in kinds.values())
        assert os.path.basename(line["login_shell"]) == SHELLS[alias]
        # What doctor plays on the node is what an ssh command truly finds.
        real = healthy.run(alias, "/bin/sh -c 'echo $PATH; umask'").stdout.split()
        assert [":".join(kinds["ssh"]["path"]), kinds["ssh"]["umask"]] == real
        assert kinds["ssh"]["commands"]["hello"].endswith("/hello")


def test_one_command_is_explained(healthy: Lab, stentor: Stentor) -> None:
    alias = next(node for node in SHELLS if SHELLS[node] == "bash")
    home = healthy.home(alias)
    before = (home / ".bashrc").read_text() if (home / ".bashrc").exists() else None
    source = home / ".local/share/chezmoi"
    (home / ".local/bin").mkdir(parents=True, exist_ok=True)
    (home / ".local/bin" / "frob").write_text("#!/bin/sh\n")
    (home / ".local/bin" / "frob").chmod(0o755)
    try:
        (home / ".bashrc").write_text("case $- in *i*) ;; *) return ;; esac\nPATH=~/.local/bin:$PATH\n")
        source.mkdir(parents=True)
        (source / "dot_bashrc").write_text("")
        said = stentor("doctor", alias, "frob", fleet=healthy)
        assert said.code == 1
        assert "frob is not found by an ssh command" in said.stdout
        assert "so here and not on the node: chezmoi edit ~/.bashrc (at its top: PATH=" in said.stdout
        assert f"stentor dotfiles push {alias} -m MESSAGE" in said.stdout
        assert "sed -i" not in said.stdout
        assert "every kind of shell finds sh" in stentor("doctor", alias, "sh", fleet=healthy).stdout
        absent = stentor("doctor", alias, "frobnicate", fleet=healthy)
        assert (absent.code, "install frobnicate" in absent.stdout) == (1, True)
        assert stentor("doctor", alias, "drt", fleet=healthy).code == 2  # a misspelt node
    finally:
        shutil.rmtree(source, ignore_errors=True)
        (home / ".local/bin" / "frob").unlink()
        (home / ".bashrc").unlink() if before is None else (home / ".bashrc").write_text(before)


def test_the_removed_rc_is_proved_to_do_nothing(healthy: Lab, stentor: Stentor, tally: Tally) -> None:
    for alias in SHELLS:
        prepend(healthy.home(alias) / ".profile", 'PATH="$HOME/only-here:$PATH"')
        rc(healthy, alias)
    found, code = doctor(stentor, healthy)
    kinds, wounds = [set(findings(line)) for line in found.values()], {"rc", "environment-file"}
    invented = sum(len(keys - wounds) for keys in kinds)
    tally(sum(len(keys & wounds) for keys in kinds), 2 * len(kinds), invented, len(kinds))
    for alias, line in found.items():
        kept = findings(line)
        assert set(kept) == {"rc", "environment-file"}, (alias, kept)
        assert "CLUSTER and PATH" in kept["rc"]["evidence"]
        assert "~/only-here:" in kept["rc"]["evidence"].partition("it ran before")[0]
        assert "~/only-here:" not in kept["rc"]["evidence"].partition("it ran before")[2]
        assert "CLUSTER" in kept["environment-file"]["evidence"]
        # What it says is so.
        said = healthy.run(alias, "/usr/bin/env").stdout
        assert "CLUSTER=" not in said
        assert "only-here" not in said
    assert code == 0


def test_an_rc_that_prints_is_named(healthy: Lab, stentor: Stentor) -> None:
    path = healthy.home("crtr") / ".ssh/rc"
    path.write_text("echo hi\n")
    try:
        found, _ = doctor(stentor, healthy, "crtr")
    finally:
        path.unlink()
    noise = findings(found["crtr"])["noise"]
    assert "'hi'" in noise["evidence"]
    assert noise["fix"] == "let ~/.ssh/rc print to standard error: `>&2` behind what prints"


def test_an_environment_file_in_force_is_no_fault(healthy: Lab, stentor: Stentor) -> None:
    write(healthy.home("drtr") / ".ssh/environment", "CLUSTER=yes\n")
    config = healthy.paths("drtr").ssh / "sshd_config"
    before = config.read_text()
    config.write_text(before + "PermitUserEnvironment yes\n")
    healthy.backend.sshd("drtr", "restart")
    healthy.backend.wait(["drtr"])
    try:
        assert "CLUSTER=yes" in healthy.run("drtr", "env").stdout
        found, code = doctor(stentor, healthy, "drtr")
        assert findings(found["drtr"]) == {}
        kept = findings(found["drtr"], notes=True)
        assert {"environment-file", "permit-user-environment"} <= set(kept)
        assert "PermitUserEnvironment yes" in kept["permit-user-environment"]["evidence"]
        assert code == 0
    finally:
        config.write_text(before)
        healthy.backend.sshd("drtr", "restart")
        healthy.backend.wait(["drtr"])


def test_a_file_that_grows_at_each_login(healthy: Lab, stentor: Stentor) -> None:
    for alias, file in (("crtr", ".zprofile"), ("drtr", ".profile"), ("trtr", ".profile")):
        write(healthy.home(alias) / ".logins", "before\n")
        path = healthy.home(alias) / file
        write(path, 'date >>"$HOME/.logins"\n' + (path.read_text() if path.exists() else ""))
    found, _ = doctor(stentor, healthy)
    for alias, line in found.items():
        kept = findings(line)
        assert set(kept) == ({"file-grows"} if alias in ("crtr", "drtr", "trtr") else set()), (alias, kept)
        assert "~/.logins" in "".join(finding["what"] for finding in kept.values()) or not kept


@pytest.mark.parametrize(
    ("file", "mode", "key"),
    [
        (".ssh", 0o777, "mode-open"),
        (".ssh", 0o755, "mode-loose"),
        (".ssh/authorized_keys", 0o666, "mode-open"),
        (".ssh/id_ed25519", 0o644, "key-readable"),
        (".ssh/config", 0o664, "mode-open"),
        ("", 0o777, "mode-open"),
    ],
)
def test_wrong_modes(healthy: Lab, stentor: Stentor, tally: Tally, file: str, mode: int, key: str) -> None:
    path = healthy.home("drtr") / file
    if not path.exists():
        write(path, "")
    before = path.stat().st_mode
    path.chmod(mode)
    try:
        found, _ = doctor(stentor, healthy, "drtr")
        kept = findings(found["drtr"])
        tally(key in kept, 1, len(set(kept) - {key}), 1)
        assert set(kept) == {key}
        assert f"mode {mode:o}" in kept[key]["evidence"]
    finally:
        path.chmod(before)


@pytest.mark.parametrize(
    ("fault", "key", "what"),
    [
        ("full-disk", "home-not-writable", "full"),
        ("read-only-home", "home-not-writable", "read-only"),
        ("clock-skew=+2h", "clock-skew", "ahead of"),
        ("clock-skew=-90s", "clock-skew", "behind"),
    ],
)
def test_faults_of_the_node(
    healthy: Lab, stentor: Stentor, tally: Tally, fault: str, key: str, what: str
) -> None:
    from stentor.lab.faults import faketime

    if "clock" in fault and faketime() is None:
        lacking("libfaketime is not installed")
    healthy.break_("drtr", fault)
    found, _ = doctor(stentor, healthy, "drtr,crtr")
    kept = findings(found["drtr"])
    invented = len(set(kept) - {"command-missing", key}) + len(findings(found["crtr"]))
    tally(key in kept, 1, invented, 2)
    assert set(kept) - {"command-missing"} == {key}, kept
    assert what in kept[key]["what"]
    assert findings(found["crtr"]) == {}


@pytest.mark.parametrize(
    ("fault", "kind", "evidence"),
    [
        ("denied", "denied", "client_key (ED25519): not accepted"),
        ("host-key-changed", "host-key-changed", "connected to [127."),
        ("refuse", "refused", "tried [127."),
        ("hang", "no-banner", "tried [127."),
        ("down", "unreachable", "tried [127."),
    ],
)
def test_the_way_there(
    healthy: Lab, stentor: Stentor, tally: Tally, fault: str, kind: str, evidence: str
) -> None:
    healthy.break_("drtr", fault)
    found, code = doctor(stentor, healthy, "-t", "2", "drtr,crtr")
    line = found["drtr"]
    tally(line["kind"] == kind and bool(line["findings"]), 1, len(findings(found["crtr"])), 2)
    assert line["kind"] == kind
    (finding,) = line["findings"]
    assert finding["key"] == f"way-{line['way']['kind']}"
    assert evidence in finding["evidence"]
    assert (code, findings(found["crtr"])) == (4, {})
    way = found["crtr"]["way"]
    assert (way["ok"], way["method"], way["printed"]) == (True, "publickey", 0)
    assert way["known_by"].startswith(f"{healthy.directory}/known_hosts:")


def test_a_new_login_that_fails_behind_a_warm_connection(healthy: Lab, stentor: Stentor) -> None:
    assert stentor("run", "drtr", "true", fleet=healthy).code == 0
    healthy.break_("drtr", "denied")
    found, code = doctor(stentor, healthy, "drtr")
    assert found["drtr"]["kind"] == "ok"
    kept = findings(found["drtr"])
    assert set(kept) == {"way-denied"}
    assert "though the warm connection works" in kept["way-denied"]["what"]
    assert code == 1


def test_safe_fixes_and_their_undo(healthy: Lab, stentor: Stentor) -> None:
    home = healthy.home("drtr")
    text = rc(healthy, "drtr").read_text()
    (home / ".ssh").chmod(0o777)
    prepend(home / ".bashrc", "echo noise")
    bashrc = (home / ".bashrc").read_text()
    said = stentor("doctor", "--fix", "drtr", fleet=healthy)
    assert (said.code, said.stdout) == (2, ""), "nobody is there to be asked"
    said = stentor("doctor", "--fix", "--yes", "--json", "drtr", fleet=healthy)
    fixes = [line for line in map(json.loads, said.stdout.splitlines()) if line["type"] == "fix"]
    assert [fix["kind"] for fix in fixes] == ["ok"] * 3
    assert {fix["undo"] for fix in fixes} == {"stentor doctor --undo 1 drtr"}
    shown = stentor("show", "1", fleet=healthy).stdout
    assert "stentor doctor --fix" in shown
    folder, *others = sorted((home / STATE / "snapshots").iterdir())
    assert (len(others), folder.name in stentor("show", "--json", "1", fleet=healthy).stdout) == (2, True)
    assert not (home / ".ssh/rc").exists()
    assert not (home / ".ssh/environment").exists()
    assert (home / ".ssh").stat().st_mode & 0o777 == 0o700
    assert (home / ".bashrc").read_text() == bashrc, "start-up files are never edited"
    found, _ = doctor(stentor, healthy, "drtr")
    assert set(findings(found["drtr"])) == {"noise"}
    undone = stentor("doctor", "--undo", "@last", "--json", fleet=healthy)
    (line,) = [line for line in map(json.loads, undone.stdout.splitlines()) if line["type"] == "undone"]
    assert (undone.code, line["kind"], line["left"]) == (0, "ok", [])
    assert set(line["restored"]) == {"~/.ssh/rc", "~/.ssh/environment", "~/.ssh"}
    assert (home / ".ssh/rc").read_text() == text
    assert (home / ".ssh").stat().st_mode & 0o777 == 0o777
    assert list((home / STATE / "snapshots").iterdir()) == []
    shown = stentor("show", "@last", fleet=healthy).stdout
    assert "stentor doctor --undo 1\n" in shown, "the number, which means the same tomorrow"
    again = stentor("doctor", "--undo", "1", "drtr", fleet=healthy)
    assert (again.code, "no such snapshot on the node" in again.stdout) == (1, True)
    assert stentor("doctor", "--undo", "1", "crtr", fleet=healthy).code == 2
    assert stentor("doctor", "--undo", "2", fleet=healthy).code == 2
    (home / ".ssh").chmod(0o700)


def test_an_rc_that_only_writes_the_environment_file_is_moved_with_it(healthy: Lab, stentor: Stentor) -> None:
    home = healthy.home("drtr")
    write(home / ".ssh/rc", "echo PATH=/opt/old:/usr/bin:/bin >~/.ssh/environment\n")
    try:
        assert healthy.run("drtr", "true").code == 0
        assert (home / ".ssh/environment").exists(), "every login writes it"
        found, _ = doctor(stentor, healthy, "drtr")
        assert "writes ~/.ssh/environment" in findings(found["drtr"])["rc"]["what"]
        assert stentor("doctor", "--fix", "--yes", "drtr", fleet=healthy).code == 0
        assert healthy.run("drtr", "true").code == 0
        assert not (home / ".ssh/rc").exists()
        assert not (home / ".ssh/environment").exists(), "nor does the next login bring it back"
    finally:
        (home / ".ssh/rc").unlink(missing_ok=True)
        (home / ".ssh/environment").unlink(missing_ok=True)


def test_what_cannot_be_undone_is_not_offered(healthy: Lab, stentor: Stentor) -> None:
    text = rc(healthy, "drtr").read_text()
    key = write(healthy.home("drtr") / ".ssh/id_ed25519", "secret")
    key.chmod(0o644)
    healthy.break_("drtr", "read-only-home")
    said = stentor("doctor", "--fix", "--yes", "--json", "drtr", fleet=healthy)
    fixes = [line for line in map(json.loads, said.stdout.splitlines()) if line["type"] == "fix"]
    assert {fix["kind"] for fix in fixes} == {"skipped"}
    assert all("not offered: no snapshot of it can be kept, since" in fix["reason"] for fix in fixes)
    assert ((healthy.home("drtr") / ".ssh/rc").read_text(), key.stat().st_mode & 0o777) == (text, 0o644)


def test_each_fix_is_asked_for(healthy: Lab, environ: dict[str, str]) -> None:
    import pty
    import subprocess
    import sys

    rc(healthy, "crtr")
    (healthy.home("crtr") / ".ssh").chmod(0o770)
    ours, theirs = pty.openpty()
    variables = {**environ, "STENTOR_FLEET": str(healthy.fleet_dir)}
    variables.pop("CI", None)
    words = [sys.executable, "-m", "stentor", "doctor", "--fix", "crtr"]
    os.write(ours, b"n\ny\nn\n")
    done = subprocess.run(
        words, stdin=theirs, stdout=subprocess.PIPE, stderr=theirs, env=variables, timeout=60, check=False
    )
    os.close(theirs)
    os.close(ours)
    assert b"done: move ~/.ssh/rc aside" in done.stdout
    assert b"chmod 700 ~/.ssh (" not in done.stdout, "the answer was no"
    assert not (healthy.home("crtr") / ".ssh/rc").exists()
    (healthy.home("crtr") / ".ssh").chmod(0o700)


# A file system whose server never answers: what a hung NFS mount is to those who look at it.
HUNG_MOUNT = """
import ctypes, os, subprocess, sys
home, script = sys.argv[1:]
fuse = os.open("/dev/fuse", os.O_RDWR)
place = os.path.join(home, "data")
options = f"fd={fuse},rootmode=40000,user_id={os.getuid()},group_id={os.getgid()}"
if ctypes.CDLL(None).mount(b"nas:/data", place.encode(), b"fuse", 0, options.encode()):
    sys.exit(77)
variables = {"HOME": home, "PATH": "/usr/bin:/bin", "SHELL": "/bin/dash"}
words = ["/bin/sh", "-c", '"$@"; true', "sh", "/bin/sh", "-s", "--", "2", "needed", "login"]
sys.exit(subprocess.run(words, stdin=open(script), env=variables, timeout=50).returncode)
"""


def test_a_mount_that_truly_hangs(tmp_path: Path, tally: Tally) -> None:
    import subprocess
    import sys

    from stentor.probe.doctor import program
    from stentor.probe.observe import parse
    from stentor.probe.rules_node import node_findings
    from tests.support import need_root

    need_root()
    need("unshare", "dash")
    (tmp_path / "data").mkdir()
    words = ["unshare", "-m", sys.executable, "-c", HUNG_MOUNT, str(tmp_path), program()]
    done = subprocess.run(words, capture_output=True, timeout=60, check=False)
    if done.returncode == 77 or b"/dev/fuse" in done.stderr:
        lacking("no file system can be mounted here")
    seen = parse(done.stdout)
    assert seen.complete
    found = {finding.key: finding for finding in node_findings(seen)}
    tally("mount-hangs" in found, 1, 0, 1)
    assert found["mount-hangs"].what == f"{tmp_path}/data does not answer"
    assert all(shell.ready for kind, shell in seen.shells.items() if kind != "service")
