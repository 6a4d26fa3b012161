"""What ``stentor doctor`` says: something found, with its proof, its consequence and its fix."""

from __future__ import annotations

from collections.abc import Iterable
from typing import NamedTuple

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
