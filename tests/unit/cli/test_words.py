"""What a shell completes of the fleet."""

from __future__ import annotations

from pathlib import Path

from stentor.cli.words import fleet_words


def test_groups_and_nodes_are_completed_with_what_they_are(tmp_path: Path) -> None:
    (tmp_path / "nodes.yaml").write_text(
        "nodes:\n  projector: {alias: prtr, role: gpu}\n  director: {alias: drtr}\ngroups:\n  gpu: [prtr]\n"
    )
    found = fleet_words(str(tmp_path), {"HOME": str(tmp_path)}, "/")
    lines = found.splitlines()
    assert {"@gpu\t1 nodes", "@all\t2 nodes", "prtr\tprojector gpu", "drtr\tdirector"} <= set(lines)


def test_without_a_fleet_there_is_nothing_to_complete(tmp_path: Path) -> None:
    assert fleet_words(str(tmp_path / "none"), {"HOME": str(tmp_path)}, "/") == ""


def test_services_are_completed_alone_or_beside_nodes(tmp_path: Path) -> None:
    (tmp_path / "nodes.yaml").write_text("nodes:\n  director: {alias: drtr}\n")
    (tmp_path / "services.yaml").write_text("services:\n  grafana: {node: drtr, type: systemd}\n")
    environ = {"HOME": str(tmp_path)}
    alone = fleet_words(str(tmp_path), environ, "/", "services")
    assert alone == "grafana\tservice\n"
    nodes = fleet_words(str(tmp_path), environ, "/")
    assert fleet_words(str(tmp_path), environ, "/", "names") == alone + nodes
    (tmp_path / "services.yaml").write_text("services: 3\n")
    assert fleet_words(str(tmp_path), environ, "/", "services") == ""
