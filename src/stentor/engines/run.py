"""Run tasks on nodes, each by the engine that suits it: the entry point to everything below.

A new engine is a module with ``make(context)`` and a row in ``ENGINES``; the tree's row is made for the nodes
of each fan-out, since whether it serves depends on how many there are.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import partial

from stentor.errors import UsageError
from stentor.fanout import run as fanout
from stentor.fanout.cancellation import Cancellation
from stentor.fanout.events import Event
from stentor.fanout.task import DEFAULTS, Settings, Task
from stentor.fleet.model import Fleet, Node
from stentor.typed import TYPE_CHECKING, Any, cast

if TYPE_CHECKING:
    from stentor.engines.tree.routes import Choice
    from stentor.fanout.context import Ask, EngineContext
    from stentor.fanout.engine import Ability, ChooseEngine, Engine, MakeEngine


class Row:
    """One engine.

    Args:
        module: has ``make``; imported with the first node that needs it.
        abilities: what it can do.
        serves: whether it reaches a node; the second argument is the alias of this machine, if it is a node.
        make: makes it, in place of the module's.
    """

    __slots__ = ("abilities", "make", "module", "serves")

    def __init__(
        self,
        module: str,
        abilities: set[Ability],
        serves: Callable[[Node, str | None], bool],
        make: MakeEngine | None = None,
    ) -> None:
        self.module = module
        self.abilities = frozenset(abilities)
        self.serves = serves
        self.make = make


# The first that serves a node and can do what its task needs is taken.
ENGINES = (
    Row("stentor.engines.local", {"marker", "stdin"}, lambda node, local: node.alias == local),
    Row("stentor.engines.openssh", {"marker", "stdin", "agent", "ask"}, lambda *_: True),
)


def choose(
    node: Node, needs: frozenset[Ability], *, local: str | None, engines: Sequence[Row] = ENGINES
) -> Row:
    """Return the engine for a node.

    Args:
        needs: what its task needs.
        local: the alias of the node which is this machine.

    Raises:
        UsageError: there is none.
    """
    for row in engines:
        if needs <= row.abilities and row.serves(node, local):
            return row
    raise UsageError(f"{node.alias} cannot be reached by a way that has: {', '.join(sorted(needs))}")


def run(
    fleet: Fleet,
    tasks: Sequence[Task],
    settings: Settings = DEFAULTS,
    *,
    local: str | None = None,
    cancellation: Cancellation | None = None,
    environ: Mapping[str, str] | None = None,
    engine: MakeEngine | None = None,
    ask: Ask | None = None,
    waits: Callable[[bool], None] | None = None,
) -> Iterator[Event]:
    """Run each task on its node; see :func:`stentor.fanout.run.run`.

    Args:
        tasks: at most one for a node.
        local: the alias of the node which is this machine; reached without ssh.
        cancellation: by which another thread or a signal handler asks for the end.
        environ: the environment of ssh and of local commands; the process's own by default.
        engine: makes an engine for all nodes, in place of the table's.
        ask: runs an ``ssh`` on the terminal where a person can answer it; None when nobody can.
        waits: called before each wait for nodes, with True, and at the end with False.
    """
    choose = _chooser(fleet, [task.node for task in tasks], settings, engine, local, environ)
    return fanout.run(
        fleet, tasks, settings, choose, cancellation=cancellation, environ=environ, ask=ask, waits=waits
    )


def describe(
    fleet: Fleet,
    nodes: Sequence[Node],
    settings: Settings = DEFAULTS,
    *,
    local: str | None = None,
    environ: Mapping[str, str] | None = None,
    engine: MakeEngine | None = None,
) -> dict[str, str]:
    """Say for each node in a few words how ``run`` would reach it; touches no node.

    The arguments are those of :func:`run`.
    """
    choose = _chooser(fleet, nodes, settings, engine, local, environ)
    found = fanout.describe(fleet, nodes, settings, choose, environ=environ)
    if engine is None and _has_gateways(fleet, nodes, settings):
        from stentor.engines.tree.routes import gateways_of

        way, named = _way(fleet, nodes, settings, local, environ), gateways_of(fleet)
        for node in nodes:
            if named(node) and node.alias not in way.nodes:
                found[node.alias] += f" ({way.why})"
    return found


def _has_gateways(fleet: Fleet, nodes: Sequence[Node], settings: Settings) -> bool:
    """Whether there is anything to choose; without it the tree costs a start nothing."""
    return bool(settings.engine or fleet.policy.tree or any(node.gateways for node in nodes))


def _chooser(
    fleet: Fleet,
    nodes: Sequence[Node],
    settings: Settings,
    engine: MakeEngine | None,
    local: str | None,
    environ: Mapping[str, str] | None,
) -> ChooseEngine:
    if engine is not None:
        return lambda *_: engine
    if _has_gateways(fleet, nodes, settings):
        return partial(_made, local, _with_tree(_way(fleet, nodes, settings, local, environ)))
    return partial(_made, local, ENGINES)


def _way(
    fleet: Fleet,
    nodes: Sequence[Node],
    settings: Settings,
    local: str | None,
    environ: Mapping[str, str] | None,
) -> Choice:
    from stentor.engines.tree.routes import choose_way

    def warm(behind: Sequence[Node]) -> frozenset[str]:
        from stentor.engines.openssh import warm_nodes

        return warm_nodes(fleet, behind, settings.user, os.environ if environ is None else environ)

    return choose_way(fleet, nodes, settings.engine, local=local, warm=warm)


def _with_tree(way: Choice) -> Sequence[Row]:
    """The table with a row for nodes which go through gateways; what the tree cannot do goes the flat way."""
    if not way.nodes:
        return ENGINES

    def make(context: EngineContext) -> Engine:
        from stentor.engines.tree.channel import check_clustershell
        from stentor.engines.tree.engine import TreeEngine

        check_clustershell()
        return TreeEngine(context, way)

    tree = Row("stentor.engines.tree.engine", set(), lambda node, _: node.alias in way.nodes, make)
    return (tree, *ENGINES)


def _made(local: str | None, engines: Sequence[Row], node: Node, needs: frozenset[Ability]) -> MakeEngine:
    row = choose(node, needs, local=local, engines=engines)
    return row.make or cast("MakeEngine", _imported(row.module).make)


def _imported(name: str) -> Any:
    __import__(name)  # importlib itself would have to be imported
    return sys.modules[name]
