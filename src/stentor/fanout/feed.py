"""Standard input of many nodes out of one stream that can be read only once, as it comes.

What has come is kept in memory until every node has taken it; when that is much, the stream waits for the
slowest node. So a stream without end needs no more memory than a short one, and each node gets all of it. One
that closes its input, or ends, is waited for no longer.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable

from stentor.fanout.task import Stream
from stentor.ssh.reactor import WRITE, Reactor

MOST_BYTES = 4 * 1024 * 1024  # that the fastest node may be ahead of the slowest
_CHUNK = 65536


class _Taker:
    """A node's end: a pipe, and how much has been written to it."""

    __slots__ = ("offset", "reads", "watched", "writes")

    def __init__(self) -> None:
        self.reads, self.writes = os.pipe()
        os.set_blocking(self.writes, False)
        self.offset = 0
        self.watched = False


class Feed:
    """Gives one stream to the nodes of a fan-out.

    Args:
        stream: what is given.
        nodes: all that are to get it. The stream waits for those that have not begun.
        stuck: called when nothing goes on until a node begins that has not.
    """

    def __init__(
        self, stream: Stream, reactor: Reactor, nodes: Iterable[str], stuck: Callable[[], None]
    ) -> None:
        self._source = stream.descriptor
        self._reactor = reactor
        self._expected = set(nodes)
        self._stuck = stuck
        self._takers: dict[str, _Taker] = {}
        self._data = bytearray(stream.head)
        self._base = 0  # offset of its first byte
        self._ended = False
        self._reading = False

    def join(self, node: str) -> str:
        """Return the path at which a node's standard input is to be opened; again, after a failed try."""
        self._close(node)
        self._expected.add(node)
        taker = self._takers[node] = _Taker()
        return f"/proc/self/fd/{taker.reads}"

    def begin(self, node: str) -> None:
        """The session is open: write to it."""
        self._expected.discard(node)
        if node in self._takers:
            self._wake(self._takers[node])
        self._read_on()

    def opened(self, node: str) -> None:
        """The node's end is its own now: when it is closed there, that is to be seen here."""
        taker = self._takers.get(node)
        if taker and taker.reads >= 0:
            os.close(taker.reads)
            taker.reads = -1

    def leave(self, node: str) -> None:
        """The node has ended."""
        self._expected.discard(node)
        self._close(node)
        if not self._expected and not self._takers:
            self.close()
        else:
            self._read_on()

    def close(self) -> None:
        """Let go of everything."""
        for node in list(self._takers):
            self._close(node)
        self._pause()

    def _close(self, node: str) -> None:
        taker = self._takers.pop(node, None)
        if taker:
            self._end(taker)
            if taker.reads >= 0:
                os.close(taker.reads)

    def _end(self, taker: _Taker) -> None:
        """Write nothing more to it."""
        if taker.writes < 0:
            return
        self._sleep(taker)
        os.close(taker.writes)
        taker.writes = -1

    def _wake(self, taker: _Taker) -> None:
        if not taker.watched and taker.writes >= 0:
            taker.watched = True
            self._reactor.watch(taker.writes, lambda _: self._write(taker), WRITE)

    def _sleep(self, taker: _Taker) -> None:
        if taker.watched:
            taker.watched = False
            self._reactor.unwatch(taker.writes)

    def _read_on(self) -> None:
        """Read, unless the slowest is too far behind."""
        open_ends = [taker.offset for taker in self._takers.values() if taker.writes >= 0]
        slowest = min([0] * bool(self._expected) + open_ends, default=self._base + len(self._data))
        if slowest > self._base:
            del self._data[: slowest - self._base]
            self._base = slowest
        if self._ended:
            return
        if len(self._data) < MOST_BYTES:
            if not self._reading:
                self._reading = True
                self._reactor.on_behalf(None, self._reactor.watch, self._source, self._read)
            return
        self._pause()
        end = self._base + len(self._data)
        if self._expected and all(offset == end for offset in open_ends):
            self._reactor.soon(self._stuck)

    def _pause(self) -> None:
        if self._reading:
            self._reading = False
            self._reactor.unwatch(self._source)

    def _read(self, _: int) -> None:
        try:
            data = os.read(self._source, _CHUNK)
        except BlockingIOError:  # it was set not to wait, and another program has read what was there
            return
        except OSError:  # the terminal is gone
            data = b""
        self._data += data
        if not data:
            self._ended = True
            self._pause()
        for node, taker in self._takers.items():
            if node not in self._expected:
                self._wake(taker)
        self._read_on()

    def _write(self, taker: _Taker) -> None:
        start = taker.offset - self._base
        rest = bytes(self._data[start : start + _CHUNK])
        if rest:
            try:
                taker.offset += os.write(taker.writes, rest)
            except BlockingIOError:
                return
            except OSError:  # it reads no more
                self._end(taker)
        elif self._ended:
            self._end(taker)
        else:
            self._sleep(taker)
        self._read_on()
