"""The proof of web names: real Caddies before real backends; each fault is found and named."""

from __future__ import annotations

import time
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest

from stentor.fleet.model import Fleet
from stentor.fleet.services import Site
from stentor.services.proof.fronts import Front
from stentor.services.proof.judge import SiteProof
from stentor.services.proof.prove import prove
from stentor.services.proof.ways import Ways
from stentor.webnames.caddyfile import sites
from tests.support import free_port
from tests.web import CADDIES, Gateway, backend, caddy_of, self_signed
from tests.web import backends as backends

pytestmark = pytest.mark.integration
Ports = Mapping[str, Any]


def named(ports: Ports) -> list[Site]:
    """A web name of every kind, all good."""
    plain, tls = f"localhost:{ports['plain']}", f"https://localhost:{ports['tls']}"
    return [
        Site("std.test", "standard", plain),
        Site("*.wild.test", "standard", plain),
        Site("code.test", "standard", plain, path="/code/401", code=401),
        Site("own.test", "https_backend", tls, skip_verify=True),
        Site("sse.test", "sse", plain, path="/events"),
        Site("page.test", "sse", plain),
        Site("ws.test", "websocket", plain, path="/socket", http_version="1.1"),
        Site("old.test", "redirect", to="https://std.test"),
        Site("exact.test", "redirect", to="https://std.test/page", code=302),
    ]


# Sites that the user wrote, each with a fault: answers late, for another name, elsewhere, or never.
def faulty(ports: Ports, certificate: Path) -> str:
    plain = ports["plain"]
    proxy = f"reverse_proxy localhost:{plain}"
    return (
        f"dead.test {{\n\ttls internal\n\treverse_proxy localhost:{free_port()}\n}}\n"
        f"strict.test {{\n\ttls internal\n\treverse_proxy https://localhost:{ports['tls']}\n}}\n"
        f"wrong.test {{\n\ttls {certificate}.crt {certificate}\n\t{proxy}\n}}\n"
        "elsewhere.test {\n\ttls internal\n\tredir https://nowhere.test{uri}\n}\n"
    )


@pytest.fixture(scope="module", params=CADDIES)
def gateway(
    request: pytest.FixtureRequest, backends: Ports, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Gateway]:
    folder = tmp_path_factory.mktemp("gateway")
    made = Gateway(caddy_of(request.param), folder)
    good = named(backends)
    text = made.options + sites(good) + faulty(backends, self_signed(folder / "wrong.pem", "other.test"))
    made.start(text, "std.test", "x.wild.test", "dead.test", "wrong.test", "exact.test")
    yield made
    made.stop()


def asked(gateway: Gateway, *wanted: Site, times: int = 3, limit: float = 3.0) -> dict[str, SiteProof]:
    """The verdicts by name."""
    ways = Ways(Fleet("/f", {}, {}), None, "127.0.0.1", {})
    fronts = {site.fqdn: Front(gateway.port) for site in wanted}
    return {one.fqdn: one for one in prove(wanted, ways, fronts, times=times, limit=limit, resolve=False)}


def test_every_kind_of_web_name_is_proved_through_the_gateway(gateway: Gateway, backends: Ports) -> None:
    found = asked(gateway, *named(backends))
    assert {name: one.reason for name, one in found.items() if not one.ok} == {}
    assert found["std.test"].code == 200 and found["code.test"].code == 401
    assert found["ws.test"].code == 101
    assert found["old.test"].code == found["exact.test"].code == 302
    for one in found.values():
        assert one.seconds and one.asked == 3
        assert one.until is not None and one.until > time.time()
        assert not one.trusted and "this machine does not trust its certificate" in one.notes[-1]
    assert "no event stream at /" in found["page.test"].notes[0]


