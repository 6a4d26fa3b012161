"""An address of a repository, which may hold a name and a password."""

from __future__ import annotations

import re

from stentor.typed import NamedTuple

_LOGIN = re.compile(r"(?P<scheme>https?)://(?P<login>[^/@]*:[^/]*)@(?P<rest>[^/@]*(/.*)?)", re.DOTALL)


class Address(NamedTuple):
    """An address in two parts."""

    plain: str  # for argument lists and messages
    login: str = ""  # the line of it that ``git credential-store`` reads; empty if there is no password in it


def split(url: str) -> Address:
    """Take name and password out of an address; others (``ssh://``, a path) stay as they are."""
    match = _LOGIN.fullmatch(url)
    if match is None:
        return Address(url)
    host = match["rest"].partition("/")[0]
    return Address(f"{match['scheme']}://{match['rest']}", f"{match['scheme']}://{match['login']}@{host}")
