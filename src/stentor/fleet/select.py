"""From an expression to nodes."""

from __future__ import annotations

from stentor.fleet.model import Fleet, Node


def select(fleet: Fleet, expression: str, *, local: str | None = None) -> tuple[Node, ...]:
    """Return the nodes which a selector names, in the file's order.

    Args:
        fleet: where the names come from.
        expression: ``crtr``, ``@gpu``, ``@all!@pseudo``, ``@core&@gpu``, ``node[1-40]``, ``%role=gpu``, …
        local: the alias of the node which is this machine, for ``@self``.

    Raises:
        SelectorError: an unknown name (with suggestions), a malformed expression, or ``@self`` elsewhere.
    """
    raise NotImplementedError


def local_alias(fleet: Fleet, hostname: str) -> str | None:
    """Return the alias of the node which is this machine, judged by its host name; None if there is none."""
    raise NotImplementedError
