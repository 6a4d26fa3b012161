"""What the backends declare, and the command lines of their nodes."""

from __future__ import annotations

from pathlib import Path

import pytest

from stentor.errors import UsageError
from stentor.lab.backends import AUTOMATIC, BACKENDS, Backend
from stentor.lab.directory import Record
from stentor.lab.plan import sandbox
from stentor.lab.plan.nodes import SEED
from stentor.lab.plan.sandbox import Machine

MACHINE = Machine("/usr/sbin/sshd", "/usr/bin/python3", "/code", frozenset())


def made(name: str) -> Backend:
    return BACKENDS[name](Path("/lab"), Record(name, None, 100, SEED), MACHINE, {})


@pytest.mark.parametrize("name", BACKENDS)
def test_every_command_line_contains_the_marker_of_its_node(name: str) -> None:
    backend = made(name)
    for alias in backend.nodes:
        assert backend.paths(alias).marker == f"stentor-lab=/lab/nodes/{alias}"
        assert backend.paths(alias).marker in backend.command(alias)


def test_the_command_line_of_a_blackhole_contains_the_marker() -> None:
    paths = made("bwrap").paths("crtr")
    assert paths.marker in sandbox.blackhole(SEED[0], paths, MACHINE)


def test_full_nodes_must_be_asked_for() -> None:
    assert set(BACKENDS) - set(AUTOMATIC) == {"full"}


def test_a_node_is_found_by_its_alias_and_by_its_name() -> None:
    backend = made("plain")
    assert backend.node("crtr") is backend.node("cooperator")
    with pytest.raises(UsageError, match="no node 'x'") as raised:
        backend.node("x")
    assert raised.value.hint == "it has crtr, prtr, drtr, trtr, zrtr"


def test_only_plain_nodes_share_account_and_files() -> None:
    assert [name for name, kind in BACKENDS.items() if not kind.isolated] == ["plain"]
    assert [name for name, kind in BACKENDS.items() if kind.limits] == ["plain"]
