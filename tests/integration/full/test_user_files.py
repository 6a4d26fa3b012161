"""Three files as a household keeps them: taken over, planned, deployed and proved on a full node."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml

from stentor import lab as labs
from stentor.lab.backends.full import PROGRAMS
from tests.integration.full.node_programs import Machine
from tests.support import need, need_root

pytestmark = [pytest.mark.integration, pytest.mark.timeout(900)]

SERVICES = """
services:
  caddy: {type: systemd, enabled: true, status: running, binary: /usr/bin/caddy, unit_file: package,
          config: /etc/caddy/Caddyfile, ports: [80, 443], bind: 0.0.0.0, notes: serves every web name}
  pihole: {type: systemd, enabled: true, status: running, unit_file: package, config: /etc/pihole, port: 53}
  cockpit: {type: systemd, enabled: true, status: running, unit_file: package, port: 9090, bind: 127.0.0.1}
  samba: {type: systemd, enabled: true, status: running, unit_file: package, config: /etc/samba/smb.conf,
          port: 445, shares: {public: {path: /srv/public, guest: true}}}
  nfs: {type: systemd, enabled: false, status: installed-disabled, unit_file: package, config: /etc/exports}
  docker: {type: systemd, enabled: true, status: running, config: /etc/docker/daemon.json}
  secrets: {type: docker-compose, enabled: true, status: running, port: 8081, bind: 127.0.0.1,
            compose_file: /opt/secrets/docker-compose.yml, services: [postgres, redis, server],
            data: /srv/secrets, dependencies: [docker]}
  chat: {type: docker, enabled: true, status: running, image: "web:8082", container_name: open-chat,
         port: 8082, bind: 127.0.0.1, data: /srv/chat, restart: unless-stopped, dependencies: [docker]}
  search: {type: docker, enabled: true, status: running, image: "web:8083", port: 8083, bind: 127.0.0.1,
           restart: unless-stopped, dependencies: [docker]}
  notebook: {type: docker, enabled: true, status: running, image: "web:8084", port: 8084, bind: 127.0.0.1,
             restart: unless-stopped, dependencies: [docker]}
  atuin-server: {type: systemd, enabled: true, status: running, binary: /usr/bin/atuin, port: 8888}
  gitea: {type: systemd, enabled: true, status: running, port: 3000, bind: 127.0.0.1}
  n8n: {type: systemd, enabled: true, status: running, port: 5678, bind: 127.0.0.1}
  semaphore: {type: systemd, enabled: true, status: running, port: 3001, bind: 127.0.0.1}
  headscale: {type: systemd, enabled: true, status: running, port: 8085, bind: 127.0.0.1}
"""
DOMAINS = """
domains:
  - {fqdn: chat.home.test, service: chat, backend: "localhost:8082", type: websocket, local_ip: GATEWAY}
  - {fqdn: search.home.test, service: search, backend: "localhost:8083", type: standard, external_dns: true}
  - {fqdn: book.home.test, service: notebook, backend: "localhost:8084", type: sse, notes: it streams}
  - {fqdn: git.home.test, service: gitea, backend: "localhost:3000", type: standard}
  - {fqdn: n8n.home.test, service: n8n, backend: "localhost:5678", type: sse, http_version: 1.1}
  - {fqdn: printer.home.test, backend: "GATEWAY:9", type: standard, notes: a device that is off}
