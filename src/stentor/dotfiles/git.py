"""Git, with its failures as our errors, and the address that revisions are fetched from."""

from __future__ import annotations

import os
import re
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from itertools import pairwise

from stentor import programs, scratch
from stentor.errors import Refused, StentorError, UsageError
from stentor.fleet.remote_address import split


def git(
    folder: str | None,
    *words: str,
    environ: Mapping[str, str],
    check: bool = True,
    stdin: bytes = b"",
    timeout: float = 120,
    largest_file: int = 0,
) -> str:
    """Run git in a folder and return what it printed, without the last newline.

    Args:
        folder: where; None for nowhere in particular.
        environ: the environment; questions of git's are never asked.
        check: raise when it fails; else return an empty text then.
        timeout: seconds.
        largest_file: bytes of a file that it may write; 0 for any.

    Raises:
        StentorError: it failed, with its own words.
        ProgramMissing: there is no git.
    """
    environment = {**environ, "GIT_OPTIONAL_LOCKS": "0", "GIT_TERMINAL_PROMPT": "0", "LC_ALL": "C"}
    for name in ("GIT_DIR", "GIT_WORK_TREE", "GIT_INDEX_FILE"):
        if environ.get(name) == os.environ.get(name):
            environment.pop(name, None)  # a hook's environment is not meant for us
    # In our session, since ssh may ask for the passphrase of a key when git fetches.
    argv = ["git", *words]
    if largest_file:  # in blocks of 512 bytes, as POSIX has it for ulimit
        argv = ["/bin/sh", "-c", 'ulimit -f "$0"; exec "$@"', str(largest_file // 512), *argv]
    done = programs.run(argv, environment, stdin=stdin, cwd=folder, timeout=timeout, session=False)
    verb = next(word for before, word in pairwise(("", *words)) if "-c" not in (before, word))
    if done.timed_out:
        raise StentorError(f"git {verb} took longer than {timeout:.0f} s", where=folder or "")
    if done.code:
        if not check:
            return ""
        said = done.error_text.strip().splitlines()
        telling = [line for line in said if line.startswith(("fatal:", "error:", "!"))] or said
        raise StentorError(f"git {verb}: {telling[0] if telling else 'failed'}", where=folder or "")
    return done.text.rstrip("\n")


def require_commit(clone: str, environ: Mapping[str, str]) -> None:
    """Stop where a clone has no commit yet: nothing in it has a revision.

    Raises:
        UsageError: it has none.
    """
    if not git(clone, "rev-parse", "-q", "--verify", "HEAD", environ=environ, check=False):
        raise UsageError(
            "the clone has no commit yet",
            where=clone,
            hint=f"make the first: cd {clone} && git add . && git commit",
        )


def require_identity(clone: str, environ: Mapping[str, str]) -> None:
    """Stop where git could not commit because it does not know who does.

    Raises:
        Refused: it has no name or no address for a commit.
    """
    for who in ("GIT_AUTHOR_IDENT", "GIT_COMMITTER_IDENT"):
        if not git(clone, "var", who, environ=environ, check=False):
            raise Refused(
                "git does not know whose name a commit gets",
                where=clone,
                hint="git config --global user.name 'Your Name'; "
                "git config --global user.email you@example.org",
            )


def beside(clone: str, place: str, environ: Mapping[str, str]) -> str:
    """Make a bare repository which reads a clone's objects and writes its own; return its path.

    Args:
        clone: only read; empty for none.
        place: where the repository is made.
    """
    git(None, "init", "-q", "--bare", place, environ=environ)
    if clone:
        words = ("rev-parse", "--path-format=absolute", "--git-path", "objects")
        with open(os.path.join(place, "objects", "info", "alternates"), "w", encoding="utf-8") as file:
            file.write(git(clone, *words, environ=environ) + "\n")
    return place


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
