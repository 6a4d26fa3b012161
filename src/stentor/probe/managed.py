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
        managed: files that chezmoi manages there, relative to the home.
    """
    for finding in findings:
        file = next((name for name in managed if _names(finding.fix, f"~/{name}")), "")
        if file:
            push = f"stentor dotfiles push {node} -m MESSAGE"
            fix = f"chezmoi manages it, so here and not on the node: {_edit(file, finding.fix)}, then {push}"
            finding = finding._replace(fix=fix, safe_fix="")
        yield finding


def _names(fix: str, file: str) -> bool:
    return re.search(rf"(?:^|[\s'\"=]){re.escape(file)}(?![\w./-])", fix) is not None


def _edit(file: str, fix: str) -> str:
    """What is to be done in the repository, in place of the command that would do it on the node."""
    if fix.startswith("mv "):  # chezmoi removes from nodes only what this file names
        return f"chezmoi forget ~/{file}, and {file} as a line of .chezmoiremove"
    if fix.startswith("chmod "):
        return f"chezmoi chattr private ~/{file}"
    if found := _PREPEND.fullmatch(fix):
        fix = f"at its top: {found['line']}"
    elif found := _APPEND.search(fix):
        fix = f"add: {found['line']}"
    return f"chezmoi edit ~/{file} ({fix})"
