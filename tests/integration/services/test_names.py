"""Web names from YAML to an answer by name on a practice node; and as before where that fails."""

from __future__ import annotations

import json
import signal
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest

from stentor.lab import Lab
from tests.support import free_port
from tests.web import Gateway, caddy_of
from tests.web import backends as backends

pytestmark = pytest.mark.integration


class World:
    """A fleet whose node ``crtr`` is a gateway with a real Caddy."""

    def __init__(self, lab: Lab, gateway: Gateway, port: int) -> None:
        self.lab = lab
        self.gateway = gateway
        self.port = port
        self.home = lab.run("crtr", "pwd").stdout.strip()
        self.file = lab.fleet_dir / "services.yaml"
        self.hosts = gateway.folder / "hosts"

    def write(self, domains: str, more: str = "") -> None:
        self.file.write_text(
            f"services: {{web: {{node: crtr, port: {self.port}}}}}\n"
            f"gateway: {{node: crtr, ip: 127.0.0.1, caddyfile: {self.home}/gw/Caddyfile{more}}}\n"
            f"domains:\n{domains}"
        )


@pytest.fixture
def world(lab: Lab, backends: Mapping[str, Any]) -> Iterator[World]:
    folder = lab.home("crtr") / "gw"
    folder.mkdir()
    gateway = Gateway(caddy_of("Debian's"), folder)
    try:
        (folder / "stentor.caddy").write_text("# none\n")
        mine = "mine.test {\n\ttls internal\n\trespond mine\n}\nimport stentor.caddy\n"
        gateway.start(gateway.options + mine, "mine.test")
        made = World(lab, gateway, backends["plain"])
        yield made
        made.file.unlink(missing_ok=True)
    finally:
        gateway.stop()


def test_a_name_is_planned_deployed_proved_shown_and_taken_back(world: World, stentor: Any) -> None:
    world.write(
        f"  - {{fqdn: a.test, service: web, backend: 'localhost:{world.port}'}}\n"
        f"  - {{fqdn: sse.test, service: web, backend: 'localhost:{world.port}', type: sse, path: /events}}\n"
        "  - {fqdn: old.test, type: redirect, to: 'https://a.test'}\n"
    )
    planned = stentor("services", "plan")
    assert planned.code == 0, planned
    assert f"  gateway: replace {world.home}/gw/stentor.caddy\n  gateway: reload caddy\n" in planned.stdout
    assert "    +a.test {\n" in planned.stdout
    before = stentor("services", "status")
    assert (
        before.code == 1 and "the Caddyfile has no site of this name: stentor services plan" in before.stdout
    )
    done = stentor("services", "deploy", "@all", "--yes")
    assert done.code == 0, done
    shown = stentor("services", "status")
    assert shown.code == 0, shown
    assert [line.split()[:3] for line in shown.stdout.splitlines() if ".test" in line] == [
        ["a.test", "standard", "200"], ["sse.test", "sse", "200"], ["old.test", "redirect", "302"],
    ]  # fmt: skip
    records = [json.loads(line) for line in stentor("services", "status", "--json").stdout.splitlines()]
    names = {one["name"]: one for one in records if one["type"] == "web_name"}
    assert names["a.test"]["good"] and names["a.test"]["code"] == 200
    assert stentor("services", "plan").stdout == "crtr: up to date\n"
    taken = stentor("services", "rollback", "crtr", "--yes")
    assert taken.code == 0, taken
    assert (world.gateway.folder / "stentor.caddy").read_text() == "# none\n"


def test_a_name_that_does_not_answer_puts_the_gateway_back(world: World, stentor: Any) -> None:
    world.write(f"  - {{fqdn: a.test, service: web, backend: 'localhost:{world.port}', path: /code/500}}\n")
    done = stentor("services", "deploy", "@all", "--yes")
    assert done.code == 1
    said = done.stdout + done.stderr
    assert "a.test: answers 500, not 200" in said and "reverted" in said
    assert (world.gateway.folder / "stentor.caddy").read_text() == "# none\n"
    world.gateway.wait_for("mine.test")


def test_what_caddy_refuses_is_a_failure_of_the_node_and_changes_nothing(world: World, stentor: Any) -> None:
    world.write(f"  - {{fqdn: mine.test, service: web, backend: 'localhost:{world.port}'}}\n")
    done = stentor("services", "deploy", "@all", "--yes")
    assert done.code == 1
    assert "Caddy refuses it: " in done.stdout + done.stderr
    assert "nothing was changed" in done.stdout + done.stderr
    assert (world.gateway.folder / "stentor.caddy").read_text() == "# none\n"


def test_a_device_that_is_off_does_not_hold_a_deploy_up(world: World, stentor: Any) -> None:
    world.write(
        f"  - {{fqdn: printer.test, backend: 'localhost:{free_port()}'}}\n"
        f"  - {{fqdn: a.test, service: web, backend: 'localhost:{world.port}'}}\n"
    )
    assert stentor("services", "deploy", "@all", "--yes").code == 0
    shown = stentor("services", "status", "--json")
    assert shown.code == 1
    names = [json.loads(line) for line in shown.stdout.splitlines() if '"web_name"' in line]
    assert [(one["good"], one["code"]) for one in names] == [(False, 502), (True, 200)]
    assert "its service does not answer: " in names[0]["said"]


