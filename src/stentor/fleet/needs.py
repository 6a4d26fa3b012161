"""What the fleet requires of its nodes: commands, packages, mounts and services."""

from __future__ import annotations

from stentor.fleet.model import Fleet, Node
from stentor.typed import NamedTuple


class Need(NamedTuple):
    """Something that is required of a node."""

    kind: str  # ``command``, ``package``, ``mount`` or ``service``
    name: str  # what is required
    package: str = ""  # in which package a command comes, where that is said; else its own name is tried

    @property
    def text(self) -> str:
        """For people: ``package tmux``."""
        return f"{self.kind} {self.name}"


def needs(fleet: Fleet, node: Node) -> list[Need]:
    """Return what the fleet requires of a node: its ``requires``, then the rules of the policy for it."""
    section = fleet.policy.needs
    packages = section.packages_of
    found = [Need("command", name, packages.get(name, "")) for name in node.requires]
    for rule in section.rules:
        if rule.on is not None and node.alias not in rule.on:
            continue
        found += [Need("command", name, packages.get(name, "")) for name in rule.commands]
        for kind, names in (("package", rule.packages), ("mount", rule.mounts), ("service", rule.services)):
            found += [Need(kind, name) for name in names]
    return list(dict.fromkeys(found))
