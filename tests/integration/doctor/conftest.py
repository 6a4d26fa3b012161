"""Nodes with every login shell, and the figures of what the doctor found on them."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from stentor.lab import Lab
from tests.integration.doctor.ward import SHELLS, make_healthy
from tests.support import need


@pytest.fixture(scope="module")
def ward(playground: Path) -> Iterator[Lab]:
    """Nodes with every login shell, each of which requires the command `hello`."""
    from stentor import lab as labs

    need("zsh", "fish", "dash")
    lab = labs.up(playground / "ward", all_up=True, shells=[f"{n}={s}" for n, s in SHELLS.items()])
    fleet = lab.fleet_dir / "nodes.yaml"
    fleet.write_text(fleet.read_text().replace(", role:", ", requires: [sed, hello], role:"))
    try:
        yield lab
    finally:
        lab.down()


@pytest.fixture
def healthy(ward: Lab) -> Iterator[Lab]:
    """The same, with `hello` in ~/.local/bin, and that in PATH by the file that every shell reads."""
    for alias in SHELLS:
        make_healthy(ward, alias)
    yield ward
    ward.heal()
    for alias in SHELLS:
        ward.backend.fill_home(alias)
