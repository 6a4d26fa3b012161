"""``Selection.services``: what ``stentor services`` does, for scripts."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Literal

from stentor.api import services
from stentor.api.operations import terms_of
from stentor.api.results import Results, results
from stentor.errors import Refused
from stentor.services.change import WINDOW
from stentor.services.rollback import RollbackChange

if TYPE_CHECKING:
    from stentor.api.base import BaseSelection
    from stentor.rollout.change import Preview
    from stentor.services.proof.judge import SiteProof
    from stentor.services.status import NodeServices


class SelectedServices:
    """The services of some nodes, as ``services.yaml`` names them; without a name, all of them.

    The named arguments ``terms`` say how an operation is locked, recorded and rolled out; see
    :func:`stentor.api.operations.terms_of`.
    """

    def __init__(self, selection: BaseSelection) -> None:
        self._selection = selection

    def status(self, *names: str, **terms: Any) -> dict[str, NodeServices]:
        """Return how the services of each node stand; nothing is changed.

        Raises:
            FleetError: there is no ``services.yaml``, or it has faults.
            UsageError: there is no service of a name.
        """
        wanted = self._wanted(names)
        return services.statuses(wanted.fleet, wanted, terms_of(**terms))

    def web_names(self, *names: str, **terms: Any) -> list[SiteProof]:
        """Return whether the web names of the services answer; only where the gateway is among the nodes."""
        wanted = self._wanted(names)
        return services.web_names(wanted.fleet, wanted, terms_of(**terms))

    def plan(self, *names: str, **terms: Any) -> dict[str, Preview]:
        """Return what a deploy would change on each node; nothing is written.

        Raises:
            FleetError: a file cannot be read, or a secret cannot be read.
        """
        wanted = self._wanted(names)
        return dict(services.plan(wanted, services.change_of(wanted), terms_of(**terms)))

    def deploy(self, *names: str, window: int = WINDOW, **terms: Any) -> Results:
        """Bring the services to what the file says, proved, or put everything back.

        Args:
            names: of services.
            window: seconds that a node waits to be confirmed.

        Returns:
            A result for each node on which something was to be changed, or that was not reached.

        Raises:
            Refused: on a node something stands in the way.
            FleetError: a file cannot be read, or a secret cannot be read.
        """
        wanted, made = self._wanted(names), terms_of(**terms)
        change = services.change_of(wanted, window=window)
        seen = services.plan(wanted, change, made)
        for one in seen.values():
            if one.blocker:
                raise Refused(one.blocked, where=one.node, hint=one.next_step)
        ready = [alias for alias, one in seen.items() if one.changes]
        if not ready and all(outcome.ok for outcome in change.looked.values()):
            return Results([])
        return results(services.deploy_operation(wanted, change, ready, made, words=" ".join(names)))

    def rollback(self, to: str = "", **terms: Any) -> Results:
        """Take the last deploy on these nodes back.

        Args:
            to: the name of a change on the nodes; empty for the last.
        """
        change = RollbackChange(to)
        nodes = [node.alias for node in self._selection.nodes]
        return results(services.rollback_operation(self._selection.fleet, change, nodes, terms_of(**terms)))

    def start(self, *names: str, **terms: Any) -> Results:
        """Start services, and look whether they run; return each node's result."""
        return self._control("start", names, terms)

    def stop(self, *names: str, **terms: Any) -> Results:
        """Stop services; return each node's result."""
        return self._control("stop", names, terms)

    def restart(self, *names: str, **terms: Any) -> Results:
        """Restart services, and look whether they run; return each node's result."""
        return self._control("restart", names, terms)

    def enable(self, *names: str, **terms: Any) -> Results:
        """Let services start at boot; return each node's result."""
        return self._control("enable", names, terms)

    def disable(self, *names: str, **terms: Any) -> Results:
        """Let services no longer start at boot; return each node's result."""
        return self._control("disable", names, terms)

    def _control(
        self,
        verb: Literal["start", "stop", "restart", "enable", "disable"],
        names: tuple[str, ...],
        terms: dict[str, Any],
    ) -> Results:
        return results(services.control_operation(self._wanted(names), verb, terms_of(**terms)))

    def _wanted(self, names: tuple[str, ...]) -> services.Wanted:
        chosen = [node.alias for node in self._selection.nodes]
        return services.Wanted(
            self._selection.fleet, services.read(self._selection.fleet), names, nodes=chosen
        )