FAULTS: dict[str, tuple[str, Site]] = {
    "a service that is down": (
        "answers 502, not 200: its service does not answer: connection refused",
        Site("dead.test", "standard"),
    ),
    "a certificate of the backend that is not trusted": (
        "answers 502, not 200: the gateway cannot ask its service",
        Site("strict.test", "https_backend"),
    ),
    "a certificate for another name": (
        "its certificate is for other.test, not for wrong.test",
        Site("wrong.test", "standard"),
    ),
    "a redirect that leads elsewhere": (
        "leads to https://nowhere.test/, not to https://std.test/",
        Site("elsewhere.test", "redirect", to="https://std.test"),
    ),
    "a redirect that is none": (
        "answers 200, not a redirect",
        Site("std.test", "redirect", to="https://x.test"),
    ),
    "another code": ("answers 401, not 200", Site("code.test", "standard", path="/code/401")),
    "no stream": (
        "answers with text/plain, not text/event-stream",
        Site("sse.test", "sse", path="/page"),
    ),
    "no websocket": (
        "does not change to a websocket: answers 200",
        Site("ws.test", "websocket", path="/page"),
    ),
    "a deaf websocket": (
        "its websocket does not answer a ping",
        Site("ws.test", "websocket", path="/socket/deaf"),
    ),
    "a name that the gateway does not have": ("TLS failed: ", Site("nobody.test", "standard")),
}


@pytest.mark.parametrize("fault", FAULTS)
def test_a_fault_is_found_and_named(fault: str, gateway: Gateway, backends: Ports) -> None:
    reason, site = FAULTS[fault]
    backend = "localhost:1" if site.fqdn == "dead.test" else f"localhost:{backends['plain']}"
    site = site._replace(backend="" if site.kind == "redirect" else backend)
    found = asked(gateway, site, limit=1.0)[site.fqdn]
    assert not found.ok
    assert found.reason.startswith(reason), found


def test_names_that_public_authorities_sign_need_a_trusted_certificate(
    gateway: Gateway, backends: Ports
) -> None:
    from stentor.services.proof.ask import certificate
    from stentor.services.proof.judge import judge
    from stentor.services.proof.question import Answer, Question

    ways = Ways(Fleet("/f", {}, {}), None, "127.0.0.1", {})
    shown = certificate("std.test", lambda: ways.front(gateway.port))
    assert shown.covers and not shown.trusted and shown.distrust, shown
    verdict = judge(Question("std.test", public=True), [Answer(code=200)], shown)
    assert verdict.reason.startswith("its certificate is not trusted: ")


BUFFERED = {"newest": "response_buffers unlimited", "Debian's": "buffer_responses"}


@pytest.mark.parametrize("which", CADDIES)
def test_buffered_events_are_found(which: str, backends: Ports, tmp_path: Path) -> None:
    gateway = Gateway(caddy_of(which), tmp_path)
    proxy = f"reverse_proxy localhost:{backends['plain']} {{\n\t\t{BUFFERED[which]}\n\t}}"
    gateway.start(f"{gateway.options}late.test {{\n\ttls internal\n\t{proxy}\n}}\n", "late.test")
    try:
        site = Site("late.test", "sse", f"localhost:{backends['plain']}", path="/events")
        quick = asked(gateway, site, times=1, limit=2.0)["late.test"]
        assert not quick.ok and "buffer" in quick.hint, quick
        slow = asked(gateway, site, times=1, limit=9.0)["late.test"]
        assert not slow.ok and "buffer" in slow.hint, slow
        ends = site._replace(path="/short-events")
        assert "cannot be told" in asked(gateway, ends, times=1)["late.test"].notes[0]
    finally:
        gateway.stop()


