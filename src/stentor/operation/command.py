"""The simplest change: a command on every node."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence

from stentor.fanout.events import Finished
from stentor.rollout.change import BaseChange
from stentor.rollout.sent import Sent
from stentor.typed import TYPE_CHECKING

if TYPE_CHECKING:
    from stentor.engines.reach import Reach
    from stentor.fanout.events import Event
    from stentor.fanout.task import Stream
    from stentor.outcome import Outcome

_NOT_FOUND = 127  # the exit code of every shell
_WHERE = "exit 127 is 'command not found': see where its shells look with 'stentor doctor NODE'"

Filter = Callable[["Iterator[Event]"], "Iterator[Event]"]


class CommandChange(BaseChange):
    """Run a command, or a script by standard input.

    Args:
        command: for each node's login shell.
        title: what a person is told; the command itself by default.
        stdin: path of a file to be its standard input.
        environment: variables to set before it.
        filter: looks at the events on their way (what sudo said is taken out there).
        sends: what the guard looks at; the command by default.
        check: let each node look first whether its standard input arrives.
    """

    name = "run"

    def __init__(
        self,
        command: str,
        *,
        title: str = "",
        stdin: str | Stream | None = None,
        environment: Mapping[str, str] | None = None,
        filter: Filter | None = None,  # noqa: A002 - what it is
        sends: Sent | None = None,
        check: bool = True,
    ) -> None:
        self.title = title or command
        self._environment = environment or {}
        self._filter = filter
        self._sends = sends or Sent(command)
        self._command, self._stdin = command, stdin
        if check and stdin is not None:
            from stentor.fanout.arrival import checked

            self._command, self._stdin = checked(command, stdin, self)

    def sends(self) -> Sequence[Sent]:
        """The command, or the script."""
        return (self._sends,)

    def apply(self, nodes: Sequence[str], reach: Reach) -> Iterator[Event]:
        """Run it."""
        # What nodes write is shown as it comes, and whoever keeps it does so on a disk.
        settings = reach.settings._replace(most_bytes=0)
        events = reach.command(
            reach.nodes(nodes), self._command, settings, stdin=self._stdin, environment=self._environment
        )
        return map(self._pointed, events if self._filter is None else self._filter(events))

    def _pointed(self, event: Event) -> Event:
        """Say what else there is to know of an end."""
        if not isinstance(event, Finished):
            return event
        outcome = event.outcome
        if outcome.code == _NOT_FOUND and not outcome.hint:
            return event._replace(outcome=outcome._replace(hint=_WHERE))
        return event._replace(outcome=ended(outcome, self._sends, self._command))


def ended(outcome: Outcome, sent: Sent, command: str = "") -> Outcome:
    """Return the outcome of a command that was ended, with what of it no look finds.

    Args:
        outcome: with what became of the processes; as it is if nothing was ended.
        sent: the command, as its user gave it.
        command: what was sent, if that is more.
    """
    if not outcome.remote:
        return outcome
    from stentor.guard.detached import detached
    from stentor.sh.quoting import quoted

    left = (*detached(sent.line, stdin=sent.stdin, by_sudo=sent.by_sudo), *detached(command))
    if not left:
        return outcome
    names = " or ".join(dict.fromkeys(one.name for one in left))
    remote = f"{outcome.remote}; what {names} started may go on"
    look = f"to see it: stentor run {outcome.node} {quoted((left[0].look,))}"
    return outcome._replace(remote=remote, hint=outcome.hint or look)
