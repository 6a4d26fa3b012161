"""The public names are exact, sorted, and there."""

import importlib
import subprocess
import sys

import stentor


def test_names_are_sorted_and_there() -> None:
    assert stentor.__all__ == sorted(stentor.__all__)
    assert len(set(stentor.__all__)) == len(stentor.__all__)
    for name in stentor.__all__:
        assert getattr(stentor, name) is not None


def test_every_home_is_public_and_every_public_name_has_one() -> None:
    assert {*stentor._HOMES, "__version__"} == set(stentor.__all__)
    for name, home in stentor._HOMES.items():
        assert getattr(stentor, name) is getattr(importlib.import_module(home), name)


def test_importing_costs_nothing() -> None:
    code = "import sys, stentor; print(*[m for m in sys.modules if m.startswith('stentor')])"
    done = subprocess.run([sys.executable, "-I", "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.split() == ["stentor"]