def test_hosts_are_written_with_the_gateway_and_taken_back_with_it(world: World, stentor: Any) -> None:
    world.hosts.write_text("127.0.0.1 localhost\n")
    more = f", dns: hosts, dns_file: {world.home}/gw/hosts"
    world.write(f"  - {{fqdn: a.test, service: web, backend: 'localhost:{world.port}'}}\n", more)
    done = stentor("services", "deploy", "@all", "--yes")
    assert done.code == 0, done
    assert "\n127.0.0.1 a.test\n# END stentor services\n" in world.hosts.read_text()
    world.write(f"  - {{fqdn: b.test, service: web, backend: 'localhost:{world.port}', code: 404}}\n", more)
    assert stentor("services", "deploy", "@all", "--yes").code == 1
    assert "\n127.0.0.1 a.test\n# END stentor services\n" in world.hosts.read_text()
    assert "b.test" not in (world.gateway.folder / "stentor.caddy").read_text()


def test_names_that_nobody_serves_are_not_asked_for(world: World, stentor: Any) -> None:
    world.file.write_text(f"domains:\n  - {{fqdn: a.test, backend: 'localhost:{world.port}'}}\n")
    assert stentor("services", "status").stdout == ""
    planned = stentor("services", "plan")
    assert planned.stdout == "" and "see 'node' and 'type' of services, and 'gateway'" in planned.stderr


def test_a_plan_with_a_blocked_node_ends_as_the_deploy_would(world: World, stentor: Any) -> None:
    world.file.write_text("services:\n  web: {node: crtr, type: systemd, unit: nowhere-web.service}\n")
    said = [stentor("services", *words) for words in (("plan",), ("deploy", "@all", "--dry-run"))]
    assert [(one.code, one.stdout) for one in said] == [(6, said[0].stdout)] * 2, said
    assert "crtr: web: this node has no systemd" in said[0].stdout
    assert said[0].stderr == said[1].stderr
    told = stentor("services", "plan", "--json")
    assert (told.code, json.loads(told.stdout.splitlines()[-1])["exit_code"]) == (6, 6)


def test_docs_are_a_page_that_can_be_checked(world: World, stentor: Any, tmp_path: Path) -> None:
    world.write(f"  - {{fqdn: a.test, service: web, backend: 'localhost:{world.port}'}}\n")
    page = tmp_path / "SERVICES.md"
    assert stentor("services", "docs", "-o", page).code == 0
    assert f"| a.test | localhost:{world.port} | web | 127.0.0.1 |" in page.read_text()
    assert stentor("services", "docs").stdout == page.read_text()
    assert stentor("services", "docs", "--check", page).code == 0
    page.write_text(page.read_text().replace("a.test", "b.test"))
    stale = stentor("services", "docs", "--check", page)
    assert stale.code == 1 and "-| b.test" in stale.stdout and "is stale" in stale.stderr
    assert "a.test" in stentor("report").stdout


MORTAL = """
import os, sys
from stentor.cli.main import main
from stentor.services.change import ServicesChange

name, number = sys.argv.pop(1), int(sys.argv.pop(1))
plain = getattr(ServicesChange, name)


def dying(*words, **named):
    os.kill(os.getpid(), number)
    return plain(*words, **named)


setattr(ServicesChange, name, dying)
sys.exit(main())
"""


@pytest.mark.parametrize("number", [signal.SIGKILL, signal.SIGTERM, signal.SIGHUP], ids=lambda one: one.name)
@pytest.mark.parametrize(("moment", "stands"), [("_settled", False), ("_confirmed", True)])
def test_the_journal_says_what_the_node_has_decided_when_stentor_is_killed(
    world: World, stentor: Any, environ: dict[str, str], moment: str, stands: bool, number: signal.Signals
) -> None:
    world.write(f"  - {{fqdn: a.test, service: web, backend: 'localhost:{world.port}'}}\n")
    words = [sys.executable, "-c", MORTAL, moment, str(int(number)), "services", "deploy", "@all", "--yes"]
    environ["STENTOR_FLEET"] = str(world.lab.fleet_dir)
    done = subprocess.run(
        [*words, "--window", "5s"], env=environ, capture_output=True, text=True, timeout=120
    )
    assert (done.returncode == -signal.SIGKILL) == (number == signal.SIGKILL), done
    assert stentor("reap").code == 0
    for _ in range(300):  # the node takes it back by itself
        stands_there = "a.test" in (world.gateway.folder / "stentor.caddy").read_text()
        if stands_there == stands:
            break
        time.sleep(0.1)
    assert stands_there == stands or number != signal.SIGKILL
    for _ in range(100):  # what is started when stentor is killed may be the one that asks
        (node,) = json.loads(stentor("show", "@last", "--json").stdout.splitlines()[1])["nodes"]
        if node["kind"]:
            break
        time.sleep(0.1)
    assert (node["kind"] == "ok") == stands_there, node
    if number == signal.SIGKILL:
        assert "stentor was killed" in node["reason"]
