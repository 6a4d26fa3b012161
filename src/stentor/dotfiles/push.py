"""From a working copy to a pushed commit: what is committed, what is refused, and why."""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from typing import NamedTuple

from stentor import scratch
from stentor.dotfiles import render_offline, secrets
from stentor.dotfiles.git import git, require_commit
from stentor.dotfiles.plan import Blocker
from stentor.dotfiles.source import Source, clone_of
from stentor.errors import Refused, StentorError
from stentor.opening import regular


class Working(NamedTuple):
    """How the operator's clone stands."""

    branch: str  # what is checked out; empty if nothing is
    ahead: int  # commits that the remote lacks
    behind: int  # commits that the clone lacks
    changed: tuple[str, ...]  # paths of the dotfiles folder that differ from the last commit
    paths: tuple[str, ...]  # what belongs to the dotfiles folder, as git's pathspecs
    tree: str  # the git tree that a commit of the folder would have


def preflight(working: Working, source: Source, *, rebase: bool = False) -> Blocker | None:
    """Return why this must not be pushed; None if it may.

    Args:
        source: with the branch that nodes follow.
        rebase: whether the user asked to put the commits on top of what others pushed.
    """
    if working.branch != source.branch:
        return Blocker(
            f"the clone has {working.branch or 'no branch'} checked out, and nodes follow {source.branch}",
            f"git -C {source.clone} checkout {source.branch}",
        )
    if working.behind and not rebase:
        state = "diverged from" if working.ahead else "is behind"
        count = "1 commit" if working.behind == 1 else f"{working.behind} commits"
        return Blocker(
            f"the clone {state} the remote: {count} of others missing",
            "put your commits on top with --rebase",
        )
    return None


def inspect_clone(source: Source, environ: Mapping[str, str]) -> Working:
    """Fetch, and return how the clone stands. The working copy and its index are left alone."""
    clone = clone_of(source)
    require_commit(clone, environ)
    branch = git(clone, "symbolic-ref", "-q", "--short", "HEAD", environ=environ, check=False)
    ahead = behind = 0
    if git(clone, "remote", environ=environ):
        git(clone, "fetch", "-q", "origin", environ=environ)
        both = git(
            clone, "rev-list", "--left-right", "--count", f"HEAD...origin/{source.branch}",
            environ=environ, check=False,
        )  # fmt: skip
        if both:
            ahead, behind = map(int, both.split())
        else:  # the remote has no such branch yet
            ahead = len(_ahead(clone, environ))
    paths = dotfiles_paths(clone)
    tree = folder_tree(clone, paths, environ)
    listed = git(clone, "diff", "--name-only", "-z", "HEAD", tree, environ=environ)
    changed = tuple(path for path in listed.split("\0") if path)
    return Working(branch, ahead, behind, changed, paths, tree)


def has_edits(source: Source, environ: Mapping[str, str]) -> bool:
    """Whether the clone has edits of dotfiles that no commit has, and so no revision."""
    if not source.clone:
        return False
    status = ("--no-optional-locks", "status", "--porcelain", "--untracked-files=normal")
    return bool(git(source.clone, *status, "--", *dotfiles_paths(source.clone), environ=environ, check=False))


def dotfiles_paths(clone: str) -> tuple[str, ...]:
    """Return what belongs to the dotfiles: the folder that ``.chezmoiroot`` names, else everything."""
    try:
        with open(os.path.join(clone, ".chezmoiroot"), encoding="utf-8", opener=regular) as file:
            root = file.read().strip()
    except FileNotFoundError:
        return (".",)
    return (".chezmoiroot", root) if root not in ("", ".") else (".",)


def folder_tree(clone: str, paths: Sequence[str], environ: Mapping[str, str]) -> str:
    """Return the tree of the last commit with the working copy's dotfiles folder in it."""
    with scratch.folder() as folder:
        index = {**environ, "GIT_INDEX_FILE": os.path.join(folder, "index")}
        git(clone, "read-tree", "HEAD", environ=index)
        git(clone, "add", "-A", "--", *paths, environ=index)
        return git(clone, "write-tree", environ=index)


