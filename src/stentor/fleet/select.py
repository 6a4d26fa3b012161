"""From an expression to nodes.

The grammar is ClusterShell's: operands joined by ``,`` (and), ``!`` (without), ``&`` (in both) and ``^``
(in one of both), taken from left to right, none before another. What is written most (names, groups,
filters) is read here; ranges and wildcards go to ClusterShell's own NodeSet, which is imported only then.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping

from stentor.errors import SelectorError
from stentor.fleet.model import Fleet, Node
from stentor.fleet.stored import Nodes
from stentor.fleet.suggest import did_you_mean
from stentor.typed import TYPE_CHECKING

if TYPE_CHECKING:
    from stentor.fleet.filters import Facts

OPERATORS = ",!&^"
FEW = 8  # so many names may be listed in a hint

# Sets which are no groups of the file: what they hold depends on where and when one asks.
LIVE_SETS = ("self", "ok", "failed", "unreachable", "missing", "last", "up", "down")

_NOT_ANSIBLE = (
    "names are joined by ',', not by ':' as in Ansible; '@all!crtr' leaves out, '@a&@b' is those in both"
)

Live = Callable[[str], Iterable[str] | None]
"""From a set's name without ``@`` (``failed``, ``failed:12``) to aliases; None if it knows no such set."""


def select(
    fleet: Fleet,
    expression: str,
    *,
    local: str | None = None,
    live: Live | None = None,
    facts: Facts | None = None,
) -> tuple[Node, ...]:
    """Return the nodes which a selector names, in the file's order.

    The result may be empty: ``crtr!crtr`` is well formed, and a group may hold nobody yet. A retired node is
    selected by its name or by ``%state=retired``, never by a group, a wildcard or another attribute.

    Args:
        expression: ``crtr``, ``@gpu``, ``@all!@pseudo``, ``@core&@gpu``, ``node[1-40]``, ``%role=gpu``, …
        local: the alias of the node which is this machine, for ``@self``.
        live: asked for sets which are not in the file, such as ``@failed``.
        facts: asked for attributes which are not in the file, such as ``%os=debian13``.

    Raises:
        SelectorError: an unknown name (with suggestions), a malformed expression, or ``@self`` elsewhere.
    """
    asked = _Asked(fleet, expression, local, live, facts)
    chosen: set[str] = set()
    for operator, operand in _scan(expression):
        named = asked.operand(operand)
        if operator == ",":
            chosen |= named
        elif operator == "!":
            chosen -= named
        elif operator == "&":
            chosen &= named
        else:
            chosen ^= named
    if len(chosen) == 1:  # in a compiled fleet, to list all aliases is slower than to look up one
        return tuple(fleet.nodes[alias] for alias in chosen)
    return tuple(fleet.nodes[alias] for alias in fleet.nodes if alias in chosen)


def retired(fleet: Fleet) -> set[str]:
    """Return the aliases of the nodes which take part in nothing unless they are asked for by name."""
    if isinstance(fleet.nodes, Nodes):
        return set(fleet.nodes.retired())
    return {alias for alias, node in fleet.nodes.items() if node.state == "retired"}


def groups(fleet: Fleet) -> Mapping[str, tuple[str, ...]]:
    """Return the nodes that each group selects: its members that are not retired."""
    gone = retired(fleet)
    if not gone:
        return fleet.groups
    return {name: tuple(one for one in held if one not in gone) for name, held in fleet.groups.items()}


def local_alias(fleet: Fleet, hostname: str) -> str | None:
    """Return the alias of the node which is this machine, judged by its host name; None if there is none.

    The whole name is compared first, then the first label (``cooperator`` of ``cooperator.lan``), each
    time with full names and aliases; two candidates are as good as none. A fleet that says
    ``ssh: {local: false}`` (a practice fleet does) has no such node.
    """
    if not fleet.policy.ssh.local:
        return None
    label = _host(hostname, shorten=True)
    nodes = fleet.nodes.with_label(label) if isinstance(fleet.nodes, Nodes) else [*fleet.nodes.values()]
    for shorten in (False, True):
        wanted = _host(hostname, shorten)
        if wanted in ("", "localhost"):
            return None
        found = [
            node.alias for node in nodes if wanted in (_host(node.name, shorten), _host(node.alias, shorten))
        ]
        if found:
            return found[0] if len(found) == 1 else None
    return None


