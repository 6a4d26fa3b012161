"""The fleet's own rules, and those that it silences."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from typing import Any, NamedTuple

from stentor.errors import FleetError


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


def policy_for(
    section: Mapping[str, Any], groups: Mapping[str, tuple[str, ...]], nodes: Iterable[str]
) -> Policy:
    """Return the rules for these nodes.

    A group's rules are added if any of the nodes is in it; what it silences is silent only
    where every node is in a group that silences it.

    Args:
        section: ``{silence: [...], rules: [{name, pattern, reason}], groups: {gpu: {...}}}``.
        groups: the fleet's groups, expanded.
        nodes: the aliases that are meant.

    Raises:
        FleetError: a rule or a name is malformed.
    """
    chosen = set(nodes)
    rules = list(_rules(section, "guard"))
    silenced = set(_silenced(section, "guard"))
    quiet: dict[str, set[str]] = {}
    for name, part in (section.get("groups") or {}).items():
        members = set(groups.get(name, ()))
        where = f"guard.groups.{name}"
        if members & chosen:
            rules += _rules(part, where)
        for rule in _silenced(part, where):
            quiet.setdefault(rule, set()).update(members)
    silenced |= {rule for rule, members in quiet.items() if chosen and chosen <= members}
    return Policy(tuple(rules), frozenset(silenced))


def _rules(part: Mapping[str, Any], where: str) -> Iterable[OwnRule]:
    for number, rule in enumerate(part.get("rules") or ()):
        try:
            yield OwnRule(
                str(rule["name"]),
                re.compile(rule["pattern"]),
                str(rule.get("reason") or "a rule of this fleet"),
            )
        except (KeyError, TypeError, re.error) as error:
            raise FleetError(
                f"the rule cannot be understood: {error}",
                where=f"{where}.rules[{number}]",
                hint="a rule has a name, a pattern (a regular expression) and a reason",
            ) from None


def _silenced(part: Mapping[str, Any], where: str) -> Iterable[str]:
    from stentor.guard.rules import NAMES

    own = {str(rule.get("name")) for rule in part.get("rules") or () if isinstance(rule, Mapping)}
    for name in part.get("silence") or ():
        if name not in NAMES and name not in own:
            from difflib import get_close_matches

            close = get_close_matches(str(name), NAMES, n=1)
            hint = f"did you mean {close[0]}?" if close else "the rules are: " + ", ".join(NAMES)
            raise FleetError(f"there is no rule '{name}' to silence", where=f"{where}.silence", hint=hint)
        yield str(name)
