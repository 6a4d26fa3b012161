"""Edits which leave a person's file as it is."""

from __future__ import annotations

import difflib

import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st

from stentor.errors import FleetError, UsageError
from stentor.fleet.edit import add_node, set_values

TEXT = """\
# The fleet.   Do not touch   the spaces.
nodes:
  cooperator: {alias: crtr, address: 192.168.254.10, role: gateway}  # the gateway
  projector:  {alias: prtr, address: 192.168.254.20}

  # blocks too
  director:
    alias: drtr   # short
    address: 192.168.254.30
    vars:
      rack: 'b1'
groups:
  core:   crtr,prtr,drtr
"""


def changed(before: str, after: str) -> list[str]:
    return [
        line for line in difflib.ndiff(before.splitlines(), after.splitlines()) if line[:2] in ("- ", "+ ")
    ]


def test_one_line_changes_and_nothing_else() -> None:
    after = set_values(TEXT, "prtr", {"state": "down", "user": "me"})
    assert changed(TEXT, after) == [
        "-   projector:  {alias: prtr, address: 192.168.254.20}",
        "+   projector:  {alias: prtr, address: 192.168.254.20, state: down, user: me}",
    ]


def test_a_comment_behind_the_entry_stays() -> None:
    after = set_values(TEXT, "crtr", {"role": None})
    assert "  cooperator: {alias: crtr, address: 192.168.254.10}  # the gateway\n" in after


def test_comments_and_quotes_inside_a_block_stay() -> None:
    after = set_values(TEXT, "director", {"state": "migrating"})
    assert changed(TEXT, after) == ["+     state: migrating"]
    assert after.endswith("groups:\n  core:   crtr,prtr,drtr\n")


@pytest.mark.parametrize(
    ("text", "after"),
    [
        ("nodes: {a: {role: x}}", "nodes: {a: {role: x}, b: {role: y}}"),
        ("nodes: {\n  a: {role: x},\n}\n", "nodes: {\n  a: {role: x}, b: {role: y},\n}\n"),
    ],
)
def test_a_new_node_comes_into_the_braces_of_the_others(text: str, after: str) -> None:
    assert add_node(text, "b", {"role": "y"}) == after


def test_a_new_node_comes_after_the_last_in_its_style() -> None:
    after = add_node(TEXT, "terminator", {"alias": "trtr", "address": "192.168.254.40"})
    assert changed(TEXT, after) == [
        "+   terminator:",
        "+     alias: trtr",
        "+     address: 192.168.254.40",
    ]
    flow = "nodes:\n  a: {address: 192.0.2.1}\n"
    assert add_node(flow, "b", {"address": "192.0.2.2"}) == flow + "  b: {address: 192.0.2.2}\n"
    assert add_node(flow.rstrip(), "b", {}) == flow + "  b: {}\n"


def test_edits_that_are_not_possible_are_errors() -> None:
    with pytest.raises(UsageError, match="already"):
        add_node(TEXT, "crtr", {})
    with pytest.raises(FleetError, match="no entry 'prt'") as caught:
        set_values(TEXT, "prt", {"state": "up"})
    assert "prtr" in caught.value.hint
    with pytest.raises(FleetError, match="not YAML"):
        set_values("nodes: [", "a", {})
    with pytest.raises(FleetError, match="not a fleet file"):
        set_values("- a", "a", {})


@settings(max_examples=40, deadline=None)
@given(
    st.lists(st.sampled_from(["prtr", "crtr", "drtr"]), min_size=1, max_size=4),
    st.sampled_from(["user", "role", "arch"]),
    st.text("abcxyz019", min_size=1, max_size=8),
)
def test_the_meaning_is_what_was_asked(names: list[str], key: str, value: str) -> None:
    text = TEXT
    for name in names:
        text = set_values(text, name, {key: value})
    before, after = yaml.safe_load(TEXT)["nodes"], yaml.safe_load(text)["nodes"]
    for name, entry in after.items():
        wanted = {**before[name], **({key: value} if before[name]["alias"] in names else {})}
        assert {k: str(v) for k, v in entry.items()} == {k: str(v) for k, v in wanted.items()}