def _host(name: str, shorten: bool) -> str:
    name = name.rstrip(".").lower()
    return name.split(".", 1)[0] if shorten else name


def _scan(expression: str) -> list[tuple[str, str]]:
    """Split into pairs of operator and operand; operators inside brackets belong to the operand."""
    if not expression.strip():
        raise SelectorError("the selector is empty", hint="write a node, '@group' or '@all'")
    pairs: list[tuple[str, str]] = []
    operator, start, depth = ",", 0, 0
    for index, character in enumerate(expression + ","):
        if character == "[":
            depth += 1
        elif character == "]":
            depth -= 1
        elif character in OPERATORS and (depth == 0 or index == len(expression)):
            operand = expression[start:index].strip()
            if character == "!" and operand.startswith("%") and expression.startswith("=", index + 1):
                continue  # the != of a filter
            pairs.append((operator, _whole(expression, operand, depth)))
            operator, start = character, index + 1
        if depth not in (0, 1):
            raise SelectorError(f"the brackets of '{expression}' do not match")
    return pairs


def _whole(expression: str, operand: str, depth: int) -> str:
    if depth:
        raise SelectorError(f"the brackets of '{expression}' do not match")
    if not operand:
        hint = "an operator stands between two names: crtr,drtr or '@all!crtr'"
        if expression.lstrip()[:1] == "^":
            hint = "nodes from a file: stentor run --hostfile FILE COMMAND"
        elif expression.lstrip()[:1] in "!&":
            hint = "begin with what to take from, as in '@all!crtr'"
        raise SelectorError(f"a name is missing in '{expression}'", hint=hint)
    if not operand.startswith("%") and _has_blanks(operand):
        raise SelectorError(f"'{operand}' is not one name", hint="join names with commas")
    return operand


def _has_blanks(operand: str) -> bool:
    """Whether a name has blanks outside of brackets, where ``node[1, 3 - 5]`` may have them."""
    if len(operand.split()) < 2:
        return False
    parts = operand.replace("]", "[").split("[")
    return any(len(part.split()) > 1 or part != part.strip() for part in parts[::2])


