"""A service, its web name and its DNS record, changed together: whatever fails, all three are as before."""

from __future__ import annotations

import json
import os
import shlex
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any

import pytest

from stentor import lab as labs
from stentor.lab.backends.full import PROGRAMS
from tests.integration.full.conftest import until
from tests.integration.full.node_programs import Machine
from tests.support import need, need_root
from tests.terminal import at_terminal

pytestmark = [pytest.mark.integration, pytest.mark.timeout(600)]

UNIT = """\
[Service]
EnvironmentFile=/etc/hello/env
ExecStart={program}
[Install]
WantedBy=multi-user.target
"""
SERVER = "/usr/bin/python3 -m http.server ${PORT} --bind 127.0.0.1 --directory /etc/hello"
NODE = "node001"
STATE = ".local/state/stentor/services"
SAID = {"kept": b"earlier files kept", "armed": b"deadline armed", "applied": b"applied, and it works"}
STEPS = (*SAID, "asked", "confirm")  # the last two: web names are asked for, and nodes told that it stays


class Household:
    """A node that is the gateway, answers DNS and runs one service.

    Args:
        lab: with that node.
        stentor: runs the command.
        environ: its environment.
    """

    def __init__(self, lab: labs.Lab, stentor: Any, environ: dict[str, str]) -> None:
        self.lab = lab
        self.machine = Machine(lab, NODE)
        self.folder = lab.fleet_dir
        self.stentor = stentor
        self.environ = {**environ, "STENTOR_FLEET": str(self.folder)}
        self.pending = lab.home(NODE) / STATE / "pending"

    def write(self, page: str = "one", *, names: str = "a", port: int = 8081, **keys: Any) -> None:
        """The service with its page, and a web name for each letter."""
        program = keys.pop("program", SERVER)
        (self.folder / "hello.service").write_text(UNIT.format(program=program))
        (self.folder / "page").write_text(f"{page}\n")
        (self.folder / "env").write_text(f"PORT={keys.pop('env', port)}\n")
        hello = {
            "node": NODE, "type": "systemd", "unit_file": "hello.service", "port": port, "bind": "127.0.0.1",
            "files": {"/etc/hello/index.html": "page", "/etc/hello/env": "env"}, "settle": "1s", **keys,
        }  # fmt: skip
        path = keys.pop("path", "/")
        hello.pop("path", None)
        domains = [{"fqdn": f"{letter}.test", "service": "hello", "path": path} for letter in names]
        services = {
            "services": {"hello": hello},
            "gateway": {"node": NODE, "dns": "dnsmasq"},
            "domains": domains,
        }
        (self.folder / "services.yaml").write_text(json.dumps(services))

    def deploy(self) -> Any:
        words = ("services", "deploy", "@all", "--yes", "--short")
        return self.stentor(*words, fleet=self.lab, timeout=200)

    def start(self, *before: str) -> subprocess.Popen[bytes]:
        """Deploy, in a session of its own; its steps come on standard error.

        Args:
            before: words in front of the command.
        """
        words = [*before, sys.executable, "-m", "stentor", "services", "deploy", "@all"]
        words += ["--yes", "--short", "--window", "5s"]
        return subprocess.Popen(
            words, env=self.environ, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, start_new_session=True
        )

    def seen(self) -> str:
        """Files and states; not which process it is, since a service may have been started again."""
        return self.machine.root_says(
            "cd /; cat etc/hello/* etc/caddy/* etc/dnsmasq.d/* etc/systemd/system/hello.service;"
            " ls etc/hello etc/caddy etc/dnsmasq.d etc/systemd/system;"
            " systemctl show -p Id,ActiveState,UnitFileState hello caddy dnsmasq"
        )

    def holds(self) -> None:
        """By the earlier file nothing is to be done, and everything answers: service, gateway and DNS."""
        self.write()
        plan = self.stentor("services", "plan", fleet=self.lab, timeout=60)
        assert plan.stdout == f"{NODE}: up to date\n", plan
        status = self.stentor("services", "status", "--json", fleet=self.lab, timeout=60)
        assert status.code == 0, status


@pytest.fixture(scope="module")
def lab(playground: Path) -> Iterator[labs.Lab]:
    need_root()
    need(*PROGRAMS, "sshd")
    made = labs.up(playground / "before", backend="full", nodes=1, all_up=True)
    machine = Machine(made, NODE)
    machine.gateway()
    machine.root_says("systemctl start caddy dnsmasq")
    try:
        yield made
    finally:
        made.down()


