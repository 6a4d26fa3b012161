"""Services on Debians with systemd: what a deploy does, and that everything is as before when it fails."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from stentor import lab as labs
from tests.integration.full.conftest import as_root, power_cut, until
from tests.integration.full.node_programs import Machine

pytestmark = [pytest.mark.integration, pytest.mark.timeout(600)]

UNIT = """
[Service]
ExecStart={program}
Restart={restart}
RestartSec=1
[Install]
WantedBy=multi-user.target
"""
SERVER = "/usr/bin/python3 -m http.server {port} --bind 127.0.0.1 --directory /etc/hello"
STATE = ".local/state/stentor/services"


class Sites:
    """The fleet's files, and what is on a node."""

    def __init__(self, lab: labs.Lab, stentor: Any, environ: dict[str, str]) -> None:
        self.lab = lab
        self.stentor = stentor
        self.environ = environ
        self.folder = lab.fleet_dir

    def write(self, *, node: str = "crtr", page: str = "one", port: int = 8081, **keys: Any) -> None:
        """One service: a web server with a page of its own."""
        program = keys.pop("program", SERVER.format(port=port))
        (self.folder / "hello.service").write_text(
            UNIT.format(program=program, restart=keys.pop("restart", "on-failure"))
        )
        (self.folder / "page.j2").write_text(f"{page} on {{{{ node.alias }}}}\n")
        entry = {
            "node": node, "type": "systemd", "unit_file": "hello.service", "port": port,
            "files": {"/etc/hello/index.html": "page.j2"}, "settle": "1s", **keys,
        }  # fmt: skip
        (self.folder / "services.yaml").write_text(json.dumps({"services": {"hello": entry}}))

    def deploy(self, *words: str) -> Any:
        return self.stentor("services", "deploy", "@all", "--yes", "--short", *words, timeout=180)

    def seen(self, alias: str = "crtr") -> dict[str, str]:
        """What a change could have altered on a node."""
        script = """
            cd /etc/systemd/system && find . -name '*hello*' -o -name '*stentor*' | sort
            cat /etc/systemd/system/hello.service /etc/hello/index.html 2>/dev/null
            systemctl show -p ActiveState,UnitFileState,LoadState hello.service
            find /etc/hello /etc/systemd/system -name '*stentor-part' 2>/dev/null
        """
        return {"said": as_root(self.lab, alias, "sh", "-c", script).stdout}

    def pid(self, alias: str = "crtr") -> str:
        return as_root(
            self.lab, alias, "systemctl", "show", "--value", "-p", "MainPID", "hello"
        ).stdout.strip()

    def page(self, alias: str = "crtr", port: int = 8081) -> str:
        code = f"import urllib.request as u; print(u.urlopen('http://127.0.0.1:{port}').read().decode())"
        return self.lab.run(alias, f'python3 -c "{code}"').stdout.strip()

    def start(self) -> subprocess.Popen[bytes]:
        words = [sys.executable, "-m", "stentor", "services", "deploy", "@all"]
        words += ["--yes", "--short", "--window", "5s"]
        environ = {**self.environ, "STENTOR_FLEET": str(self.folder)}
        return subprocess.Popen(
            words, env=environ, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, start_new_session=True
        )

    def undecided(self, alias: str = "crtr") -> bool:
        return (self.lab.home(alias) / STATE / "pending").exists()


@pytest.fixture
def sites(debians: labs.Lab, stentor: Any, environ: dict[str, str]) -> Iterator[Sites]:
    """A server that runs on crtr, deployed by stentor; nothing of it is left afterwards."""
    made = Sites(debians, stentor, environ)
    environ["STENTOR_FLEET"] = str(debians.fleet_dir)
    made.write()
    done = made.deploy()
    assert done.code == 0, done
    yield made
    (made.folder / "services.yaml").unlink()
    clean = "systemctl disable --now hello; rm -rf /etc/hello /etc/systemd/system/hello*"
    for alias in debians.nodes:
        as_root(debians, alias, "sh", "-c", f"{clean} /home/*/{STATE}; systemctl daemon-reload")


def test_a_service_is_deployed_and_nothing_runs_twice(sites: Sites) -> None:
    assert sites.page() == "one on crtr"
    before = sites.pid()
    assert sites.stentor("services", "plan").stdout == "crtr: up to date\n"
    assert sites.deploy().code == 0
    assert sites.pid() == before
    status = sites.stentor("services", "status", "--json")
    assert status.code == 0, status
    (row,) = [row for row in map(json.loads, status.stdout.splitlines()) if row["type"] == "service"]
    assert (row["state"], row["good"], row["problems"]) == ("active (running)", True, [])
    assert [(port["port"], port["owner"]) for port in row["ports"]] == [(8081, "hello.service")]


