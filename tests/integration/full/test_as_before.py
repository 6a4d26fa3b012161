"""A service, its web name and its DNS record, changed together: whatever fails, all three are as before."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from stentor import lab as labs
from stentor.lab.backends.full import PROGRAMS
from tests.integration.full.conftest import until
from tests.integration.full.node_programs import Machine
from tests.support import need, need_root

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
STEPS = ("kept", "armed", "applied")


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

    def start(self) -> subprocess.Popen[bytes]:
        """Deploy, in a session of its own; its steps come on standard error."""
        words = [sys.executable, "-m", "stentor", "services", "deploy", "@all"]
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
        ({"port": 53}, "Address already in use"),
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
    household.write("two", names="ab", settle="2s")
    said = {"kept": b"earlier files kept", "armed": b"deadline armed", "applied": b"applied, and it works"}
    with household.start() as process:
        assert process.stderr is not None
        for line in process.stderr:
            if said[step] in line:
                break
        os.killpg(process.pid, number)
        process.stderr.read()
    time.sleep(0.5)
    until(lambda: not household.pending.exists(), 90, "it is undone")
    if household.seen() != before:
        # Whoever interrupts the confirmation may come too late: then all of it stands, on all three.
        assert (step, number) == ("applied", signal.SIGINT)
        assert household.deploy().stdout == f"{NODE}: up to date\n"
        household.write()
        assert household.deploy().code == 0
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
