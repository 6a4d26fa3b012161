"""DNS on a node: a real dnsmasq, a hosts file, and Pi-hole's list; each fault is found and put back."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from pathlib import Path

import pytest

from stentor.fleet.model import Fleet, Node
from stentor.fleet.services import Services, Site
from stentor.services.gateway import dns_items
from stentor.services.item import Item
from stentor.services.program import compose
from stentor.services.proof.resolve import here, problem
from stentor.services.proof.ways import Ways
from tests.readers import program
from tests.support import free_port

pytestmark = pytest.mark.integration
NODE = Node("gate", "gate", ("127.0.0.1",))
FLEET = Fleet("/f", {"gate": NODE, "n1": Node("n1", "first", ("10.0.0.2", "fd00::2"))}, {})


class World:
    """A node's program for a DNS server, run here."""

    def __init__(self, home: Path, dns: str, file: str = "", restart: str = "", port: int = 53) -> None:
        self.home = home
        self.services = Services((), "10.0.0.1", gateway_nodes=("gate",), dns=dns, dns_nodes=("gate",))
        self.services = self.services._replace(dns_file=file, dns_restart=restart, dns_port=port)
        self.number = 0
        (home / "bin").mkdir()

    def run(self, verb: str, *names: str, **options: str) -> list[str]:
        """Run a verb with these web names; its lines."""
        services = self.services._replace(sites=tuple(Site(name, "standard", "x:1") for name in names))
        return self.sent(dns_items(services, NODE, FLEET), verb, **options)

    def sent(self, items: Sequence[Item], verb: str, **options: str) -> list[str]:
        """Run a verb for these items; its lines."""
        text = compose(items, payload=True)
        words = ["sh", "-c", 'p=$(cat); eval "$p"', "stentor", verb]
        words += [f"{key}={value}" for key, value in options.items()]
        environ = {**os.environ, "HOME": str(self.home), "STENTOR_HOME": str(self.home)}
        environ["PATH"] = f"{self.home}/bin:{os.environ['PATH']}:/usr/sbin"
        done = subprocess.run(words, input=text, env=environ, capture_output=True, text=True, timeout=60)
        assert not done.stderr, done.stderr
        return done.stdout.splitlines()

    def deploy(self, *names: str) -> list[str]:
        self.number += 1
        said = self.run("deploy", *names, op=str(self.number), window="30")
        if "state applied" in said:
            assert "state confirmed" in self.run("confirm", *names, op=str(self.number))
        return said

    def would(self, *names: str) -> list[str]:
        return [line for line in self.run("look", *names) if line.split()[0] in ("would", "file", "missing")]


class Dnsmasq:
    """A dnsmasq with a folder of its own, which a script restarts."""

    def __init__(self, folder: Path) -> None:
        self.port = free_port()
        self.file = folder / "d/stentor.conf"
        self.restart = folder / "restart"
        self.pid = folder / "pid"
        (folder / "d").mkdir()
        user = "--user=root --group=root" if os.geteuid() == 0 else ""
        self.restart.write_text(
            f"#!/bin/sh\n[ ! -s {self.pid} ] || kill $(cat {self.pid})\nsleep 0.1\n"
            f"exec {program('dnsmasq')} -C /dev/null --conf-dir={folder}/d -p {self.port}"
            " --no-resolv --no-hosts"
            f" --listen-address=127.0.0.1 --bind-interfaces --pid-file={self.pid} {user}\n"
        )
        self.restart.chmod(0o755)

    def ask(self, name: str, address: str) -> str:
        ways = Ways(Fleet("/f", {}, {}), None, "127.0.0.1", {})
        for _ in range(50):
            said = problem(name, address, ways, self.port)
            if "refused" not in said:
                break
            time.sleep(0.05)
        return said

    def stop(self) -> None:
        if self.pid.exists():
            os.kill(int(self.pid.read_text()), 15)


@pytest.fixture
def dnsmasq(tmp_path: Path) -> Iterator[Dnsmasq]:
    made = Dnsmasq(tmp_path)
    yield made
    made.stop()


