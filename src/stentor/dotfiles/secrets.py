"""Secrets in what is about to be pushed, found by detect-secrets (extra ``secrets``).

A random text alone is no secret: digests, commits and public keys, which lock files are made of, are told
by their form and by what stands before them.
"""

from __future__ import annotations

import os
import re
from collections.abc import Collection, Iterator, Sequence
from typing import NamedTuple

from stentor import extras
from stentor.opening import regular

# Findings of these say only that a text is random.
_RANDOM = frozenset({"Hex High Entropy String", "Base64 High Entropy String"})
# These leave out whole files by their name, and a token in them would go unseen.
_UNUSED_FILTERS = tuple(
    f"detect_secrets.filters.heuristic.{name}"
    for name in ("is_lock_file", "is_non_text_file", "is_swagger_file")
)
_OWN_KINDS = {"age secret key": re.compile(r"AGE-SECRET-KEY-(?:PQ-)?1[0-9A-Z]{40,}")}

_PUBLIC = re.compile(
    r"age1[0-9a-z]+"  # an age recipient, of a plugin too
    r"|AAAA(?:[BC]3NzaC1|E2VjZHNh|G[a-zA-Z]NrLX)[A-Za-z0-9+/=]*"  # a public key of SSH
)
# Of md5, sha1, sha224, sha256, sha384 and sha512.
_HEX = re.compile(
    r"(?:[0-9a-fA-F]{32}|[0-9a-fA-F]{40}|[0-9a-fA-F]{56}|[0-9a-fA-F]{64}|[0-9a-fA-F]{96}|[0-9a-fA-F]{128})"
)
_BASE64 = re.compile(r"[A-Za-z0-9+/]{22,88}={0,2}")
_SAYS_DIGEST = re.compile(r"(?:md5|sha(?:1|224|256|384|512))[-:]|h1:")
_NAMES_DIGEST = re.compile(
    r"check_?sums?|commit|digest|finger_?print|hash(?:es)?|integrity|md5|recipients?|rev(?:ision)?"
    r"|sha_?(?:1|224|256|384|512)?(?:sum)?",
    re.IGNORECASE,
)
_NAMES_PUBLIC = re.compile(r"(?:^|[._-])(?:public|signing)[_-]?key$", re.IGNORECASE)
_NAMES_SECRET = re.compile(r"api|auth|credential|key|pass|private|pw|secret|token", re.IGNORECASE)
_LOCK_FILE = re.compile(r"[.-]lock(?:[.][a-z]+)*$|^lock[.]|[.]sum$|sums?(?:[.]txt)?$", re.IGNORECASE)
_NAME = re.compile(
    r"""([\w.-]+)["'\]]*\s*[:=]{1,2}>?\s*(?:[\[{(]\s*)?(?:["'][^"']*["']\s*,\s*)*["']?[\w+:./-]*$"""
)


class Finding(NamedTuple):
    """Something that looks like a secret; its text is never shown or kept."""

    path: str  # the file
    line: int  # its line, from 1
    kind: str  # what it looks like
    key: str  # by which it can be allowed: the same text has the same key, wherever it stands


def scan(folder: str, paths: Sequence[str]) -> list[Finding]:
    """Look through files for secrets. Lines marked ``pragma: allowlist secret`` pass.

    Args:
        paths: relative to it; those that are gone are left out.

    Raises:
        ProgramMissing: detect-secrets is not installed.
    """
    try:
        from detect_secrets.settings import default_settings
    except ImportError:
        raise extras.lacking("the look for secrets before a push", "secrets") from None
    findings: set[Finding] = set()
    with default_settings() as settings:
        settings.disable_filters(*_UNUSED_FILTERS)
        for path in paths:
            place = os.path.join(folder, path)
            if os.path.isfile(place) and not os.path.islink(place):
                findings |= {*_scan_file(path, place)}
    return sorted(findings)


def _scan_file(path: str, place: str) -> Iterator[Finding]:
    from detect_secrets.core.potential_secret import PotentialSecret
    from detect_secrets.core.scan import scan_file

    with open(place, encoding="utf-8", errors="replace", opener=regular) as file:
        text = file.read()
    if "\0" in text:
        return  # a picture, an archive, an encrypted file
    lines = text.split("\n")
    for found in scan_file(place):
        line = lines[found.line_number - 1] if 0 < found.line_number <= len(lines) else ""
        value = (found.secret_value or "").rstrip("\\")  # of a list in TOML it ends so
        if found.type not in _RANDOM or not is_public(path, line, value):
            yield Finding(path, found.line_number, found.type, found.secret_hash[:12])
    for number, line in enumerate(lines, 1):
        for kind, pattern in _OWN_KINDS.items():
            if (match := pattern.search(line)) and "pragma: allowlist secret" not in line:
                yield Finding(path, number, kind, PotentialSecret.hash_secret(match[0])[:12])


def is_public(path: str, line: str, value: str) -> bool:
    """Whether a random text is a digest, a commit or a public key, which anybody may see.

    Args:
        path: the file; in a lock file digests may stand behind any name that is no secret's.
    """
    if _PUBLIC.fullmatch(value):
        return True
    before = line.partition(value)[0]
    form = _SAYS_DIGEST.match(value)
    digest = value[form.end() :] if form else value
    said = bool(form or re.search(rf"(?:{_SAYS_DIGEST.pattern})$", before))
    is_hex = bool(_HEX.fullmatch(digest))
    found = _NAME.search(before)
    name = found[1] if found else ""
    if _NAMES_PUBLIC.search(name):
        return True
    if _NAMES_SECRET.search(name) or not (is_hex or _BASE64.fullmatch(digest)):
        return False
    last = re.split(r"[._-]|(?<=[a-z0-9])(?=[A-Z])", name)[-1]
    if _NAMES_DIGEST.fullmatch(last) or _NAMES_DIGEST.fullmatch(name):
        return True
    return (is_hex or said) and bool(_LOCK_FILE.search(os.path.basename(path)))


def standing(findings: Sequence[Finding], allowed: Collection[str]) -> list[Finding]:
    """Leave out the findings that the user has allowed by their key."""
    return [finding for finding in findings if finding.key not in allowed]
