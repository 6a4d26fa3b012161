"""One stream that can be read once, for many nodes."""

from __future__ import annotations

import os

from stentor.fanout.feed import Feed
from stentor.fanout.task import Stream
from stentor.ssh.reactor import Reactor


def test_a_stream_that_was_set_not_to_wait_has_not_ended_where_another_program_took_what_was_there() -> None:
    reads, writes = os.pipe()
    os.set_blocking(reads, False)
    reactor = Reactor()
    feed = Feed(Stream(reads, str), reactor, ["a"], lambda: None)
    end = os.open(feed.join("a"), os.O_RDONLY | os.O_NONBLOCK)
    feed.begin("a")
    feed.opened("a")
    feed._read(reads)  # told that there is something, and there is nothing
    os.write(writes, b"all of it")
    got = b""
    for _ in range(20):
        for _ in reactor.turn(0.1):
            pass
        try:
            got += os.read(end, 100)
        except BlockingIOError:
            continue
        if got:
            break
    assert got == b"all of it"
    feed.close()
    reactor.close()
    for descriptor in (end, reads, writes):
        os.close(descriptor)
