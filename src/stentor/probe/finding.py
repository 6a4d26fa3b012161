"""What ``stentor doctor`` says: findings, each with proof, consequence and fix, and how it names things."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import NamedTuple

from stentor.probe.observe import Observation, Place, Shell

SEVERITIES = ("bad", "warning", "note")  # worst first; a note is worth knowing and no fault


class Finding(NamedTuple):
    """One thing that was found."""

    key: str  # which rule it was, for programs: ``command-missing``
    severity: str  # one of ``SEVERITIES``
    what: str  # in a line
    evidence: str  # what was seen on the node
    consequence: str  # what comes of it
    fix: str  # the line that fixes it, or the place to look at
    safe_fix: str = ""  # what ``--fix`` does, for ``fix_for``; empty where only a person can fix it


def worst_first(findings: Iterable[Finding]) -> list[Finding]:
    """The same findings, the worst first, else in their order."""
    return sorted(findings, key=lambda finding: SEVERITIES.index(finding.severity))


def listed(words: Iterable[str], conjunction: str = "and") -> str:
    """Words as in a sentence: ``a, b and c``."""
    *head, last = list(words) or [""]
    return f"{', '.join(head)} {conjunction} {last}" if head else last


PEOPLE = ("ssh", "login", "interactive", "both")  # kinds which have start-up files
NOUNS = {
    "ssh": "an ssh command",
    "login": "a login shell",
    "interactive": "an interactive shell",
    "both": "a login by hand",
    "service": "a user service",
    "cron": "cron",
}
MEANS = {
    "ssh": "ssh commands, stentor run, scp, rsync and git over ssh",
    "login": "login shells (of tmux, of `bash -l`)",
    "interactive": "shells opened by hand",
    "both": "logins by hand",
    "service": "services of this user",
    "cron": "cron's commands",
}


def kinds_of(kinds: Iterable[str]) -> str:
    """Kinds of shell as in a sentence: ``an ssh command and cron``."""
    return listed(NOUNS[kind] for kind in kinds)


def has(kinds: Sequence[str]) -> str:
    """The verb for so many of them."""
    return "has" if len(kinds) == 1 else "have"


def means(kinds: Iterable[str]) -> str:
    """What people do with these kinds of shell."""
    return listed(MEANS[kind] for kind in kinds)


def reads(seen: Observation, shell: Shell) -> list[str]:
    """The start-up files of a shell, as people write them."""
    return [seen.short(place.file) for place in shell.reads]


def spot(seen: Observation, place: Place) -> str:
    """``~/.bashrc:3``; without the line where the shell does not tell it."""
    return f"{seen.short(place.file)}:{place.line}" if place.line else seen.short(place.file)
