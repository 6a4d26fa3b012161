"""Whether a change may go ahead, and whose plans are the same."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from stentor.dotfiles.answer import Conflict, Look
from stentor.dotfiles.decide import is_empty, merge, never_got, obstacle
from stentor.dotfiles.facts import assumed_json, facts
from stentor.fleet.model import Fleet, Node
from stentor.outcome import Outcome


def test_obstacles() -> None:
    def why(look: Look, **options: Any) -> str:
        found = obstacle(look, **options)
        return found.why if found else ""

    assert obstacle(Look()) is None
    assert why(Look(pending="op rev armed 5")) == "op waits to be confirmed or undone"
    clash = Look(conflicts=(Conflict("edited", ".a"), Conflict("existing", ".b")))
    assert why(clash) == ".a and 1 more: changed on the node since chezmoi wrote it"
    assert why(clash, take=["edited"]) == ".b: was there before chezmoi ever wrote it"
    assert why(clash, take=["edited", "existing"]) == ""
    tried = Look(tried="op9 the login shell hangs")
    assert why(tried) == "this revision was undone here before: the login shell hangs"
    assert why(tried, again=True) == ""
    found = [obstacle(look) for look in (Look(pending="op rev armed 5"), clash, tried)]
    ways = [one.way_on for one in found if one]
    words = ("'stentor dotfiles confirm'", "--overwrite edited", "--again")
    assert all(word in way for word, way in zip(words, ways, strict=True))


def test_who_has_missed_a_change() -> None:
    done, dropped = Outcome("a", "ok", 0), Outcome("b", "unreachable")
    others = [Outcome("c", "failed", 1), Outcome("d", "cancelled"), Outcome("e", "lost")]
    assert never_got([done, dropped, *others], ["z"], stands=False) == ("z", "b")
    assert never_got([dropped, *others], ["z"], stands=False) == (), "nobody has got it"
    assert never_got([dropped, *others], ["z"], stands=True) == ("z", "b"), "others had it before"
    assert never_got([done, dropped], ["b"], stands=False) == ("b",)


def test_merge() -> None:
    same = Look(changes=(" M .zshrc",), applied="1")
    merged = merge(
        {
            "a": Look(),
            "b": same,
            "c": same._replace(applied="2"),
            "d": Look(changes=(" M .x",), conflicts=(Conflict("edited", ".x"),)),
        }
    )
    assert [alike.nodes for alike in merged] == [("d",), ("b", "c"), ("a",)]
    assert is_empty(merged[-1].look)


# Few values for each field, so that some nodes are alike.
LOOKS = st.tuples(
    st.lists(st.sampled_from([" M .a", " A .b"]), max_size=2).map(tuple),
    st.sampled_from(["", "1"]),
    st.sampled_from([(), (Conflict("edited", ".a"),)]),
).map(lambda fields: Look(changes=fields[0], applied=fields[1], conflicts=fields[2]))


@given(st.dictionaries(st.text("abc", min_size=1, max_size=2), LOOKS, max_size=6))
def test_every_node_is_in_one_group_with_its_own_changes(looks: Mapping[str, Look]) -> None:
    merged = merge(looks)
    assert sorted(name for alike in merged for name in alike.nodes) == sorted(looks)
    for alike in merged:
        for name in alike.nodes:
            assert looks[name].changes == alike.look.changes


def test_facts() -> None:
    node = Node("drtr", "director", role="gpu", arch="x86_64", user="me", variables={"n": 1})
    fleet = Fleet("/f", {"drtr": node}, {"all": ("drtr",), "gpu": ("drtr",), "core": ()})
    data = facts(fleet, node)["stentor"]
    assert data["groups"] == ["all", "gpu"]
    assert data["variables"] == {"n": 1}
    assert data["facts"] == {}
    known: dict[str, dict[str, Any]] = {
        "drtr": {"os": "debian13", "complete": True},
        "crtr": {"os": "debian12"},
    }
    assert facts(fleet, node, known)["stentor"]["facts"] == {"os": "debian13"}
    assert json.loads(assumed_json(fleet, node, known))["stentor"]["facts"] == {"os": "debian13"}
    machine = json.loads(assumed_json(fleet, node))["chezmoi"]
    assert machine == {"hostname": "director", "fqdnHostname": "director", "arch": "amd64", "username": "me"}
