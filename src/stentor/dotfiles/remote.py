"""The address that revisions are fetched from; it may hold a name and a password."""

from __future__ import annotations

import os
import re
from collections.abc import Iterator, Mapping
from contextlib import contextmanager

from stentor import scratch
from stentor.dotfiles.git import git
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


def origin(top: str, environ: Mapping[str, str]) -> str:
    """Return the address of a clone's origin, with a path in full; empty if it has none.

    Args:
        top: the clone's uppermost folder.
        environ: for git.
    """
    url = git(top, "remote", "get-url", "origin", environ=environ, check=False)
    if url and not re.match(r"[\w.+-]+://|[^/]+:", url):
        url = os.path.abspath(os.path.join(top, url))
    return url


def head(url: str, branch: str, environ: Mapping[str, str], *, timeout: float = 120) -> str:
    """Return the commit of a branch at a remote; empty if it has no such branch.

    Args:
        url: the remote.
        branch: its name.
        environ: for git.
        timeout: seconds.

    Raises:
        StentorError: the remote cannot be asked.
    """
    with words(url) as (address, options):
        what = (*options, "ls-remote", address, f"refs/heads/{branch}")
        return git(None, *what, environ=environ, timeout=timeout).partition("\t")[0]
