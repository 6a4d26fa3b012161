"""``stentor serve``: a page of two hundred nodes, fifty open pages, an idle server, deliveries.

A page is asked for as a browser does, over one connection, with compression. What the server itself spends is
its processor time; wall time has the load of the machine in it, so the time of ``/healthz`` stands beside it.
"""

from __future__ import annotations

import hashlib
import hmac
import http.client
import json
import os
import re
import statistics
import subprocess
import threading
import time
from collections.abc import Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, contextmanager, suppress
from pathlib import Path
from typing import NamedTuple

from bench import dotfiles
from bench.measure import once, say
from bench.sections import BIN, World, ratio
from bench.table import Row

TOKEN = hashlib.sha256(b"a token for the bench").hexdigest()
SECRET = "a secret for the bench, long enough"
PAGE_AIM, BYTES_AIM = 150, 60  # ms, KB
UPDATE_AIM = 1000  # ms
PAGES, PAGES_AIM = 50, 20  # percent of a core
IDLE_MEMORY_AIM, IDLE_AIM = 45, 1  # MB, percent of a core
MINUTE = 65.0  # seconds in which all nodes are pinged once
SECONDS, DELIVERIES = 10, 1000
DELIVERY_AIM = 1.2


class Server(NamedTuple):
    """A ``stentor serve``: its process, its port."""

    process: subprocess.Popen[bytes]
    port: int

    def ask(self, path: str, **headers: str) -> tuple[int, bytes]:
        """Ask on a connection of its own."""
        return get(self.connection(), path, **headers)

    def connection(self) -> http.client.HTTPConnection:
        """Return a connection."""
        return http.client.HTTPConnection("127.0.0.1", self.port, timeout=60)

    def cpu(self) -> float:
        """Seconds of processor that it has had, without the programs that it began."""
        with open(f"/proc/{self.process.pid}/stat", "rb") as file:
            words = file.read().rpartition(b")")[2].split()
        return sum(map(int, words[11:13])) / os.sysconf("SC_CLK_TCK")

    def memory(self) -> float:
        """What it holds by itself, in MB (10^6 bytes): resident pages."""
        with open(f"/proc/{self.process.pid}/status") as file:
            found = re.search(r"VmRSS:\s+(\d+) kB", file.read())
        return int(found[1]) * 1024 / 1e6 if found else 0.0


@contextmanager
def serving(world: World, fleet: str, apart: str = "") -> Iterator[Server]:
    """Serve a fleet on a port of its own; ``apart`` names a state for it: each has one server."""
    tokens, log = Path(world.folder, "tokens"), Path(world.folder, f"serve{apart}.log")
    tokens.write_text(f"bench operator {TOKEN}\n")
    tokens.chmod(0o600)
    words = [f"{BIN}/stentor", "--fleet", fleet, "serve", "--listen", "127.0.0.1:0", "--tokens", str(tokens)]
    with log.open("wb") as file:
        state = {"XDG_STATE_HOME": f"{world.folder}/{apart}"} if apart else {}
        process = subprocess.Popen(words, env={**os.environ, **state}, stderr=file)
    try:
        end = time.monotonic() + 60
        while not (found := re.search(r" on http://127\.0\.0\.1:(\d+);", log.read_text())):
            if process.poll() is not None or time.monotonic() > end:
                raise RuntimeError(f"serve does not begin: {log.read_text()}")
            time.sleep(0.05)
        yield Server(process, int(found[1]))
    finally:
        process.terminate()
        process.wait(60)
        if "Traceback" in log.read_text():
            raise RuntimeError(log.read_text())


def get(connection: http.client.HTTPConnection, path: str, **headers: str) -> tuple[int, bytes]:
    """Ask for a page; return the status and the body as it was sent."""
    connection.request("GET", path, headers={"Authorization": f"Bearer {TOKEN}", **headers})
    answer = connection.getresponse()
    return answer.status, answer.read()


def pages(world: World, count: int, seconds: float, *, idle: int) -> Iterator[Row]:
    """Pages of one server, and what another does meanwhile at which nobody looks.

    Args:
        count: nodes on the page.
        seconds: for how long open pages are counted.
        idle: nodes of the other server, which are pinged every minute.
    """
    world.log_in(count)
    with ExitStack() as stack:
        alone = stack.enter_context(serving(world, world.hosts.fleet(idle), apart="idle"))
        time.sleep(5)
        began, before = time.monotonic(), alone.cpu()
        with serving(world, world.hosts.fleet(count)) as server:
            _all_seen(server, count)
            yield from _page(world, server, count)
            yield _open_pages(server, count, seconds)
        time.sleep(max(0.0, MINUTE - (time.monotonic() - began)))
        took = time.monotonic() - began
        share = 100 * (alone.cpu() - before) / took
        yield Row(f"serve: idle, {idle} nodes, of a core", share, IDLE_AIM, "%", f"in {took:.0f} s")
        yield Row(f"serve: idle, {idle} nodes", alone.memory(), IDLE_MEMORY_AIM, "MB")