@pytest.fixture
def household(lab: labs.Lab, stentor: Any, environ: dict[str, str]) -> Household:
    made = Household(lab, stentor, environ)
    made.write()
    done = made.deploy()
    assert done.code == 0, done
    return made


@pytest.mark.parametrize(
    ("keys", "reason"),
    [
        ({"program": "/usr/bin/no-such-program"}, "no-such-program"),
        ({"program": "/bin/sleep 5", "settle": "6s"}, "hello.service is inactive"),
        ({"env": 22}, "hello: "),
        ({"port": 22}, "hello: port 22 belongs to ssh.service"),
        ({"path": "/nope"}, "b.test: answers 404, not 200"),
    ],
    ids=["missing-binary", "dies-after-five-seconds", "env-file", "port-taken", "wrong-answer"],
)
def test_a_service_that_fails(household: Household, keys: dict[str, Any], reason: str) -> None:
    before = household.seen()
    household.write("two", names="ab", **keys)
    done = household.deploy()
    assert done.code == 1, done
    assert f"{NODE}: failed: reverted: " in done.stdout
    assert reason in done.stdout
    assert household.seen() == before
    household.holds()


def test_a_gateway_and_a_dns_server_that_refuse(household: Household) -> None:
    machine = household.machine
    faults = {
        "etc/caddy/stentor.caddyx": ("b.test {\n\ttls internal\n\trespond hi\n}\n", "Caddy refuses it"),
        "etc/dnsmasq.d/other": ("no-such-option\n", "dnsmasq refuses"),
    }
    for path, (text, reason) in faults.items():
        machine.put(path, text)
        before = household.seen()
        household.write("two", names="ab")
        done = household.deploy()
        assert done.code == 1, done
        assert reason in done.stdout
        assert household.seen() == before
        machine.root_says(f"rm /{path}")
        household.holds()


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGKILL], ids=["ctrl-c", "kill-9"])
@pytest.mark.parametrize("step", STEPS)
def test_an_end_at_each_step(household: Household, number: int, step: str) -> None:
    before = household.seen()
    # A name that answers otherwise is asked again for a while.
    household.write("two", names="ab", settle="2s", path="/nope" if step == "asked" else "/")
    with household.start() as process, ExitStack() as after:
        assert process.stderr is not None
        for line in process.stderr:
            if step == "confirm" and SAID["armed"] in line:
                after.enter_context(held_up(household))
            if SAID.get(step, SAID["applied"]) in line:
                break
        if step == "asked":
            until(lambda: household.pending.joinpath("applied").exists(), 30, step)
            time.sleep(2)
        if step == "confirm":
            until(lambda: running(household, " confirm op="), 60, step)
        os.killpg(process.pid, number)
        after.close()
        process.stderr.read()
    time.sleep(0.5)
    until(lambda: not household.pending.exists(), 90, "it is undone")
    if household.seen() != before:
        # Whoever interrupts the confirmation may come too late: then all of it stands, on all three.
        assert step == "confirm" or (step, number) == ("applied", signal.SIGINT)
        assert household.deploy().stdout == f"{NODE}: up to date\n"
        household.write()
        assert household.deploy().code == 0
    household.holds()


def running(household: Household, words: str) -> bool:
    """Whether the node has a process with these words."""
    return household.machine.root_says(f"pgrep -f -- {shlex.quote(words)} || true") != ""


@contextmanager
def held_up(household: Household) -> Iterator[None]:
    """Hold the node's lock as soon as the program has released it that applies the change."""
    state = f"/home/{household.lab.nodes[NODE].user}/{STATE}"
    household.machine.root_says(f"systemd-run -q --unit=held flock {state}/lock sleep 60")
    try:
        yield
    finally:
        household.machine.root_says("systemctl stop held")


def test_ctrl_c_at_the_question(household: Household) -> None:
    before = household.seen()
    household.write("two", names="ab")
    code, said = at_terminal(["services", "deploy", "@all", "--short"], household.environ, answer=b"\x03")
    assert f"deploy all services to {NODE}?" in said
    assert code == 130, said
    assert household.seen() == before
    assert not household.pending.exists()
    household.holds()


