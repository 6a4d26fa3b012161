"""Run tasks on many nodes: a synchronous iterator of events over one selector."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from stentor.fanout.events import Event
from stentor.fanout.task import Settings, Task
from stentor.fleet.model import Fleet


def run(fleet: Fleet, tasks: Sequence[Task], settings: Settings = Settings()) -> Iterator[Event]:  # noqa: B008
    """Run each task on its node and say what happens while it happens.

    Every task yields exactly one ``Finished``; between its ``Started`` and that, ``Output`` as it
    comes. Nodes that are expected down are tried too, but if they are not reached their outcome
    is ``skipped``. Closing the iterator, or KeyboardInterrupt in it, ends the remote processes.
    """
    raise NotImplementedError
