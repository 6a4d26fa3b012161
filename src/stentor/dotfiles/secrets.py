"""Secrets in what is about to be pushed, found by detect-secrets (extra ``secrets``)."""

from __future__ import annotations

import os
from collections.abc import Collection, Sequence
from typing import NamedTuple

from stentor.errors import ProgramMissing


class Finding(NamedTuple):
    """Something that looks like a secret; its text is never shown or kept.

    Attributes:
        path: the file.
        line: its line, from 1.
        kind: what it looks like.
        key: by which it can be allowed: the same text has the same key, wherever it stands.
    """

    path: str
    line: int
    kind: str
    key: str


def scan(folder: str, paths: Sequence[str]) -> list[Finding]:
    """Look through files for secrets. Lines marked ``pragma: allowlist secret`` pass.

    Args:
        folder: where the files are.
        paths: relative to it; those that are gone are left out.

    Raises:
        ProgramMissing: detect-secrets is not installed.
    """
    try:
        from detect_secrets.core.scan import scan_file
        from detect_secrets.settings import default_settings
    except ImportError:
        raise ProgramMissing(
            "not pushed: the secret scanner detect-secrets is not installed",
            hint="pip install 'stentor[secrets]'",
        ) from None
    findings: list[Finding] = []
    with default_settings():
        for path in paths:
            place = os.path.join(folder, path)
            if not os.path.isfile(place) or os.path.islink(place):
                continue
            findings += [
                Finding(path, found.line_number, found.type, found.secret_hash[:12])
                for found in scan_file(place)
            ]
    return sorted(set(findings))


def standing(findings: Sequence[Finding], allowed: Collection[str]) -> list[Finding]:
    """Leave out the findings that the user has allowed by their key."""
    return [finding for finding in findings if finding.key not in allowed]
