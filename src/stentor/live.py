"""Live sets, which depend on the time of the question: ``@failed``, ``@failed:17``, ``@up``."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from stentor.fleet.model import Fleet, Node
from stentor.fleet.select import select
from stentor.typed import NamedTuple

_OF_THE_JOURNAL = ("ok", "failed", "unreachable", "missing", "last")


class Live(NamedTuple):
    """Looks up live sets: of the last operation here, of operation ID, or by a quick ping."""

    fleet: Fleet  # whose nodes
    environ: Mapping[str, str]  # where the journal is, and ssh's
    local: str | None  # the alias of the node which is this machine

    def look_up(self, text: str) -> Iterable[str] | None:
        """Return the aliases of ``failed``, ``failed:17``, ``up``, …; None if there is no such set.

        Raises:
            UsageError: there is no such operation.
        """
        name, colon, reference = text.partition(":")
        if name in ("up", "down") and not colon:
            return self._by_ping(up=name == "up")
        if name not in _OF_THE_JOURNAL:
            return None
        return self._by_journal(name, f"@last{reference}" if reference[:1] == "~" else reference)

    def _by_journal(self, name: str, reference: str) -> Iterable[str]:
        from stentor import journal
        from stentor.journal.operation import LOOKING, members
        from stentor.journal.query import find

        with journal.read(self.environ) as book:
            record = find(book, reference or "@last", self.fleet.root, without=LOOKING)
        if name == "last":
            return tuple(node.node for node in record.nodes)
        return members(record, name)

    def _by_ping(self, *, up: bool) -> Iterable[str]:
        nodes = select(self.fleet, "@all")
        answering = set(self.up_among(nodes))
        return [node.alias for node in nodes if (node.alias in answering) is up]

    def up_among(self, nodes: tuple[Node, ...]) -> list[str]:
        """Return the nodes whose sshd answers within a second, in the order of their answers."""
        from stentor.probe.ping import ping
        from stentor.probe.places import places

        where = places(self.fleet, nodes, environ=self.environ)
        found = ping(nodes, where, connect_timeout=1.0, local=self.local)
        return [one.outcome.node for one in found if one.level == "up"]
