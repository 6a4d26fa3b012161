"""Any text at all is a fleet or faults; nothing else ever comes of it."""

from __future__ import annotations

import json
from typing import Any

import yaml
from hypothesis import given
from hypothesis import strategies as st

from stentor.errors import FleetError
from stentor.fleet import compiled
from stentor.fleet.check import Checked, Source, check
from stentor.fleet.document import parse
from stentor.fleet.ranges import expand

words = st.sampled_from(
    [
        "nodes",
        "groups",
        "defaults",
        "ssh",
        "rollout",
        "journal",
        "alias",
        "address",
        "user",
        "port",
        "jump",
        "role",
        "mac",
        "state",
        "requires",
        "vars",
        "config",
        "a",
        "b",
        "crtr",
        "all",
        "self",
        "up",
        "down",
        "gpu",
        "@gpu",
        "@all",
        "crtr,prtr",
        "n[1-3]",
        "h[1-3]",
        "10.0.0.1",
        "22",
        "0",
        "-1",
        "true",
        "null",
        "~",
        "*x",
        "&x",
        "<<",
        "%",
        "!",
    ]
)
scalars = words | st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=12)
trees = st.recursive(
    scalars,
    lambda inner: (
        st.lists(inner, max_size=4) | st.dictionaries(words | st.text(max_size=6), inner, max_size=5)
    ),
    max_leaves=25,
)
entries = st.dictionaries(st.sampled_from(["a", "b", "c", "n[1-3]", "all"]), trees, max_size=4)
almost_fleets = st.fixed_dictionaries(
    {"nodes": entries}, optional={"groups": entries, "defaults": trees, "ssh": trees, "rollout": trees}
)


def judged(data: bytes) -> Checked:
    result = check([Source("nodes", "nodes.yaml", data)], "/fleet")
    assert (result.fleet is None) == bool(result.faults)
    lines = data.count(b"\n") + data.count(b"\r") + 3
    for fault in result.faults:
        assert fault.what
        assert "\n" not in fault.what
        assert 0 <= fault.line <= lines + data.count(b"\xe2\x80") + data.count(b"\xc2\x85")
        assert (fault.line > 0) == (fault.column > 0)
    return result


@given(
    st.binary(max_size=200) | st.text(max_size=200).map(lambda text: text.encode("utf-8", "surrogatepass"))
)
def test_any_bytes(data: bytes) -> None:
    judged(data)


@given(
    st.lists(
        words | st.sampled_from([": ", "\n", "\n  ", "- ", "{", "}", "[", "]", ", ", "'", '"', "\t"]),
        max_size=40,
    )
)
def test_any_yaml_like_text(parts: list[str]) -> None:
    judged("".join(parts).encode())


@given(almost_fleets)
def test_any_tree(tree: Any) -> None:
    result = judged(yaml.safe_dump(tree, allow_unicode=True).encode("utf-8", "surrogatepass"))
    if result.fleet:
        fleet = result.fleet
        assert list(fleet.groups["all"]) == list(fleet.nodes)
        assert all(alias in fleet.nodes for members in fleet.groups.values() for alias in members)
        # What was read comes back from the compiled copy as it was.
        copy = compiled.decode(compiled.encode(fleet, {}), fleet.root, {})
        assert copy is not None
        plain = copy._replace(nodes=dict(copy.nodes), groups=dict(copy.groups))
        assert repr(plain) == repr(fleet)


@given(trees)
def test_what_yaml_writes_is_read_back(tree: Any) -> None:
    text = json.dumps(tree)  # JSON is YAML, and has the types of the core schema
    found, faults = parse(text.encode(), "f")
    if found is None or faults:
        assert faults
        return
    expected = json.loads(text)
    if '"<<"' not in text and "Infinity" not in text and "NaN" not in text:
        assert found.plain() == expected


simple = st.from_regex(r"[a-z]{1,4}", fullmatch=True)
numbers = st.integers(0, 300)


@given(simple, numbers, st.integers(0, 40), st.integers(1, 5), st.integers(0, 4))
def test_ranges_are_clustershells(prefix: str, first: int, count: int, step: int, padding: int) -> None:
    from ClusterShell.NodeSet import RESOLVER_NOGROUP, NodeSet

    low, high = str(first).zfill(padding), str(first + count).zfill(padding)
    pattern = f"{prefix}[{low}-{high}" + (f"/{step}" if step > 1 else "") + "]"
    if len(low) != len(high) and low.startswith("0"):
        return  # ClusterShell refuses a padding that does not hold
    assert expand(pattern) == list(NodeSet(pattern, resolver=RESOLVER_NOGROUP))


def test_errors_of_ours_have_one_root() -> None:
    assert issubclass(FleetError, Exception)
