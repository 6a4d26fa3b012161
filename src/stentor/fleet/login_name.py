"""Names of accounts that log in: what OpenSSH takes as one."""

from __future__ import annotations

from stentor.errors import UsageError

REFUSED = "'\"`$;&<>|(){}"
"""Characters that OpenSSH itself refuses in a user's name; white space and a dash in front are no better."""


def login_name(name: str) -> str:
    """Return a name that was given on the command line or from Python, if it can be one.

    Raises:
        UsageError: it cannot.
    """
    bad = not name or name.startswith("-") or any(one.isspace() or one in REFUSED for one in name)
    if bad or not name.isprintable():
        raise UsageError(f"{name!r} is no login name", hint="ssh takes none with spaces or any of " + REFUSED)
    return name