"""
NETWORK = "{gateway_ip: GATEWAY, external_target: home.example.net, vlans: [1, 2]}"
PORTS = {"cockpit": 9090, "smbd": 445, "atuin-server": 8888, "gitea": 3000, "n8n": 5678, "semaphore": 3001,
         "headscale": 8085}  # fmt: skip
SERVER = "ExecStart=/usr/bin/python3 -m http.server {} --directory /etc/caddy"


def project() -> str:
    """The compose file that lies on the node; of its services one is not of interest."""
    plain = {"image": "web:1", "command": ["sleep", "100000"]}
    server = {"image": "web:8081", "ports": ["127.0.0.1:8081:8081"], "depends_on": ["postgres", "redis"]}
    return json.dumps({"services": {"postgres": plain, "redis": plain, "server": server, "other": plain}})


@pytest.fixture
def lab(playground: Path) -> Iterator[labs.Lab]:
    """One booted Debian, which is the gateway and runs everything."""
    need_root()
    need(*PROGRAMS, "sshd")
    made = labs.up(playground / "household", backend="full", nodes=1, all_up=True)
    try:
        yield made
    finally:
        made.down()


def test_they_become_services_that_answer_by_name(lab: labs.Lab, stentor: Any, tmp_path: Path) -> None:
    machine = Machine(lab, "node001")
    nodes = yaml.safe_load((lab.fleet_dir / "nodes.yaml").read_text())["nodes"]
    address = nodes["node001"]["address"]
    texts = {"services": SERVICES, "domains": DOMAINS, "network": NETWORK}
    words = []
    for name, text in texts.items():
        (tmp_path / f"{name}.yaml").write_text(text.replace("GATEWAY", address))
        words += ["--from", "services", tmp_path / f"{name}.yaml"]
    made = stentor("init", lab.fleet_dir, *words)
    assert made.code == 0, made
    assert made.stderr.count("not converted: ") == 2, made  # vlans; that no file names a node
    assert stentor("check", fleet=lab).code == 0
    plan = stentor("services", "plan", "--short", fleet=lab)
    assert "the unit caddy.service is not installed there" in plan.stdout, plan

    machine.gateway()
    for name, port in PORTS.items():
        machine.package(name, SERVER.format(port))
    with machine.engine():
        machine.image("web:1", "sleep 100000")
        for port in (8081, 8082, 8083, 8084):
            machine.image(f"web:{port}", f"exec httpd -f -p {port} -h /tmp")
        deployed(lab, stentor, machine)


def deployed(lab: labs.Lab, stentor: Any, machine: Machine) -> None:
    """With the packages there, and three edits of the file."""
    file = lab.fleet_dir / "services.yaml"
    data = yaml.safe_load(file.read_text())
    blocked = stentor("services", "plan", "--short", fleet=lab)
    assert "there is no /opt/secrets/docker-compose.yml on the node" in blocked.stdout, blocked
    assert blocked.code == 6, blocked
    machine.put("opt/secrets/docker-compose.yml", project())
    data["services"]["pihole"]["unit"] = "dnsmasq"
    data["services"]["samba"]["unit"] = "smbd"
    data["gateway"]["dns"] = "dnsmasq"
    file.write_text(yaml.safe_dump(data))
    done = stentor("services", "deploy", "@all", "--yes", "--short", fleet=lab, timeout=400)
    assert done.code == 0, done
    assert stentor("services", "plan", fleet=lab, timeout=60).stdout == "node001: up to date\n"
    said = stentor("services", "status", "--json", fleet=lab, timeout=60)
    rows = [json.loads(line) for line in said.stdout.splitlines()]
    wrong = [row for row in rows if row["type"] == "service" and not row["good"]]
    assert wrong == []
    assert len([row for row in rows if row["type"] == "service"]) == 15
    names = {row["name"]: row["code"] for row in rows if row["type"] == "web_name"}
    assert names.pop("printer.home.test") == 502
    assert set(names.values()) == {200}
    assert "other" not in machine.root_says("docker ps -a --format '{{.Names}}'")
    proxies = machine.root_says("ss -Hltnp | grep -c docker-proxy")
    assert proxies == "4\n", "published ports are proved by the container behind them"
    del data["services"]["semaphore"]
    file.write_text(yaml.safe_dump(data))
    assert "node001: semaphore was deployed here, and services.yaml no longer has it here" in (
        stentor("services", "plan", fleet=lab, timeout=60).stdout
    )
    back = stentor("services", "rollback", "node001", "--yes", fleet=lab, timeout=200)
    assert back.code == 0, back
    assert machine.root_says("docker ps -aq; systemctl is-active caddy n8n; true") == "inactive\ninactive\n"
