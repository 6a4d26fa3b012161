"""The proof of all web names of a fleet, on practice nodes: from here, and by connections of the node's."""

from __future__ import annotations

import os
import time
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest

from stentor.api.base import BaseFleet
from stentor.fleet.services import Services, Site
from stentor.lab import Lab
from stentor.services.proof.ask import ask
from stentor.services.proof.question import Question
from stentor.services.proof.ways import Ways
from stentor.services.web_proof import prove_sites
from stentor.webnames.caddyfile import sites
from tests.web import Gateway, caddy_of
from tests.web import backends as backends

pytestmark = pytest.mark.integration


@pytest.fixture(scope="module")
def gateway(backends: Mapping[str, Any], tmp_path_factory: pytest.TempPathFactory) -> Iterator[Gateway]:
    made = Gateway(caddy_of("Debian's"), tmp_path_factory.mktemp("gateway"))
    try:
        made.start(made.options + sites(named(backends["plain"])), "a.test", "b.test", "sse.test")
        yield made
    finally:
        made.stop()


def named(port: int) -> list[Site]:
    """Web names of one service."""
    found = [Site(f"{letter}.test", "standard", f"localhost:{port}") for letter in "abcd"]
    return [*found, Site("sse.test", "sse", f"localhost:{port}", path="/events")]


def opened(lab: Lab, environ: dict[str, str]) -> BaseFleet:
    return BaseFleet.open(str(lab.fleet_dir), environ=environ)


def services_of(lab: Lab, gateway: Gateway, wanted: list[Site], **said: Any) -> Services:
    """What the fleet says, with the Caddyfile on the node."""
    (lab.home("crtr") / "Caddyfile").write_text(gateway.file.read_text())
    file = lab.run("crtr", "echo ~/Caddyfile").stdout.strip()
    return Services(tuple(wanted), "127.0.0.1", gateway_nodes=("crtr",), caddyfile=file, **said)


def test_all_names_are_proved_where_caddy_says_that_it_serves_them(
    lab: Lab, environ: dict[str, str], gateway: Gateway, backends: Mapping[str, Any]
) -> None:
    wanted = named(backends["plain"])
    found = prove_sites(services_of(lab, gateway, wanted), wanted, opened(lab, environ).reach(), times=2)
    assert {name: one.said for name, one in found.items() if not one.ok} == {}
    assert list(found) == [site.fqdn for site in wanted]
    one = found["a.test"]
    assert (one.code, one.asked, one.addresses) == (200, 2, ())
    assert one.said.startswith("answers 200 in ") and one.certificate_until >= time.strftime("%Y-%m-%d")


def test_a_service_that_is_missing_and_dns_that_does_not_answer_are_named(
    lab: Lab, environ: dict[str, str], gateway: Gateway, backends: Mapping[str, Any]
) -> None:
    wanted = [named(backends["plain"])[0], Site("none.test", "standard", "localhost:1")]
    services = services_of(lab, gateway, wanted, dns="dnsmasq", dns_nodes=("crtr",), dns_port=1)
    found = prove_sites(services, wanted, opened(lab, environ).reach(), times=1)
    assert found["a.test"].said == "DNS does not answer: connection refused", found
    assert found["a.test"].code == 200 and not found["a.test"].ok
    assert found["none.test"].said.startswith("TLS failed: ") and found["none.test"].notes


def test_the_node_opens_connections_where_this_machine_cannot(
    lab: Lab, environ: dict[str, str], gateway: Gateway, backends: Mapping[str, Any]
) -> None:
    fleet = opened(lab, environ)
    node = fleet.data.nodes["crtr"]
    far = Ways(fleet.data, node, "nobody.invalid", {**os.environ, **environ}, limit=0.3)
    try:
        said = far.choose(gateway.port)
        assert said == "asked on crtr itself: nobody.invalid is not reached from here"
        plain = ask(
            Question("a.test"), lambda: far.from_node("127.0.0.1", backends["plain"]),
            port=backends["plain"], tls=False,
        )  # fmt: skip
        assert plain.code == 200, plain
        through = ask(Question("a.test"), lambda: far.from_node("127.0.0.1", gateway.port), port=gateway.port)
        assert through.code == 200 and through.certificate, through
        closed = ask(Question("a.test"), lambda: far.from_node("127.0.0.1", 1))
        assert closed.failure == "the connection was closed without an answer"
    finally:
        far.close()


def test_a_gateway_that_is_down_is_one_answer_for_each_name(
    lab: Lab, environ: dict[str, str], gateway: Gateway, backends: Mapping[str, Any], tmp_path: Path
) -> None:
    wanted = named(backends["plain"])[:2]
    services = Services(tuple(wanted), "127.0.0.1", gateway_nodes=("nobody",), caddyfile=str(tmp_path / "no"))
    found = prove_sites(services, wanted, opened(lab, environ).reach(), times=1)
    assert [one.ok for one in found.values()] == [False, False]
    assert all(one.said for one in found.values())
