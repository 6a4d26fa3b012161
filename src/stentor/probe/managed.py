"""Fixes of files that chezmoi manages: made in the repository, since the next apply undoes any other."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Iterator

from stentor.probe.finding import Finding

_PREPEND = re.compile(r"sed -i '1i (?P<line>.*)' (?P<file>~/\S+)(?: +#.*)?")
_APPEND = re.compile(r"echo '(?P<line>.*)' >> (?P<file>~/\S+)")


def in_repository(findings: Iterable[Finding], managed: Collection[str], node: str) -> Iterator[Finding]:
    """Yield findings whose fix of a managed file is an edit in the repository.

    Args:
        findings: of a node.
        managed: files that chezmoi manages there, relative to the home.
        node: its alias.
    """
    for finding in findings:
        file = next((name for name in managed if _names(finding.fix, f"~/{name}")), "")
        if file:
            edit = f"chezmoi edit ~/{file} ({_edit(finding.fix)})"
            push = f"stentor dotfiles push {node} -m MESSAGE"
            fix = f"chezmoi manages it, so here and not on the node: {edit}, then {push}"
            finding = finding._replace(fix=fix, safe_fix="")
        yield finding


def _names(fix: str, file: str) -> bool:
    return re.search(rf"(?:^|[\s'\"=]){re.escape(file)}(?![\w.-])", fix) is not None


def _edit(fix: str) -> str:
    """What is to be edited, without the command that would do it on the node."""
    if found := _PREPEND.fullmatch(fix):
        return f"at its top: {found['line']}"
    if found := _APPEND.fullmatch(fix):
        return f"add: {found['line']}"
    return fix
