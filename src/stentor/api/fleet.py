"""A fleet and nodes of it, with everything that can be done with them."""

from __future__ import annotations

from collections.abc import Sequence

from stentor.api.acting import Acting
from stentor.api.base import BaseFleet
from stentor.api.inspecting import Inspecting
from stentor.typed import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from stentor.api.dotfiles_selection import Dotfiles
    from stentor.api.exports import Kept
    from stentor.api.results import Results
    from stentor.api.services_selection import SelectedServices
    from stentor.fleet import select as selecting
    from stentor.fleet.document import Fault
    from stentor.journal.operation import Record


class Fleet(BaseFleet):
    """An opened fleet. Immutable; ``select`` returns what can act."""

    def select(self, expression: str = "@all", *, live: selecting.Live | None = None) -> Selection:
        """Choose nodes by a selector.

        Args:
            expression: ``crtr``, ``@gpu``, ``@all!@pseudo``, ``@failed``, …
            live: looks up sets that are not in the file, in place of :attr:`live`.

        Raises:
            SelectorError: it names nothing that exists.
            UsageError: it asks for the nodes of an operation that is not in the journal.
        """
        return Selection(self, self.nodes(expression, live=live), expression)

    def history(self, *, limit: int = 20, **wanted: Any) -> list[Record]:
        """Return the latest operations of this fleet, the newest first, without output.

        Args:
            limit: how many at most.
            wanted: fields of :class:`stentor.journal.query.Filter`: ``nodes``, ``outcome``, ``kinds``, ...
        """
        from stentor.api.history import past_operations
        from stentor.journal.query import Filter

        return past_operations(self.environ, Filter(**{"fleet": self.data.root, **wanted}), limit)

    def operation(self, reference: str | int = "@last") -> Record:
        """Return one operation of this fleet, with every node's outcome and output.

        Args:
            reference: a number, ``@last``, or ``@last~1``.

        Raises:
            UsageError: there is no such operation.
        """
        from stentor.api.history import past_operation

        return past_operation(self.environ, reference, self.data.root)

    def rerun(
        self,
        reference: str | int = "@last",
        sets: Sequence[str] = (),
        *,
        stdin: bytes | str | None = None,
        **terms: Any,
    ) -> Results:
        """Run an operation again and return each node's result.

        Args:
            reference: a number, ``@last~1``, or ``@last``: the last ``run``, with ``sets`` the last that has
                such nodes.
            sets: only nodes that are ``failed``, ``unreachable``, ``unfinished``, ``not-ok`` or ``ok`` there,
                and have not succeeded since in a rerun of it.
            stdin: the standard input, where it had one.

        Raises:
            Refused: it was no ``run``, or it needs secrets, which are not kept.
        """
        from stentor.api.rerun import rerun

        return rerun(self, reference, sets, stdin=stdin, **terms)

    def undo(self, reference: str | int, selector: str | None = None) -> Results:
        """Undo what an operation of ``doctor --fix`` or :meth:`Selection.fix` did; return results.

        Args:
            reference: the operation's number.
            selector: only these of its nodes.
        """
        from stentor.api.doctor import undo_operation
        from stentor.api.results import results

        return results(undo_operation(self, str(reference), selector=selector))

    def check(self) -> tuple[Fault, ...]:
        """Return every fault of the fleet's files, and what ssh rejects in its own; none if all is well."""
        from stentor.api.checking import findings
        from stentor.fleet.load import find_and_check

        checked = find_and_check(self.data.root, environ=self.environ, cwd=self.data.root)[1]
        return findings(checked, self.environ).faults

    def export_all(self, *, compare: bool = False) -> tuple[Kept, ...]:
        """Write every file of ``exports:`` in the fleet, here and on nodes; return what came of each.

        Args:
            compare: write nothing, and say what is stale, with the difference.

        Raises:
            FleetError: the fleet has no ``exports:``.
        """
        from stentor.api.exports import keep_exports

        return tuple(keep_exports(self, compare=compare))

    def report(self, form: str = "md", *, selector: str = "@all", operations: int = 10) -> str:
        """Return the state of the fleet as a document, from its files and the journal.

        Args:
            form: ``md`` for Markdown, ``html`` for one page.
            selector: of which nodes; a retired one is in it only if it is asked for by name.
            operations: so many of the last; 0 for none.
        """
        from stentor.api.export import report

        return report(self, form, selector=selector, operations=operations)


class Selection(Acting, Inspecting):
    """Some nodes of a fleet.

    Attributes:
        fleet: where they are from.
        nodes: the nodes, in the file's order.
        selector: what they were selected by; their aliases where it is not known.
    """

    fleet: Fleet

    @property
    def dotfiles(self) -> Dotfiles:
        """The dotfiles of these nodes: plan, apply, rollback, status, ..."""
        from stentor.api.dotfiles_selection import Dotfiles

        return Dotfiles(self)

    @property
    def services(self) -> SelectedServices:
        """The services of these nodes: status, plan, deploy, rollback, restart, ..."""
        from stentor.api.services_selection import SelectedServices

        return SelectedServices(self)
