"""``services.yaml``: the spellings that are taken, and every fault at its place."""

from __future__ import annotations

from pathlib import Path

import pytest

from stentor.fleet.check import Checked, Source, check
from stentor.fleet.load import find_and_check
from stentor.fleet.service import Put
from stentor.fleet.service_rules import order
from stentor.fleet.services import SecretSource

NODES = """
nodes:
  crtr: {address: 10.0.0.1}
  prtr: {address: 10.0.0.2}
  drtr: {address: 10.0.0.3}
groups: {core: "crtr,prtr"}
"""
USERS = """
services:
  caddy: {node: crtr, type: systemd, unit_file: package, config: /etc/caddy/Caddyfile,
          ports: [80, 443], bind: 0.0.0.0}
  cockpit: {node: crtr, type: systemd, unit: cockpit.socket, port: 9090, bind: 127.0.0.1}
  nfs-kernel-server: {node: crtr, type: systemd, enabled: false, status: installed-disabled, port: 2049}
  docker: {node: "@core", type: systemd}
  atuin-server: {node: crtr, type: systemd, unit_file: units/atuin-server.service, port: 8888,
                 bind: 127.0.0.1}
  n8n:
    node: crtr
    type: docker-compose
    compose_file: compose/n8n.yaml
    services: [postgres, n8n]
    env_file: secret:n8n.env
    port: 5678
    bind: 127.0.0.1
    dependencies: [docker]
  chat: {node: crtr, type: docker, image: example/chat:1, container_name: chat, port: 8082, bind: 127.0.0.1,
         data: /srv/chat, restart: unless-stopped, dependencies: [docker]}
gateway: {node: crtr, ip: 192.168.254.10, dns: pihole}
domains:
  - {fqdn: N8N.home.example, service: n8n, backend: "localhost:5678", type: sse}
  - {fqdn: chat.home.example, service: chat, type: websocket, path: /health, code: 204}
secrets: {command: "pass show {name}"}
"""


def checked(services: str) -> Checked:
    sources = [
        Source("nodes", "nodes.yaml", NODES.encode()),
        Source("services", "services.yaml", services.encode()),
    ]
    return check(sources, "/fleet")


def faults(services: str) -> list[str]:
    return [f"{fault.line}:{fault.column}: {fault.what}" for fault in checked(services).faults]


def test_spellings_of_the_users_files_are_taken_as_they_are() -> None:
    result = checked(USERS)
    assert result.faults == ()
    assert result.services is not None
    services = result.services.services
    assert [(one.kind, one.state, one.ports) for one in services.values()] == [
        ("systemd", "running", (80, 443)),
        ("systemd", "running", (9090,)),
        ("systemd", "off", (2049,)),
        ("systemd", "running", ()),
        ("systemd", "running", (8888,)),
        ("compose", "running", (5678,)),
        ("container", "running", (8082,)),
    ]
    assert services["docker"].nodes == ("crtr", "prtr")
    assert (services["cockpit"].unit, services["caddy"].unit) == ("cockpit.socket", "caddy.service")
    n8n = services["n8n"]
    assert (n8n.compose_file, n8n.env_file) == ("/opt/n8n/compose.yaml", "/opt/n8n/n8n.env")
    assert n8n.parts == ("postgres", "n8n")
    assert n8n.files[1] == Put(
        "/opt/n8n/n8n.env", "n8n.env", "600", secret=True, place=n8n.place, label="env"
    )
    assert [folder.path for folder in services["chat"].data] == ["/srv/chat"]


