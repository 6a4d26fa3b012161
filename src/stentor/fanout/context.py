"""What an engine works with."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from stentor.fanout.events import Event
from stentor.fanout.task import Settings
from stentor.fleet.model import Fleet, Node
from stentor.ssh.reactor import Reactor

# Runs an ``ssh`` (its argument list) in the foreground, for a login that needs a person; its exit code.
Ask = Callable[[Node, list[str]], int]


class EngineContext:
    """What an engine works with for the time of one fan-out."""

    __slots__ = ("ask", "descriptors", "environ", "fleet", "reactor", "settings", "stopping", "tell")

    def __init__(
        self,
        reactor: Reactor,
        fleet: Fleet,
        settings: Settings,
        environ: Mapping[str, str],
        tell: Callable[[Event], None],
        stopping: Callable[[], bool],
        ask: Ask | None = None,
        descriptors: int = 1000,
    ) -> None:
        # How many files each of an engine's own tasks (names, logins, looks at ports) may open.
        self.descriptors = descriptors
        self.reactor = reactor
        self.fleet = fleet
        self.settings = settings
        self.environ = environ  # the environment of ssh and of local commands
        self.tell = tell  # takes events beside those of commands: logins, where they are asked for
        self.stopping = stopping  # whether the fan-out is to end
        self.ask = ask  # the way to a person at a terminal; None where there is none
