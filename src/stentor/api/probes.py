"""Look at nodes without changing them: behind ``stentor ping`` and ``stentor status``."""

from __future__ import annotations

import time
from collections.abc import Collection, Iterator, Mapping
from typing import TYPE_CHECKING

from stentor.fanout.events import Finished, Progress
from stentor.fanout.task import DEFAULTS, Settings
from stentor.probe.ping import Ping, of_login, ping
from stentor.probe.places import places
from stentor.probe.status import COMMAND, Status, read_statuses
from stentor.sh.program import path

if TYPE_CHECKING:
    from stentor.api.base import BaseSelection
    from stentor.fanout.cancellation import Cancellation
    from stentor.fanout.context import Ask

_TRUE = 10.0  # seconds for ``true`` to end, once the login has begun to answer


def pings(
    selection: BaseSelection, *, connect_timeout: float = 5.0, silent: Collection[str] = ()
) -> Iterator[Ping]:
    """Yield how far each node is reached, without logging in, as soon as it is known.

    Args:
        connect_timeout: until a silent node is given up, seconds.
        silent: aliases of nodes that did not answer the last time.
    """
    fleet = selection.fleet
    return ping(
        selection.nodes,
        places(fleet.data, selection.nodes, environ=fleet.environ),
        connect_timeout=connect_timeout,
        local=fleet.local,
        silent=silent,
    )


def logins(
    selection: BaseSelection, *, connect_timeout: float = 5.0, ask: Ask | None = None
) -> Iterator[Ping]:
    """Yield how far each node is reached by a login that runs ``true``; ``ask`` lets a person help ssh."""
    nodes = {node.alias: node for node in selection.nodes}
    settings = Settings(window=0, connect_timeout=connect_timeout, timeout=connect_timeout + _TRUE)
    for event in selection.stream("true", settings, ask=ask, guard=False):
        if isinstance(event, Finished):
            yield of_login(nodes[event.node], event.outcome)


def statuses(
    selection: BaseSelection,
    settings: Settings = DEFAULTS,
    *,
    environment: Mapping[str, str] | None = None,
    cancellation: Cancellation | None = None,
    ask: Ask | None = None,
) -> Iterator[Status | Progress]:
    """Yield what each node is and how it fares, as soon as it is known.

    Args:
        environment: what else the probe is asked for (``stentor.probe.gpus.ASKED``).
        cancellation: by which another thread asks for the end.
        ask: lets a person answer ssh's questions.
    """
    events = selection.stream(
        COMMAND,
        settings,
        stdin=path("probe"),
        environment=environment,
        cancellation=cancellation,
        ask=ask,
        guard=False,
    )
    return read_statuses(events, clock=time.time)
