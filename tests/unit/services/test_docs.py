"""The page of what runs where."""

from __future__ import annotations

from stentor.fleet.check import Source, check
from stentor.fleet.services import Services
from stentor.services.docs import page
from tests.support import ROOT


def services(text: str) -> Services:
    nodes = b"nodes: {crtr: {address: 10.0.0.1}, prtr: {address: 10.0.0.2}}\n"
    checked = check([Source("nodes", "n", nodes), Source("services", "s", text.encode())], f"{ROOT}/tests")
    assert checked.services is not None and not checked.faults, checked.faults
    return checked.services


def test_page_says_what_runs_where_and_by_which_name() -> None:
    text = page(
        services(
            "services:\n"
            "  caddy: {node: crtr, type: systemd, ports: [80, 443]}\n"
            "  chat: {node: prtr, type: docker, image: x/chat, port: 8082,"
            " dependencies: [caddy]}\n"
            "gateway: {node: crtr, dns: pihole}\n"
            "domains:\n  - {fqdn: chat.home.example, service: chat, backend: '10.0.0.2:8082', type: sse}\n"
            "  - {fqdn: old.home.example, type: redirect, to: 'https://chat.home.example'}\n"
        )
    )
    assert "Web names are served by crtr at 10.0.0.1; DNS: pihole on crtr." in text
    assert "| crtr | caddy | 80, 443 |" in text
    assert "| chat.home.example | 10.0.0.2:8082 | chat | 10.0.0.1 | server-sent events |" in text
    assert "| old.home.example | https://chat.home.example |  | 10.0.0.1 | redirect |" in text
    assert "| chat | container | prtr | running | 8082 | chat.home.example | caddy |" in text


def test_without_services_there_is_a_title_only() -> None:
    assert page(Services()) == "# Services\n\nWritten by `stentor services docs`; do not edit by hand.\n"
