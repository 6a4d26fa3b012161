"""Secrets in what is about to be pushed, found by detect-secrets (extra ``secrets``).

A random text alone is no secret: digests, commits and public keys, which lock files are made of, are told
by their form and by what stands before them.
"""

from __future__ import annotations

import codecs
import os
import re
from collections.abc import Collection, Iterator, Sequence
from contextlib import contextmanager
from typing import NamedTuple

from stentor import extras, scratch
from stentor.opening import regular

# Findings of these say only that a text is random.
_RANDOM = frozenset({"Hex High Entropy String", "Base64 High Entropy String"})
# These leave out whole files by their name, and a token in them would go unseen.
_UNUSED_FILTERS = tuple(
    f"detect_secrets.filters.heuristic.{name}"
    for name in ("is_lock_file", "is_non_text_file", "is_swagger_file")
)
_OWN_KINDS = {
    "age secret key": re.compile(r"AGE-SECRET-KEY-(?:PQ-)?1[0-9A-Z]{40,}"),
    "access token": re.compile(
        r"\b(?:github_pat_\w{50,}|sk-ant-[\w-]{40,}|hf_[A-Za-z0-9]{30,}|ya29[.][\w-]{30,}|tskey-[\w-]{30,})"
    ),
    "password of netrc": re.compile(r"^\s*(?:machine\s+\S+|default)\s.*\bpassword\s+\S+"),
}
# detect-secrets asks for quotes in most files; those of shells and of settings have none. Only so many
# letters of a value are read: the one line of a bundled script has a million.
_UNQUOTED = re.compile(
    r"(?:\b(?:setenv|set(?:\s+-\w+)+)\s+([\w.-]+)\s+|(?<![\w.-])([\w.-]+)\s*[:=]\s*)"
    r"((?=[^A-Za-z]{,500}[A-Za-z])(?=\D{,500}[0-9])[\w+.:@%^&*!-][\w+/.:@%^&*!-]{7,500}=*)\s*;?$"
)

_PUBLIC = re.compile(
    r"age1[0-9a-z]+"  # an age recipient, of a plugin too
    r"|AAAA(?:[BC]3NzaC1|E2VjZHNh|G[a-zA-Z]NrLX)[A-Za-z0-9+/=]*"  # a public key of SSH
    r"|/nix/store/[0-9a-z]{32}-.*"
)
_SOPS = re.compile(r"ENC\[[A-Z0-9_]+,data:[^]]*\]")
# What stands between these two lines, and is nothing but letters and digits, is encrypted or public.
_BLOCKS = {
    re.compile(r"\$ANSIBLE_VAULT;"): re.compile(r"\s*[0-9a-f]+\s*"),
    re.compile(
        r"-----BEGIN (?:AGE ENCRYPTED FILE|PGP MESSAGE|PGP PUBLIC KEY BLOCK|(?:\w+ )?PUBLIC KEY"
        r"|CERTIFICATE)-----"
    ): re.compile(r"\s*[A-Za-z0-9+/=]*\s*"),
}
# Of md5, sha1, sha224, sha256, sha384 and sha512.
_HEX = re.compile(
    r"(?:[0-9a-fA-F]{32}|[0-9a-fA-F]{40}|[0-9a-fA-F]{56}|[0-9a-fA-F]{64}|[0-9a-fA-F]{96}|[0-9a-fA-F]{128})"
)
_BASE64 = re.compile(r"[A-Za-z0-9+/]{22,88}={0,2}")
_SAYS_DIGEST = re.compile(r"(?:md5|sha(?:1|224|256|384|512))[-:]|h1:")
_NAMES_DIGEST = re.compile(
    r"b2(?:sums?)?|blake\w*|check_?sums?|commit|digest|expected|finger_?print|fp|hash(?:es)?|integrity|md5(?:sums?)?"
    r"|pgp|recipients?|ref|rev(?:ision)?|ripemd\w*|sha_?(?:1|224|256|384|512)?(?:sums?)?|sums?|ver(?:sion)?",
    re.IGNORECASE,
)
_NAMES_PUBLIC = re.compile(r"(?:^|[._-])(?:public|signing|valid_?pgp)[_-]?keys?$|^signed-by$", re.IGNORECASE)
_NAMES_SECRET = re.compile(
    r"api|auth|credential|key|pass|private|pw|salt|secret|seed|session|token", re.IGNORECASE
)
_LOCK_FILE = re.compile(
    r"[.-]lock(?:[.][a-z]+)*$|^lock[.]|lock_?file|[.](?:resolved|sum)$|sums?(?:[.]txt)?$", re.IGNORECASE
)
# The name behind which a value stands: before ":" or "=", maybe in a list, or before its quotation mark.
_NAME = re.compile(
    r"""([\w.-]+)(?:["'\]]*\s*[:=]{1,2}>?\s*(?:[\[{(]\s*)?(?:["'][^"']*["']\s*,?\s*)*["']?[\w+:./-]*"""
    r"""|\s*["'])$"""
)
# What a whole statement is about: <sha256 value="...", $sums := dict "linux" "...", sha256 cellar: :any
_HEAD = re.compile(r"""\W*(\w+)(?:\s+:=|\s+["'\w])""")


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
    from detect_secrets.core.scan import scan_file, scan_line

    with open(place, "rb", opener=regular) as file:
        data = file.read()
    wide = data.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE))
    text = data.decode("utf-16" if wide else "utf-8", "replace")
    if "\0" in text:
        return  # a picture, an archive, an encrypted file
    lines = re.split(r"\r\n|\r|\n", text)
    closed = {*_closed(lines)}
    with _as_utf8(place, data, text) as readable:
        found_in_file = [*scan_file(readable)]
    for found in found_in_file:
        number = found.line_number
        value = (found.secret_value or "").rstrip("\\")  # of a list in TOML it ends so
        line = lines[number - 1] if 0 < number <= len(lines) else ""
        if number in closed or (_SOPS.search(line) and value not in _SOPS.sub("", line)):
            continue
        if found.type not in _RANDOM or not is_public(path, _before(lines, number, value), value):
            yield Finding(path, number, found.type, found.secret_hash[:12])
    for number, line in enumerate(lines, 1):
        if "pragma: allowlist secret" in line:
            continue
        for kind, pattern in _OWN_KINDS.items():
            if match := pattern.search(line):
                yield Finding(path, number, kind, PotentialSecret.hash_secret(match[0])[:12])
        match = _UNQUOTED.search(line)
        name = match and (match[1] or match[2])
        if match and name and number not in closed and _NAMES_SECRET.search(name):
            for found in scan_line(f'{name} = "{match[3]}"'):
                if found.secret_value == match[3] and not (
                    found.type in _RANDOM and is_public(path, line[: match.start(3)], match[3])
                ):
                    yield Finding(path, number, found.type, found.secret_hash[:12])


