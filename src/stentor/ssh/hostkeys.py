"""Host keys: the known_hosts format, fingerprints, and what DNS says of them.

The format is that of sshd(8), "SSH_KNOWN_HOSTS FILE FORMAT"; DNS records are those of RFC 4255.
"""

from __future__ import annotations

import binascii
from collections.abc import Callable, Iterable, Sequence
from fnmatch import fnmatchcase
from itertools import pairwise
from typing import NamedTuple

DEFAULT_PORT = 22
CERTIFICATE = "-cert-v01@openssh.com"


class Key(NamedTuple):
    """A public host key."""

    kind: str  # as the server calls it: ``ssh-ed25519``, ``ssh-ed25519-cert-v01@openssh.com``
    blob: str  # in base64, as files have it

    @property
    def fingerprint(self) -> str:
        """As OpenSSH writes it: ``SHA256:`` and base64 without padding."""
        from hashlib import sha256

        digest = sha256(_bytes(self.blob)).digest()
        return "SHA256:" + binascii.b2a_base64(digest, newline=False).decode().rstrip("=")

    @property
    def name(self) -> str:
        """The algorithm in a short word: ``ED25519``, ``RSA``, ``ECDSA``."""
        word = self.kind.removesuffix(CERTIFICATE).removeprefix("sk-").removeprefix("ssh-")
        word = word.partition("-")[0].partition("@")[0].upper()
        return {"DSS": "DSA"}.get(word, word)

    @property
    def certified(self) -> bool:
        """Whether this is a certificate and not a bare key."""
        return self.kind.endswith(CERTIFICATE)


class Pin(NamedTuple):
    """A line of a known_hosts file."""

    hosts: tuple[str, ...]  # the patterns of its first field
    key: Key  # what they are known by
    marker: str = ""  # ``""``, ``"@cert-authority"`` or ``"@revoked"``
    comment: str = ""  # what stands behind the key
    file: str = ""  # where the line stands; empty for one that a command wrote

    def matches(self, host: str) -> bool:
        """Whether the line is about this host, named as ssh looks it up (see :func:`lookup_name`)."""
        found = False
        for pattern in self.hosts:
            if pattern.startswith("|1|"):
                found = found or _hashed(pattern, host)
                continue
            refused = pattern.startswith("!")
            # [ is a part of the name here, no class of characters.
            plain = pattern.removeprefix("!").lower().replace("[", "[[]")
            if fnmatchcase(host.lower(), plain):
                if refused:
                    return False
                found = True
        return found


def lookup_name(host: str, port: int) -> str:
    """Return the name under which ssh looks a host up: ``[host]:port`` for a port other than 22."""
    return host.lower() if port == DEFAULT_PORT else f"[{host.lower()}]:{port}"


def parse(text: str) -> list[Pin]:
    """Read a known_hosts file; what is no line of one is left out, as ssh does."""
    found = (_line(line) for line in text.split("\n"))
    return [pin for pin in found if pin is not None]


def _line(line: str) -> Pin | None:
    words = line.split(None, 4 if line.lstrip().startswith("@") else 3)
    marker = words.pop(0) if words and words[0].startswith("@") else ""
    if len(words) < 3 or words[0].startswith("#") or marker not in ("", "@cert-authority", "@revoked"):
        return None
    hosts, kind, blob, *comment = words
    if not _is_key(kind, blob):
        return None
    return Pin(tuple(hosts.split(",")), Key(kind, blob), marker, comment[0].strip() if comment else "")


def parse_scan(text: str) -> dict[str, Key]:
    """Read what ``ssh-keyscan`` printed of one host: kind of key to key, in the order of its answer.

    It writes the host before a key, and nothing before a certificate.
    """
    found: dict[str, Key] = {}
    for line in text.split("\n"):
        words = [] if line.startswith("#") else line.split()
        for kind, blob in pairwise(words[:3]):
            if _is_key(kind, blob):
                found.setdefault(kind, Key(kind, blob))
    return found


def _is_key(kind: str, blob: str) -> bool:
    """Whether the blob is base64 that begins with the kind which is said beside it (RFC 4253, 6.6)."""
    name = kind.encode()
    return _bytes(blob)[: 4 + len(name)] == len(name).to_bytes(4, "big") + name


def _bytes(blob: str) -> bytes:
    try:
        return binascii.a2b_base64(blob.encode(), strict_mode=True)
    except (ValueError, UnicodeEncodeError):
        return b""


def _hashed(pattern: str, host: str) -> bool:
    """HashKnownHosts: ``|1|salt|HMAC-SHA1 of the name with that salt``."""
    import hmac

    _, _, salt, wanted = [*pattern.split("|"), "", "", ""][:4]
    return hmac.compare_digest(hmac.digest(_bytes(salt), host.encode(), "sha1"), _bytes(wanted))


def replaced(
    text: str,
    hosts: Sequence[str],
    keys: Iterable[Key],
    comment: str,
    stays: Callable[[Pin], bool] = lambda _: False,
) -> str:
    """Return a known_hosts file in which these hosts are known by exactly these keys.

    Everything else stays as it is: comments, other hosts, authorities, revoked keys. A line that is
    about several hosts only loses those which are named here.

    Args:
        hosts: every name of one node, as ssh looks it up.
        keys: what it is known by from now on.
        comment: written behind each key.
        stays: whether a line about these hosts is another node's, which has the same name to ssh.
    """
    kept: list[str] = []
    for line in text.removesuffix("\n").split("\n") if text else ():
        pin = _line(line)
        if pin is None or pin.marker or stays(pin):
            kept.append(line)
            continue
        left = [host for host in pin.hosts if host not in hosts]
        if len(left) == len(pin.hosts):
            kept.append(line)
        elif left:
            kept.append(" ".join(filter(None, [",".join(left), pin.key.kind, pin.key.blob, pin.comment])))
    kept += [f"{','.join(hosts)} {key.kind} {key.blob} {comment}".rstrip() for key in keys]
    return "".join(f"{line}\n" for line in kept)
