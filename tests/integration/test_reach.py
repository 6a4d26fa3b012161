"""Reachability levels without a login, against real sockets on loopback."""

from __future__ import annotations

import contextlib
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Iterator

import pytest

from stentor.ssh import connect, reach, resolver
from stentor.ssh.reach import Endpoint, Reach, Reached
from stentor.ssh.reactor import Reactor
from tests.support import free_port

pytestmark = pytest.mark.integration


@contextlib.contextmanager
def server(says: bytes | None, address: str = "127.0.0.1") -> Iterator[int]:
    """A server that says this and closes; None for one which never says anything."""
    family = socket.AF_INET6 if ":" in address else socket.AF_INET
    listener = socket.create_server((address, 0), family=family, backlog=2000)
    kept: list[socket.socket] = []

    def serve() -> None:
        while True:
            try:
                connection, _ = listener.accept()
            except OSError:
                return
            if says is None:
                kept.append(connection)
                continue
            with connection, contextlib.suppress(OSError):
                connection.sendall(says)

    thread = threading.Thread(target=serve)
    thread.start()
    try:
        yield listener.getsockname()[1]
    finally:
        listener.shutdown(socket.SHUT_RDWR)
        listener.close()
        thread.join()
        for connection in kept:
            connection.close()


@pytest.fixture
def silent_port() -> Iterator[int]:
    """A port whose queue is full: a connect to it gets no answer at all, as from a dead host."""
    with contextlib.ExitStack() as stack:
        listener = stack.enter_context(socket.socket())
        listener.bind(("127.0.0.1", 0))
        listener.listen(0)
        for _ in range(3):
            filler = stack.enter_context(socket.socket())
            filler.setblocking(False)
            filler.connect_ex(listener.getsockname())
        time.sleep(0.05)
        yield listener.getsockname()[1]


NEVER = 3600.0  # seconds: who waits for this timeout is ended by the test's own limit


def one(endpoint: Endpoint, timeout: float = 30, banner: bool = True) -> Reached:
    [reached] = reach.reach([endpoint], timeout=timeout, banner=banner)
    return reached


def test_up() -> None:
    with server(b"hello\r\nSSH-2.0-test\r\n") as port:
        reached = one(Endpoint("n", ("127.0.0.1",), port), timeout=NEVER)
    assert reached[:3] == ("n", "up", "127.0.0.1")
    assert reached.banner == "SSH-2.0-test"


def test_up_by_name_and_by_ipv6() -> None:
    with server(b"SSH-2.0-test\r\n") as port:
        assert one(Endpoint("n", ("localhost",), port)).address == "127.0.0.1"
    with server(b"SSH-2.0-test\r\n", "::1") as port:
        assert one(Endpoint("n", ("::1",), port)).level == "up"


def test_an_open_port_is_enough_when_no_banner_is_asked_for() -> None:
    with server(None) as port:
        assert one(Endpoint("n", ("127.0.0.1",), port), banner=False).level == "up"


def test_no_banner() -> None:
    with server(None) as port:
        silent = one(Endpoint("n", ("127.0.0.1",), port), timeout=0.5)
    with server(b"HTTP/1.0 400 Bad Request\r\n") as port:
        other = one(Endpoint("n", ("127.0.0.1",), port))
    assert (silent.level, silent.reason) == ("no-banner", "no SSH banner in 0.5 s")
    assert (other.level, other.reason) == (
        "no-banner",
        'no SSH there: it said "HTTP/1.0 400 Bad Request"',
    )


def test_refused() -> None:
    reached = one(Endpoint("n", ("127.0.0.1",), free_port()), timeout=NEVER)
    assert (reached.level, reached.reason) == ("refused", "connection refused")


def test_unreachable(silent_port: int) -> None:
    reached = one(Endpoint("n", ("127.0.0.1",), silent_port), timeout=0.5)
    assert (reached.level, reached.reason) == ("unreachable", "no answer in 0.5 s")


@pytest.mark.parametrize("name", ["no-such-host.invalid", "10.0.0.999", "a" * 70 + ".x", "", "bü..x", "a b"])
def test_unresolved(name: str) -> None:
    reached = one(Endpoint("n", (name,)), timeout=5)
    assert reached.level == "unresolved"
    assert reached.reason


def test_no_address_at_all() -> None:
    assert one(Endpoint("n", ())).level == "unresolved"


def test_a_resolver_that_hangs_costs_one_timeout(monkeypatch: pytest.MonkeyPatch) -> None:
    free = threading.Event()

    def hang(name: str) -> tuple[list[str], str]:
        free.wait()
        return [], ""

    monkeypatch.setattr(resolver, "addresses_of", hang)
    # A timeout for each would take longer than a test may, and the name server never answers.
    found = list(reach.reach([Endpoint(str(i), (f"host{i}.invalid",)) for i in range(1000)], timeout=0.3))
    free.set()
    assert {r.level for r in found} == {"unresolved"}
    assert len(found) == 1000
    for thread in threading.enumerate():
        if thread.name == "resolver":
            thread.join(2)


