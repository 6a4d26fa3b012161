"""chezmoi's data and Prometheus' targets, as both read them."""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Any

import pytest

from stentor.errors import UsageError
from stentor.export.view import CannotSayError, Left
from stentor.fleet.model import Fleet, Node
from tests.readers import TEXTS, fleet_of, made, nasty, said, write
from tests.support import ROOT

CONFIG = "scrape_configs: [{job_name: node, file_sd_configs: [{files: [targets.yml]}]}]\n"


def chezmoi() -> str:
    folder = os.environ.get("STENTOR_TEST_CHEZMOI") or f"{ROOT}/.venv/tools"
    found = sorted(name for name in os.listdir(folder) if name.startswith("chezmoi-"))
    return os.path.join(folder, found[-1])


def test_chezmoi_reads_every_node_and_value(tmp_path: Path) -> None:
    fleet = nasty()
    assert write(tmp_path / "source/.chezmoidata/fleet.yaml", "chezmoi", fleet).left == [
        Left("on", "gateway")
    ]
    words = ["--source", str(tmp_path / "source"), "--config", str(tmp_path / "none.toml")]
    environ = {"HOME": str(tmp_path)}
    data = json.loads(said(chezmoi(), *words, "data", "--format", "json", environ=environ))["fleet"]
    assert data["groups"] == {name: list(of) for name, of in fleet.groups.items() if name != "all"}
    for alias, node in fleet.nodes.items():
        assert data["nodes"][alias]["variables"] == node.variables
        assert data["names"][node.name] == data["names"][alias] == alias
    template = (
        '{{ $me := index .fleet.nodes (index .fleet.names "on-full") }}{{ $me.role }} {{ $me.phase }}'
        ' {{ has "off" $me.groups }} {{ index $me.variables "yes" }}'
    )
    assert said(chezmoi(), *words, "execute-template", template, environ=environ) == "gpu 3 true x"


def test_numbers_that_chezmoi_takes_for_texts_are_listed(tmp_path: Path) -> None:
    own = {"a": 2**64 - 1, "b": [-(2**63)], "c": {"d": [2**64]}, "e": -(2**63) - 1, "f": 2**63}
    fleet = Fleet("/f", {"n": Node("n", "n", variables=own)}, {"all": ("n",)})
    result = write(tmp_path / ".chezmoidata/fleet.yaml", "chezmoi", fleet)
    said_so = {one.what for one in result.left}
    out = said(
        chezmoi(), "--source", str(tmp_path), "data", "--format", "json", environ={"HOME": str(tmp_path)}
    )
    read = json.loads(out)["fleet"]["nodes"]["n"]["variables"]
    assert said_so == {key for key in own if read[key] != own[key]} == {"c", "e"}


def targets(folder: Path) -> list[dict[str, Any]]:
    """What promtool finds, after it has found the file good."""
    (folder / "prometheus.yml").write_text(CONFIG)
    assert "SUCCESS" in said("promtool", "check", "config", "prometheus.yml", cwd=folder)
    words = ["check", "service-discovery", "--timeout=1s", "prometheus.yml", "node"]
    return list(json.loads(said("promtool", *words, cwd=folder, noise="(?m)^level=debug.*$")))


def test_prometheus_reads_every_target_and_label(tmp_path: Path) -> None:
    fleet = nasty()
    result = write(tmp_path / "targets.yml", "prometheus", fleet)
    gone = {one.what for one in result.left}
    found = {one["labels"]["node"]: one["labels"] for one in targets(tmp_path)}
    assert set(found) == set(fleet.nodes)
    for number, (alias, node) in enumerate(fleet.nodes.items()):
        assert found[alias]["__address__"] == f"{node.addresses[0]}:9100", number
    on = found["on"]
    assert (on["name"], on["role"], on["phase"], on["groups"]) == ("on-full", "gpu", "3", ",off,")
    empty = {f"v{TEXTS.index('')}"}  # an empty label is none
    wanted = {key: value for key, value in fleet.nodes["on"].variables.items() if key not in gone | empty}
    assert {key: on[key] for key in wanted} == wanted
    assert gone == {"", "nested", "2001:db8::1"}


def test_addresses_and_ports_become_targets(tmp_path: Path) -> None:
    nodes = {
        "a": Node("a", "a", ("2001:db8::1",), variables={"exporter_port": 9200, "up": True, "n": 5}),
        "b": Node("b", "b", ("b.example",)),
        "c": Node("c", "c"),
    }
    fleet = Fleet("/f", nodes, {"all": ("a", "b", "c")})
    write(tmp_path / "targets.yml", "prometheus", fleet, options={"port": 9101})
    found = {one["labels"]["node"]: one["labels"] for one in targets(tmp_path)}
    addresses = {alias: labels["__address__"] for alias, labels in found.items()}
    assert addresses == {"a": "[2001:db8::1]:9200", "b": "b.example:9101", "c": "c:9101"}
    assert (found["a"]["up"], found["a"]["n"]) == ("true", "5")


def test_names_that_are_no_labels_are_listed() -> None:
    names = ["a-b", "a b", "é", "__x", "node", "job", "1a", "good"]
    fleet = Fleet("/f", {"a": Node("a", "a", variables=dict.fromkeys(names, "x"))}, {"all": ("a",)})
    result = made("prometheus", fleet)
    assert [one.what for one in result.left] == names[:-1]
    assert '"good": "x"' in result.text


@pytest.mark.parametrize(
    ("entry", "field"), [("address: 'fe80::1%eth0'", "address"), ("vars: {exporter_port: no}", "vars")]
)
def test_a_target_that_prometheus_would_not_scrape_is_refused(entry: str, field: str) -> None:
    with pytest.raises(CannotSayError) as caught:
        made("prometheus", fleet_of(f"nodes: {{a: {{{entry}}}}}\n"))
    assert (caught.value.node, caught.value.field) == ("a", field)


def test_a_port_that_is_none_is_an_error() -> None:
    with pytest.raises(UsageError, match="--port 0 is no port"):
        made("prometheus", fleet_of("nodes: {a: }\n"), options={"port": 0})