def test_web_names_know_their_service_and_what_is_expected_of_them() -> None:
    services = checked(USERS).services
    assert services is not None
    assert [(site.fqdn, site.service, site.path, site.code) for site in services.sites] == [
        ("n8n.home.example", "n8n", "/", 200),
        ("chat.home.example", "chat", "/health", 204),
    ]
    assert (services.gateway_nodes, services.dns, services.dns_nodes) == (("crtr",), "pihole", ("crtr",))
    assert services.secrets == SecretSource(command="pass show {name}")


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (
            "a: {node: crtr, port: 80}\n  b: {node: '@core', ports: [81, 80], bind: 0.0.0.0}\n",
            "3:29: port 80 on crtr already belongs to 'a', services.yaml:2:6",
        ),
        ("a: {node: crtr, dependencies: [b]}\n", "2:33: there is no service 'b'"),
        (
            "a: {node: crtr, needs: [b]}\n  b: {node: prtr, dependencies: [a]}\n",
            "2:26: dependencies go round in a circle: a -> b -> a",
        ),
        (
            "a: {node: crtr, needs: [b]}\n  b: {node: prtr, status: off}\n",
            "2:26: 'a' depends on 'b', which is off",
        ),
        ("a: {node: crtr, type: dokcer, image: x}\n", "2:25: 'a': type 'dokcer' is not known"),
        ("a: {node: crtr, type: docker}\n", "2:25: 'a' has no image"),
        ("a: {node: crtr, type: docker-compose}\n", "2:25: 'a' has no compose file"),
        ("a: {type: systemd}\n", "2:13: 'a' has no node"),
        (
            "a: {node: crtr, type: systemd, image: x}\n",
            "2:41: 'a': 'image' is for the type container",
        ),
        (
            "a: {node: crtr, type: docker, image: x, environment: {KEY: \"one\\ntwo\"}}\n",
            "2:62: 'a': the value of KEY has several lines",
        ),
        (
            "a: {node: crtr, type: docker, image: x, environment: {A KEY: one}}\n",
            "2:64: 'a': 'A KEY' is no name of a variable",
        ),
        ("a: {node: crtr, type: systemd, command: x}\n", "2:43: 'a': 'command' is for the type container"),
        ("a: {node: crtr, status: runing}\n", "2:27: status 'runing' is not known"),
        ("a: {node: crtr, type: systemd, unit: a@.service}\n", "2:40: 'a': a@.service is a template"),
        (
            "a: {node: crtr, enabled: false, status: running}\n",
            "2:28: 'enabled: false' and 'status: running' disagree",
        ),
        (
            "a: {node: crtr, files: {/etc/a: ../b}}\n",
            "2:35: '../b' is not below the fleet directory",
        ),
        (
            "a: {node: crtr, files: {/etc/a/../b: b}}\n",
            "2:40: '/etc/a/../b' is not the shortest form of this path",
        ),
        (
            "a: {node: crtr, kind: unit, unit: x}\n  b: {node: crtr, kind: unit, unit: x.service}\n",
            "3:37: unit x.service on crtr already belongs to 'a', services.yaml:2:6",
        ),
        (
            (
                "a: {node: crtr, port: 80}\ngateway: {node: crtr}\n"
                "domains: [{fqdn: w.lan, service: a, backend: 'localhost:81'}]\n"
            ),
            "4:18: 'w.lan': 'a' does not listen on 81",
        ),
        (
            (
                "a: {node: prtr, port: 80, bind: 127.0.0.1}\ngateway: {node: crtr}\n"
                "domains: [{fqdn: w.lan, service: a}]\n"
            ),
            "4:18: 'w.lan': 'a' is bound to 127.0.0.1 and not on the gateway, so nothing reaches it",
        ),
        (
            (
                "a: {node: prtr, port: 80, bind: '[::1]'}\ngateway: {node: crtr}\n"
                "domains: [{fqdn: w.lan, service: a}]\n"
            ),
            "4:18: 'w.lan': 'a' is bound to ::1 and not on the gateway, so nothing reaches it",
        ),
        (
            "a: {node: crtr, port: 80, bind: '::1'}\n  b: {node: crtr, port: 80, bind: '[::1]'}\n",
            "3:25: port 80 on crtr already belongs to 'a', services.yaml:2:6",
        ),
        (
            "a: {node: crtr, files: {/etc/a: {source: a, mode: 644}}}\n",
            "2:53: mode must be text, not a number",
        ),
    ],
)  # fmt: skip
def test_faults_have_their_place(text: str, expected: str) -> None:
    assert faults(f"services:\n  {text}") == [expected]


@pytest.mark.parametrize(
    "text",
    [
        "a: {node: crtr, port: 80}\n  b: {node: prtr, port: 80}\n",
        "a: {node: crtr, port: 80, bind: '::1'}\n  b: {node: crtr, port: 80, bind: 10.0.0.1}\n",
        "a: {node: crtr, port: 80}\n  b: {node: crtr, port: 80, status: off}\n",
        "a: {node: crtr, port: 8082}\n",
    ],
)
def test_these_have_no_fault(text: str) -> None:
    assert faults(f"services:\n  {text}") == []


@pytest.mark.parametrize("address", ["1.2.3", "300.1.1.1", "127.0.0.1:80", "10", "fe80:::1", "[::1]:80"])
def test_number_that_is_no_address_is_a_fault(address: str) -> None:
    said = f"'{address}' is no address: write a host name or an IP address, without a port"
    name = f"{{name: a.x, local_ip: '{address}'}}"
    text = f"services:\n  a: {{node: crtr, bind: '{address}', domains: [{name}]}}\n"
    found = checked(f"{text}gateway: {{node: crtr, ip: '{address}'}}\n").faults
    assert [fault.what for fault in found] == [f"bind: {said}", f"local_ip: {said}", f"ip: {said}"]


@pytest.mark.parametrize(
    "address", ["127.0.0.1", "::", "[::1]", "fe80::1%eth0", "localhost", "crtr.x", "1password"]
)
def test_address_of_a_service(address: str) -> None:
    assert faults(f"services:\n  a: {{node: crtr, port: 80, bind: '{address}'}}\n") == []


