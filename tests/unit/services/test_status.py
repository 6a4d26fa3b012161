"""How services stand, from what a node says."""

from __future__ import annotations

import pytest

from stentor.fleet.service import Service
from stentor.outcome import Outcome
from stentor.services.answer import parse
from stentor.services.item import Item
from stentor.services.status import ServiceStatus, read
from stentor.services.visit import Visit

SAID = """motd of the node
stentor-services 1 status
now 1000
unit Id=caddy.service
unit Names=web.service caddy.service
unit LoadState=loaded
unit ActiveState=active
unit SubState=running
unit UnitFileState=enabled
unit NRestarts=2
unit ActiveEnterTimestamp=@900
unit
unit Id=nfs.service
unit LoadState=loaded
unit ActiveState=active
unit SubState=exited
unit UnitFileState=enabled
unit
unit Id=gone.service
unit LoadState=not-found
unit ActiveState=inactive
unit SubState=dead
unit
container c1 /n8n-a-1 running 0 1 healthy 2026-01-01T00:00:00.5Z 0001-01-01T00:00:00Z a:1 sha256:1 n8n a
container c2 /n8n-b-1 exited 3 0 - 2026-01-01T00:00:00Z 2026-01-01T00:01:00Z b:1 sha256:2 n8n b
container c3 /chat running 0 0 unhealthy 2026-01-01T00:00:00Z 0001-01-01T00:00:00Z chat:0 sha256:3 - -
ports
listen 443 * 7 unit caddy.service
listen 80 * 8 process python
listen 5678 127.0.0.1 9 container c1
listen 9090 * 1 process systemd
file 1 changed /etc/caddy/Caddyfile
inside 2 c1 /opt/n8n/conf
end 0
"""


def stands(service: Service, items: list[Item] | None = None) -> ServiceStatus:
    visit = Visit(Outcome("crtr", "ok", 0), parse(SAID.encode()))
    (status,) = read([service], items or [], visit).services
    return status


def test_a_unit_that_runs_but_whose_port_another_has() -> None:
    status = stands(Service("caddy", "systemd", ("crtr",), ports=(80, 443), unit="caddy.service"))
    assert (status.state, status.since, status.restarts, status.good) == ("active (running)", 900.0, 2, False)
    assert [(port.port, port.owner) for port in status.ports] == [
        (443, "caddy.service"),
        (80, "process python"),
    ]
    assert status.problems == ("port 80 belongs to process python",)


def test_a_unit_is_known_by_each_of_its_names() -> None:
    status = stands(Service("web", "systemd", ("crtr",), ports=(443,), unit="web.service"))
    assert (status.state, status.problems) == ("active (running)", ())


def test_files_that_differ_are_named() -> None:
    service = Service("caddy", "systemd", ("crtr",), unit="caddy.service")
    status = stands(service, [Item("caddy", "systemd")])
    assert status.drift == (("/etc/caddy/Caddyfile", "differs from the fleet"),)
    assert status.problems == ("/etc/caddy/Caddyfile: differs from the fleet",)


@pytest.mark.parametrize(
    ("service", "problems"),
    [
        (
            Service("n", "systemd", unit="nfs.service", state="off"),
            ["nfs.service is active (exited), and should be off"],
        ),
        (Service("g", "systemd", unit="gone.service"), ["gone.service is not installed"]),
        (Service("g", "systemd", unit="gone.service", state="absent"), []),
        (Service("c", "systemd", unit="cockpit.socket", ports=(9090,)), ["cockpit.socket is unknown ()"]),
        (
            Service("n8n", "compose", project="n8n", parts=("a", "b", "c"), ports=(5678,)),
            ["container n8n-b-1 is exited (exit code 3)", "c of project n8n has no container"],
        ),
        (Service("n8n", "compose", project="n8n", parts=("a",), ports=(5678,)), []),
        (
            Service("chat", "container", container="chat", image="chat:1"),
            ["container chat is not healthy", "its image is chat:0, not chat:1"],
        ),
        (Service("x", "container", container="x", image="x"), ["container x is not there"]),
        (Service("x", "container", container="x", image="x", state="absent"), []),
        (Service("free", ports=(1,)), []),
    ],
)  # fmt: skip
def test_what_is_wrong_is_said(service: Service, problems: list[str]) -> None:
    assert list(stands(service).problems) == problems


def test_a_container_with_an_earlier_text_is_named() -> None:
    service = Service("n8n", "compose", project="n8n", parts=("a",))
    status = stands(service, [Item("caddy", "systemd"), Item("n8n", "compose")])
    assert status.drift == (("/opt/n8n/conf", "the container n8n-a-1 has an earlier text"),)
    assert (status.image, status.digest, status.restarts) == ("a:1", "sha256:1", 1)


def test_a_node_that_was_not_reached_has_no_services() -> None:
    found = read([Service("x")], [], Visit(Outcome("crtr", "unreachable", reason="timed out"), None))
    assert (found.outcome.kind, found.services, found.listeners) == ("unreachable", (), ())
