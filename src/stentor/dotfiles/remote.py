"""The address that revisions are fetched from; it may hold a name and a password."""

from __future__ import annotations

import os
import re
from collections.abc import Iterator
from contextlib import contextmanager
from typing import NamedTuple

from stentor import scratch

_LOGIN = re.compile(r"(?P<scheme>https?)://(?P<login>[^/@]*:[^/]*)@(?P<rest>[^/@]*(/.*)?)", re.DOTALL)


class Address(NamedTuple):
    """An address in two parts.

    Attributes:
        plain: for argument lists and messages.
        login: the line of it that ``git credential-store`` reads; empty if there is no password in it.
    """

    plain: str
    login: str = ""


def split(url: str) -> Address:
    """Take name and password out of an address; others (``ssh://``, a path) stay as they are."""
    match = _LOGIN.fullmatch(url)
    if match is None:
        return Address(url)
    host = match["rest"].partition("/")[0]
    return Address(f"{match['scheme']}://{match['rest']}", f"{match['scheme']}://{match['login']}@{host}")


@contextmanager
def words(url: str) -> Iterator[tuple[str, list[str]]]:
    """Yield an address for git's argument list, and the options by which git finds its password.

    git itself would show an address to every user of this machine, in the list of its helpers.
    """
    address = split(url)
    if not address.login:
        yield url, []
        return
    with scratch.folder() as folder:
        path = os.path.join(folder, "login")
        descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with open(descriptor, "w", encoding="utf-8") as file:
            file.write(f"{address.login}\n")
        helper = f"credential.helper=store --file='{path}'"
        yield address.plain, ["-c", "credential.helper=", "-c", helper]