def test_systemd_is_asked_once_about_all_units(sites: Sites) -> None:
    """Each question is a process on the node, and they take most of a plan's time there."""
    file = sites.folder / "services.yaml"
    services = json.loads(file.read_text())["services"]
    others = {name: {"node": "crtr", "type": "systemd"} for name in ("ssh", "systemd-logind", "dbus")}
    file.write_text(json.dumps({"services": {**services, **others}}))
    machine, shim = Machine(sites.lab, "crtr"), "usr/local/bin/systemctl"
    machine.put(shim, '#!/bin/sh\necho $1 >>/tmp/asked; exec /usr/bin/systemctl "$@"\n')
    machine.root_says(f"chmod 755 /{shim}")
    try:
        for verb in ("plan", "status"):
            sites.stentor("services", verb)
            asked = machine.root_says("cat /tmp/asked; rm /tmp/asked")
            assert asked.split() == ["show"], verb
    finally:
        machine.root_says(f"rm -f /{shim} /tmp/asked")


def test_a_changed_file_restarts_the_service_and_can_be_taken_back(sites: Sites) -> None:
    before = sites.seen()
    sites.write(page="two")
    plan = sites.stentor("services", "plan")
    assert "  hello: replace /etc/hello/index.html\n  hello: restart hello.service\n" in plan.stdout
    assert "-one on crtr\n" in plan.stdout
    assert "+two on crtr\n" in plan.stdout
    assert sites.seen() == before
    drift = sites.stentor("services", "status")
    assert drift.code == 1
    assert "crtr: hello: /etc/hello/index.html: differs from the fleet\n" in drift.stdout
    assert sites.deploy().code == 0
    assert sites.page() == "two on crtr"
    done = sites.stentor("services", "rollback", "crtr", "--yes", timeout=120)
    assert done.code == 0, done
    assert sites.page() == "one on crtr"
    assert sites.seen() == before


@pytest.mark.parametrize(
    ("keys", "reason"),
    [
        ({"program": "/usr/bin/no-such-program"}, "no-such-program is not executable"),
        ({"program": "/bin/sleep 2", "restart": "no", "settle": "4s"}, "hello.service is inactive"),
        ({"program": "/bin/sleep 2", "restart": "always", "settle": "5s"}, "restart"),
        ({"program": "/bin/sleep 900"}, "nothing listens on port 8081"),
        ({"port": 22}, "port 22 belongs to ssh.service"),
        ({"check": "echo 'no answer' >&2; false"}, "no answer"),
    ],
    ids=["missing-binary", "ends", "dies-again-and-again", "does-not-listen", "port-taken", "check"],
)
def test_what_fails_is_put_back(sites: Sites, keys: dict[str, Any], reason: str) -> None:
    before = sites.seen()
    sites.write(page="two", **keys)
    done = sites.deploy()
    assert done.code == 1, done
    assert "crtr: failed: reverted: hello: " in done.stdout
    assert reason in done.stdout
    assert sites.seen() == before
    assert sites.page() == "one on crtr"
    assert not sites.undecided()


def test_a_canary_that_fails_keeps_the_others_as_they_are(sites: Sites) -> None:
    before = sites.seen()
    sites.write(page="two", node="crtr,drtr,trtr", check="test $(hostname) != drtr")
    done = sites.deploy("--canary", "drtr")
    assert done.code == 1, done
    assert "drtr: failed: reverted: hello: exit code 1" in done.stdout
    assert "crtr: cancelled: not begun" in done.stdout
    assert sites.seen() == before
    assert "LoadState=not-found" in sites.seen("drtr")["said"]
    assert "LoadState=not-found" in sites.seen("trtr")["said"]


def test_a_node_that_fails_takes_earlier_waves_back_where_that_is_asked_for(sites: Sites) -> None:
    before = sites.seen()
    sites.write(page="two", node="crtr,drtr", check="test $(hostname) != drtr", settle="4s")
    done = sites.deploy("--canary", "crtr", "--on-failure", "revert")
    assert done.code == 1, done
    assert "crtr: failed: reverted, because another node failed" in done.stdout
    assert "drtr: failed: reverted: hello: exit code 1" in done.stdout
    assert sites.seen() == before


