"""Which of several pushes is rolled out: the newest by history, whatever the order in which they came."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import NamedTuple, Protocol

from stentor.hooks.queue import Delivered


class History(Protocol):
    """What is asked of the repository."""

    def on_branch(self, commit: str) -> bool:
        """Whether a commit is one of the branch's."""

    def newest(self, commits: Iterable[str]) -> str:
        """Return one of these commits of the branch that is no ancestor of another."""

    def older(self, one: str, other: str) -> bool:
        """Whether a commit is an ancestor of another, or the same."""


class Choice(NamedTuple):
    """What is to be done with pushes."""

    newest: Delivered | None = None  # the one that is rolled out; None where nothing is to be done
    merged: tuple[Delivered, ...] = ()  # those that it has in it
    absent: tuple[Delivered, ...] = ()  # those whose commit is not on the branch
    outdated: tuple[Delivered, ...] = ()  # those that the nodes are ahead of
    rewritten: tuple[Delivered, ...] = ()  # those that would take history back, or elsewhere


def choose(pushes: Sequence[Delivered], history: History, held: str = "") -> Choice:
    """Choose the newest of several pushes.

    A forge does not promise the order of its deliveries, and not all forges tell a forced push. So history
    decides: what is rolled out is on the branch now, has what was there before the first push, and what
    the nodes hold.

    Args:
        pushes: in the order in which they came; at least one.
        history: the repository.
        held: the commit that was rolled out last; empty if none is known.
    """
    there = [push for push in pushes if history.on_branch(push.after)]
    absent = tuple(push for push in pushes if push not in there)
    if not there:
        return Choice(absent=absent)
    commit = history.newest({push.after for push in there})
    newest = [push for push in there if push.after == commit][-1]
    rest = tuple(push for push in there if push is not newest)
    if held and not history.older(held, newest.after):
        if history.older(newest.after, held):
            return Choice(absent=absent, outdated=tuple(there))
        return Choice(absent=absent, rewritten=tuple(there))
    # Anybody can have sourcehut sign what was there before; a wrong one must not stop the true pushes.
    before = "" if there[0].forge == "sourcehut" else there[0].before
    if before and not history.older(before, newest.after):
        return Choice(absent=absent, rewritten=tuple(there))
    return Choice(newest, rest, absent)
