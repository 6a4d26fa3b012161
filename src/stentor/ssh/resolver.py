"""Addresses of names, without blocking the reactor.

The C library's resolver (``/etc/hosts``, DNS, mDNS, as ``nsswitch.conf`` says) blocks its caller, so it
is called in threads. This module is imported with the first name; a fleet of IP addresses starts no
thread.
"""

from __future__ import annotations

import os
import queue
import socket
import threading
from collections.abc import Callable

from stentor.ssh.reactor import Reactor

THREADS = 32  # at most; each one waits for a name server nearly all of its time

Answer = Callable[[list[str], str], None]


class Resolver:
    """Looks up names in threads, and gives each answer in the reactor."""

    def __init__(self, reactor: Reactor) -> None:
        self._reactor = reactor
        self._questions: queue.SimpleQueue[str | None] = queue.SimpleQueue()
        self._answers: queue.SimpleQueue[tuple[str, list[str], str]] = queue.SimpleQueue()
        self._asking: dict[str, list[Answer]] = {}
        self._threads = 0
        self._wake_read, self._wake_write = socket.socketpair()
        self._wake_read.setblocking(False)
        self._wake_write.setblocking(False)
        reactor.watch(self._wake_read.fileno(), self._woken)

    def look_up(self, name: str, answer: Answer) -> None:
        """Call ``answer(addresses, reason)`` later; the reason says why there are none."""
        if name in self._asking:
            self._asking[name].append(answer)
            return
        self._asking[name] = [answer]
        self._questions.put(name)
        if self._threads < min(THREADS, len(self._asking)):
            self._threads += 1
            # A resolver that hangs for a minute must not keep the program from ending: daemon.
            threading.Thread(target=self._work, name="resolver", daemon=True).start()

    def close(self) -> None:
        """Ask nothing more. A thread that is still waiting for its answer ends after it."""
        for _ in range(self._threads):
            self._questions.put(None)
        self._reactor.unwatch(self._wake_read.fileno())
        self._wake_read.close()
        self._wake_write.close()

    def _work(self) -> None:
        while (name := self._questions.get()) is not None:
            self._answers.put((name, *addresses_of(name)))
            try:
                self._wake_write.send(b"!")
            except BlockingIOError:
                pass  # it was woken already
            except OSError:
                return  # closed in the meantime

    def _woken(self, _: int) -> None:
        try:
            self._wake_read.recv(4096)
        except BlockingIOError:
            return
        while not self._answers.empty():
            name, found, reason = self._answers.get()
            for answer in self._asking.pop(name, []):
                answer(found, reason)


def addresses_of(name: str) -> tuple[list[str], str]:
    """Ask the system's resolver, which may take long.

    Returns:
        The addresses in the order in which they should be tried, and why there are none.
    """
    try:
        # Bytes, since for a str Python loads its IDNA tables first, even if it is ASCII.
        host = name.encode("ascii") if name.isascii() else name.encode("idna")
        rows = socket.getaddrinfo(host, None, type=socket.SOCK_STREAM)
    except socket.gaierror as error:
        if error.errno == socket.EAI_AGAIN:
            return [], f"no name server answered about '{name}'"
        return [], f"no address for the name '{name}'"
    except (OSError, UnicodeError, ValueError) as error:
        why = os.strerror(error.errno) if isinstance(error, OSError) and error.errno else "not a valid name"
        return [], f"'{name}': {why.lower()}"
    found: list[str] = []
    for _family, _type, _protocol, _canonical, where in rows:
        address = str(where[0])
        if len(where) == 4 and where[3] and "%" not in address:
            address = f"{address}%{where[3]}"
        if address not in found:
            found.append(address)
    return found, ""
