"""A gateway as Debian runs it: Caddy as a unit of systemd, with a user and an environment of its own."""

from __future__ import annotations

from typing import Any

import pytest

from stentor import lab as labs
from tests.integration.full.conftest import as_root
from tests.web import caddy_of

pytestmark = [pytest.mark.integration, pytest.mark.timeout(600)]

UNIT = """\
[Service]
Type=notify
User=caddy
Environment=UP=localhost:8081
ExecStart=/usr/bin/caddy run --config {file}
ExecReload=/usr/bin/caddy reload --config {file} --force
AmbientCapabilities=CAP_NET_BIND_SERVICE
"""
CADDYFILE = """\
{
\tskip_install_trust
}
mine.test {
\ttls internal
\treverse_proxy {$UP}
}
import stentor.caddy*
"""
OLDER = """\
{
\tadmin off
\tskip_install_trust
}
old.test {
\ttls internal
\trespond 200
}
"""
SETUP = """
set -e
useradd -r -d /var/lib/caddy -m caddy
install -m 755 /tmp/caddy /usr/bin/caddy
mkdir -p /etc/caddy /srv/old
cp /tmp/Caddyfile /etc/caddy/Caddyfile
cp /tmp/caddy.service /tmp/older.service /etc/systemd/system
mv /tmp/older.caddy /srv/old/Caddyfile
systemctl daemon-reload
systemctl start caddy
systemd-run --quiet --unit=web python3 -m http.server 8081 --bind 127.0.0.1 --directory /etc/caddy
"""
SERVICES = """
services: {{web: {{node: crtr, port: 8081, bind: 127.0.0.1}}}}
gateway: {{node: crtr, dns: hosts}}
domains: [{}]
"""


def test_units_environment_user_and_ports_count(lab: labs.Lab, stentor: Any, tmp_path: Any) -> None:
    (tmp_path / "Caddyfile").write_text(CADDYFILE)
    (tmp_path / "older.caddy").write_text(OLDER)
    (tmp_path / "caddy.service").write_text(UNIT.format(file="/etc/caddy/Caddyfile"))
    (tmp_path / "older.service").write_text(UNIT.format(file="/srv/old/Caddyfile"))
    sent = [caddy_of("newest"), *sorted(tmp_path.iterdir())]
    assert stentor("copy", "crtr", *sent, "/tmp/", fleet=lab, timeout=120).code == 0
    done = as_root(lab, "crtr", "sh", "-c", SETUP)
    assert done.code == 0, done

    def deploy(*domains: str) -> Any:
        (lab.fleet_dir / "services.yaml").write_text(SERVICES.format(", ".join(domains)))
        return stentor("services", "deploy", "@all", "--yes", "--short", fleet=lab, timeout=180)

    good = "{fqdn: a.test, service: web}"
    first = deploy(good)
    assert first.code == 0, first
    # By the environment of the unit, not by ours, the running Caddy has what its file says.
    assert stentor("services", "plan", fleet=lab).stdout == "crtr: up to date\n"
    assert as_root(lab, "crtr", "stat", "-c", "%U", "/etc/caddy/stentor.caddy").stdout == "root\n"
    taken = deploy(good, "{fqdn: mine.test, service: web}")
    assert taken.code == 1 and "Caddy refuses it: " in taken.stdout and "mine.test" in taken.stdout, taken
    assert '"level"' not in taken.stdout
    wrong = deploy(good, "{fqdn: b.test, service: web, path: /nope}")
    assert wrong.code == 1 and "reverted: b.test: answers 404, not 200" in wrong.stdout, wrong
    assert as_root(lab, "crtr", "systemctl", "start", "older").code == 0
    shared = deploy(good, "{fqdn: c.test, service: web}")
    assert shared.code == 1 and "port 443 is shared by caddy (pid " in shared.stdout, shared
    as_root(lab, "crtr", "systemctl", "stop", "older")
    hosts = as_root(lab, "crtr", "cat", "/etc/hosts").stdout
    assert " a.test\n" in hosts and "b.test" not in hosts and "c.test" not in hosts
    assert stentor("services", "rollback", "crtr", "--yes", fleet=lab, timeout=120).code == 0
    assert "a.test" not in as_root(lab, "crtr", "cat", "/etc/hosts", "/etc/caddy/stentor.caddy").stdout