def test_an_older_caddy_that_shares_the_port_is_found(backends: Ports, tmp_path: Path) -> None:
    """Both listen with SO_REUSEPORT: each new connection comes to one of them."""
    folders = [tmp_path / "new", tmp_path / "old"]
    for folder in folders:
        folder.mkdir()
    new = Gateway(caddy_of("newest"), folders[0])
    old = Gateway(caddy_of("newest"), folders[1], port=new.port)
    site = Site("web.test", "standard", f"localhost:{backends['plain']}")
    try:
        new.start(new.options + sites([site]), "web.test")
        assert asked(new, site, times=10)["web.test"].ok
        old.start(f"{old.options}web.test {{\n\ttls internal\n\trespond 404\n}}\n")
        while "serving initial configuration" not in old.log:
            time.sleep(0.05)
        found = asked(new, site, times=40)["web.test"]
        assert not found.ok
        assert "of 40 answers are wrong, the others right: " in found.reason, found
        assert "do two processes share the port" in found.hint
    finally:
        old.stop()
        new.stop()


@pytest.fixture(scope="module")
def modern(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Ports]:
    """A service that takes one version of HTTP only on each port, and answers 505 to any other."""
    made = Gateway(caddy_of("newest"), tmp_path_factory.mktemp("modern"))
    own = self_signed(made.folder / "own.pem", "localhost")
    ports = {"2": made.port, "h2c": free_port(), "3": free_port()}
    text = f"{{\n\tadmin 127.0.0.1:{made.admin}\n\tauto_https off\n"
    for version, port in ports.items():
        text += f"\tservers :{port} {{\n\t\tprotocols h1 {version if version == 'h2c' else 'h2 h3'}\n\t}}\n"
    text += "}\n"
    for version, port in ports.items():
        tls = f"\ttls {own}.crt {own}\n" if version != "h2c" else ""
        text += (
            f"{'https' if tls else 'http'}://:{port} {{\n{tls}"
            f"\t@right protocol http/{version[0] if tls else '2'}\n\trespond @right 200\n\trespond 505\n}}\n"
        )
    made.start(text, "localhost")
    yield ports
    made.stop()


@pytest.mark.parametrize("which", CADDIES)
def test_the_version_of_the_file_is_spoken_with_the_service(
    which: str, modern: Ports, backends: Ports, tmp_path: Path
) -> None:
    wanted = [
        Site("tls.test", "https_backend", f"https://localhost:{modern['2']}", skip_verify=True),
        Site("plain.test", "standard", f"localhost:{modern['h2c']}"),
        Site("old-tls.test", "https_backend", f"https://localhost:{backends['tls']}", skip_verify=True),
        Site("old-plain.test", "standard", f"localhost:{backends['plain']}"),
    ]
    wanted = [site._replace(http_version="2") for site in wanted]
    wanted.append(wanted[0]._replace(fqdn="three.test", backend=f"https://localhost:{modern['3']}"))
    wanted[-1] = wanted[-1]._replace(http_version="3")
    gateway = Gateway(caddy_of(which), tmp_path)
    gateway.start(gateway.options + sites(wanted), *[site.fqdn for site in wanted])
    try:
        found = asked(gateway, *wanted)
    finally:
        gateway.stop()
    assert (found["tls.test"].reason, found["plain.test"].reason) == ("", "")
    assert found["old-tls.test"].reason == "its service does not choose HTTP/2 where that is offered"
    assert found["old-plain.test"].reason.endswith("the gateway cannot ask its service by HTTP/2")
    if which == "newest":
        assert found["three.test"].ok
        assert "its service was not asked by HTTP/3" in found["three.test"].notes[0]
    else:  # it takes the word, and speaks HTTP/1.1
        assert found["three.test"].reason.startswith("answers 505, not 200")


def test_a_port_where_nothing_listens_or_nobody_answers(backends: Ports) -> None:
    ways = Ways(Fleet("/f", {}, {}), None, "127.0.0.1", {})
    site = Site("web.test", "standard", f"localhost:{backends['plain']}")
    closed = prove([site], ways, {"web.test": Front(free_port())}, resolve=False)[0]
    assert (closed.reason, closed.asked) == ("connection refused", 1)
    with backend() as plain:
        spoken = prove([site], ways, {"web.test": Front(plain)}, times=1, resolve=False, limit=1.0)[0]
    assert spoken.reason.startswith(("TLS failed", "no answer")), spoken
