"""From a working copy to a pushed commit: what is taken, what is refused, and why."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Mapping, Sequence
from typing import NamedTuple

from stentor.dotfiles.git import git
from stentor.dotfiles.source import Source
from stentor.errors import Refused, StentorError


class Working(NamedTuple):
    """How the operator's clone stands.

    Attributes:
        branch: what is checked out; empty if nothing is.
        ahead: commits that the remote lacks.
        behind: commits that the clone lacks.
        changed: paths of the dotfiles folder that differ from the last commit.
        paths: what belongs to the dotfiles folder, as git's pathspecs.
        tree: the git tree that a commit of the folder would have.
    """

    branch: str
    ahead: int
    behind: int
    changed: tuple[str, ...]
    paths: tuple[str, ...]
    tree: str


def preflight(working: Working, wanted: str, *, rebase: bool = False) -> str:
    """Say why this must not be pushed; empty if it may. Pure.

    Args:
        working: the clone.
        wanted: the branch that nodes follow.
        rebase: whether the user asked to put the commits on top of what others pushed.
    """
    if working.branch != wanted:
        return f"the clone has {working.branch or 'no branch'} checked out, and nodes follow {wanted}"
    if working.behind and not rebase:
        state = "diverged from" if working.ahead else "is behind"
        missing = (
            "1 commit of others is" if working.behind == 1 else f"{working.behind} commits of others are"
        )
        return f"the clone {state} the remote: {missing} missing"
    return ""


def look(source: Source, environ: Mapping[str, str]) -> Working:
    """Fetch, and see how the clone stands. The working copy and its index are left alone."""
    clone = source.clone
    if not clone:
        raise StentorError("there is no clone of the dotfiles here", hint="name it with --source")
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


def dotfiles_paths(clone: str) -> tuple[str, ...]:
    """Return what belongs to the dotfiles: the folder that ``.chezmoiroot`` names, else everything."""
    try:
        with open(os.path.join(clone, ".chezmoiroot"), encoding="utf-8") as file:
            root = file.read().strip()
    except FileNotFoundError:
        return (".",)
    return (".chezmoiroot", root) if root not in ("", ".") else (".",)


def folder_tree(clone: str, paths: Sequence[str], environ: Mapping[str, str]) -> str:
    """Return the tree of the last commit with the working copy's dotfiles folder in it."""
    with tempfile.TemporaryDirectory(prefix="stentor-") as folder:
        index = {**environ, "GIT_INDEX_FILE": os.path.join(folder, "index")}
        git(clone, "read-tree", "HEAD", environ=index)
        git(clone, "add", "-A", "--", *paths, environ=index)
        return git(clone, "write-tree", environ=index)


def difference(source: Source, working: Working, environ: Mapping[str, str]) -> str:
    """Return what a commit would change, as a diff."""
    return git(source.clone, "diff", "HEAD", working.tree, "--", *working.paths, environ=environ)


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
    """Put the clone's commits on top of the remote's; undone wholly if they clash.

    Raises:
        Refused: they clash.
    """
    try:
        git(source.clone, "rebase", "-q", "--autostash", f"origin/{source.branch}", environ=environ)
    except StentorError as error:
        git(source.clone, "rebase", "--abort", environ=environ, check=False)
        raise Refused(
            f"your commits clash with those of others: {error.message}",
            where=source.clone,
            hint=f"git -C {source.clone} rebase origin/{source.branch}, solve it, and push again",
        ) from None


def send(source: Source, environ: Mapping[str, str]) -> None:
    """Push, never by force.

    Raises:
        Refused: the remote took something else in the meantime.
    """
    try:
        git(source.clone, "push", "-q", "origin", f"HEAD:refs/heads/{source.branch}", environ=environ)
    except StentorError as error:
        raise Refused(
            f"the remote did not take it: {error.message}",
            hint="the commit is in your clone; 'stentor dotfiles push --rebase' puts it on top",
        ) from None
