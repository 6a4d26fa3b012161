"""The operator's side of the repository: which clone, which revision, and a bundle of it."""

from __future__ import annotations

import os
import re
import shutil
from collections.abc import Mapping
from typing import NamedTuple

from stentor import programs, scratch
from stentor.dotfiles.git import beside, git, head, origin, require_commit
from stentor.errors import StentorError, UsageError
from stentor.fleet.policy.sections import Dotfiles
from stentor.fleet.remote_address import split

_SHA = re.compile(r"[0-9a-f]{40}|[0-9a-f]{64}")


class Source(NamedTuple):
    """Where revisions come from."""

    clone: str  # the operator's clone; empty if there is none here
    remote: str  # the URL that nodes fetch from; empty if none is known
    branch: str  # whose head is meant when no revision is named


def find(policy: Dotfiles, environ: Mapping[str, str], *, folder: str | None = None) -> Source:
    """Find the clone: the one named, the policy's, or chezmoi's own place.

    Args:
        folder: named on the command line.

    Raises:
        UsageError: a clone was named which is none.
    """
    home = environ.get("HOME") or os.path.expanduser("~")
    named = folder or policy.source
    place = os.path.expanduser(named) if named else _chezmois_own(home, environ)
    top = (
        git(place, "rev-parse", "--show-toplevel", environ=environ, check=False) if _is_folder(place) else ""
    )
    if named and not top:
        raise UsageError(f"{place} is not a git clone", hint="name the clone of your dotfiles with --source")
    url = policy.remote or (origin(top, environ) if top else "")
    return Source(top, url, policy.branch)


def _is_folder(path: str) -> bool:
    return bool(path) and os.path.isdir(path)


def _chezmois_own(home: str, environ: Mapping[str, str]) -> str:
    if shutil.which("chezmoi", path=environ.get("PATH")):
        done = programs.run(["chezmoi", "execute-template", "{{ .chezmoi.workingTree }}"], environ)
        if done.code == 0 and done.stdout:
            return done.text
    return os.path.join(environ.get("XDG_DATA_HOME") or os.path.join(home, ".local", "share"), "chezmoi")


def resolve(source: Source, rev: str | None, environ: Mapping[str, str], *, via: str) -> str:
    """Return the exact commit that is meant.

    Args:
        rev: what the user said; None for the branch's head: at the remote, or in the clone when
            the revision is sent along.
        via: ``remote`` or ``push``.

    Raises:
        StentorError: it cannot be found.
    """
    if rev and _SHA.fullmatch(rev):
        return rev
    if rev or via == "push" or not source.remote:
        if not source.clone:
            raise UsageError(
                f"the revision {rev or source.branch} cannot be looked up: no clone of the dotfiles here",
                hint="name the clone with --source DIR, set dotfiles: remote: in the fleet file,"
                " or give a full commit with --rev",
            )
        wanted = rev or source.branch
        for name in (wanted, f"refs/remotes/origin/{wanted}"):
            found = git(
                source.clone,
                "rev-parse",
                "-q",
                "--verify",
                f"{name}^{{commit}}",
                environ=environ,
                check=False,
            )
            if found:
                return found
        require_commit(source.clone, environ)
        raise UsageError(f"there is no revision {wanted}", hint=f"see 'git -C {source.clone} log'")
    found = head(source.remote, source.branch, environ)
    if not found:
        raise UsageError(
            f"{split(source.remote).plain} has no branch {source.branch}",
            hint="set dotfiles: branch: in the fleet file",
        )
    return found


def clone_of(source: Source) -> str:
    """Return the folder of the clone on this machine.

    Raises:
        UsageError: there is none.
    """
    if not source.clone:
        raise UsageError(
            "there is no clone of the dotfiles here",
            hint="name it with --source DIR, or make one: chezmoi init URL",
        )
    return source.clone


def bundle(source: Source, rev: str, environ: Mapping[str, str]) -> bytes:
    """Return a git bundle of a revision; the operator's clone is only read.

    Args:
        rev: a commit in the clone.

    Raises:
        UsageError: no clone of the dotfiles on this machine.
    """
    clone = clone_of(source)
    with scratch.folder() as folder:
        bare = beside(clone, os.path.join(folder, "bundle.git"), environ)
        return bundled(bare, rev, clone, folder, environ)


def bundled(bare: str, rev: str, clone: str, folder: str, environ: Mapping[str, str]) -> bytes:
    """Return a git bundle of a commit.

    Args:
        bare: a repository that has it, and gets a ref.
        clone: whose objects that repository reads.
        folder: for a temporary file.

    Raises:
        UsageError: the clone has not all of the history.
    """
    git(bare, "update-ref", "refs/heads/sent", rev, environ=environ)
    made = os.path.join(folder, "dotfiles.bundle")
    try:
        git(bare, "bundle", "create", "-q", made, "refs/heads/sent", environ=environ)
    except StentorError:
        if git(clone, "rev-parse", "--is-shallow-repository", environ=environ, check=False) != "true":
            raise
        raise UsageError(
            f"{clone} is a shallow clone: nodes cannot read a bundle without the history before",
            hint=f"git -C {clone} fetch --unshallow",
        ) from None
    with open(made, "rb") as file:
        return file.read()


def title(source: Source, rev: str, environ: Mapping[str, str]) -> str:
    """Return a revision for people: short, with its subject where the clone knows it."""
    subject = (
        git(source.clone, "log", "-1", "--format=%s", rev, environ=environ, check=False)
        if source.clone
        else ""
    )
    return f"{rev[:10]} {subject}".strip()
