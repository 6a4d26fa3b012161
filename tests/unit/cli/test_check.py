"""``stentor check``: a fleet file without a fault, and an ssh that rejects its own configuration."""

from __future__ import annotations

import io
import json
from pathlib import Path

import pytest

from stentor.cli.context import Context
from stentor.cli.dispatch import dispatch


def checked(place: Path, *words: str) -> tuple[int, str, str]:
    out, err = io.BytesIO(), io.BytesIO()
    context = Context(
        io.TextIOWrapper(out, "utf-8"),
        io.TextIOWrapper(err, "utf-8"),
        io.TextIOWrapper(io.BytesIO(b"")),
        {"PATH": "/usr/bin:/bin", "XDG_STATE_HOME": str(place / "state")},
    )
    code = dispatch("check", words, str(place), context)
    context.stdout.flush()
    context.stderr.flush()
    return code, out.getvalue().decode(), err.getvalue().decode()


@pytest.fixture
def place(tmp_path: Path) -> Path:
    (tmp_path / "nodes.yaml").write_text("ssh: {config: cfg}\nnodes:\n  crtr: {address: 127.0.0.1}\n")
    return tmp_path


def test_what_ssh_rejects_is_a_fault(place: Path) -> None:
    (place / "cfg").write_text("Host other\n  Bogus 1\n")
    code, out, err = checked(place)
    assert (code, err) == (3, "1 fault in the configuration of ssh\n")
    assert out.splitlines()[0] == f"{place}/cfg:2:1: Bad configuration option: bogus"
    assert checked(place, "-q") == (3, "", "")
    header, fault, report = map(json.loads, checked(place, "-j")[1].splitlines())
    assert (header["faults"], fault["line"], report["exit_code"]) == (1, 2, 3)


def test_a_configuration_that_ssh_takes_is_valid(place: Path) -> None:
    (place / "cfg").write_text("Host other\n  Port 22\n")
    assert checked(place)[0] == 0


def test_a_rule_to_silence_that_does_not_exist_is_a_fault(place: Path) -> None:
    """Every command for several nodes would refuse it."""
    (place / "cfg").write_text("")
    (place / "policy.yaml").write_text("guard: {silence: [powr]}\n")
    said = "guard.silence: there is no rule 'powr' to silence\n    did you mean 'power'?\n"
    assert checked(place) == (3, said, f"1 fault in {place}\n")
    (place / "policy.yaml").write_text("guard: {groups: {all: {silence: [powr]}}}\n")
    assert checked(place)[1].startswith("guard.groups.all.silence: there is no rule 'powr' to silence\n")
    (place / "policy.yaml").write_text("guard: {silence: [power, own], rules: [{name: own, pattern: x}]}\n")
    assert checked(place)[0] == 0