def _page(world: World, server: Server, count: int) -> Iterator[Row]:
    """The first page: how large, how long; and how soon an open one has what was done at a terminal."""
    connection = server.connection()
    took: list[float] = []
    empty: list[float] = []
    compressed = {"Accept-Encoding": "gzip"}
    size = len(get(connection, "/", **compressed)[1])
    before = server.cpu()
    for _ in range(world.rounds * 4):
        for path, times in (("/", took), ("/healthz", empty)):
            began = time.perf_counter()
            code, _ = get(connection, path, **compressed)
            times.append(time.perf_counter() - began)
            if code != 200:
                raise RuntimeError(f"{path}: {code}")
    work = (server.cpu() - before) / len(took)
    name = f"serve: the page of {count} nodes"
    numbers = f"{1000 * work:.0f} ms of work; an empty answer {1000 * statistics.median(empty):.1f} ms"
    yield Row(f"{name}, compressed", size / 1000, BYTES_AIM, "KB")
    yield Row(name, 1000 * statistics.median(took), PAGE_AIM, "ms", numbers)
    late = [_update(world, server, count) for _ in range(world.rounds)]
    numbers = f"at most {1000 * max(late):.0f} ms"
    what = "serve: from an operation's end to the open page"
    yield Row(what, 1000 * statistics.median(late), UPDATE_AIM, "ms", numbers)


def _all_seen(server: Server, count: int) -> None:
    """Wait until all nodes have told their status."""
    end = time.monotonic() + 120
    while time.monotonic() < end:
        if len(json.loads(server.ask("/api/status")[1])) > count:
            return
        time.sleep(0.5)
    raise RuntimeError("not all nodes were asked")


def _update(world: World, server: Server, count: int) -> float:
    """Seconds from the end of an operation, by its own word, until an open page has it."""
    came: list[tuple[float, bytes]] = []
    connection = server.connection()
    connection.request("GET", "/events?topic=operations", headers={"Authorization": f"Bearer {TOKEN}"})
    stream = connection.getresponse()

    def read() -> None:
        with suppress(OSError, ValueError, AttributeError):  # it was closed
            while line := stream.readline():
                came.append((time.time(), line))

    reader = threading.Thread(target=read, daemon=True)
    reader.start()
    time.sleep(1.0)
    once(
        world.run(1)._replace(
            argv=[f"{BIN}/stentor", "--fleet", world.hosts.fleet(count), "run", "h0001", "echo hi"]
        ),
        world.folder,
    )
    done = json.loads(server.ask("/api/operations?limit=1")[1])[1]
    end = time.monotonic() + 10
    while time.monotonic() < end:
        for at, line in tuple(came):
            if f"/operations/{done['id']}".encode() in line and b"1 ok" in line:
                connection.close()
                return float(max(0.0, at - done["ended_at"]))
        time.sleep(0.01)
    raise RuntimeError(f"operation {done['id']} did not reach the page")


def _open_pages(server: Server, count: int, seconds: float) -> Row:
    """Fifty open pages, whose nodes are asked for their status meanwhile."""
    with ExitStack() as stack:
        got = [0] * PAGES
        with ThreadPoolExecutor(PAGES) as pool:  # an answer begins with the first change, in seconds
            streams = list(pool.map(_opened, [server] * PAGES))
        for number, (connection, stream) in enumerate(streams):
            stack.callback(connection.close)
            threading.Thread(target=_drain, args=(stream, got, number), daemon=True).start()
        time.sleep(5)
        first, before = sum(got), server.cpu()
        time.sleep(seconds)
        share = 100 * (server.cpu() - before) / seconds
        numbers = f"{(sum(got) - first) / PAGES / 1000:.0f} KB to each page in {seconds:g} s"
        return Row(f"serve: {PAGES} open pages of {count} nodes, of a core", share, PAGES_AIM, "%", numbers)


def _opened(server: Server) -> tuple[http.client.HTTPConnection, http.client.HTTPResponse]:
    connection = server.connection()
    connection.request("GET", "/events?topic=nodes", headers={"Authorization": f"Bearer {TOKEN}"})
    return connection, connection.getresponse()


def _drain(stream: http.client.HTTPResponse, got: list[int], number: int) -> None:
    with suppress(OSError, ValueError, AttributeError):  # it was closed
        while found := stream.read1(65536):
            got[number] += len(found)


