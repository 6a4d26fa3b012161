"""The fleet, read again when its files have changed."""

from __future__ import annotations

from pathlib import Path

from stentor.api.fleet import Fleet
from stentor.web.fleets import Fleets


def test_what_was_changed_a_moment_ago_is_read(tmp_path: Path) -> None:
    path = tmp_path / "nodes.yaml"
    path.write_text("nodes:\n  a: {address: 192.0.2.1}\n")
    environ = {"XDG_STATE_HOME": str(tmp_path / "state"), "HOME": str(tmp_path)}
    fleets = Fleets(Fleet.open(str(tmp_path), environ=environ))
    path.write_text("nodes:\n  a: {address: 192.0.2.1}\n  b: {address: 192.0.2.2}\n")
    assert [*fleets.fresh().data.nodes] == ["a", "b"]
    path.write_text("nodes: [\n")
    assert [*fleets.fresh().data.nodes] == ["a", "b"], "with a fault it is as it was"
    assert fleets.fault is not None
