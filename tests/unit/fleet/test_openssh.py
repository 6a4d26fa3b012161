"""Jump hosts as ``ssh -J`` takes them."""

from __future__ import annotations

import pytest

from stentor.fleet.openssh import Hop, hops


@pytest.mark.parametrize(
    ("text", "hop"),
    [
        ("gw", Hop("gw", "", 0)),
        ("me@gw:2222", Hop("gw", "me", 2222)),
        ("me@work@gw", Hop("gw", "me@work")),
        ("ssh://me@gw:2222/", Hop("gw", "me", 2222)),
        ("2222", Hop("2222")),
        ("fd00::1", Hop("fd00::1")),
        ("[fd00::1]", Hop("fd00::1")),
        ("[fd00::1]:2222", Hop("fd00::1", "", 2222)),
    ],
)
def test_a_hop_is_read_as_ssh_reads_it(text: str, hop: Hop) -> None:
    assert Hop.parse(text) == hop


@pytest.mark.parametrize(
    "text",
    ["gw:", "gw:ssh", "gw:\u00b2", "gw/", "[fd00::1]2222", "[fd00::1]x2222", "[fd00::1", "fd00::1]:22"],
)
def test_what_has_no_valid_port_is_all_host(text: str) -> None:
    assert Hop.parse(text) == Hop(text)


@pytest.mark.parametrize("text", ["gw", "me@gw", "gw:2222", "me@gw:2222", "me@[fd00::1]:2222", "[fd00::1]"])
def test_a_hop_is_written_as_it_was_read(text: str) -> None:
    assert Hop.parse(text).text() == text


def test_hops_stand_in_the_order_in_which_they_are_passed() -> None:
    assert hops("outer,me@inner:22") == [Hop("outer"), Hop("inner", "me", 22)]
