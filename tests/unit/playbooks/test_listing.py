"""What is wrong with inventory, playbook or a node's Python, before anything is run."""

from __future__ import annotations

import pytest

from stentor.errors import Refused, StentorError, UsageError
from stentor.playbooks.listing import Listing, Play, Python, judge, prove, python_fault, refuse_old

FLEET = ("a", "b", "c")
LISTING = Listing(
    "2.19.14",
    hosts=FLEET,
    groups={"all": FLEET, "gpu": ("b", "c")},
    plays=(Play("P", "gpu", "p.yml:1", ("b", "c")),),
)


def test_a_fleet_that_was_read_whole_passes() -> None:
    prove(LISTING, FLEET, {"gpu": ("b", "c")})
    more = LISTING._replace(hosts=(*FLEET, "other"), groups={"gpu": ("b", "c", "other")})
    prove(more, FLEET, {"gpu": ("b", "c")})


def test_a_node_or_a_member_that_is_missing_is_named() -> None:
    with pytest.raises(StentorError, match="Ansible has read 2 of 3 nodes of the fleet; missing: c"):
        prove(LISTING._replace(hosts=("a", "b")), FLEET, {})
    with pytest.raises(StentorError, match="group gpu without c"):
        prove(LISTING._replace(groups={"gpu": ("b",)}), FLEET, {"gpu": ("b", "c")})


def test_a_node_with_the_name_of_a_group_is_refused() -> None:
    """The limit would be the group's hosts, and the node's variables the group's."""
    with pytest.raises(StentorError, match="has read b as a node and as a group"):
        prove(LISTING._replace(groups={**LISTING.groups, "b": ("c", "foreign")}), FLEET, {})


@pytest.mark.parametrize(
    ("play", "words"),
    [
        (Play("P", "x", "p.yml:1", ()), "p.yml:1: play 'P' matches no node"),
        (Play("P", "localhost", "p.yml:1", ("localhost",)), "is for this machine"),
        (Play("P", "::1", "p.yml:1", ("::1",)), "is for this machine"),
        (Play("P", "z", "p.yml:1", ("z",)), "is for no node of the fleet"),
    ],
)
def test_a_play_for_no_node_is_an_error(play: Play, words: str) -> None:
    with pytest.raises(UsageError) as error:
        judge(LISTING._replace(plays=(*LISTING.plays, play)), "p.yml", FLEET, ())
    assert words in str(error.value)
    assert error.value.hint


def test_hosts_that_are_made_meanwhile_are_no_error() -> None:
    later = (*LISTING.plays, Play("Q", "made_later", "p.yml:9", ()))
    judge(LISTING._replace(plays=later, dynamic=True), "p.yml", FLEET, ())


def test_a_selection_for_which_there_is_no_play_is_an_error() -> None:
    with pytest.raises(UsageError, match="no play of it is for a; its plays are for"):
        judge(LISTING, "p.yml", FLEET, ("a",))
    judge(LISTING, "p.yml", FLEET, ("a", "b"))
    with pytest.raises(UsageError, match="there is no play"):
        judge(LISTING._replace(plays=()), "p.yml", FLEET, ())


@pytest.mark.parametrize("version", ["2.9.6", "2.18.1", "1.0"])
def test_an_old_ansible_is_refused(version: str) -> None:
    with pytest.raises(Refused, match=f"ansible-core {version}; stentor needs 2.19"):
        refuse_old(version)


@pytest.mark.parametrize("version", ["2.19.0", "2.21.5", "3.0", "2.20.0rc1"])
def test_a_new_ansible_passes(version: str) -> None:
    refuse_old(version)


def test_what_is_wrong_with_a_python() -> None:
    assert python_fault(Python("/usr/bin/python3", (3, 8, 0)), LISTING) == ("", "")
    newer = LISTING._replace(version="2.20.1", least_python=(3, 9))
    what, hint = python_fault(Python("/usr/bin/python3", (3, 8, 20)), newer)
    assert what == "/usr/bin/python3 is Python 3.8.20; Ansible 2.20 needs 3.9 or newer there"
    assert "ansible_python_interpreter" in hint
    assert python_fault(Python(), newer)[0] == "there is no Python; Ansible 2.20 needs 3.9 or newer there"
    assert "does not run" in python_fault(Python("/usr/bin/python3"), newer)[0]
