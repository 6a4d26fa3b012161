"""Filters of selectors: ``%attribute=value``, of what the file says of nodes, and of their facts."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping

from stentor.errors import SelectorError
from stentor.fleet.model import Fleet, Node, written
from stentor.fleet.suggest import did_you_mean
from stentor.typed import Any

FEW = 8  # so many values are listed in a hint

Facts = Callable[[], Mapping[str, Mapping[str, Any]]]
"""The last known facts of each node (``stentor facts``), by alias; read only when needed."""

ATTRIBUTES = (
    "alias", "name", "address", "user", "port", "jump", "role", "arch", "mac", "phase", "migrated", "state",
    "requires",
)  # fmt: skip


def chosen(fleet: Fleet, operand: str, facts: Facts | None) -> set[str]:
    """Return the aliases of the nodes that a filter chooses.

    Args:
        operand: ``%role=gpu``, ``%state!=down``, ``%rack=b*``, ``%disk.kind=nvme``.
        facts: asked for attributes which are not in the file.

    Raises:
        SelectorError: it is no filter, or no node has what it asks for.
    """
    attribute, equals, wanted = operand[1:].partition("=")
    without = attribute.endswith("!")
    attribute, wanted = attribute.removesuffix("!").strip(), wanted.strip()
    if not equals or not attribute:
        raise SelectorError(
            f"'{operand}' is not a filter", hint="filters look like '%role=gpu' or '%state!=down'"
        )
    values = {alias: _values(node, attribute) for alias, node in fleet.nodes.items()}
    remembered: Mapping[str, Mapping[str, Any]] = {}
    unsaid = not all(values.values()) if attribute == "arch" else attribute not in ATTRIBUTES
    if unsaid and facts is not None and (attribute == "arch" or not any(values.values())):
        remembered = facts()
        values = {
            alias: held or _told(remembered.get(alias, {}), attribute) for alias, held in values.items()
        }
    if attribute not in ATTRIBUTES and not any(values.values()):
        held_by = [node.variables for node in fleet.nodes.values()]
        known = {*ATTRIBUTES, *(part for one in (*held_by, *remembered.values()) for part in _parts(one))}
        known.discard(attribute)
        otherwise = "attributes are " + ", ".join(sorted(known))
        hint = did_you_mean(attribute, known, otherwise=otherwise)
        if facts is not None and not remembered:
            hint += f"{'' if hint.endswith('?') else ';'} facts of the nodes are known after 'stentor facts'"
        raise SelectorError(f"no node has '{attribute}'", hint=hint)
    matching = {alias for alias, held in values.items() if any(_like(value, wanted) for value in held)}
    if without:
        return set(fleet.nodes) - matching
    if not matching:
        there = {value for held in values.values() for value in held}
        listed = ", ".join(sorted(there)[:FEW])
        raise SelectorError(
            f"no node has {attribute} '{wanted}'",
            hint=did_you_mean(wanted, there, otherwise=f"nodes have {listed}" if listed else ""),
        )
    return matching


def _like(value: str, wanted: str) -> bool:
    if "*" in wanted or "?" in wanted:
        from fnmatch import fnmatchcase

        return fnmatchcase(value, wanted)
    return value == wanted


def _values(node: Node, attribute: str) -> list[str]:
    """All values which a node has of an attribute, as a user would write them."""
    found: Any
    if attribute == "address":
        found = node.addresses
    elif attribute in ATTRIBUTES:
        found = getattr(node, attribute)
    else:
        found = node.variables
        for key in attribute.split("."):
            found = found.get(key) if isinstance(found, Mapping) else None
    if found is None or isinstance(found, Mapping):
        return []
    return [written(value) for value in (found if isinstance(found, (list, tuple)) else (found,))]


def _parts(held: Mapping[str, Any]) -> Iterable[str]:
    """What can be asked for of what a node has: ``os``, ``tools.git``."""
    for key, value in held.items():
        yield from [f"{key}.{name}" for name in value] if isinstance(value, Mapping) else [key]


def _told(facts: Mapping[str, Any], attribute: str) -> list[str]:
    """All values of a fact: ``os``, ``tools.git``, ``gpus.name``; a list counts as all that is in it."""
    found: list[Any] = [facts]
    for key in attribute.split("."):
        inner = [one.get(key) for one in found if isinstance(one, Mapping)]
        found = [v for value in inner for v in (value if isinstance(value, (list, tuple)) else [value])]
    return [written(v) for v in found if v is not None and not isinstance(v, (Mapping, list, tuple))]
