"""What DNS says of a host key (SSHFP, RFC 4255), as the user's own ssh is told it.

OpenSSH itself is asked, and no resolver beside it: it is there, it reads the same resolv.conf as every
later login, and it says whether the answer was validated by DNSSEC, as far as that resolver is trusted
(``options trust-ad``). An answer without that can be forged as easily as the host key that it is to confirm.
"""

from __future__ import annotations

import re

from stentor.fleet.model import Fleet, Node
from stentor.ssh.target import login_argv

_OPTIONS = (
    "BatchMode=yes",
    "VerifyHostKeyDNS=yes",
    "StrictHostKeyChecking=yes",
    "PreferredAuthentications=none",
    "PubkeyAuthentication=no",
    "UserKnownHostsFile=/dev/null",
    "GlobalKnownHostsFile=/dev/null",
)


def words(fleet: Fleet, node: Node, name: str, timeout: float) -> list[str]:
    """Return the ``ssh -v`` which compares a server's key with DNS, and logs in to nothing.

    Args:
        name: the one of its names that DNS is asked for.
        timeout: seconds until it must have answered.
    """
    options = [word for option in _OPTIONS for word in ("-o", option)]
    options += ["-o", f"ConnectTimeout={max(1, round(timeout))}", "-v", "-T"]
    return [*login_argv(fleet, node, address=name, fresh=True, options=tuple(options)), "true"]


def read(said: str) -> tuple[str, bool]:
    """Read what that ``ssh -v`` said.

    Returns:
        ``agrees``, ``differs``, ``none`` (DNS has no record for a key of this kind) or empty (DNS was
        not asked), and whether the answer is validated by DNSSEC.
    """
    found = re.search(r"found \d+ (secure|insecure) fingerprints in DNS", said)
    signed = found is not None and found[1] == "secure"
    # ssh calls it a mismatch, too, where DNS speaks of keys of other kinds only.
    if re.search(r"\bmatched SSHFP type|^debug1: matching host key fingerprint found", said, re.MULTILINE):
        return "agrees", signed
    if re.search(r"\bfailed SSHFP type", said):
        return "differs", signed
    return ("none", signed) if found or "DNS lookup error" in said else ("", False)
