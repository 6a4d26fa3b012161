"""The proof of the fleet's web names: where the gateway serves each, its answers, what DNS says."""

from __future__ import annotations

import time
from collections.abc import Mapping, Sequence

from stentor import sh
from stentor.engines.reach import Reach
from stentor.fanout.collect import collect
from stentor.fanout.given import Given
from stentor.fleet.model import Node
from stentor.fleet.services import Services, Site
from stentor.services.proof.fronts import Front, fronts_of
from stentor.services.proof.judge import SiteProof
from stentor.services.proof.prove import prove
from stentor.services.proof.question import TIMES, question_of
from stentor.services.proof.resolve import problem
from stentor.services.proof.ways import Ways
from stentor.sh.quoting import quoted

PATIENCE = 8.0
"""Seconds after a change in which a name may not answer yet: a certificate is made, a service starts."""

_ASK = 10.0  # seconds for the gateway to say where it serves


def prove_sites(
    services: Services,
    sites: Sequence[Site],
    reach: Reach,
    *,
    times: int = TIMES,
    patience: float = 0.0,
) -> Mapping[str, SiteProof]:
    """Ask web names through their gateway, all at the same time; nothing is changed.

    Args:
        times: how often each is asked; once is enough for a look.
        patience: seconds in which a name that does not answer well is asked again.
    """
    if not sites:
        return {}
    gateway = _node(reach, services.gateway_nodes)
    fronts = _fronts(reach, gateway, services.caddyfile) if gateway else {}
    stop = reach.cancellation
    proofs = prove(
        sites,
        _ways(reach, gateway, services.gateway),
        fronts,
        times=times,
        patience=patience,
        stop=lambda: bool(stop and stop.reason),
    )
    found = {one.fqdn: one for one in proofs}
    return {**found, **_resolved(services, sites, reach, found, patience)}


def _node(reach: Reach, aliases: Sequence[str]) -> Node | None:
    return next((reach.fleet.nodes[alias] for alias in aliases if alias in reach.fleet.nodes), None)


def _ways(reach: Reach, node: Node | None, address: str) -> Ways:
    local = node is not None and node.alias == reach.local
    return Ways(reach.fleet, node, address, reach.environ, local=local)


def _fronts(reach: Reach, gateway: Node, caddyfile: str) -> dict[str, Front]:
    call = f"settings\n{quoted(('gateway_fronts', caddyfile))}"
    settings = reach.settings._replace(timeout=_ASK)
    with Given() as given:
        program = given.path_of(sh.join("services/gateway", call=call).encode())
        (result,) = collect(reach.command([gateway], "exec sh -s", settings, stdin=program))
        nothing: dict[str, Front] = {}
        return result.read(lambda said: fronts_of(said.decode("utf-8", "replace")), nothing)[1]


def _resolved(
    services: Services,
    sites: Sequence[Site],
    reach: Reach,
    found: Mapping[str, SiteProof],
    patience: float,
) -> dict[str, SiteProof]:
    """The proofs of names for which the fleet's DNS server has no right answer, and of all others a note."""
    server = _node(reach, services.dns_nodes)
    if server is None or services.dns not in ("dnsmasq", "pihole"):
        return {}
    ways = _ways(reach, server, "")
    ways.choose(services.dns_port)
    end = time.monotonic() + patience
    wrong: dict[str, SiteProof] = {}
    try:
        for site in sites:
            if site.fqdn.startswith("*.") and services.dns == "pihole":
                continue
            while True:
                address = site.address or services.gateway
                said = problem(question_of(site).host, address, ways, services.dns_port) if address else ""
                if not said or time.monotonic() > end:
                    break
                time.sleep(0.5)
            proof = found[site.fqdn]
            if said and proof.ok:
                hint = f"does {server.alias} have its record? stentor services plan"
                wrong[site.fqdn] = proof._replace(ok=False, reason=said, hint=hint)
            elif said:
                wrong[site.fqdn] = proof._replace(notes=(*proof.notes, said))
    finally:
        ways.close()
    return wrong
