"""The doctor's round: a look at each node from inside, a login from outside, and other ways where need be.

The script goes to all nodes in one fan-out. Beside it each node is logged in to anew, in threads. A node
whose shell lets no command through is then tried by other ways, also in threads, so that nobody waits.
"""

from __future__ import annotations

import secrets
import shlex
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from typing import Any, NamedTuple

from stentor.fanout.events import Event, Notice
from stentor.fanout.task import Settings, Task
from stentor.fleet.model import Fleet, Node
from stentor.probe.doctor import Diagnosis, examine, tasks, with_entrance, with_way
from stentor.probe.entrance import enter
from stentor.probe.inside import Entrance, hangs
from stentor.probe.outward import AT_ONCE, agent, look
from stentor.ssh.target import destination

FanOut = Callable[[Sequence[Task], Settings], Iterator[Event]]


class Limits(NamedTuple):
    """Seconds.

    Attributes:
        connect: until a silent node is given up.
        shell: until a shell which does not come up is said to hang.
    """

    connect: float = 5.0
    shell: int = 8


def rounds(
    fleet: Fleet,
    nodes: Sequence[Node],
    fan_out: FanOut,
    *,
    environ: Mapping[str, str],
    local: str | None = None,
    limits: Limits = Limits(),  # noqa: B008 - immutable
    trace: bool = False,
) -> Iterator[Diagnosis | Notice]:
    """Look at nodes; each one's diagnosis as soon as it is known.

    Args:
        fleet: where they are from.
        nodes: whom to look at.
        fan_out: runs tasks.
        environ: the environment of ssh.
        local: the node which is this machine.
        limits: how long to wait for what.
        trace: follow every shell through its start-up files.
    """
    token = f"stentor-{secrets.token_hex(6)}"
    # The script waits for shells, for traced ones where something is odd, and for one more login.
    settings = Settings(
        connect_timeout=limits.connect, timeout=limits.shell * 3.0 + 20.0, shell_timeout=limits.shell
    )
    far = [node for node in nodes if node.alias != local and not node.expected_down]
    pool = ThreadPoolExecutor(AT_ONCE)
    try:
        ways = look(pool, fleet, far, environ, limits.connect, token)
        agent_state = agent(environ)
        late: dict[Future[Any], Diagnosis] = {}

        def enter_later(diagnosis: Diagnosis) -> Future[Entrance]:
            return pool.submit(
                enter,
                fleet,
                fleet.nodes[diagnosis.outcome.node],
                environ,
                hangs=hangs(diagnosis.outcome),
                shell_timeout=limits.shell,
                token=token,
            )

        for diagnosis in examine(
            fan_out(tasks(nodes, limits.shell, trace=trace, token=token), settings), fleet.nodes
        ):
            if isinstance(diagnosis, Notice):
                yield diagnosis
                continue
            way = ways.get(diagnosis.outcome.node)
            if way and diagnosis.outcome.kind == "shell-broken" and diagnosis.seen is None:
                late[enter_later(diagnosis)] = diagnosis
            elif way and not way.done():  # waiting here would let the others' events wait
                late[way] = diagnosis
            else:
                yield with_way(diagnosis, way.result(), agent_state) if way else diagnosis
        while late:
            done, _ = wait(late, return_when=FIRST_COMPLETED)
            for future in done:
                diagnosis = late.pop(future)
                node = fleet.nodes[diagnosis.outcome.node]
                diagnosis = with_way(diagnosis, ways[node.alias].result(), agent_state)
                result = future.result()
                if isinstance(result, Entrance):
                    diagnosis = with_entrance(diagnosis, result, node.requires, sftp_words(fleet, node))
                yield diagnosis
    finally:
        pool.shutdown(wait=False, cancel_futures=True)


def sftp_words(fleet: Fleet, node: Node) -> list[str]:
    """The quoted words which stand between ``sftp`` and a path on the node."""
    return [shlex.quote(word) for word in destination(fleet, node)]
