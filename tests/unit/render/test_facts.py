"""The table of facts on narrow and wide terminals."""

from __future__ import annotations

import pytest

from stentor.api.facts import NodeFacts
from stentor.outcome import Outcome
from stentor.render.facts import _table

FACTS = {
    "system": "Debian 13.1",
    "kernel": "6.12.41-amd64",
    "arch": "x86_64",
    "cpu": "AMD Ryzen 9 7950X 16-Core Processor",
    "cores": 32,
    "addresses": [{"address": "192.168.254.20", "interface": "eth0"}],
}


@pytest.mark.parametrize("width", [60, 80, 120])
def test_system_and_address_are_never_cut(width: int) -> None:
    lines = _table([NodeFacts(Outcome("prtr", "ok"), FACTS, None, ())], width, colour=False)
    assert max(map(len, lines)) <= width
    text = "\n".join(lines)
    assert "Debian 13.1 " in text
    assert "192.168.254.20" in text
    assert "6.12.41" in text


def test_what_fits_is_shown_in_full() -> None:
    assert "6.12.41-amd64" in "\n".join(
        _table([NodeFacts(Outcome("prtr", "ok"), FACTS, None, ())], 200, colour=False)
    )
