"""A short run of the fuzzer, always the same; the long one is ``python -m tests.fuzz.fleet_file``."""

from __future__ import annotations

from tests.fuzz.fleet_file import main, wrong


def test_wounded_files() -> None:
    assert main(seconds=20, seed=1, most=1500) == 0


def test_the_fuzzer_sees_what_is_wrong() -> None:
    assert wrong("nodes", b"nodes: {a: }") == ""
    assert wrong("none", b"nodes: {a: }") == "KeyError: 'none'"
