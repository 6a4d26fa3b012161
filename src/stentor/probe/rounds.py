"""The doctor's round: a look at each node from inside, a login from outside, and other ways where need be.

The script goes to all nodes in one fan-out. A login which that has to make tells the way there; where a
connection was warm, the node is logged in to anew meanwhile, in threads. A node whose shell lets no command
through is tried by other ways, also in threads. So each node goes on by itself, and none waits for another.
"""

from __future__ import annotations

import secrets
import threading
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from collections.abc import Set as AbstractSet
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from typing import Any, NamedTuple, Self

from stentor.fanout.events import Event, Finished, LoggedIn, Progress, Started
from stentor.fanout.task import Settings, Task
from stentor.fleet.model import Fleet, Node
from stentor.outcome import NOT_REACHED
from stentor.probe.advice import Advice, advice
from stentor.probe.doctor import Diagnosis, examine, tasks, with_advice, with_entrance, with_way
from stentor.probe.entrance import enter
from stentor.probe.inside import Entrance, hangs
from stentor.probe.outward import Way, agent, login, read
from stentor.sh.quoting import quote
from stentor.ssh.target import destination

LOGINS_AT_ONCE = 16  # a key exchange is work for both sides
SILENT_AT_ONCE = 64  # only waits

FanOut = Callable[[Sequence[Task], Settings], Iterator[Event]]


class Limits(NamedTuple):
    """Seconds."""

    connect: float = 5.0  # until a silent node is given up
    shell: int = 8  # until a shell which does not come up is said to hang


def rounds(
    fleet: Fleet,
    nodes: Sequence[Node],
    fan_out: FanOut,
    *,
    environ: Mapping[str, str],
    local: str | None = None,
    limits: Limits = Limits(),  # noqa: B008 - immutable
    trace: bool = False,
    by_ssh: bool = True,
) -> Iterator[Diagnosis | Progress]:
    """Look at nodes; each one's diagnosis as soon as it is known.

    What ssh_config says of a node's address and does not reach it is among the findings.

    Args:
        local: the node which is this machine.
        trace: follow every shell through its start-up files.
        by_ssh: the nodes are behind ssh, whose logins and other ways in are looked at too.
    """
    told: dict[str, list[Advice]] = {}
    for one in advice(fleet, [node for node in nodes if node.alias != local], environ):
        told.setdefault(one.node, []).append(one)
    far = {node.alias for node in nodes if by_ssh and node.alias != local and not node.expected_down}
    for diagnosis in _rounds(fleet, nodes, fan_out, environ, far, limits, trace=trace):
        if isinstance(diagnosis, Diagnosis) and diagnosis.outcome.node in told:
            yield with_advice(diagnosis, told[diagnosis.outcome.node])
        else:
            yield diagnosis


def _rounds(
    fleet: Fleet,
    nodes: Sequence[Node],
    fan_out: FanOut,
    environ: Mapping[str, str],
    far: AbstractSet[str],
    limits: Limits,
    *,
    trace: bool,
) -> Iterator[Diagnosis | Progress]:
    token = f"stentor-{secrets.token_hex(6)}"
    # The script waits for shells, for traced ones where something is odd, and for one more login.
    settings = Settings(
        connect_timeout=limits.connect,
        timeout=limits.shell * 3.0 + 20.0,
        shell_timeout=limits.shell,
        verbose=True,
    )
    with _Threads(fleet, environ, limits, token) as threads:
        ways = Ways(far, threads.log_in, limits.connect)
        agent_state = agent(environ)
        late: dict[Future[Any], Diagnosis] = {}
        events = fan_out(tasks(nodes, limits.shell, trace=trace, token=token), settings)
        for diagnosis in examine(ways.followed(events), fleet.nodes):
            if isinstance(diagnosis, Progress):
                yield diagnosis
                continue
            way = ways.of(diagnosis.outcome.node)
            if way and diagnosis.outcome.kind == "shell-broken" and diagnosis.seen is None:
                late[threads.enter(diagnosis)] = diagnosis
            elif isinstance(way, Future) and not way.done():  # waiting here would let the others' events wait
                late[way] = diagnosis
            else:
                yield with_way(diagnosis, _there(way), agent_state) if way else diagnosis
        while late:
            done, _ = wait(late, return_when=FIRST_COMPLETED)
            for future in done:
                diagnosis = late.pop(future)
                node = fleet.nodes[diagnosis.outcome.node]
                way = ways.of(node.alias)
                diagnosis = with_way(diagnosis, _there(way), agent_state) if way else diagnosis
                result = future.result()
                if isinstance(result, Entrance):
                    diagnosis = with_entrance(
                        diagnosis, result, node.requires, [quote(word) for word in destination(fleet, node)]
                    )
                yield diagnosis


def _there(way: Way | Future[Way]) -> Way:
    return way.result() if isinstance(way, Future) else way


class Ways:
    """The login of each node: the fan-out's own, where it made one; else one which is made anew meanwhile."""

    def __init__(
        self, far: AbstractSet[str], log_in: Callable[[str, bool], Future[Way]], seconds: float
    ) -> None:
        self._far = far  # the nodes whose logins are wanted
        self._log_in = log_in  # makes one; whether the node has answered is told to it
        self._seconds = seconds  # the connect timeout
        self._found: dict[str, Way | Future[Way]] = {}

    def of(self, alias: str) -> Way | Future[Way] | None:
        """A node's login, as far as it is known; None for those whose logins are not wanted."""
        return self._found.get(alias)

    def followed(self, events: Iterable[Event]) -> Iterator[Event]:
        """Pass events on, and take the logins out of them."""
        for event in events:
            if event.node not in self._far:
                yield event
                continue
            if isinstance(event, LoggedIn):
                self._found[event.node] = read(event.said, alias=event.node, seconds=self._seconds)
                continue
            if event.node not in self._found and isinstance(event, Started):
                self._found[event.node] = self._log_in(event.node, True)
            elif event.node not in self._found and isinstance(event, Finished):
                reached = event.outcome.kind not in NOT_REACHED
                self._found[event.node] = self._log_in(event.node, reached)
            yield event


class _Threads:
    """What is done beside the fan-out, since it drives a program and waits for it."""

    def __init__(self, fleet: Fleet, environ: Mapping[str, str], limits: Limits, token: str) -> None:
        self._fleet = fleet
        self._environ = environ
        self._limits = limits
        self._token = token
        self._working = ThreadPoolExecutor(LOGINS_AT_ONCE)
        self._waiting = ThreadPoolExecutor(SILENT_AT_ONCE)
        self._stopped = threading.Event()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._stopped.set()
        for pool in (self._working, self._waiting):
            pool.shutdown(wait=False, cancel_futures=True)

    def log_in(self, alias: str, reached: bool) -> Future[Way]:
        """Log in anew; a node which does not answer takes no place from those which do."""
        pool = self._working if reached else self._waiting
        node, stopped = self._fleet.nodes[alias], self._stopped.is_set
        return pool.submit(login, self._fleet, node, self._environ, self._limits.connect, stopped)

    def enter(self, diagnosis: Diagnosis) -> Future[Entrance]:
        """Try the other ways into a node whose shell lets no command through."""
        return self._waiting.submit(
            enter,
            self._fleet,
            self._fleet.nodes[diagnosis.outcome.node],
            self._environ,
            hangs=hangs(diagnosis.outcome),
            shell_timeout=self._limits.shell,
            token=self._token,
        )
