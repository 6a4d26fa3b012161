"""What a line proves: variables that are not empty where a test holds, or that are demanded (bash(1))."""

from __future__ import annotations

import re

from stentor.guard.words import text_of
from stentor.typed import TYPE_CHECKING

if TYPE_CHECKING:
    from tree_sitter import Node

_NONE: frozenset[str] = frozenset()
_VARIABLE = r"[\"']?\$\{?(?P<name>\w+)(?::?-)?\}?[\"']?"
_ONE = re.compile(
    rf"(?P<not>!\s*)?(?:-(?P<operator>[a-zA-Z])\s+)?{_VARIABLE}(?:\s*(?P<compare>!=|==?)\s*(?P<other>\"\"|''|\S+))?"
)
_FILLED = frozenset("nabcdefghkprstuwxLNOGS")  # what is there has a name


def proven(node: Node | None, success: bool) -> frozenset[str]:
    """Return the variables which are surely not empty when this command succeeds, or fails."""
    if node is None:
        return _NONE
    if node.type == "list":
        operator = next((child.type for child in node.children if not child.is_named), "")
        if operator == ("&&" if success else "||"):
            return _NONE.union(*(proven(child, success) for child in node.children if child.is_named))
        return _NONE
    if node.type == "negated_command":
        return proven(node.children[-1], not success)
    if node.type not in ("test_command", "command"):
        return _NONE
    text = text_of(node).strip()
    inside = re.fullmatch(r"\[\[(.*)\]\]|\[(.*)\]|test\s(.*)", text, re.DOTALL)
    if not inside:
        return _NONE
    parts = re.split(r"\s+-a\s+|&&", next(group for group in inside.groups() if group is not None))
    if "||" in text or re.search(r"\s-o\s", text) or (not success and len(parts) > 1):
        return _NONE
    return frozenset(name for part in parts if (name := _filled(part.strip(), success)))


def _filled(test: str, success: bool) -> str:
    found = _ONE.fullmatch(test)
    if not found:
        return ""
    operator, compare, other = found["operator"], found["compare"], found["other"]
    if compare:
        empty = other in ('""', "''")
        filled = (compare == "!=") == empty
        return (
            found["name"] if filled == (success != bool(found["not"])) and (empty or compare != "!=") else ""
        )
    says = operator in _FILLED if operator else True
    if not says and operator != "z":
        return ""
    return found["name"] if (success != bool(found["not"])) == says else ""


def leaves(node: Node | None) -> bool:
    """Whether this command ends the script: ``cd x || exit``."""
    text = text_of(node) if node else ""
    return text.lstrip("{( \n").startswith(("exit", "return")) or "exit" in text.split()


def always_runs(node: Node) -> bool:
    """Whether a command runs whatever others come to: it stands by itself, or first in its list."""
    while node.parent is not None and node.parent.type == "list" and node == node.parent.named_children[0]:
        node = node.parent
    return node.parent is not None and node.parent.type == "program"


def demanded(node: Node) -> frozenset[str]:
    """Return the variables which a command demands, ``${X:?}``: then the shell ends, or they are filled."""
    if node.type in ("command_substitution", "process_substitution"):
        return frozenset()
    found = re.match(r"\$\{(\w+):\?", text_of(node)) if node.type == "expansion" else None
    return frozenset([found[1]] if found else ()).union(*map(demanded, node.children))
