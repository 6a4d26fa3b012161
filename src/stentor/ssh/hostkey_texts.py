"""What stentor says about a host key that is unknown, changed or revoked, and what to do about it."""

from __future__ import annotations

REASONS = {
    "host-key-changed": "the host key changed",
    "host-key-unknown": "its host key is not known yet",
}
REVOKED = "it shows a revoked host key"
RISK = "it may be another machine: stentor sends it no command, file or secret until its key is checked"


def command(alias: str) -> str:
    """Return the command which shows a node's keys and pins them."""
    return f"stentor trust {alias}"


def hint(kind: str, alias: str) -> str:
    """Return the next step for a kind of outcome; empty for one which is not about host keys.

    ssh itself advises to delete a line of known_hosts, hence the first words.
    """
    if kind == "host-key-changed":
        compare = "to compare the old and the new key"
        return f"do not edit known_hosts, run '{command(alias)}' {compare}: reinstalled, or intercepted?"
    if kind == "host-key-unknown":
        return f"check its fingerprint and pin it: {command(alias)}"
    return ""