def difference(source: Source, working: Working, environ: Mapping[str, str]) -> str:
    """Return what a commit would change, as a diff."""
    plain = ("--no-ext-diff", "--no-textconv", "--no-color", "--src-prefix=a/", "--dst-prefix=b/")
    return git(source.clone, "diff", *plain, "HEAD", working.tree, "--", *working.paths, environ=environ)


def unseen(source: Source, working: Working, environ: Mapping[str, str]) -> list[tuple[str, tuple[str, ...]]]:
    """Return what leaves with a push: trees and the paths in them that are new to the remote.

    Each commit that the remote lacks is one, since its files can be read ever after, even where a
    later commit takes them away again; and what is edited now is one more.
    """
    found = [(working.tree, working.changed)] if working.changed else []
    if working.ahead:
        for one in _ahead(source.clone, environ):
            changed = git(
                source.clone, "diff-tree", "-r", "-m", "--root", "--no-commit-id", "--name-only", "-z", one,
                environ=environ,
            )  # fmt: skip
            found.append((one, tuple(dict.fromkeys(path for path in changed.split("\0") if path))))
    return found


def find_secrets(
    source: Source, working: Working, environ: Mapping[str, str], allowed: Sequence[str]
) -> list[secrets.Finding]:
    """Return what looks like a secret, in what is edited and in every commit that the remote lacks."""
    found: set[secrets.Finding] = set()
    for tree, paths in unseen(source, working, environ):
        with render_offline.checked_out(source.clone, tree, environ) as folder:
            found |= {*secrets.scan(folder, paths)}
    return secrets.standing(sorted(found), allowed)


def refuse_secrets(found: Sequence[secrets.Finding]) -> None:
    """Stop where something looks like a secret.

    Raises:
        Refused: something does.
    """
    if found:
        raise Refused(
            f"{len(found)} findings look like secrets",
            hint=f"remove them, or allow one with --allow-secret {found[0].key}",
        )


def _ahead(clone: str, environ: Mapping[str, str]) -> list[str]:
    """Return the commits that no branch of the remote has."""
    return git(clone, "rev-list", "HEAD", "--not", "--remotes=origin", environ=environ).split()


def commit(source: Source, working: Working, message: str, environ: Mapping[str, str]) -> str:
    """Commit the dotfiles folder and nothing else, whatever else is staged; return the commit."""
    git(source.clone, "add", "-A", "--", *working.paths, environ=environ)
    git(source.clone, "commit", "-q", "-m", message, "--", *working.paths, environ=environ)
    return head(source, environ)


def head(source: Source, environ: Mapping[str, str]) -> str:
    """Return the clone's commit."""
    return git(source.clone, "rev-parse", "HEAD", environ=environ)


def rebase(source: Source, environ: Mapping[str, str]) -> None:
    """Put the clone's commits on top of the remote's; nothing is changed if they conflict.

    Raises:
        Refused: they conflict.
    """
    try:
        git(source.clone, "rebase", "-q", "--autostash", f"origin/{source.branch}", environ=environ)
    except StentorError as error:
        git(source.clone, "rebase", "--abort", environ=environ, check=False)
        raise Refused(
            f"your commits conflict with those of others: {error.message}",
            where=source.clone,
            hint=f"git -C {source.clone} rebase origin/{source.branch}, resolve them, and push again",
        ) from None


def send(source: Source, environ: Mapping[str, str]) -> None:
    """Push, never by force.

    Raises:
        Refused: the remote has other commits by now.
    """
    try:
        git(source.clone, "push", "-q", "origin", f"HEAD:refs/heads/{source.branch}", environ=environ)
    except StentorError as error:
        raise Refused(
            f"the remote rejected the push: {error.message}",
            hint="the commit is in your clone; run 'stentor dotfiles push --rebase'",
        ) from None
