"""Web names: Caddy serves each by name, dnsmasq answers for each, Pi-hole's program gets each."""

from __future__ import annotations

import contextlib
import http.server
import json
import os
import shutil
import socket
import ssl
import struct
import subprocess
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from stentor.errors import FleetError
from stentor.fleet.check import Checked, Source, check
from stentor.fleet.model import Node
from stentor.fleet.services import Services
from tests.readers import made, nasty, program, said, write
from tests.support import free_port, lacking

NODES = (
    "nodes: {gate: {address: 10.0.0.1}, n1: {address: [10.0.0.2, 'fd00::2'], alias: first},"
    " v6: {address: 'fd00::3'}, GATE: {address: 10.0.0.4}, Own.test: {address: 10.0.0.5}}\n"
)


def checked(services: str, nodes: str = NODES) -> Checked:
    return check(
        [Source("nodes", "nodes.yaml", nodes.encode()), Source("services", "s.yaml", services.encode())], "/f"
    )


def web_names(services: str) -> Services:
    result = checked(services)
    assert result.services is not None, result.faults
    return result.services


def caddies() -> list[str]:
    """PyPI's, and Debian's, which is older."""
    debian = shutil.which("caddy", path="/usr/bin")
    return [program("caddy"), *([debian] if debian else [])]


@pytest.fixture(params=["newest", "Debian's"])
def caddy(request: pytest.FixtureRequest) -> str:
    found = caddies()
    if request.param == "newest":
        return found[0]
    if len(found) < 2:
        lacking("not installed: Debian's caddy")
    return found[1]


class Backend(http.server.BaseHTTPRequestHandler):
    """Says which host was asked for, and by which version."""

    protocol_version = "HTTP/1.1"

    def do_GET(self) -> None:
        body = f"{self.headers['Host']} {self.path} {self.request_version}".encode()
        self.send_response(200)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: object) -> None:
        pass


@pytest.fixture
def backend() -> Iterator[int]:
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Backend)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    yield server.server_port
    server.shutdown()
    server.server_close()
    thread.join()


def ask(port: int, name: str, path: str = "/x") -> tuple[int, str, str]:
    """Status, body and Location of a request by a name, to loopback."""
    context = ssl.create_default_context()
    context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
    with (
        socket.create_connection(("127.0.0.1", port), timeout=10) as plain,
        context.wrap_socket(plain, server_hostname=name) as sock,
    ):
        sock.sendall(f"GET {path} HTTP/1.1\r\nHost: {name}\r\nConnection: close\r\n\r\n".encode())
        answer = b"".join(iter(lambda: sock.recv(65536), b"")).decode()
    head, _, body = answer.partition("\r\n\r\n")
    headers = dict(line.lower().split(": ", 1) for line in head.split("\r\n")[1:])
    return int(head.split()[1]), body, headers.get("location", "")


@pytest.mark.parametrize("kind", ["standard", "sse", "websocket"])
def test_each_kind_of_name_is_served_by_its_name(kind: str, caddy: str, backend: int, tmp_path: Path) -> None:
    version = ", http_version: '1.1'" if kind == "websocket" else ""
    services = web_names(
        f"domains:\n- {{fqdn: A.test, type: {kind}, backend: 'localhost:{backend}'{version}}}\n"
        f"- {{fqdn: '*.w.test', backend: '127.0.0.1:{backend}'}}\n"
        "- {fqdn: old.test, type: redirect, to: 'https://a.test'}\n"
        "- {fqdn: exact.test, type: redirect, to: 'https://a.test/page'}\n"
    )
    write(tmp_path / "sites.caddy", "caddy", nasty(), services=services)
    port = free_port()
    (tmp_path / "main").write_text(
        f"{{\n\thttp_port {free_port()}\n\thttps_port {port}\n\tadmin off\n\tskip_install_trust\n"
        f"\tauto_https disable_redirects\n\tstorage file_system {tmp_path}/store\n}}\nimport sites.caddy\n"
    )
    environ = {
        **os.environ,
        "HOME": str(tmp_path),
        "XDG_DATA_HOME": str(tmp_path),
        "XDG_CONFIG_HOME": str(tmp_path),
    }
    words = [caddy, "run", "--adapter", "caddyfile", "--config", str(tmp_path / "main")]
    with (tmp_path / "log").open("wb") as log:
        running = subprocess.Popen(words, env=environ, stdout=log, stderr=log)
    try:
        wait_for(port, "a.test", tmp_path / "log")
        assert ask(port, "a.test") == (200, "a.test /x HTTP/1.1", "")
        assert ask(port, "b.w.test")[1] == "b.w.test /x HTTP/1.1"
        assert ask(port, "old.test")[::2] == (302, "https://a.test/x")
        assert ask(port, "exact.test")[::2] == (302, "https://a.test/page")
    finally:
        running.terminate()
        running.wait(10)


def wait_for(port: int, name: str, log: Path) -> None:
    for _ in range(200):
        try:
            ask(port, name)
        except OSError:  # not listening, or no certificate yet
            time.sleep(0.1)
        else:
            return
    raise AssertionError(log.read_text())


