"""What finds out about nodes and changes nothing on them."""

from __future__ import annotations

from collections.abc import Iterable

from stentor.api.results import Carrying
from stentor.fanout.task import DEFAULTS, Settings
from stentor.typed import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from stentor.api.facts import NodeFacts, NodeNeeds
    from stentor.fanout.cancellation import Cancellation
    from stentor.gateways.check import GatewayState
    from stentor.probe.doctor import Diagnosis
    from stentor.probe.ping import Ping
    from stentor.probe.status import Status
    from stentor.probe.trust import Verdict


class Inspecting(Carrying):
    """The part of ``Selection`` that inspects."""

    def ping(self, *, login: bool = False, connect_timeout: float = 5.0) -> tuple[Ping, ...]:
        """Return how far each node is reached.

        Args:
            login: log in, all the way up to a shell.
            connect_timeout: until a silent node is given up, seconds.
        """
        from stentor.api.probes import logins, pings

        look = logins if login else pings
        return self._in_order(look(self, connect_timeout=connect_timeout))

    def status(
        self,
        *,
        timeout: float = 15.0,
        connect_timeout: float = 5.0,
        cancellation: Cancellation | None = None,
    ) -> tuple[Status, ...]:
        """Return what each node is and how it fares.

        Args:
            timeout: for the probe on each node, seconds.
            connect_timeout: until a silent node is given up, seconds.
            cancellation: by which another thread asks for the end.
        """
        from stentor.api.probes import statuses

        settings = Settings(connect_timeout=connect_timeout, timeout=timeout)
        return self._in_order(statuses(self, settings, cancellation=cancellation))

    def doctor(self, *, connect_timeout: float = 5.0, shell_timeout: int = 8) -> tuple[Diagnosis, ...]:
        """Return what is wrong with each node, with its proof and the line that fixes it.

        Args:
            connect_timeout: until a silent node is given up, seconds.
            shell_timeout: until a shell that does not come up is said to hang, seconds.
        """
        from stentor.api.doctor import examine

        return self._in_order(examine(self, connect_timeout=connect_timeout, shell_timeout=shell_timeout))

    def facts(self, *, known: bool = False, **terms: Any) -> tuple[NodeFacts, ...]:
        """Return the hardware, system, tools and versions of each node, and remember them.

        Args:
            known: the last known facts; contact no node.
        """
        from stentor.api.facts import facts_found, facts_operation

        return facts_found(self, None if known else self._finished(facts_operation, terms))

    def needs(self, **terms: Any) -> tuple[NodeNeeds, ...]:
        """Return what each node has and lacks of what the fleet requires of it."""
        from stentor.api.facts import needs_found, needs_operation

        return needs_found(self, self._finished(needs_operation, terms))

    def check_gateways(self, *, settings: Settings = DEFAULTS) -> list[GatewayState]:
        """Return whether each node can serve as a gateway of the tree, and with which versions."""
        from stentor.gateways.check import check

        return check(self.fleet.reach(settings), self.nodes)

    def trust(
        self, *, via: str = "", fingerprint: str = "", yes: bool = False, yes_really: str = ""
    ) -> tuple[Verdict, ...]:
        """Return what host keys each node shows beside what is known of them; pin those that are asked for.

        Args:
            via: a selector of nodes from which they are looked at as well.
            fingerprint: pin the key of the one node that has this fingerprint.
            yes: pin what is in your own known_hosts.
            yes_really: with ``fingerprint``, for a changed key: the node's name.
        """
        from stentor.api.trust import trust

        return trust(self, via=via, fingerprint=fingerprint, yes=yes, yes_really=yes_really)

    def export(self, form: str, /, **options: Any) -> str:
        """Return these nodes as the text of another tool's file.

        Args:
            form: ``ansible``, ``ssh``, ``tmux``, ...: a format of ``stentor export``.
            options: of the format, as on the command line.

        Raises:
            FleetError: a value would mean something else there.
        """
        from stentor.api.export import make
        from stentor.export.marked import whole

        return whole(form, make(self, form, **options))

    def _in_order(self, found: Iterable[Any]) -> tuple[Any, ...]:
        """What was found of each node, in the order of the selection; notices are left out."""
        by_alias = {one.outcome.node: one for one in found if hasattr(one, "outcome")}
        return tuple(by_alias[node.alias] for node in self.nodes if node.alias in by_alias)