def test_a_dead_first_address_does_not_hold_up_the_second() -> None:
    with server(b"SSH-2.0-test\r\n", "127.0.0.2") as port, socket.socket() as listener:
        listener.bind(("127.0.0.3", port))
        listener.listen(0)
        fillers = [socket.socket() for _ in range(3)]
        for filler in fillers:
            filler.setblocking(False)
            filler.connect_ex(("127.0.0.3", port))
        reached = one(Endpoint("n", ("127.0.0.3", "127.0.0.2"), port), timeout=NEVER)
        for filler in fillers:
            filler.close()
    assert (reached.level, reached.address) == ("up", "127.0.0.2")


def test_a_refused_first_address_costs_nothing_and_the_order_is_kept(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(connect, "STAGGER", 60)  # who waited for it would see the timeout first
    with server(b"SSH-2.0-test\r\n", "127.0.0.2") as port:
        second = one(Endpoint("n", ("127.0.0.3", "127.0.0.2"), port))
        first = one(Endpoint("n", ("127.0.0.2", "127.0.0.3"), port))
    assert (second.level, second.address) == ("up", "127.0.0.2")
    assert first.address == "127.0.0.2"


def test_the_highest_level_of_several_addresses_is_told(silent_port: int) -> None:
    reached = one(Endpoint("n", ("no-such-host.invalid", "127.0.0.1", "127.0.0.9"), silent_port), timeout=0.5)
    assert (reached.level, reached.address) == ("refused", "127.0.0.9")


def test_all_that_are_down_cost_one_timeout_in_all(silent_port: int) -> None:
    with server(b"SSH-2.0-test\r\n") as port:
        endpoints = [Endpoint(f"down{i}", ("127.0.0.1",), silent_port) for i in range(300)]
        endpoints += [Endpoint(f"up{i}", ("127.0.0.1",), port) for i in range(300)]
        found = list(reach.reach(endpoints, timeout=5))
    assert {r.key: r.level for r in found} == {
        e.key: ("up" if e.key.startswith("up") else "unreachable") for e in endpoints
    }
    assert found[0].key.startswith("up")


FEW_DESCRIPTORS = """
import resource, socket, sys
from stentor.ssh import reach

endpoints = [reach.Endpoint(str(i), ("127.0.0.1",), int(sys.argv[1])) for i in range(200)]
assert {r.level for r in reach.reach(endpoints, timeout=30, window=3)} == {"up"}
used = socket.socket()
low = used.fileno() + 8
used.close()
resource.setrlimit(resource.RLIMIT_NOFILE, (low, low))
found = list(reach.reach(endpoints, timeout=30, window=1000))
assert len(found) == 200
assert {r.level for r in found} == {"up"}, found
"""


def test_few_descriptors_are_enough() -> None:
    # In a process of its own: the server of this test must not run out of them too.
    with server(b"SSH-2.0-test\r\n") as port:
        subprocess.run([sys.executable, "-c", FEW_DESCRIPTORS, str(port)], check=True, timeout=60)


def test_closing_leaves_nothing_in_the_callers_reactor() -> None:
    reactor = Reactor()
    found: list[Reached] = []
    with server(None) as port:
        machine = Reach(reactor, timeout=5)
        machine.add(Endpoint("a", ("127.0.0.1",), port), found.append)
        machine.add(Endpoint("b", ("localhost",), port), found.append)
        for _ in reactor.turn(0.2):
            pass
        busy = machine.busy
        machine.close()
        assert not reactor.selector.get_map()
        assert (busy, machine.busy) == (True, False)
    reactor.close()
    assert found == []


def test_a_server_with_a_short_queue_is_not_flooded() -> None:
    """What does not fit into its queue would be sent again after a second only."""
    listener = socket.create_server(("127.0.0.1", 0), backlog=70)

    def serve() -> None:
        for _ in range(400):
            connection, _ = listener.accept()
            with connection:
                time.sleep(0.001)
                connection.sendall(b"SSH-2.0-slow\r\n")

    thread = threading.Thread(target=serve)
    thread.start()
    reactor = Reactor(lambda: 0.0)  # it is never quiet
    found: list[Reached] = []
    machine, most = Reach(reactor, timeout=NEVER), 0
    for number in range(400):
        machine.add(Endpoint(str(number), ("127.0.0.1",), listener.getsockname()[1]), found.append)
    while machine.busy:
        most = max(most, len(reactor.selector.get_map()))
        for _ in reactor.turn():
            pass
    thread.join()
    listener.close()
    machine.close()
    reactor.close()
    assert [r.level for r in found] == ["up"] * 400
    assert most <= 70


def test_many_that_are_silent_are_waited_for_together(silent_port: int) -> None:
    reactor = Reactor()
    found: list[Reached] = []
    machine = Reach(reactor, timeout=NEVER)
    for number in range(640):
        machine.add(Endpoint(str(number), ("127.0.0.1",), silent_port), found.append)
    while len(reactor.selector.get_map()) < 640:
        for _ in reactor.turn():
            pass
    machine.close()
    reactor.close()
    assert found == []
