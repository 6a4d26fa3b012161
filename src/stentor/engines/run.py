"""Run tasks on nodes, each by the engine that suits it: the entry point to everything below.

A new engine is a module with ``make(context)`` and a row in ``ENGINES``.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import partial
from importlib import import_module

from stentor.errors import UsageError
from stentor.fanout import run as fanout
from stentor.fanout.cancellation import Cancellation
from stentor.fanout.events import Event
from stentor.fanout.task import DEFAULTS, Settings, Task
from stentor.fleet.model import Fleet, Node
from stentor.typed import TYPE_CHECKING, cast

if TYPE_CHECKING:
    from stentor.fanout.context import Ask
    from stentor.fanout.engine import Ability, ChooseEngine, MakeEngine


class Row:
    """One engine.

    Args:
        module: has ``make``; imported with the first node that needs it.
        abilities: what it can do.
        serves: whether it reaches a node; the second argument is the alias of this machine, if it is a node.
    """

    __slots__ = ("abilities", "module", "serves")

    def __init__(
        self, module: str, abilities: set[Ability], serves: Callable[[Node, str | None], bool]
    ) -> None:
        self.module = module
        self.abilities = frozenset(abilities)
        self.serves = serves


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
        node: the node.
        needs: what its task needs.
        local: the alias of the node which is this machine.
        engines: the table.

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
) -> Iterator[Event]:
    """Run each task on its node; see :func:`stentor.fanout.run.run`.

    Args:
        fleet: where the nodes are from.
        tasks: at most one for a node.
        settings: the limits.
        local: the alias of the node which is this machine; reached without ssh.
        cancellation: by which another thread or a signal handler asks for the end.
        environ: the environment of ssh and of local commands; the process's own by default.
        engine: makes an engine for all nodes, in place of the table's.
        ask: runs an ``ssh`` on the terminal where a person can answer it; None when nobody can.
    """
    return fanout.run(
        fleet, tasks, settings, _chooser(engine, local), cancellation=cancellation, environ=environ, ask=ask
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
    return fanout.describe(fleet, nodes, settings, _chooser(engine, local), environ=environ)


def _chooser(engine: MakeEngine | None, local: str | None) -> ChooseEngine:
    if engine is not None:
        return lambda *_: engine
    return partial(_made, local)


def _made(local: str | None, node: Node, needs: frozenset[Ability]) -> MakeEngine:
    module = import_module(choose(node, needs, local=local).module)
    return cast("MakeEngine", module.make)
