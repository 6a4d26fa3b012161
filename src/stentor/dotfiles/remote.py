"""The address that revisions are fetched from; it may hold a name and a password."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager

from stentor import scratch
from stentor.fleet.remote_address import split


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
