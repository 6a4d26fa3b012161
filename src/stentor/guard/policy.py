"""The fleet's own rules, and those that it silences."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping

from stentor.errors import FleetError
from stentor.fleet.policy.sections import Guard, GuardPart
from stentor.typed import NamedTuple


class OwnRule(NamedTuple):
    """A rule of the fleet's: a regular expression, looked for in each simple command."""

    name: str
    pattern: re.Pattern[str]
    reason: str

    def matches(self, command: str) -> bool:
        """Whether the rule is about this command."""
        return bool(self.pattern.search(command))


class Policy(NamedTuple):
    """What holds for one selection."""

    rules: tuple[OwnRule, ...] = ()
    silenced: frozenset[str] = frozenset()


def policy_for(section: Guard, groups: Mapping[str, tuple[str, ...]], nodes: Iterable[str]) -> Policy:
    """Return the rules for these nodes.

    A group's rules are added if any of the nodes is in it; what it silences is silent only
    where every node is in a group that silences it.

    Args:
        nodes: the aliases that are meant.

    Raises:
        FleetError: a rule to silence does not exist.
    """
    chosen = set(nodes)
    rules = list(_rules(section))
    silenced = set(_silenced(section, "guard"))
    quiet: dict[str, set[str]] = {}
    for name, part in section.groups.items():
        members = set(groups.get(name, ()))
        where = f"guard.groups.{name}"
        if members & chosen:
            rules += _rules(part)
        for rule in _silenced(part, where):
            quiet.setdefault(rule, set()).update(members)
    silenced |= {rule for rule, members in quiet.items() if chosen and chosen <= members}
    return Policy(tuple(rules), frozenset(silenced))


def _rules(part: GuardPart) -> Iterable[OwnRule]:
    for rule in part.rules:
        yield OwnRule(rule.name, re.compile(rule.pattern), rule.reason)


def _silenced(part: GuardPart, where: str) -> Iterable[str]:
    from stentor.guard.rules import NAMES

    own = {rule.name for rule in part.rules}
    for name in part.silence:
        if name not in NAMES and name not in own:
            from difflib import get_close_matches

            close = get_close_matches(name, NAMES, n=1)
            hint = f"did you mean '{close[0]}'?" if close else "the rules are: " + ", ".join(NAMES)
            raise FleetError(f"there is no rule '{name}' to silence", where=f"{where}.silence", hint=hint)
        yield name
