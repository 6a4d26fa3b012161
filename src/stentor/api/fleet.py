"""A fleet and nodes of it, with everything that can be done with them."""

from __future__ import annotations

from collections.abc import Mapping

from stentor.api.base import BaseFleet, BaseSelection
from stentor.typed import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from stentor.api.dotfiles_selection import Dotfiles
    from stentor.api.results import Results
    from stentor.fanout.cancellation import Cancellation
    from stentor.fleet import select as selecting


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
        return Selection(self, self.nodes(expression, live=live))


class Selection(BaseSelection):
    """Some nodes of a fleet.

    Attributes:
        fleet: where they are from.
        nodes: the nodes, in the file's order.
    """

    fleet: Fleet

    @property
    def dotfiles(self) -> Dotfiles:
        """The dotfiles of these nodes: plan, apply, rollback, status, ..."""
        from stentor.api.dotfiles_selection import Dotfiles

        return Dotfiles(self)

    def run(
        self,
        command: str,
        *,
        timeout: float | None = None,
        connect_timeout: float = 5.0,
        window: int = 128,
        retries: int = 0,
        fail_fast: bool = False,
        user: str | None = None,
        stdin: bytes | str | None = None,
        environment: Mapping[str, str] | None = None,
        cancellation: Cancellation | None = None,
        **terms: Any,
    ) -> Results:
        """Run a command on every node of the selection and return what came of it.

        Args:
            command: for each node's login shell.
            timeout: of the command on each node, seconds.
            connect_timeout: until a session is open, seconds.
            window: how many nodes at once.
            retries: how often a node that was not reached is tried again.
            fail_fast: stop at the first node that is not ok.
            user: a login name in place of the fleet's.
            stdin: bytes, or the path of a file, to be each command's standard input.
            environment: variables to set before it.
            cancellation: by which another thread asks for the end.
            terms: how it is guarded, recorded and rolled out; see :func:`stentor.api.terms.terms_of`.

        Raises:
            Refused: the guard's question was not answered, or other nodes are being changed.
            StentorError: what was asked makes no sense. A node's failure is a result, not an error.
        """
        from stentor.api.carry_out import results
        from stentor.api.input_file import InputFile
        from stentor.api.run import RunRequest, run_operation
        from stentor.api.terms import terms_of
        from stentor.fanout.task import Settings

        settings = Settings(
            window=window,
            connect_timeout=connect_timeout,
            timeout=timeout,
            retries=retries,
            fail_fast=fail_fast,
            user=user,
        )
        with InputFile(stdin) as path:
            wanted = RunRequest(command, path, environment or {})
            return results(run_operation(self, wanted, terms_of(settings, **terms)), cancellation)