def test_what_cannot_be_written_is_seen_in_the_plan(sites: Sites) -> None:
    as_root(sites.lab, "crtr", "sh", "-c", "rm /etc/hello/index.html; mkdir /etc/hello/index.html")
    done = sites.deploy()
    assert done.code == 6, done
    assert "crtr: hello: /etc/hello/index.html is no plain file there" in done.stderr


def test_a_node_that_is_down_does_not_hold_up_the_others(sites: Sites) -> None:
    sites.lab.break_("drtr", "down")
    try:
        sites.write(page="two", node="crtr,drtr")
        done = sites.deploy("--connect-timeout", "1")
        assert "crtr: ok" in done.stdout
        assert "drtr: " in done.stdout
        assert "hint: drtr: when back: stentor services deploy drtr\n" in done.stderr
        assert done.code == 4, done
        assert sites.page() == "two on crtr"
    finally:
        sites.lab.heal()


def test_a_node_that_goes_down_in_the_middle_is_as_before_and_so_are_the_others(sites: Sites) -> None:
    before = sites.seen()
    sites.write(page="two", settle="15s")
    file = sites.folder / "services.yaml"
    services = json.loads(file.read_text())["services"]
    file.write_text(json.dumps({"services": {**services, "other": {**services["hello"], "node": "prtr",
                                                                   "unit": "hello.service"}}}))  # fmt: skip
    process = sites.start()
    until(lambda: sites.undecided("crtr") and sites.undecided("prtr"), 90, "both have begun")
    power_cut(sites.lab, "prtr")
    process.wait(180)
    until(lambda: not sites.undecided("crtr"), 60, "crtr has taken it back")
    assert sites.seen() == before
    until(lambda: not sites.undecided("prtr"), 60, "prtr has taken it back after its boot")
    assert "index.html" not in sites.seen("prtr")["said"]
    assert "LoadState=not-found" in sites.seen("prtr")["said"]


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGKILL], ids=["ctrl-c", "kill-9"])
@pytest.mark.parametrize("step", ["begun", "applied"])
def test_an_interrupted_deploy_is_undone(sites: Sites, number: int, step: str) -> None:
    before = sites.seen()
    sites.write(page="two", settle="3s")
    process = sites.start()
    pending = sites.lab.home("crtr") / STATE / "pending"
    until(pending.exists, 90, "it has begun")
    if step == "applied":  # the node goes on, and hears nothing more
        os.killpg(process.pid, signal.SIGSTOP)
        until((pending / "applied").exists, 60, step)
    os.killpg(process.pid, number)
    os.killpg(process.pid, signal.SIGCONT)
    assert process.wait(60) != 0
    until(lambda: not pending.exists(), 60, "it is undone")
    assert sites.seen() == before
    assert sites.page() == "one on crtr"


def test_a_second_operator_hears_of_the_first(sites: Sites) -> None:
    sites.write(page="two", settle="8s")
    process = sites.start()
    until(sites.undecided, 90, "the first has begun")
    refused = sites.deploy()
    assert refused.code == 6, refused
    assert " is in progress there, or waits to be confirmed\n" in refused.stderr
    locked = sites.stentor("services", "restart", "hello")
    assert locked.code == 6, locked
    assert "crtr: locked by " in locked.stderr
    assert ", services deploy all services\n" in locked.stderr
    assert process.wait(90) == 0
    assert sites.page() == "two on crtr"
    assert sites.deploy().stdout == "crtr: up to date\n"


def test_a_full_disk_changes_nothing(sites: Sites) -> None:
    before = sites.seen()
    sites.write(page="two " * 20000)
    fill = "mount -t tmpfs -o size=64k tmpfs /mnt && cp -a /etc/hello/. /mnt && mount --bind /mnt /etc/hello"
    assert as_root(sites.lab, "crtr", "sh", "-c", fill).code == 0
    try:
        done = sites.deploy()
        assert done.code == 1, done
        assert "crtr: failed: reverted: /etc/hello/index.html cannot be written" in done.stdout
        assert sites.page() == "one on crtr"
    finally:
        as_root(sites.lab, "crtr", "sh", "-c", "umount /etc/hello /mnt")
    assert sites.seen() == before


