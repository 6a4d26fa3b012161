"""A clone that is only fetched into: what a push brought is checked before it is rolled out."""

from __future__ import annotations

import glob
import os
from collections.abc import Iterable, Mapping
from contextlib import suppress

from stentor.atomic_write import write
from stentor.dotfiles.git import git, words
from stentor.errors import Refused, StentorError

MOST_BYTES = 2_000_000_000  # of all that a push brings
HEAD = "refs/remotes/origin/pushed"


class Fetched:
    """The clone of one branch.

    Args:
        place: its folder; made where it does not exist.
        url: the remote.
        branch: whose commits are fetched.
        environ: for git.

    Raises:
        StentorError: git cannot make it.
    """

    def __init__(self, place: str, url: str, branch: str, environ: Mapping[str, str]) -> None:
        self.place = place
        self._url = url
        self._branch = branch
        self._environ = environ
        self._order: dict[str, int] = {}
        os.makedirs(place, mode=0o700, exist_ok=True)
        git(place, "init", "-q", environ=environ)
        # In a file of its own: as an argument its password would be seen by everybody on this machine.
        quoted = url.replace("\\", "\\\\").replace('"', '\\"')
        path = os.path.join(place, ".git", "origin")
        write(path, f'[remote "origin"]\n\turl = "{quoted}"\n', mode=0o600, durable=False)
        git(place, "config", "include.path", "origin", environ=environ)

    def fetch(self) -> str:
        """Fetch the branch; return its head.

        Raises:
            StentorError: it cannot be fetched.
        """
        what = f"+refs/heads/{self._branch}:{HEAD}"
        with words(self._url) as (address, options):
            # All of it in one file, whose size has a limit.
            arguments = [*options, "-c", "fetch.unpackLimit=1"]
            arguments += ["fetch", "-q", "--no-tags", "--no-recurse-submodules", "--no-write-fetch-head"]
            try:
                git(self.place, *arguments, address, what, environ=self._environ, largest_file=MOST_BYTES)
            except StentorError as error:
                if self._remove_parts() < MOST_BYTES * 0.99:
                    raise
                much = f"the remote sends more than {MOST_BYTES / 1e6:g} MB for the branch {self._branch}"
                raise Refused(
                    f"{much}: {error.message}", hint="fetch it by hand in this folder", where=self.place
                ) from None
        listed = git(self.place, "rev-list", "--topo-order", HEAD, environ=self._environ).split()
        self._order = {commit: place for place, commit in enumerate(listed)}
        return listed[0]

    def _remove_parts(self) -> int:
        """Remove what of a pack has come, which git would keep; return the bytes of the largest."""
        largest = 0
        for path in glob.glob(os.path.join(glob.escape(self.place), ".git", "objects", "pack", "tmp_*")):
            with suppress(OSError):
                largest = max(largest, os.path.getsize(path))
                os.unlink(path)
        return largest

    def on_branch(self, commit: str) -> bool:
        """Whether a commit is one of the branch that was fetched last."""
        return commit in self._order

    def newest(self, commits: Iterable[str]) -> str:
        """Return one of these commits of the branch that is no ancestor of another."""
        return min(commits, key=self._order.__getitem__)

    def older(self, one: str, other: str) -> bool:
        """Whether a commit is an ancestor of another, or the same; False where one of them is not known."""
        words = ("rev-list", "--count", "--max-count=1", one, f"^{other}", "--")
        return git(self.place, *words, environ=self._environ, check=False) == "0"

    def require_signature(self, commit: str) -> None:
        """Make sure that git here finds a good signature of a commit.

        Raises:
            Refused: it does not.
        """
        try:
            git(self.place, "verify-commit", commit, environ=self._environ)
        except StentorError as error:
            raise Refused(
                f"{commit[:10]} has no good signature: {error.message}",
                hint="git on this machine must know the signer's key, as the nodes must (signed: true)",
            ) from None
