"""How far endpoints can be reached without logging in: many at once.

The reachability levels, lowest first, are called as the outcomes are: ``unresolved`` (no address for
the name), ``unreachable`` (no answer in time), ``refused`` (the host answers, the port is closed),
``no-banner`` (the port is open, nothing says ``SSH-2.0-``), ``up``.

All endpoints are tried together, so those which are down cost one timeout in all. :class:`Reach` works
in a reactor that belongs to somebody else (the engine's); the function :func:`reach` has its own.

An endpoint with several addresses: they are tried in their order, the next one as soon as the one
before has failed or has been silent for ``STAGGER`` seconds, and the first that is up wins (RFC 8305,
section 5, "happy eyeballs"). All at once would win a few milliseconds, but the answer would then change
from one moment to the next between addresses which are both alive; one after the other would let a dead
first address cost the whole timeout.
"""

from __future__ import annotations

import time
from collections import deque
from collections.abc import Callable, Iterable, Iterator

from stentor.ssh.connect import ConnectProbe, SocketPool
from stentor.ssh.endpoint import LEVELS, Endpoint, Level, Reached
from stentor.ssh.limits import raise_descriptor_limit
from stentor.ssh.reactor import Owner, Reactor, Timer
from stentor.typed import TYPE_CHECKING

if TYPE_CHECKING:
    from stentor.ssh.resolver import Resolver

__all__ = ["LEVELS", "PATIENCE_IF_EXPECTED_DOWN", "Endpoint", "Level", "Reach", "Reached", "reach"]

# A node that is expected down is not waited for as long as one whose silence is news.
PATIENCE_IF_EXPECTED_DOWN = 1.0
RESERVE = 100  # descriptors left to the rest of the program
# Endpoints at once as long as answers come. Many addresses are often one machine (containers, a lab, a
# gateway's ports): its sshd forks for each connection, its queue holds 128, and what does not fit
# is dropped and sent again only a second later.
AT_ONCE = 64
# Without any answer for so many seconds it is silence that we wait for, and the next are tried, too:
# a thousand nodes that are down cost less than a second more than one.
QUIET = 0.05

Clock = Callable[[], float]
Done = Callable[[Reached], None]


class Reach:
    """Finds out how far many endpoints can be reached, in a reactor which the caller owns.

    Args:
        timeout: seconds from an endpoint's first attempt until it is given up.
        banner: whether to wait for the server's identification; otherwise an open port is ``up``.
        window: how many sockets at once; by default what the limit of open files allows.
    """

    def __init__(
        self, reactor: Reactor, *, timeout: float, banner: bool = True, window: int | None = None
    ) -> None:
        self.timeout = timeout
        self._reactor = reactor
        self._banner = banner
        self._pool = SocketPool(max(1, window or raise_descriptor_limit() - RESERVE))
        self._waiting: deque[tuple[Endpoint, Done, Owner | None]] = deque()
        self._probes: dict[ConnectProbe, tuple[Done, Owner | None]] = {}
        self._free = AT_ONCE
        self._answered = reactor.now()
        self._quiet: Timer | None = None
        self._filling = False
        self._resolver: Resolver | None = None  # made with the first name

    @property
    def busy(self) -> bool:
        """Whether any answer is still to come."""
        return bool(self._waiting or self._probes)

    def add(self, endpoint: Endpoint, done: Done) -> None:
        """Connect to an endpoint as soon as there is a slot; ``done`` is told how far it was reached."""
        self._waiting.append((endpoint, done, self._reactor.owner))
        self._fill()

    def close(self) -> None:
        """Give up all that is under way; nobody is told, and nothing stays in the reactor."""
        self._waiting.clear()
        for probe in self._probes:
            probe.end()
        self._probes.clear()
        if self._quiet:
            self._quiet.cancel()
        if self._resolver is not None:
            self._resolver.close()
            self._resolver = None

    def _fill(self) -> None:
        if self._filling:
            return  # a probe that ended at once: the loop below goes on
        self._filling = True
        while self._waiting and self._free > 0 and max(self._pool.open, len(self._probes)) < self._pool.most:
            self._free -= 1
            self._begin(*self._waiting.popleft())
        self._filling = False
        if self._waiting and not self._quiet:
            self._quiet = self._reactor.after(QUIET, self._look_for_quiet)

    def _begin(self, endpoint: Endpoint, done: Done, owner: Owner | None) -> None:
        probe = ConnectProbe(
            self._reactor,
            endpoint,
            self._finished,
            limit=self.timeout if endpoint.patience is None else endpoint.patience,
            banner=self._banner,
            pool=self._pool,
            look_up=self._look_up,
        )
        self._probes[probe] = done, owner
        self._reactor.on_behalf(owner, probe.begin)

    def _finished(self, probe: ConnectProbe, reached: Reached) -> None:
        done, owner = self._probes.pop(probe)
        self._free = min(AT_ONCE, self._free + 1)
        self._answered = self._reactor.now()
        self._reactor.on_behalf(owner, done, reached)
        self._fill()

    def _look_for_quiet(self) -> None:
        self._quiet = None
        now = self._reactor.now()
        if now - self._answered >= QUIET:
            self._answered = now
            self._free = AT_ONCE
        self._fill()

    def _look_up(self, name: str, answer: Callable[[list[str], str], None]) -> None:
        if self._resolver is None:
            from stentor.ssh.resolver import Resolver

            self._resolver = Resolver(self._reactor)
        self._resolver.look_up(name, answer)


def reach(
    endpoints: Iterable[Endpoint],
    *,
    timeout: float,
    banner: bool = True,
    window: int | None = None,
    clock: Clock = time.monotonic,
) -> Iterator[Reached]:
    """Connect to all endpoints at once and yield each as soon as it is known how far it was reached.

    Closing the iterator closes all sockets.

    Args:
        timeout: as of :class:`Reach`, and so are ``banner`` and ``window``.
        clock: seconds that only go forward.
    """
    reactor = Reactor(clock)
    found: deque[Reached] = deque()
    machine = Reach(reactor, timeout=timeout, banner=banner, window=window)
    try:
        for endpoint in endpoints:
            machine.add(endpoint, found.append)
        while found or machine.busy:
            while found:
                yield found.popleft()
            if machine.busy:
                for _ in reactor.turn():
                    pass
    finally:
        machine.close()
        reactor.close()
