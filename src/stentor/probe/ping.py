"""`stentor ping`: the reachability level of each node, with its time, and what changed since before."""

from __future__ import annotations

import time
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping

from stentor.fleet.model import Node
from stentor.outcome import Kind, Outcome
from stentor.probe.places import PROXY, Place
from stentor.ssh.reach import PATIENCE_IF_EXPECTED_DOWN, Endpoint, Reached, reach
from stentor.typed import Literal, NamedTuple


class Ping(NamedTuple):
    """How far one node was reached."""

    # ``ok`` if it is up; ``skipped`` if it is not and was not expected to be; else the level.
    outcome: Outcome
    # Of ``ssh.endpoint.LEVELS``, or how far a login got; ``up`` at the top. For a node behind a jump host the
    # level of that.
    level: Kind | Literal["up", "behind"]
    address: str = ""  # the IP address which got there
    port: int = 0  # TCP port
    banner: str = ""  # what the server calls itself
    behind: str = ""  # the jump host that was tried in the node's place; else empty
    expected_down: bool = False  # whether the fleet says that it is down

    @property
    def state(self) -> str:
        """In few words: ``up``, ``refused``, ``behind crtr: up``."""
        return f"behind {self.behind}: {self.level}" if self.behind else self.level

    @property
    def detail(self) -> str:
        """The banner, or the reason why it is not up."""
        if self.outcome.kind == "ok":
            said = self.banner.removeprefix("SSH-2.0-") or self.outcome.reason
            return f"expected down; {said}".removesuffix("; ") if self.expected_down else said
        return self.outcome.reason


def judge(node: Node, place: Place, reached: Reached) -> Ping:
    """Turn how far an endpoint was reached into what it means for the node behind it."""
    kind: Kind = "ok" if reached.level == "up" else reached.level
    reason = reached.reason
    if kind != "ok" and node.expected_down:
        kind, reason = "skipped", f"expected {node.state}: {reason}"
    return Ping(
        Outcome(node.alias, kind, reason=reason, seconds=reached.seconds),
        reached.level,
        reached.address,
        place.port,
        reached.banner,
        place.behind,
        node.expected_down,
    )


def ping(
    nodes: Iterable[Node],
    places: Mapping[str, Place],
    *,
    connect_timeout: float,
    local: str | None = None,
    silent: Collection[str] = (),
    clock: Callable[[], float] = time.monotonic,
) -> Iterator[Ping]:
    """Connect to all nodes at once and yield each as soon as it is known how far it was reached.

    Args:
        places: the endpoint of each, by alias.
        connect_timeout: seconds for each endpoint.
        local: the alias of the node which is this machine; it is not connected to.
        silent: aliases of nodes which gave no answer a moment ago. Like those that are expected
            down they are not waited for so long, or nobody would see the others change meanwhile.
        clock: seconds that only go forward.
    """
    behind: dict[tuple[tuple[str, ...], int], list[Node]] = {}
    for node in nodes:
        place = places[node.alias]
        if node.alias == local:
            yield Ping(Outcome(node.alias, "ok", reason="this machine"), "up")
        elif not place.addresses and place.behind:
            yield _cannot_be_seen(node, place)
        else:
            behind.setdefault((place.addresses, place.port), []).append(node)

    def unlikely(node: Node) -> bool:
        return node.expected_down or node.alias in silent

    patience = min(connect_timeout, PATIENCE_IF_EXPECTED_DOWN)
    endpoints = (
        Endpoint(str(number), *where, patience if all(map(unlikely, waiting)) else None)
        for number, (where, waiting) in enumerate(behind.items())
    )
    waiting = list(behind.values())
    for reached in reach(endpoints, timeout=connect_timeout, clock=clock):
        for node in waiting[int(reached.key)]:
            yield judge(node, places[node.alias], reached)


def _cannot_be_seen(node: Node, place: Place) -> Ping:
    what = place.behind if PROXY in place.behind else f"the jump host {place.behind}"
    reason = f"behind {what}: only a login can tell"
    outcome = Outcome(node.alias, "skipped", reason=reason, hint="see how far a login gets with --login")
    return Ping(outcome, "behind", expected_down=node.expected_down)


def of_login(node: Node, outcome: Outcome) -> Ping:
    """How far a login got, where the command was ``true``."""
    level: Kind | Literal["up"] = "up" if outcome.ok else outcome.kind
    reason = "a shell answered" if outcome.ok else outcome.reason
    return Ping(outcome._replace(reason=reason), level, expected_down=node.expected_down)


def changes(before: Mapping[str, Ping], now: Iterable[Ping]) -> list[str]:
    """Say in a line each what differs from before; every node that was not there before is news."""
    lines = []
    for seen in now:
        alias = seen.outcome.node
        earlier = before.get(alias)
        if earlier is not None and (earlier.state, earlier.outcome.kind) == (seen.state, seen.outcome.kind):
            continue
        arrow = f"{earlier.state} -> {seen.state}" if earlier else seen.state
        lines.append(f"{alias}: {arrow}" + (f" ({seen.detail})" if seen.detail else ""))
    return lines