class _Asked:
    """One expression, and what is needed to look up its names."""

    def __init__(
        self, fleet: Fleet, expression: str, local: str | None, live: Live | None, facts: Facts | None
    ) -> None:
        self.fleet = fleet
        self.expression = expression
        self.local = local
        self.live = live
        self.facts = facts
        self._full_names: dict[str, str] | None = None

    def operand(self, operand: str) -> set[str]:
        if operand in self.fleet.nodes:
            return {operand}
        if operand[0] in "%@" or "*" in operand or "?" in operand:
            asked = operand[0] == "%" and operand[1:].replace(" ", "").startswith("state=")
            return self.together(operand) if asked else self.together(operand) - retired(self.fleet)
        if "[" in operand:
            return self.known(self.expand(operand), operand)
        return self.known([operand], operand)

    def together(self, operand: str) -> set[str]:
        """The nodes of a group, a wildcard or an attribute."""
        if operand[0] == "%":
            from stentor.fleet.filters import chosen

            return chosen(self.fleet, operand, self.facts)
        if operand in ("*", "@*"):
            return set(self.fleet.nodes)
        if operand[0] == "@":
            names = self.expand(operand[1:]) if "[" in operand else [operand[1:]]
            return {alias for name in names for alias in self.group(name)}
        return self.wildcard(operand)

    def expand(self, pattern: str) -> list[str]:
        """Spell out the ranges of a pattern, of as many names as there are nodes at least."""
        from stentor.fleet.ranges import MOST

        return _expand(pattern, max(MOST, len(self.fleet.nodes)))

    def full_names(self) -> dict[str, str]:
        if self._full_names is None:
            nodes = self.fleet.nodes
            self._full_names = (
                nodes.full_names()
                if isinstance(nodes, Nodes)
                else {node.name: alias for alias, node in nodes.items()}
            )
        return self._full_names

    def known(self, names: list[str], operand: str) -> set[str]:
        full_names, nodes = self.full_names(), self.fleet.nodes
        unknown = [name for name in names if name not in nodes and name not in full_names]
        if not unknown:
            return {name if name in nodes else full_names[name] for name in names}
        if len(unknown) > 1:
            from stentor.fleet.fold import nodeset

            raise SelectorError(
                f"there are no nodes {nodeset(unknown)} in '{operand}'",
                hint=self._with_zeros(unknown) or self._all_nodes(),
            )
        raise SelectorError(f"there is no node '{unknown[0]}'", hint=self._instead(unknown[0]))

    def _instead(self, name: str) -> str:
        if name in self.fleet.groups:
            return f"did you mean the group '@{name}'?"
        user, sign, host = name.rpartition("@")
        if sign and (host in self.fleet.nodes or host in self.full_names()):
            return f"write '{host}', and the login name as an option: --user {user}"
        if ":" in name:
            return _NOT_ANSIBLE
        return did_you_mean(name, [*self.fleet.nodes, *self.full_names()], otherwise=self._all_nodes())

    def _with_zeros(self, names: list[str]) -> str:
        """Name the nodes that differ only in leading zeros: ``node[001-020]`` for ``node[01-20]``."""
        import re

        from stentor.fleet.fold import nodeset

        def bare(name: str) -> str:
            return re.sub("(?<![0-9])0+(?=[0-9])", "", name)

        meant = {bare(name): name for name in self.fleet.nodes}
        found = [meant[bare(name)] for name in names if bare(name) in meant]
        return f"leading zeros count: did you mean '{nodeset(found)}'?" if len(found) == len(names) else ""

    def _all_nodes(self) -> str:
        if len(self.fleet.nodes) > FEW:
            return "'stentor nodes' lists them all"
        return "nodes are " + ", ".join(self.fleet.nodes)

    def group(self, name: str) -> Iterable[str]:
        if name in self.fleet.groups:
            return self.fleet.groups[name]
        found = self.live(name) if self.live else None
        if found is not None:
            return [alias for alias in found if alias in self.fleet.nodes]
        if name == "self":
            if self.local is None:
                raise SelectorError(
                    "this machine is not a node of the fleet, so there is no @self",
                    hint="a node is recognised when its name or alias is the host name",
                )
            return (self.local,)
        raise SelectorError(f"there is no group '{name}'", hint=self._instead_of_group(name))

    def _instead_of_group(self, name: str) -> str:
        if any(node.role == name for node in self.fleet.nodes.values()):
            return f"it is a role: '%role={name}' selects by it"
        if name in self.fleet.nodes or name in self.full_names():
            return f"it is a node: write '{name}' without the @"
        if ":" in name and name.partition(":")[0] not in LIVE_SETS:
            return _NOT_ANSIBLE
        known = [*self.fleet.groups, *(LIVE_SETS if self.live else ("self",))]
        return did_you_mean(
            name, known, prefix="@", otherwise="groups are " + ", ".join("@" + g for g in self.fleet.groups)
        )

    def wildcard(self, pattern: str) -> set[str]:
        """Match names as NodeSet does, against aliases and full names."""
        from fnmatch import fnmatchcase

        patterns = self.expand(pattern) if "[" in pattern else [pattern]
        found = {
            alias
            for alias, node in self.fleet.nodes.items()
            for one in patterns
            if fnmatchcase(alias, one) or fnmatchcase(node.name, one)
        }
        if not found:
            raise SelectorError(f"no node's name matches '{pattern}'", hint=self._all_nodes())
        return found


def _expand(pattern: str, most: int) -> list[str]:
    """Spell out the ranges of a pattern by ClusterShell's rules (padding, steps, several brackets)."""
    from stentor.fleet.ranges import size

    if size(pattern) > most:
        raise SelectorError(f"'{pattern}' stands for more than {most} names", hint="name a smaller range")
    from ClusterShell.NodeSet import RESOLVER_NOGROUP, NodeSet, NodeSetException

    try:
        return list(NodeSet(pattern, resolver=RESOLVER_NOGROUP))
    except (NodeSetException, ValueError, OverflowError, MemoryError):
        return _as_in_a_file(pattern)


def _as_in_a_file(pattern: str) -> list[str]:
    """What ClusterShell refuses may stand in the fleet file: ``node[0001-10000]``."""
    import re

    from stentor.fleet.ranges import expand

    try:
        return expand(re.sub(r"\s*([-/,\[\]])\s*", r"\1", pattern))
    except ValueError as error:
        raise SelectorError(str(error)) from None
