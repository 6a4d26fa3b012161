"""A short run of the fuzzer, always the same; the long one is ``python -m tests.fuzz.fleet_file``."""

from __future__ import annotations

import random

from stentor.fleet import compiled
from stentor.fleet.check import Source, check
from tests.fuzz.fleet_file import main, mutated, wrong


def test_wounded_files() -> None:
    assert main(seconds=20, seed=1, most=1500) == 0


def test_the_fuzzer_sees_what_is_wrong() -> None:
    assert wrong("nodes", b"nodes: {a: }") == ""
    assert wrong("none", b"nodes: {a: }") == "KeyError: 'none'"


def test_a_mutated_compiled_copy_is_refused() -> None:
    texts = {"nodes": b"nodes:\n  node[1-40]: {groups: [big]}\n"}
    fleet = check([Source("nodes", "nodes.yaml", texts["nodes"])], "/fleet").fleet
    assert fleet is not None
    whole = compiled.encode(fleet, texts)
    chance = random.Random(1)
    for _ in range(2000):
        copy = mutated(whole, chance)
        found = compiled.decode(copy, "/fleet", texts)
        assert (found is None) == (copy != whole)
