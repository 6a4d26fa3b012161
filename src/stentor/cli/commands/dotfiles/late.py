"""Who has a revision, and who has to catch up: nodes out of reach while it came to stand on others."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence

from stentor.cli.commands.dotfiles.desk import REVISION, Desk
from stentor.dotfiles.decide import never_got
from stentor.journal import MISSED
from stentor.outcome import Outcome


class Latecomers:
    """Remembers them as soon as the change stands anywhere: what stands nowhere nobody has missed."""

    def __init__(self, desk: Desk, rev: str, silent: Sequence[str], settled: Collection[str]) -> None:
        """Begin.

        Args:
            desk: with the journal, which remembers.
            rev: the revision.
            silent: aliases of the nodes that did not answer before anything was changed.
            settled: aliases of the nodes that have it already.
        """
        self._desk = desk
        self._rev = rev
        self._silent = tuple(silent)
        self._before = desk.recall(MISSED)
        has_it = {alias for alias, (_, data) in desk.recall(REVISION).items() if data["rev"] == rev}
        self._elsewhere = bool(settled or (has_it & desk.fleet.data.nodes.keys()) - {*silent})
        for alias in settled:
            desk.caught_up(alias)

    def stands(self) -> None:
        """A node has it, and its proof. A controller that is killed from here on has forgotten nobody."""
        known = self._desk.recall(MISSED)
        for alias in self._silent:
            if alias not in known or known[alias][1]["rev"] != self._rev:
                self._desk.miss(alias, self._rev)

    def end(self, outcomes: Iterable[Outcome], op: str = "") -> None:
        """Remember by what came of the nodes in the end, and say it; all may have been taken back."""
        desk, some = self._desk, list(outcomes)
        for outcome in some:
            if outcome.ok and op:
                desk.remember(outcome.node, REVISION, {"rev": self._rev, "op": op})
                desk.caught_up(outcome.node)
        late = never_got(some, self._silent, stands=self._elsewhere)
        for alias in late:
            desk.miss(alias, self._rev)
            desk.say(f"{alias} is remembered: 'stentor dotfiles catch-up' when it is back")
        for alias in self._silent if not late else ():
            desk.remember(alias, MISSED, self._before.get(alias, (0.0, {}))[1])
            if alias not in self._before:
                desk.say(f"{alias} has missed nothing: no node has {self._rev[:10]}")
