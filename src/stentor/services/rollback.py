"""Taking the last deploy back: each node has kept what it was before."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from stentor.engines.reach import Reach
from stentor.fanout.events import Event, Finished
from stentor.outcome import Outcome
from stentor.rollout.change import BaseChange, Preview, Step
from stentor.services import program
from stentor.services.visit import Visit, aside, visit, visits

_SECONDS = 600.0


class RollbackChange(BaseChange):
    """Brings nodes back to before their last deploy."""

    name = "services rollback"

    def __init__(self, to: str = "") -> None:
        self.title = f"take back {to or 'the last deploy'}"
        self.looked: dict[str, Outcome] = {}  # what came of each node when it was asked for the preview
        self._to = to  # the name of the change on the nodes; empty for the last

    @property
    def options(self) -> tuple[str, ...]:
        """Of its command line."""
        return ("--to", self._to) if self._to else ()

    def preview(self, nodes: Sequence[str], reach: Reach) -> Mapping[str, Preview]:
        """Say which files and services would be as before; touch nothing."""
        texts = {alias: program.compose(()) for alias in nodes}
        seen = visits(reach, texts, "preview_rollback", 30.0, op=self._to)
        self.looked = {alias: one.outcome for alias, one in seen.items()}
        return {alias: _preview(alias, one) for alias, one in seen.items()}

    def apply(self, nodes: Sequence[str], reach: Reach) -> Iterator[Event | Step]:
        """Bring them back."""
        texts = {alias: program.compose(()) for alias in nodes}
        for event in visit(reach, texts, "rollback", reach.settings.timeout or _SECONDS, op=self._to):
            if not isinstance(event, Visit):
                yield event
                continue
            outcome, answer = event.outcome, event.answer
            if answer and (op := answer.one("back")):
                yield Step(outcome.node, "reverted", f"as before {op}")
            if outcome.ok and answer and (left := answer.one("left")):
                reason = f"partly taken back: {left} left"
                outcome = outcome._replace(kind="failed", code=1, reason=reason, hint=aside(answer))
            yield Finished(outcome.node, outcome)


def _preview(alias: str, seen: Visit) -> Preview:
    if not seen.outcome.ok or seen.answer is None:
        return Preview(alias, unknown=seen.outcome.reason or seen.outcome.kind)
    op = seen.answer.one("back").partition(" ")[0]
    changes = [f"as before the deploy {op}"]
    changes += [f"put back {path}" for path in seen.answer.all("restores")]
    changes += [f"as before: {name}" for name in seen.answer.all("item")]
    return Preview(alias, tuple(changes))