def test_an_unknown_key_is_a_fault_with_the_key_that_was_meant() -> None:
    first, second = checked("services:\n  a: {node: crtr, depends_on: [b], prot: 1}\n").faults
    assert (first.what, first.hint) == ("service 'a' has no key 'depends_on'", "did you mean 'dependencies'?")
    assert (second.what, second.hint) == ("service 'a' has no key 'prot'", "did you mean 'port'?")


def test_what_others_need_comes_first() -> None:
    services = checked(
        "services:\n  a: {node: crtr, needs: [b, c]}\n  b: {node: prtr, needs: [c]}\n  c: {node: drtr}\n"
    ).services
    assert services is not None
    assert order(services.services, ["a", "b", "c"]) == ["c", "b", "a"]
    assert order(services.services, ["a", "b"]) == ["b", "a"]


def test_a_file_that_is_not_there_is_a_fault(tmp_path: Path) -> None:
    (tmp_path / "nodes.yaml").write_text(NODES)
    (tmp_path / "services.yaml").write_text(USERS)
    (tmp_path / "compose").mkdir()
    (tmp_path / "compose" / "n8n.yaml").write_text("services: {}\n")
    found = find_and_check(str(tmp_path), environ={}, cwd="/")[1]
    assert found.fleet is None
    (fault,) = found.faults  # a secret may come from a command
    expected = "there is no file units/atuin-server.service for /etc/systemd/system/atuin-server.service"
    assert (fault.line, fault.what) == (8, expected)


@pytest.mark.parametrize(
    ("service", "backend"),
    [
        ("{node: crtr, port: 80}", "localhost:80"),
        ("{node: crtr, port: 80, bind: 127.0.0.1}", "localhost:80"),
        ("{node: crtr, port: 80, bind: 10.8.0.1}", "10.8.0.1:80"),
        ("{node: prtr, port: 80, bind: 0.0.0.0}", "10.0.0.2:80"),
        ("{node: prtr, port: 80, bind: 'fd00::2'}", "[fd00::2]:80"),
        ("{node: prtr, port: 80, bind: '[fd00::2]'}", "[fd00::2]:80"),
        ("{node: prtr, port: 80, bind: '[::]'}", "10.0.0.2:80"),
        ("{node: prtr, port: 80, bind: '::2'}", "[::2]:80"),
        ("{node: crtr, port: 80, bind: '[::1]'}", "[::1]:80"),
        ("{node: crtr, port: 80, bind: 127.0.0.2}", "127.0.0.2:80"),
        ("{node: crtr, port: 80, bind: localhost.example}", "localhost.example:80"),
    ],
)
def test_a_web_name_leads_to_where_its_service_listens(service: str, backend: str) -> None:
    found = checked(
        f"services: {{a: {service}}}\ngateway: {{node: crtr}}\ndomains: [{{fqdn: a.lan, service: a}}]\n"
    )
    assert found.services is not None
    assert [site.backend for site in found.services.sites] == [backend]


def test_a_part_of_a_web_name_has_63_letters_at_most() -> None:
    entry = "domains: [{{fqdn: {}.lan, backend: 'x:1'}}]\n"
    assert faults(entry.format("a" * 63)) == []
    (fault,) = faults(entry.format("a" * 64))
    assert fault.endswith("is no web name")


@pytest.mark.parametrize("name", ["'*'", "'-v'", "'a;b'"])
def test_a_service_of_a_compose_file_has_a_name(name: str) -> None:
    entry = f"services: {{a: {{node: crtr, type: compose, compose_file: /opt/a.yaml, services: [{name}]}}}}\n"
    (fault,) = faults(entry)
    assert fault.endswith("is no name of a service")


def test_one_data_folder_needs_no_list() -> None:
    """A path alone, or a mapping alone, as the documents have it."""
    assert faults('services: {a: {node: crtr, data: {path: /srv/a, mode: "0750"}}}\n') == []
    (fault,) = faults("services: {a: {node: crtr, data: {path: /srv/a, mod: 1}}}\n")
    assert "data has no key 'mod'" in fault


def test_a_value_of_the_environment_that_is_missing_says_how_an_empty_one_is_written() -> None:
    found = checked("services: {a: {node: crtr, type: docker, image: x, environment: {A: }}}\n")
    (fault,) = found.faults
    assert fault.hint == "an empty text is written ''"


@pytest.mark.parametrize(
    ("service", "hint"), [("wb", "did you mean 'web'?"), ("xyz", "it is not under 'services'")]
)
def test_the_service_that_was_meant_is_named(service: str, hint: str) -> None:
    found = checked(
        "services: {web: {node: crtr, port: 80}}\ngateway: {node: crtr}\n"
        f"domains: [{{fqdn: w.lan, service: {service}}}]\n"
    )
    assert [fault.hint for fault in found.faults] == [hint]