def test_ctrl_c_while_it_is_planned(household: Household) -> None:
    before = household.seen()
    household.write("two", names="ab")
    slow = "usr/local/bin/systemctl"
    household.machine.put(slow, '#!/bin/sh\n: >/tmp/asked; sleep 3; exec /usr/bin/systemctl "$@"\n')
    household.machine.root_says(f"chmod 755 /{slow}")
    try:
        with household.start() as process:
            until((household.machine.root / "tmp/asked").exists, 60, "it is planned")
            os.killpg(process.pid, signal.SIGINT)
            process.communicate()
        assert process.returncode == 130
    finally:
        household.machine.root_says(f"rm -f /{slow} /tmp/asked")
    assert household.seen() == before
    household.holds()


@pytest.mark.parametrize("limit", ["size={}k", "size=4m,nr_inodes={}"], ids=["space", "inodes"])
def test_a_node_that_has_no_room_for_what_is_kept(household: Household, limit: str) -> None:
    """However much it has: the deploy succeeds, or everything is as before."""
    machine, state = household.machine, f"/home/{household.lab.nodes[NODE].user}/{STATE}"
    before, known = household.seen(), f"cat {state}/deployed; ls {state}/history"
    there = machine.root_says(known)
    count = "--output=used" if "size={}" in limit else "--output=iused"
    household.write("two", names="ab")
    step = 24 if "size={}" in limit else 6
    failures = 0
    for room in range(0, 40 * step, step):
        copied = f"mount -t tmpfs tmpfs /mnt && cp -a {state}/. /mnt"
        used = int(machine.root_says(f"{copied} && df -k {count} /mnt | tail -1; umount /mnt"))
        small = f"mount -t tmpfs -o mode=700,{limit.format(used + room)} tmpfs /mnt && cp -a {state}/. /mnt"
        machine.root_says(f"{small} && mount --bind /mnt {state}")
        try:
            done = household.deploy()
            until(lambda: not household.pending.exists(), 90, "it is over")
            if done.code == 0:
                break
            failures += 1
            assert done.code == 1, done
            assert "no space" in done.stdout or "be written" in done.stdout, done
            assert machine.root_says(f"{known}; ls -d {state}/next 2>/dev/null || true") == there
            assert household.seen() == before
        finally:
            machine.root_says(f"umount {state} /mnt")
    assert failures > 2
    assert done.code == 0, done
    household.write()
    assert household.deploy().code == 0
    household.holds()


def test_a_full_disk_here_is_said_and_the_deploy_goes_on(household: Household) -> None:
    household.write("two", names="ab")
    mount = 'mount -t tmpfs -o size=4k tmpfs "$XDG_STATE_HOME" && exec "$@"'
    with household.start("unshare", "-m", "--propagation", "private", "sh", "-c", mount, "sh") as process:
        said = process.communicate()[1].decode()
    assert process.returncode == 0, said
    assert said.count("not written to the journal: the disk is full") == 1
    plan = household.stentor("services", "plan", fleet=household.lab, timeout=60)
    assert plan.stdout == f"{NODE}: up to date\n"
    household.write()
    assert household.deploy().code == 0
    household.holds()


def test_no_room_here_to_confirm_it(household: Household) -> None:
    before = household.seen()
    household.write("two", names="ab")
    mount = 'mount -t tmpfs -o size=2m tmpfs "$TMPDIR" && exec "$@"'
    with household.start("unshare", "-m", "--propagation", "private", "sh", "-c", mount, "sh") as process:
        assert process.stderr is not None
        said = b""
        for line in process.stderr:
            said += line
            if SAID["applied"] in line:
                # Again and again: what stood there during the fill is removed after it.
                fill = f"cat /dev/zero >>{household.environ['TMPDIR']}/filler; sleep 0.02"
                words = ["nsenter", "-t", str(process.pid), "-m", "sh", "-c"]
                words += [f"while kill -0 {process.pid}; do {fill}; done"]
                filling = subprocess.Popen(words, stderr=subprocess.DEVNULL)
    filling.wait(30)
    assert process.returncode, said
    assert b"Traceback" not in said
    assert b"no space for temporary files" in said
    until(lambda: not household.pending.exists(), 90, "the node takes it back by itself")
    assert household.seen() == before
    household.holds()


def test_a_full_disk(household: Household) -> None:
    before = household.seen()
    household.write("two " * 20000, names="ab")
    fill = "mount -t tmpfs -o size=64k tmpfs /mnt && cp -a /etc/hello/. /mnt && mount --bind /mnt /etc/hello"
    household.machine.root_says(fill)
    try:
        done = household.deploy()
        assert done.code == 1, done
        assert "/etc/hello/index.html cannot be written" in done.stdout
    finally:
        household.machine.root_says("umount /etc/hello /mnt")
    assert household.seen() == before
    household.holds()
