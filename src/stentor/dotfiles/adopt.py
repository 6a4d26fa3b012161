"""A node's own edit of a file, taken into the operator's clone as a commit."""

from __future__ import annotations

import binascii
import os
import posixpath
from collections.abc import Iterator, Mapping, Sequence
from typing import NamedTuple

from stentor import scratch
from stentor.dotfiles import push, secrets
from stentor.dotfiles.git import git, require_identity
from stentor.dotfiles.push import Working
from stentor.dotfiles.source import Source, clone_of
from stentor.dotfiles.visit import Question, visits
from stentor.engines.reach import Reach
from stentor.errors import Refused, StentorError
from stentor.fanout.events import Event, Finished
from stentor.fleet.model import Node
from stentor.outcome import Outcome
from stentor.rollout.change import BaseChange, Step


class Adoption(NamedTuple):
    """A node's edit, as a commit of the operator's clone would have it."""

    outcome: Outcome  # whether the node answered, and what stands in the way there
    file: str  # as it was named
    source: Source  # with the clone
    working: Working | None = None  # the clone with the edit in it; None where the node has none to give
    diff: str = ""  # what the commit would change
    secrets: tuple[secrets.Finding, ...] = ()  # what looks like a secret in it


def target(file: str, home: str) -> str:
    """Return a file relative to the node's home, where a shell here made it one of the home here."""
    for front in ("~/", f"{home.rstrip('/')}/" if home else ""):
        if front and file.startswith(front):
            return posixpath.normpath(file.removeprefix(front))
    return posixpath.normpath(file)


def inspect_edit(
    reach: Reach, node: Node, file: str, source: Source, allowed: Sequence[str] = ()
) -> Adoption:
    """Ask a node for its edit of a file, and return what a commit here would be; change nothing.

    Args:
        file: relative to the node's home, or absolute.
        source: with the operator's clone, which gets the commit.
        allowed: findings that are no secrets.

    Raises:
        UsageError: no clone is here.
        StentorError: the clone cannot take the edit.
    """
    clone_of(source)  # before any node is asked
    seen = visits(
        reach, [node], Question("adopt", words=lambda _: [target(file, reach.environ.get("HOME", ""))])
    )
    visit = seen[node.alias]
    if not visit.outcome.ok or visit.answer is None:
        return Adoption(visit.outcome, file, source)
    try:
        patch = binascii.a2b_base64("".join(visit.answer.all("patch")))
    except ValueError:
        patch = b""
    if not patch:
        outcome = visit.outcome._replace(kind="failed", code=1, reason="the node's difference is damaged")
        return Adoption(outcome, file, source)
    environ = _literal(reach.environ)
    working = _with_patch(source, node.alias, patch, environ)
    if not working.changed:
        reason = f"{file} is in the clone here as it is on the node"
        outcome = visit.outcome._replace(kind="failed", code=1, reason=reason, hint="stentor dotfiles push")
        return Adoption(outcome, file, source)
    diff = push.difference(source, working, environ)
    found = push.find_secrets(source, working, reach.environ, allowed)
    return Adoption(visit.outcome, file, source, working, diff, tuple(found))


def _literal(environ: Mapping[str, str]) -> dict[str, str]:
    """The environment in which git takes a path for nothing else."""
    return {**environ, "GIT_LITERAL_PATHSPECS": "1"}


def _with_patch(source: Source, alias: str, patch: bytes, environ: Mapping[str, str]) -> Working:
    """Return the clone as it would be with a node's difference; its index and files are left alone."""
    clone = source.clone
    branch = git(clone, "symbolic-ref", "-q", "--short", "HEAD", environ=environ, check=False)
    if blocker := push.preflight(Working(branch, 0, 0, (), (), ""), source):
        raise Refused(blocker.why, where=clone, hint=blocker.next_step)
    with scratch.folder() as folder:
        index = {**environ, "GIT_INDEX_FILE": os.path.join(folder, "index")}
        git(clone, "read-tree", "HEAD", environ=index)
        try:
            # Byte for byte, whatever git here is set to do to blanks.
            exact = ("--whitespace=nowarn", "--no-ignore-whitespace")
            git(clone, "apply", "--cached", "--3way", *exact, "-", environ=index, stdin=patch)
            tree = git(clone, "write-tree", environ=index)
        except StentorError as error:
            raise Refused(
                f"{alias}'s edit does not fit the clone here: {error.message}",
                where=clone,
                hint=f"run 'stentor dotfiles apply {alias}' first, or make the edit here",
            ) from None
    listed = git(clone, "diff", "--name-only", "--no-renames", "-z", "HEAD", tree, environ=environ)
    changed = tuple(path for path in listed.split("\0") if path)
    if len(changed) > 2 or len({posixpath.dirname(path) for path in changed}) > 1:
        raise Refused(
            f"{alias} sent more than the edit of one file: {', '.join(changed[:3])}",
            hint="check the node's chezmoi: 'chezmoi doctor' there",
        )
    edited = git(clone, "status", "--porcelain", "--", *changed, environ=environ) if changed else ""
    if edited:
        raise Refused(
            f"{edited[3:].splitlines()[0]} is edited in the clone here",
            where=clone,
            hint="commit it with 'stentor dotfiles push', or revert it",
        )
    if changed:
        require_identity(clone, environ)
    return Working(branch, 0, 0, changed, changed, tree)


class AdoptChange(BaseChange):
    """Commits a node's edit in the operator's clone; the node is not changed.

    Args:
        adoption: the edit, as it was shown.
        message: the commit's.
    """

    name = "dotfiles adopt"

    def __init__(self, adoption: Adoption, message: str, environ: Mapping[str, str]) -> None:
        self.title = f"adopt {adoption.file}"
        self._source = adoption.source
        self._working = adoption.working
        self._message = message
        self._environ = _literal(environ)

    def apply(self, nodes: Sequence[str], reach: Reach) -> Iterator[Event | Step]:  # noqa: ARG002 - the protocol's
        """Commit it; the outcome's reason names the commit."""
        for alias in nodes:
            try:
                outcome = Outcome(alias, "ok", 0, f"committed {self._commit()[:10]} in {self._source.clone}")
            except StentorError as error:
                outcome = Outcome(alias, "failed", 1, str(error), error.hint)
            yield Finished(alias, outcome)

    def _commit(self) -> str:
        source, working, environ = self._source, self._working, self._environ
        if working is None:
            raise StentorError("there is no edit to commit")
        restore = ("restore", "--staged", "--worktree")
        try:
            git(source.clone, *restore, f"--source={working.tree}", "--", *working.paths, environ=environ)
            git(source.clone, "commit", "-q", "-m", self._message, "--", *working.paths, environ=environ)
            return push.head(source, environ)
        except StentorError:
            git(source.clone, *restore, "--source=HEAD", "--", *working.paths, environ=environ, check=False)
            raise