def test_start_stop_logs_and_exec(sites: Sites) -> None:
    say: Callable[..., Any] = sites.stentor
    assert say("services", "stop", "hello", "--yes").stdout == "crtr: ok\n"
    assert "ActiveState=inactive" in sites.seen()["said"]
    assert say("services", "start", "hello").code == 0
    first = sites.pid()
    assert say("services", "restart", "hello").code == 0
    assert sites.pid() != first
    assert say("services", "disable", "hello", "--yes").code == 0
    assert "is not enabled" in say("services", "status", "hello").stdout
    assert say("services", "enable", "hello").code == 0
    sites.page()
    assert '"GET / HTTP/1.1" 200' in say("services", "logs", "hello").stdout
    assert say("services", "exec", "hello", "id", "-u").stdout == "0\n"


def test_data_is_backed_up_into_a_file_and_restored(sites: Sites, tmp_path: Path) -> None:
    tar = "tar -C /etc/hello"
    sites.write(backup=f"{tar} -c .", restore=f"{tar} -x && cat /etc/hello/index.html")
    file = tmp_path / "hello.tar"
    done = sites.stentor("services", "backup", "hello", "-o", file)
    assert done.code == 0, done
    assert done.stderr == f"crtr: {file.stat().st_size} bytes in {file}\n"
    as_root(sites.lab, "crtr", "sh", "-c", "echo lost >/etc/hello/index.html")
    done = sites.stentor("services", "restore", "hello", file, "--yes")
    assert done.stdout == "one on crtr\n"
    assert done.stderr == f"crtr: hello has read {file}\n"
    whole = file.read_bytes()
    sites.write(backup="echo part; echo 'no room' >&2; exit 3")
    done = sites.stentor("services", "backup", "hello", "-o", file)
    assert done.code == 1, done
    assert "no room" in done.stderr
    assert file.read_bytes() == whole
    assert [path.name for path in tmp_path.iterdir() if "part" in path.name] == []


def test_ports_shows_who_listens(sites: Sites) -> None:
    lines = sites.stentor("services", "ports", "hello").stdout.splitlines()
    assert [line.split() for line in lines[1:]] == [["crtr", "8081", "127.0.0.1", "hello.service", "hello"]]
    everything = sites.stentor("services", "ports").stdout.splitlines()
    assert ["crtr", "22"] in [line.split()[:2] for line in everything]
    sites.write(port=8090)
    lines = sites.stentor("services", "ports", "hello").stdout.splitlines()
    assert ["crtr", "8090", "hello", "nothing", "listens"] in [line.split() for line in lines]


def test_a_unit_may_be_called_by_another_of_its_names(sites: Sites) -> None:
    place = "/usr/lib/systemd/system/greeter.service"  # systemctl disable removes links in /etc
    link = f"ln -s /etc/systemd/system/hello.service {place}; systemctl daemon-reload"
    as_root(sites.lab, "crtr", "sh", "-c", link)
    try:
        entry = {"node": "crtr", "type": "systemd", "unit": "greeter", "port": 8081}
        (sites.folder / "services.yaml").write_text(json.dumps({"services": {"hello": entry}}))
        assert sites.stentor("services", "status").code == 0
        assert sites.stentor("services", "plan").stdout == "crtr: up to date\n"
        assert sites.stentor("services", "disable", "hello", "--yes").code == 0
        assert sites.deploy().code == 0
        assert "UnitFileState=enabled" in sites.seen()["said"]
        before = sites.pid()
        assert sites.stentor("services", "restart", "hello").code == 0
        assert sites.pid() != before
        assert sites.stentor("services", "ports", "hello").code == 0
    finally:
        as_root(sites.lab, "crtr", "sh", "-c", f"rm {place}; systemctl daemon-reload")


def test_absent_removes_what_was_deployed(sites: Sites) -> None:
    sites.write(status="absent")
    assert sites.deploy().code == 0
    said = sites.seen()["said"]
    assert "LoadState=not-found" in said
    assert "hello.service" not in said.replace("LoadState", "")
    assert sites.stentor("services", "rollback", "crtr", "--yes", timeout=120).code == 0
    assert sites.page() == "one on crtr"


def test_a_plan_of_a_missing_secret_names_its_place(sites: Sites, tmp_path: Path) -> None:
    sites.write(files={"/etc/hello/key": "secret:hello.key"})
    done = sites.stentor("services", "plan")
    assert done.code == 3
    assert "there is no secret 'hello.key'" in done.stderr
    (sites.folder / "secrets").mkdir()
    (sites.folder / "secrets/hello.key").write_text("correct horse\n")
    plan = sites.stentor("services", "plan").stdout
    assert "write /etc/hello/key, a secret: its contents are not shown" in plan
    assert "correct horse" not in plan
