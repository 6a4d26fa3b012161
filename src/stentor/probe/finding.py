"""What ``stentor doctor`` says: something found, with its proof, its consequence and its fix."""

from __future__ import annotations

from collections.abc import Iterable
from typing import NamedTuple

SEVERITIES = ("bad", "warning", "note")  # worst first; a note is worth knowing and no fault


class Finding(NamedTuple):
    """One thing that was found.

    Attributes:
        key: which rule it was, for programs: ``command-missing``.
        severity: one of ``SEVERITIES``.
        what: in a line.
        evidence: what was seen on the node.
        consequence: what comes of it.
        fix: the line that fixes it, or the place to look at.
        safe_fix: what ``--fix`` does, for ``fix_for``; empty where only a person can fix it.
    """

    key: str
    severity: str
    what: str
    evidence: str
    consequence: str
    fix: str
    safe_fix: str = ""


def worst_first(findings: Iterable[Finding]) -> list[Finding]:
    """The same findings, the worst first, else in their order."""
    return sorted(findings, key=lambda finding: SEVERITIES.index(finding.severity))


def listed(words: Iterable[str], conjunction: str = "and") -> str:
    """Words as in a sentence: ``a, b and c``."""
    *head, last = list(words) or [""]
    return f"{', '.join(head)} {conjunction} {last}" if head else last