def test_dnsmasq_answers_after_a_deploy_and_as_before_when_it_is_taken_back(
    dnsmasq: Dnsmasq, tmp_path: Path
) -> None:
    world = World(tmp_path, "dnsmasq", str(dnsmasq.file), str(dnsmasq.restart), dnsmasq.port)
    assert "state applied" in world.deploy("web.test", "*.w.test")
    assert dnsmasq.ask("web.test", "10.0.0.1") == dnsmasq.ask("x.w.test", "10.0.0.1") == ""
    assert dnsmasq.ask("first", "fd00::2") == dnsmasq.ask("n1", "10.0.0.2") == ""
    assert dnsmasq.ask("web.test", "10.0.0.9") == "DNS answers 10.0.0.1, not 10.0.0.9"
    assert dnsmasq.ask("other.test", "10.0.0.1") in (
        "DNS answers REFUSED, not 10.0.0.1",
        "DNS answers NXDOMAIN, not 10.0.0.1",
    )
    assert world.would("web.test", "*.w.test") == []
    assert "state applied" in world.deploy("new.test")
    assert dnsmasq.ask("new.test", "10.0.0.1") == ""
    assert "state reverted" in world.run("revert", op="2")
    assert dnsmasq.ask("web.test", "10.0.0.1") == ""
    assert dnsmasq.ask("new.test", "10.0.0.1") != ""


def test_what_dnsmasq_refuses_is_never_written(dnsmasq: Dnsmasq, tmp_path: Path) -> None:
    world = World(tmp_path, "dnsmasq", str(dnsmasq.file), str(dnsmasq.restart), dnsmasq.port)
    world.deploy("web.test")
    before = dnsmasq.file.read_text()
    (item,) = dns_items(world.services, NODE, FLEET)
    broken = item.files[0]._replace(data=b"host-recrd=bad.test,10.0.0.1\n")
    said = world.sent([item._replace(files=(broken,))], "deploy", op="9", window="30")
    (failed,) = [line for line in said if line.startswith("failed")]
    assert failed.startswith("failed dns: dnsmasq refuses it: ") and failed.endswith("nothing was changed")
    assert f"{dnsmasq.file}" in failed
    assert dnsmasq.file.read_text() == before


def test_a_restart_that_fails_puts_the_earlier_file_back(dnsmasq: Dnsmasq, tmp_path: Path) -> None:
    world = World(tmp_path, "dnsmasq", str(dnsmasq.file), str(dnsmasq.restart), dnsmasq.port)
    world.deploy("web.test")
    before = dnsmasq.file.read_text()
    (tmp_path / "d/other.conf").write_text("nonsense\n")
    said = world.deploy("new.test")
    (reverted,) = [line for line in said if line.startswith("reverted")]
    assert reverted.startswith(f"reverted dns: '{dnsmasq.restart}' failed: "), said
    assert dnsmasq.file.read_text() == before
    (tmp_path / "d/other.conf").unlink()
    subprocess.run([dnsmasq.restart], check=True)


def test_a_dnsmasq_that_nobody_can_restart_is_said(dnsmasq: Dnsmasq, tmp_path: Path) -> None:
    world = World(tmp_path, "dnsmasq", str(dnsmasq.file))
    (missing,) = world.would("web.test")
    assert "'gateway: {dns_restart: COMMAND}'" in missing


HOSTS = "127.0.0.1\tlocalhost\n# mine\n10.9.9.9 other"


