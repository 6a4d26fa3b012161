"""Which engine reaches a node."""

from __future__ import annotations

from importlib import import_module

import pytest

from stentor.engines.run import ENGINES, Row, choose
from stentor.errors import UsageError
from stentor.fanout.context import EngineContext
from stentor.fanout.engine import Ability
from stentor.fanout.task import DEFAULTS
from stentor.fleet.model import Fleet, Node
from stentor.ssh.reactor import Reactor

HERE, THERE = Node("here", "here"), Node("there", "there")
FLEET = Fleet("/fleet", {"here": HERE, "there": THERE}, {})


def test_this_machine_is_reached_without_ssh_and_all_others_by_ssh() -> None:
    assert choose(HERE, frozenset(), local="here").module == "stentor.engines.local"
    assert choose(THERE, frozenset(), local="here").module == "stentor.engines.openssh"
    assert choose(HERE, frozenset(), local=None).module == "stentor.engines.openssh"


def test_new_engine_joins_by_a_row_and_is_passed_over_for_what_it_cannot_do() -> None:
    tree = Row("tree", {"marker"}, lambda node, _: node.alias == "there")
    engines = (tree, *ENGINES)
    assert choose(THERE, frozenset({"marker"}), local=None, engines=engines) is tree
    assert choose(THERE, frozenset({"stdin"}), local=None, engines=engines) is not tree
    assert choose(HERE, frozenset(), local=None, engines=engines) is not tree


def test_what_no_engine_can_do_is_an_error() -> None:
    needs: frozenset[Ability] = frozenset({"tty", "stdin"})
    with pytest.raises(UsageError, match="there cannot be reached by a way that has: stdin, tty"):
        choose(THERE, needs, local=None)


@pytest.mark.parametrize("row", ENGINES, ids=lambda row: row.module)
def test_every_row_makes_an_engine(row: Row, tmp_path: object) -> None:
    reactor = Reactor()
    context = EngineContext(
        reactor,
        FLEET,
        DEFAULTS,
        {"HOME": str(tmp_path), "XDG_RUNTIME_DIR": str(tmp_path)},
        lambda _: None,
        lambda: False,
    )
    engine = import_module(row.module).make(context)
    assert engine.describe(THERE)
    engine.close()
    reactor.close()