def deliveries(world: World, count: int) -> Iterator[Row]:
    """One push against ``dotfiles apply`` by hand, in turns; then a thousand deliveries in ten seconds."""
    with dotfiles.practice(world, count) as (lab, clone, stentor):
        fleet = str(lab.fleet_dir)
        _hook(fleet)
        _ours(stentor, clone, "first", clone.first)
        with serving(world, fleet) as server:
            by_hand, pushed = [], []
            last = clone.first
            for turn in range(world.rounds + 1):  # the first is not counted
                rev = dotfiles.pushed(clone, turn * 2)
                began = time.perf_counter()
                _ours(stentor, clone, "by hand", rev)
                by_hand.append(time.perf_counter() - began)
                last, rev = rev, dotfiles.pushed(clone, turn * 2 + 1)
                pushed.append(_delivered(server, fleet, last, rev))
                last = rev
            what = f"serve: a delivery until {count} nodes are confirmed / dotfiles apply by hand"
            yield ratio(
                what, statistics.median(pushed[1:]), statistics.median(by_hand[1:]), DELIVERY_AIM, False
            )
            yield from _many(server, fleet, last)


def _hook(fleet: str) -> None:
    """Add a webhook for all nodes to the policy."""
    secret = Path(fleet, "hook-secret")
    secret.write_text(SECRET)
    secret.chmod(0o600)
    with open(f"{fleet}/policy.yaml", "a") as file:
        file.write(
            "hooks:\n  push: {forge: plain, repository: you/dotfiles, branch: main, secret: hook-secret,"
            " selector: '@all'}\n"
        )


def _ours(stentor: list[str], clone: dotfiles.Clone, name: str, rev: str) -> None:
    # As the policy has it, which the webhook goes by, too: nodes fetch the commit themselves.
    argv = [*stentor, "apply", "@all", "--source", clone.path, "--yes", "--rev", rev]
    done = subprocess.run(argv, capture_output=True, text=True)
    if done.returncode:
        raise RuntimeError(f"{name}: {done.stdout}{done.stderr}")


def _sent(connection: http.client.HTTPConnection, name: str, before: str, after: str) -> int:
    """Deliver a push; return the status of the answer."""
    push = {
        "repository": "you/dotfiles",
        "ref": "refs/heads/main",
        "before": before,
        "after": after,
        "n": name,
    }
    body = json.dumps(push).encode()
    proof = hmac.new(SECRET.encode(), body, "sha256").hexdigest()
    headers = {
        "X-Hub-Signature-256": f"sha256={proof}",
        "X-Delivery": name,
        "Content-Type": "application/json",
    }
    connection.request("POST", "/hook/push", body, headers)
    answer = connection.getresponse()
    answer.read()
    return answer.status


def _delivered(server: Server, fleet: str, before: str, after: str) -> float:
    """Deliver a push; return the seconds until all nodes are confirmed."""
    began = time.perf_counter()
    if _sent(server.connection(), after[:12], before, after) != 202:
        raise RuntimeError("the delivery was not accepted")
    while time.perf_counter() < began + 120:
        newest = _listed(fleet)[0]
        if newest["state"] == "done":
            return time.perf_counter() - began
        if newest["state"] not in ("queued", "running"):
            raise RuntimeError(f"{newest}")
        time.sleep(0.01)
    raise RuntimeError("not confirmed in 120 s")


def _listed(fleet: str) -> list[Mapping[str, str]]:
    from stentor.hooks.database import Database
    from stentor.hooks.queue import Queue

    database = Database(os.environ, fleet, time.time)
    try:
        return [one._asdict() for one in Queue(database).deliveries(10_000)]
    finally:
        database.close()


def _many(server: Server, fleet: str, after: str) -> Iterator[Row]:
    """A thousand deliveries, and all of them again: every one is taken once, and nothing is done twice."""
    before, work = _operations(server), server.cpu()
    say(f"{DELIVERIES} deliveries")
    began = time.perf_counter()
    _expect(_deliver_all(server, after), 202)
    took, work = time.perf_counter() - began, server.cpu() - work
    say(f"{DELIVERIES} deliveries again")
    _expect(_deliver_all(server, after), 200)  # received before
    end = time.monotonic() + 60
    while waiting := [one for one in _listed(fleet) if one["state"] in ("queued", "running")]:
        if time.monotonic() > end:
            raise RuntimeError(f"{len(waiting)} deliveries wait")
        time.sleep(0.2)
    if _operations(server) != before:
        raise RuntimeError("a commit that every node has was rolled out again")
    numbers = f"{work:.1f} s of work; none lost, none acted on twice"
    yield Row(f"serve: {DELIVERIES} deliveries", 1000 * took, 1000 * SECONDS, "ms", numbers)


def _deliver_all(server: Server, after: str) -> list[int]:
    """Deliver a thousand pushes over twenty connections; return the status of each answer."""

    def some(part: int) -> list[int]:
        connection = server.connection()
        return [_sent(connection, f"many-{number}", "", after) for number in range(part, DELIVERIES, 20)]

    with ThreadPoolExecutor(20) as pool:
        return [code for found in pool.map(some, range(20)) for code in found]


def _expect(codes: list[int], code: int) -> None:
    if codes != [code] * DELIVERIES:
        raise RuntimeError(f"not all were answered by {code}: {sorted({*codes})}")


def _operations(server: Server) -> int:
    found = json.loads(server.ask("/api/operations?limit=1")[1])
    return int(found[1]["id"]) if len(found) > 1 else 0