def test_a_hosts_file_keeps_what_others_wrote(tmp_path: Path) -> None:
    hosts = tmp_path / "hosts"
    hosts.write_text(HOSTS)
    world = World(tmp_path, "hosts", str(hosts))
    assert f"would 1 {hosts}: + 10.0.0.1 web.test" in world.would("web.test")
    assert "state applied" in world.deploy("web.test")
    text = hosts.read_text()
    assert text.startswith(HOSTS + "\n# BEGIN stentor services\n127.0.0.1 gate\n10.0.0.2 n1 first\n")
    assert world.would("web.test") == []
    hosts.write_text(text + "10.8.8.8 behind\n")
    assert world.would("new.test") == [
        f"would 1 {hosts}: - 10.0.0.1 web.test",
        f"would 1 {hosts}: + 10.0.0.1 new.test",
    ]
    assert "state applied" in world.deploy("new.test")
    assert "new.test" in hosts.read_text() and hosts.read_text().endswith("10.8.8.8 behind\n")
    assert "state reverted" in world.run("revert", op="2")
    assert hosts.read_text() == text + "10.8.8.8 behind\n"
    hosts.write_text("# END stentor services\n")
    assert "are no pair" in world.would("web.test")[0]


PIHOLE = """\
#!%s -IS
# What pihole-FTL 6 does with its list, in the formats of its source (config/cli.c and toml_helper.c):
# JSON goes in, a list without quotes comes out.
import json, os, sys
path = os.path.dirname(os.path.abspath(__file__)) + "/pihole.json"
rows = json.load(open(path))
if sys.argv[1:3] != ["--config", "dns.hosts"]:
    sys.exit(4)
if len(sys.argv) > 3:
    try:
        rows = json.loads(sys.argv[3])
        assert all(isinstance(row, str) for row in rows)
    except Exception as error:
        print("Config setting dns.hosts is invalid: not valid JSON, error before:", error)
        sys.exit(2)
    json.dump(rows, open(path, "w"))
print("[ " + "".join(row + (", " if row is not rows[-1] else " ") for row in rows) + "]" if rows else "[]")
"""


def test_pihole_keeps_the_rows_of_others(tmp_path: Path) -> None:
    world = World(tmp_path, "pihole")
    (tmp_path / "bin/pihole-FTL").write_text(PIHOLE % sys.executable)
    (tmp_path / "bin/pihole-FTL").chmod(0o755)
    kept = tmp_path / "bin/pihole.json"

    def rows() -> list[str]:
        return list(json.loads(kept.read_text()))

    kept.write_text(json.dumps(["10.9.9.9 mine", "10.9.9.8 web.test old.test"]))
    ours = ["127.0.0.1 gate", "10.0.0.2 n1 first", "fd00::2 n1 first"]
    assert "would 1 Pi-hole: - 10.9.9.8 web.test old.test" in world.would("web.test")
    assert "state applied" in world.deploy("web.test")
    assert rows() == ["10.9.9.9 mine", *ours, "10.0.0.1 web.test"]
    assert world.would("web.test") == []
    kept.write_text(json.dumps([*rows(), "10.9.9.7 later"]))
    assert "state applied" in world.deploy("new.test")
    assert rows() == ["10.9.9.9 mine", "10.9.9.7 later", *ours, "10.0.0.1 new.test"]
    assert "state reverted" in world.run("revert", op="2")
    assert rows() == ["10.9.9.9 mine", *ours, "10.0.0.1 web.test", "10.9.9.7 later"]
    assert "Pi-hole: - 10.0.0.1 web.test" in world.would()[0]
    kept.write_text("[]")
    assert "state applied" in world.deploy("web.test")
    assert rows() == [*ours, "10.0.0.1 web.test"]


def test_no_pihole_is_said(tmp_path: Path) -> None:
    world = World(tmp_path, "pihole")
    assert world.would("a.test") == ["missing 1 pihole-FTL is not there: Pi-hole 6 is needed"]
    (tmp_path / "bin/pihole-FTL").write_text("#!/bin/sh\necho 'Unknown option'\nexit 1\n")
    (tmp_path / "bin/pihole-FTL").chmod(0o755)
    assert "gives no list" in world.would("a.test")[0]


def test_what_this_machine_finds_for_a_name() -> None:
    assert "127.0.0.1" in here("localhost")
    assert here("nobody.invalid") == ()
    assert here("x" * 70 + ".test") == ()
