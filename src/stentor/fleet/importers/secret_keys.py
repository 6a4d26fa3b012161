"""Which keys of a variable hold secrets, by the meaning of their words; and values without them."""

from __future__ import annotations

import re
from collections.abc import Mapping
from itertools import pairwise
from typing import Any

# A word that means a secret wherever it stands in a key.
_WORD = re.compile(
    r"(?:password|passwd|passphrase|secret|token|credential|cred|apikey)s?\Z"
    r"|(?:passcode|pass|pwd|psk|pw|privatekey|privkey|presharedkey|secretkey|accesskey|authkey|htpasswd|vault|bearer)\Z"
    # Words that were joined: dbpassword, authtoken. No English word ends so.
    r"|\w+(?:password|passwd|passphrase|apikey|secretkey|privatekey|accesskey)\Z"
    r"|(?:auth|access|api|bearer|refresh|join|bot)token\Z"
    r"|(?:root|user|db|admin|mysql|sql|ldap|bind|smtp|mail|login|sudo|become|ssh|my|pg|redis)(?:pass|pwd|pw)\Z"
)
# Two words that mean one together.
_PAIR = re.compile(
    r"(?:api|private|secret|access|encrypt(?:ion|ed)?|decryption|signing|auth|shared|master|license|gossip"
    r"|account|admin|service|app|application|hmac|preshared|wireguard) keys?\Z"
    r"|snmp community\Z|community string\Z|(?:erlang|rabbitmq) cookie\Z|connection string\Z|[th]?otp seed\Z"
)
# A key that ends so is about a secret and holds none: password_file, token_ttl.
_ABOUT = re.compile(
    r"(?:file|path|day|hour|second|scope|endpoint|lifetime|count|limit|size|version|mode|type|format|host)s?\Z"
    r"|(?:filename|dir|directory|folder|ttl|length|len|policy|policies|min|max|minimum|maximum|timeout|expiry"
    r"|expires|expiration|age|interval|rotation|enabled?|disabled|required|url|uri|addr|address|hostname|port"
    r"|algorithm|algo|method|name|store|manager|prompt|authentication|field|prefix|suffix|user|username|group"
    r"|owner|role|engine|backend|provider|mount|namespace|package)\Z"
)
_COUNTED = ("max", "min", "num", "number", "total")
_VALUE = re.compile(
    r"\$ANSIBLE_VAULT"
    r"|-----BEGIN [A-Z ]*PRIVATE KEY-----"
    r"|\b(?:AKIA|ASIA)[0-9A-Z]{16}\b"
    r"|\b(?:ghp|gho|ghs|glpat|xox[bp])[_-][A-Za-z0-9_-]{16,}"
    r"|\b[a-z][a-z0-9+.-]*://[^\s/:@]*:(?!\{\{)[^\s/@]+@"
    r"|\bsshpass\s+-p"
    r"|\bhooks\.slack\.com/services/\S|/api/webhooks/\d+/\S"
    r"|\A\$(?:1|2[aby]|5|6|y|apr1|argon2id?)\$."  # what /etc/shadow has of a password
)
_ASSIGNED = re.compile(r"(?:export )?([A-Za-z_][\w.-]*)=(?!\{\{)\S")  # one of a container's `env`


def is_secret_key(key: str) -> bool:
    """Whether a key names a secret: ``db_password``, ``apiKey``; not ``compass`` or ``password_file``."""
    words = _words(key)
    if not words or _ABOUT.match(words[-1]) or words[0] in _COUNTED:
        return False
    return any(_WORD.match(word) for word in words) or any(
        _PAIR.match(f"{first} {second}") for first, second in pairwise(words)
    )


def is_secret_value(value: Any) -> bool:
    """Whether a text is a secret, whatever its key: a vault's, a private key, ``PASSWORD=...``."""
    if not isinstance(value, str):
        return False
    assigned = _ASSIGNED.match(value)
    return _VALUE.search(value) is not None or (assigned is not None and is_secret_key(assigned[1]))


def without_secrets(key: str, value: Any) -> tuple[Any, list[str]]:
    """Return a value without the secrets in it, and where they were: ``db.password``, ``users[0].token``.

    Args:
        key: the value's own; if that is where a secret was, there is no value.
        value: plain data.
    """
    lost: list[str] = []
    good = _clean(key, key, value, lost)
    return (None if good is _GONE else good), lost


_GONE: Any = object()


def _clean(path: str, name: str, value: Any, lost: list[str]) -> Any:
    if is_secret_value(value) or (is_secret_key(name) and _may_be_secret(name, value)):
        lost.append(path)
        return _GONE
    if isinstance(value, Mapping):
        named = str(value.get("name") or value.get("key") or "")  # {name: DB_PASSWORD, value: ...}
        inner = {
            key: _clean(f"{path}.{key}", named if key == "value" else str(key), one, lost)
            for key, one in value.items()
        }
        return {key: one for key, one in inner.items() if one is not _GONE}
    if isinstance(value, list):
        cleaned = [_clean(f"{path}[{index}]", "", one, lost) for index, one in enumerate(value)]
        return [one for one in cleaned if one is not _GONE]
    return value


def _may_be_secret(name: str, value: Any) -> bool:
    """A switch is no secret, nor is nothing; a mapping called vault is a vault's settings."""
    settings = isinstance(value, (Mapping, list)) and "vault" in _words(name)
    return value is not None and not isinstance(value, bool) and value not in ("", [], {}) and not settings


def _words(key: str) -> list[str]:
    """The words of a key, in small letters: of ``dbRootPassword2`` and of ``db-root.password``."""
    apart = re.sub(r"(?<=[a-z0-9])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])", "_", key)
    return [word for word in re.split(r"[^a-z]+", apart.lower()) if word]
