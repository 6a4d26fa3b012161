"""Files of services and web names of an own making."""

from __future__ import annotations

import yaml

from stentor.fleet.check import Source, check
from stentor.fleet.document import parse
from stentor.fleet.importers.services import Imported, read_services_files, text_of
from stentor.fleet.model import Node

NODES = [Node("crtr", "cooperator", ("10.0.0.1",)), Node("prtr", "projector", ("10.0.0.2",))]


def imported(*texts: str) -> Imported:
    files = {f"{number}.yaml": text for number, text in enumerate(texts)}
    return read_services_files(list(files), files.__getitem__, NODES)


def test_three_files_become_one_that_has_no_faults() -> None:
    made = imported(
        "services:\n  caddy: {type: systemd, unit_file: package, ports: [80, 443]}\n"
        "  n8n: {type: docker-compose, compose_file: /opt/n8n/c.yaml, port: 5678, dependencies: [docker]}\n"
        "  docker: {type: systemd}\n",
        "domains:\n- {fqdn: n8n.home.example, service: n8n, backend: 'localhost:5678', http_version: 1.1}\n",
        "network: {gateway_ip: 10.0.0.1, external_target: home.example.net, vlans: [1]}\n",
    )
    assert made.data["gateway"] == {"ip": "10.0.0.1", "external_target": "home.example.net", "node": "crtr"}
    assert [one["node"] for one in made.data["services"].values()] == ["crtr", "crtr", "crtr"]
    assert made.data["domains"][0]["http_version"] == "1.1"
    assert made.left == [
        "2.yaml:1:1: 'vlans' is not taken over",
        "services: caddy, n8n, docker: no node is named: put on crtr, the gateway",
    ]
    text = text_of(made, "files")
    nodes = Source("nodes", "nodes.yaml", b"nodes: {crtr: {address: 10.0.0.1}}")
    assert check([nodes, Source("services", "services.yaml", text.encode())], "/fleet").faults == ()


def test_lists_and_other_spellings_are_taken() -> None:
    made = imported(
        "services: [{name: web, node: prtr, type: docker, image: 'a:1'}]\n"
        "web_names: [{name: A.lan, upstream: 'localhost:80', kind: sse}]\n"
    )
    assert made.data["services"]["web"] == {"node": "prtr", "type": "docker", "image": "a:1"}
    assert made.data["domains"] == [{"fqdn": "A.lan", "backend": "localhost:80", "type": "sse"}]


def test_what_is_not_understood_is_kept_as_free_data_and_listed() -> None:
    made = imported("services:\n  web: {node: crtr, type: podman, colour: red, db_password: hunter2}\n")
    assert made.data["services"]["web"] == {"node": "crtr", "vars": {"colour": "red", "type": "podman"}}
    assert made.left == [
        "0.yaml:1:1, web: db_password: secrets do not belong into a fleet file",
        "0.yaml:1:1, web: colour: free data, put under 'vars'",
        "0.yaml:1:1, web: type 'podman' is not known; put under 'vars'",
    ]
    assert "hunter2" not in text_of(made, "0.yaml")


def test_references_that_lead_nowhere_are_left_out_and_listed() -> None:
    made = imported(
        "services: {web: {node: crtr, dependencies: [db]}}\n"
        "domains: [{fqdn: w.lan, service: x, backend: 'a:1'}]\n"
    )
    assert made.data["services"]["web"] == {"node": "crtr"}
    assert made.left == [
        "w.lan: its service 'x' is in none of the files; left out",
        "web: its dependency 'db' is in none of the files; left out",
    ]


def test_a_file_that_cannot_be_read_is_listed_with_its_place() -> None:
    made = imported("a: b: c\n", "- 1\n", "")
    assert made.data == {}
    assert [line.split(":")[0] for line in made.left] == ["0.yaml", "0.yaml", "1.yaml", "2.yaml", "2.yaml"]


def test_texts_which_yaml_1_2_takes_for_numbers_stay_texts() -> None:
    own = {"commit": "12345e7", "zeros": "08", "mode": "0o17", "share": ".5e1", "sum": 5, "part": 1e20}
    text = text_of(Imported({"services": {"web": {"node": "crtr", "vars": own}}}, []), "0.yaml")
    tree, faults = parse(text.encode(), "services.yaml")
    assert tree is not None
    assert (tree.plain()["services"]["web"]["vars"], faults) == (own, [])


def test_the_text_says_where_it_is_from_and_what_was_left() -> None:
    text = text_of(imported("services: {web: {node: crtr}}\nx: 1\n"), "my\nfile")
    assert text.splitlines()[1:4] == [
        "# Made by 'stentor init' from my?file.",
        "# Not carried over as it was:",
        "#   0.yaml:2:1: 'x' is not taken over",
    ]
    assert yaml.safe_load(text) == {"services": {"web": {"node": "crtr"}}}