def _closed(lines: Sequence[str]) -> Iterator[int]:
    """The numbers of the lines of encrypted and of public blocks."""
    inside = None
    for number, line in enumerate(lines, 1):
        if inside and inside.fullmatch(line):
            yield number
        else:
            inside = next((letters for begin, letters in _BLOCKS.items() if begin.search(line)), None)


def _before(lines: Sequence[str], number: int, value: str) -> str:
    """What stands before a value: on its line, and where that has no name, on those above it in its list."""
    before = lines[number - 1].partition(value)[0]
    for line in reversed(lines[max(0, number - 100) : number - 1]):
        if re.search(r"\w", re.sub(r"""(["'])[^"']*\1""", "", before)):
            break
        before = f"{line.strip()} {before}"
    return before


@contextmanager
def _as_utf8(place: str, data: bytes, text: str) -> Iterator[str]:
    """A file which detect-secrets can read: it passes over one with a byte that is no UTF-8."""
    if data == text.encode():
        yield place
        return
    with scratch.folder() as folder:
        copy = os.path.join(folder, os.path.basename(place))
        with open(copy, "w", encoding="utf-8") as file:
            file.write(text)
        yield copy


def is_public(path: str, before: str, value: str) -> bool:
    """Whether a random text is a digest, a commit or a public key, which anybody may see.

    Args:
        path: the file; in a lock file digests may stand behind any name that is no secret's.
        before: what stands before it.
    """
    if _PUBLIC.fullmatch(value):
        return True
    form = _SAYS_DIGEST.match(value)
    digest = value[form.end() :] if form else value
    said = bool(form or re.search(rf"(?:{_SAYS_DIGEST.pattern})$", before))
    is_hex = bool(_HEX.fullmatch(digest))
    found = _NAME.search(before[-1000:])
    name = found[1] if found else ""
    if _NAMES_PUBLIC.search(name):
        return True
    if _NAMES_SECRET.search(name) or not (is_hex or _BASE64.fullmatch(digest)):
        return False
    head = _HEAD.match(before)
    words = [name, *re.split(r"[._-]|(?<=[a-z0-9])(?=[A-Z])", name), head[1] if head else ""]
    if any(_NAMES_DIGEST.fullmatch(word) for word in words):
        return True
    file = os.path.basename(path)
    if file.startswith(".chezmoiexternal") and is_hex and len(digest) >= 64:
        return True
    return (is_hex or said) and bool(_LOCK_FILE.search(file))


def standing(findings: Sequence[Finding], allowed: Collection[str]) -> list[Finding]:
    """Leave out the findings that the user has allowed by their key."""
    return [finding for finding in findings if finding.key not in allowed]
