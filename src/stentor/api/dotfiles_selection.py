"""``Selection.dotfiles``: what ``stentor dotfiles`` does, for scripts."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any, Literal, overload

from stentor.api import dotfiles, dotfiles_acting
from stentor.api.dotfiles import Wanted
from stentor.api.operations import terms_of
from stentor.api.results import results

if TYPE_CHECKING:
    from stentor.api.base import BaseSelection
    from stentor.api.results import Results
    from stentor.dotfiles.inspect import Inspection
    from stentor.dotfiles.status import NodeStatus
    from stentor.dotfiles.timer import TimerStatus


class Dotfiles:
    """The dotfiles of some nodes.

    The named arguments ``terms`` say how an operation is locked, recorded and rolled out; see
    :func:`stentor.api.operations.terms_of`.
    """

    def __init__(self, selection: BaseSelection) -> None:
        self._selection = selection

    def status(
        self, rev: str | None = None, *, source: str | None = None, via: str | None = None
    ) -> dict[str, NodeStatus]:
        """Return how each node's dotfiles stand, compared with a revision.

        Args:
            rev: a revision; None for the head of the branch.
            source: a clone of the dotfiles, in place of the policy's.
            via: ``remote`` or ``push``: where the head of the branch is looked up.

        Raises:
            StentorError: the revision cannot be found.
        """
        repository = dotfiles.repository_of(self._selection.fleet, Wanted(source=source, via=via))
        return dotfiles.status(self._selection, repository.resolve(rev), repository.source)

    def plan(
        self,
        rev: str | None = None,
        *,
        overwrite: Sequence[str] = (),
        again: bool = False,
        source: str | None = None,
        via: str | None = None,
        reinit: bool = False,
        answers: Mapping[str, str] | None = None,
        exclude: Sequence[str] = (),
    ) -> Inspection:
        """Return what a revision would change on each node; ``plan().previews()`` has it node by node.

        Args:
            rev: a revision; None for the head of the branch.
            overwrite: kinds of conflict that may be overwritten: ``edited``, ``existing``, ``source``.
            again: apply a revision that was reverted before.
            source: a clone of the dotfiles, in place of the policy's.
            via: ``remote`` or ``push``, in place of the policy's.
            reinit: make chezmoi's config anew from its template; else only with a new clone.
            answers: to the template's prompts, by their text.
            exclude: ``externals``: leave these out.

        Raises:
            StentorError: the revision cannot be found.
        """
        wanted = Wanted(rev, tuple(overwrite), again, source, via, reinit, answers or {}, tuple(exclude))
        return dotfiles.plan(self._selection, wanted)

    def apply(self, rev: str | None = None, **options: Any) -> Results:
        """Bring the nodes to a revision, each confirmed by a new login or reverted.

        Args:
            rev: a revision; None for the head of the branch.
            options: the named arguments of :meth:`plan`, and ``terms``.

        Raises:
            Refused: a node has a conflict, or other nodes are being changed.
            StentorError: the revision cannot be found.
        """
        wanted, terms = _split(rev, options)
        return self._apply(wanted, "dotfiles apply", terms)

    def init(self, rev: str | None = None, **options: Any) -> Results:
        """Set up nodes that have no dotfiles yet; as :meth:`apply`, and existing files may be overwritten."""
        wanted, terms = _split(rev, options)
        wanted = wanted._replace(overwrite=(*wanted.overwrite, "existing"))
        return self._apply(wanted, "dotfiles init", terms)

    def catch_up(self, **options: Any) -> list[Results]:
        """Bring nodes what they missed while they were down: results for each revision.

        Args:
            options: as of :meth:`apply`.
        """
        found = []
        for rev, late in dotfiles.missed(self._selection):
            wanted, terms = _split(rev, options)
            found.append(Dotfiles(late)._apply(wanted, "dotfiles catch-up", terms))
        return found

    def rollback(self, to: str = "", *, overwrite: Sequence[str] = (), **terms: Any) -> Results:
        """Take the nodes back by the snapshots which they have kept.

        Args:
            to: the operation or revision to go back to; empty for before the last change.
            overwrite: kinds of conflict that may be overwritten.
        """
        made = terms_of(**terms)
        seen = dotfiles.rollback_plan(self._selection, to, made, overwrite=tuple(overwrite))
        return results(dotfiles_acting.rollback_operation(self._selection, seen, made))

    def adopt(
        self,
        file: str,
        message: str,
        *,
        source: str | None = None,
        allow_secret: Sequence[str] = (),
        **terms: Any,
    ) -> Results:
        """Commit a node's own edit of a file in the operator's clone; the node is not changed.

        Args:
            file: relative to the node's home, or absolute.
            message: the commit's.
            source: a clone of the dotfiles, in place of the policy's.
            allow_secret: ids of findings that are no secrets.

        Raises:
            Refused: the clone here is edited there, or something looks like a secret.
            UsageError: not one node is selected, or there is no message.
        """
        made = terms_of(**terms)
        seen = dotfiles.adoption(self._selection, file, Wanted(source=source), made, allowed=allow_secret)
        return results(dotfiles_acting.adopt_operation(self._selection, seen, message, made))

    def confirm(self, **terms: Any) -> Results:
        """Keep a change that waits to be confirmed.

        Raises:
            Refused: nothing waits.
        """
        return results(dotfiles_acting.confirm_operation(self._selection, terms_of(**terms)))

    def revert(self, **terms: Any) -> Results:
        """Revert a change that waits to be confirmed.

        Raises:
            Refused: nothing waits.
        """
        return results(dotfiles_acting.revert_operation(self._selection, terms_of(**terms)))

    @overload
    def timer(self, action: Literal["status"] = "status") -> dict[str, TimerStatus]: ...

    @overload
    def timer(self, action: Literal["install", "remove"], **terms: Any) -> Results: ...

    def timer(
        self, action: Literal["status", "install", "remove"] = "status", **terms: Any
    ) -> dict[str, TimerStatus] | Results:
        """Let nodes pull by themselves, or say whether they do."""
        made = terms_of(**terms)
        if action == "status":
            return dotfiles.timer_status(self._selection, made)
        return results(dotfiles_acting.timer_operation(self._selection, action, made))

    def _apply(self, wanted: Wanted, kind: str, terms: Mapping[str, Any]) -> Results:
        made = terms_of(**terms)
        seen = dotfiles.plan(self._selection, wanted, made, expire=True)
        return results(dotfiles_acting.apply_operation(self._selection, seen, made, kind=kind))


def _split(rev: str | None, options: Mapping[str, Any]) -> tuple[Wanted, dict[str, Any]]:
    """Tell what nodes are to get from how the operation is carried out."""
    named = {name: value for name, value in options.items() if name in Wanted._fields}
    named["overwrite"] = tuple(named.get("overwrite", ()))
    return Wanted(rev, **named), {name: value for name, value in options.items() if name not in named}