def test_https_backends_and_addresses_of_version_6_are_adapted(caddy: str, tmp_path: Path) -> None:
    services = web_names(
        "gateway: {node: gate}\nservices: {s: {node: v6, port: 81}, t: {node: gate, ports: [82, 83]}}\n"
        "domains:\n- {fqdn: m.test, type: https_backend, backend: 'localhost:9090', tls_skip_verify: true}\n"
        "- {fqdn: s.test, service: s}\n- {fqdn: t.test, service: t}\n- {fqdn: pub.example.com, service: t}\n"
    )
    write(tmp_path / "sites.caddy", "caddy", nasty(), services=services)
    words = [
        caddy,
        "adapt",
        "--adapter",
        "caddyfile",
        "--config",
        str(tmp_path / "sites.caddy"),
        "--validate",
    ]
    done = subprocess.run(
        words, capture_output=True, text=True, env={**os.environ, "HOME": str(tmp_path)}, check=False
    )
    assert done.returncode == 0, done.stderr
    assert "unformatted" not in done.stderr and "not formatted" not in done.stderr
    routes = json.loads(done.stdout)["apps"]["http"]["servers"]["srv0"]["routes"]
    proxies = {}
    for route in routes:
        handler = route["handle"][0]["routes"][0]["handle"][0]
        proxies[route["match"][0]["host"][0]] = handler
    assert proxies["m.test"]["transport"] == {"protocol": "http", "tls": {"insecure_skip_verify": True}}
    assert proxies["m.test"]["headers"]["request"]["set"]["Host"] == ["{http.request.host}"]
    dials = {name: handler["upstreams"][0]["dial"] for name, handler in proxies.items()}
    assert dials == {
        "m.test": "localhost:9090",
        "s.test": "[fd00::3]:81",
        "t.test": "localhost:82",
        "pub.example.com": "localhost:82",
    }
    policies = json.loads(done.stdout)["apps"]["tls"]["automation"]["policies"]
    internal = {
        subject for policy in policies if policy.get("issuers") for subject in policy.get("subjects", ())
    }
    assert internal == {"m.test", "s.test", "t.test"}


def test_there_are_no_sites_without_web_names() -> None:
    with pytest.raises(FleetError, match="there are no web names"):
        made("caddy", nasty())


TWICE = "domains: [{fqdn: a.test, backend: 'x:1'}, {fqdn: A.TEST, backend: 'x:2'}]"
FAULTS = {
    TWICE: "'a.test' is already a web name",
    "domains: [{fqdn: a.test}]": "it is not said where it answers",
    "domains: [{fqdn: a.test, service: s}]": "there is no service 's'",
    "services: {s: {node: n1}}\ndomains: [{fqdn: a.test, service: s}]": "it is not said where it answers",
    "domains: [{fqdn: a.test, type: redirect}]": "is a redirect without 'to'",
    "domains: [{fqdn: a.test, backend: 'x:1', to: 'https://x'}]": "is no redirect, but has 'to'",
    "domains: [{fqdn: a.test, backend: 'x:70000'}]": "'70000' is no port",
    "domains: [{fqdn: a.test, backend: 'fd00::1:80'}]": "is no backend",
    "domains: [{fqdn: 'a b', backend: 'x:1'}]": "is no web name",
    "domains: [{fqdn: 'a.test {', backend: 'x:1'}]": "is no web name",
    "domains: [{fqdn: a.test, type: redirect, to: 'https://{x}'}]": "is no URL",
    "domains: [{fqdn: a.test, backend: 'x:1', http_version: '4'}]": "is not known",
    "domains: [{fqdn: a.test, backend: 'x:1', http_version: '3'}]": "HTTP/3 is never without TLS",
    "domains: [{fqdn: a.test, backend: 'x:1', typ: sse}]": "has no key 'typ'",
    "gateway: {node: gate}\nservices: {s: {node: n1, port: 1}}\n"
    "domains: [{fqdn: a.test, service: s, backend: 'localhost:1'}]": "'s' is not on the gateway",
}


@pytest.mark.parametrize("text", FAULTS)
def test_a_fault_is_told_with_its_place(text: str) -> None:
    result = checked(text)
    assert [FAULTS[text] in fault.what for fault in result.faults] == [True], result.faults
    assert result.faults[0].where.startswith("s.yaml:")


# ---- DNS ----


def query(port: int, name: str, kind: int) -> tuple[int, list[str]]:
    """Code and addresses that a DNS server answers; kind 1 is A, 28 is AAAA."""
    labels = b"".join(bytes([len(label)]) + label.encode() for label in name.split("."))
    question = labels + b"\0" + struct.pack(">HH", kind, 1)
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sock:
        sock.settimeout(5)
        sock.sendto(struct.pack(">HHHHHH", 7, 0x0100, 1, 0, 0, 0) + question, ("127.0.0.1", port))
        answer = sock.recv(4096)
    code, count = answer[3] & 15, struct.unpack(">H", answer[6:8])[0]
    found, at = [], 12 + len(question)
    for _ in range(count):
        length = struct.unpack(">H", answer[at + 10 : at + 12])[0]
        data = answer[at + 12 : at + 12 + length]
        found.append(socket.inet_ntop(socket.AF_INET if length == 4 else socket.AF_INET6, data))
        at += 12 + length
    return code, found


