"""Faults of the fleet files, as a terminal and a pipe get them."""

from __future__ import annotations

from stentor.fleet.document import Fault
from stentor.render.fleet import show_faults
from tests.unit.render.conftest import Surface

FAULT = Fault(
    "ssot/nodes.yaml", 12, 5, "there is no key 'adress' in a node of the fleet", "did you mean 'address'?"
)


def test_a_fault_is_broken_between_words_on_a_narrow_terminal() -> None:
    surface = Surface(live_out=True, width=60)
    show_faults(surface, [FAULT])
    assert surface.printed == (
        "ssot/nodes.yaml:12:5: there is no key 'adress' in a node of\n"
        "  the fleet\n"
        "    did you mean 'address'?\n"
    )


def test_the_place_of_a_fault_is_painted_and_does_not_count_as_width() -> None:
    surface = Surface(live_out=True, width=80, colour_out=True)
    show_faults(surface, [FAULT])
    first = surface.printed.splitlines()[0]
    assert first.startswith("\x1b[")
    assert first.endswith(": there is no key 'adress' in a node of the fleet")


def test_a_pipe_gets_a_fault_in_one_line() -> None:
    surface = Surface(width=60)
    show_faults(surface, [FAULT])
    assert surface.printed.splitlines()[0] == f"{FAULT.where}: {FAULT.what}"