@contextlib.contextmanager
def answering(folder: Path) -> Iterator[int]:
    """A dnsmasq that reads the files of a folder; its port."""
    files = f"--conf-dir={folder}"
    said("dnsmasq", "--test", files, "-C", "/dev/null", noise="dnsmasq: syntax check OK.")
    port = free_port()
    words = [program("dnsmasq"), "-k", "-C", "/dev/null", files, "-p", str(port)]
    words += ["--listen-address=127.0.0.1", "--bind-interfaces", "--no-resolv", "--no-hosts", "--pid-file="]
    words += ["--user=" + ("root" if os.geteuid() == 0 else ""), "--log-facility=-"]
    with subprocess.Popen(words, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL) as running:
        try:
            for _ in range(100):
                try:
                    query(port, "any", 1)
                    break
                except OSError:
                    time.sleep(0.05)
            yield port
        finally:
            running.terminate()


def test_dnsmasq_answers_for_nodes_and_web_names(tmp_path: Path) -> None:
    result = checked(
        "gateway: {node: gate}\ndomains: [{fqdn: web.test, backend: 'x:1'},"
        " {fqdn: '*.w.test', backend: 'x:1'}, {fqdn: own.test, backend: 'x:1', local_ip: 10.0.0.9}]\n"
    )
    assert result.fleet is not None and result.services is not None
    write(tmp_path / "fleet.conf", "dnsmasq", result.fleet, services=result.services)
    with answering(tmp_path) as port:
        assert query(port, "gate", 1) == (0, ["10.0.0.1"])
        assert query(port, "gate", 28) == (0, []), "known, and without such an address"
        for name in ("first", "n1"):
            assert (query(port, name, 1)[1], query(port, name, 28)[1]) == (["10.0.0.2"], ["fd00::2"])
        assert query(port, "v6", 28) == (0, ["fd00::3"])
        assert query(port, "web.test", 1) == (0, ["10.0.0.1"])
        assert query(port, "x.w.test", 1) == (0, ["10.0.0.1"])
        assert query(port, "own.test", 1) == (0, ["10.0.0.9"])
        assert query(port, "other.test", 1)[1] == []


def test_every_name_that_dns_can_have_is_answered_and_the_others_are_listed(tmp_path: Path) -> None:
    fleet = nasty()
    more = [Node("10.9.0.1", "10.9.0.1", ("10.9.0.1",)), Node("99999999999", "n99", ("10.9.0.2",))]
    fleet = fleet._replace(nodes={**fleet.nodes, **{node.alias: node for node in more}})
    result = write(tmp_path / "fleet.conf", "dnsmasq", fleet)
    why = {one.what: one.why for one in result.left if one.field == "alias"}
    numbers = {name for name, what in why.items() if what == "is read as an address in numbers"}
    assert numbers == {"4", "012", "0x10", "1.5", "60"}
    assert set(why) - numbers == {"N1", "x-", "x.", "10.9.0.1"}
    with answering(tmp_path) as port:
        for alias, node in fleet.nodes.items():
            for name in {alias, node.name} - (set(why) - numbers):
                found = [address for kind in (1, 28) for address in query(port, name, kind)[1]]
                assert found == list(node.addresses), name


def test_the_program_for_pihole_hands_over_one_json_list(tmp_path: Path) -> None:
    services = web_names(
        "gateway: {ip: 10.0.0.1}\n"
        "domains: [{fqdn: web.test, backend: 'x:1'}, {fqdn: '*.w.test', backend: 'x:1'}]\n"
    )
    fake = tmp_path / "pihole-FTL"
    fake.write_text(
        f'#!/bin/sh\nprintf "%s\\n" "$1" "$2" >{tmp_path}/words\nprintf %s "$3" >{tmp_path}/list\n'
    )
    fake.chmod(0o755)
    fleet = nasty()
    result = write(tmp_path / "set", "pihole", fleet, services=services)
    said(str(tmp_path / "set"), environ={"PATH": f"{tmp_path}:{os.environ['PATH']}"})
    assert (tmp_path / "words").read_text().split() == ["--config", "dns.hosts"]
    hosts = json.loads((tmp_path / "list").read_text())
    assert hosts[-1] == "10.0.0.1 web.test"
    assert "10.1.0.1 on on-full" in hosts
    assert [one.what for one in result.left if one.field == "fqdn"] == ["*.w.test"]


def test_a_web_name_without_an_address_is_listed() -> None:
    result = made("dnsmasq", nasty(), services=web_names("domains: [{fqdn: web.test, backend: 'x:1'}]\n"))
    assert ("fqdn", "web.test") in {(one.field, one.what) for one in result.left}
