"""How a gateway is reached: from here as any browser would, or by a connection that its node opens for us."""

from __future__ import annotations

import socket
from collections.abc import Mapping
from contextlib import suppress

from stentor import programs
from stentor.fleet.model import Fleet, Node
from stentor.ssh.login import stream_argv


class Ways:
    """The ways to what listens on a node, and to what the node reaches.

    A connection that the node opens goes through ``ssh -W``: over the warm master, with no program there.

    Args:
        fleet: where the node is from.
        node: the gateway, say.
        address: under which its clients find it.
        local: the node is this machine.
        limit: seconds until a connection counts as impossible.
    """

    def __init__(
        self,
        fleet: Fleet,
        node: Node | None,
        address: str,
        environ: Mapping[str, str],
        *,
        local: bool = False,
        limit: float = 3.0,
    ) -> None:
        self.node = node
        self.address = address or (node.addresses[0] if node and node.addresses else "localhost")
        self.inside = False
        self._fleet = fleet
        self._environ = environ
        self._local = local
        self._limit = limit
        self._processes: list[programs.Running] = []

    def choose(self, port: int) -> str:
        """Decide how clients' addresses are reached; return what to tell of it, or nothing.

        Whoever is refused is refused as any client is; but where nothing answers, this machine may merely be
        on another network, so the node itself opens the connections.
        """
        if self._local or self.node is None:
            return ""
        if not self.node.jump:
            try:
                self._direct(self.address, port).close()
            except ConnectionRefusedError:
                return ""
            except OSError:
                pass
            else:
                return ""
        self.inside = True
        return f"asked on {self.node.alias} itself: {self.address} is not reached from here"

    def front(self, port: int) -> socket.socket:
        """Open a connection as a client of the gateway's does.

        Raises:
            OSError: it cannot be opened.
        """
        return self.from_node(self.address, port) if self.inside else self._direct(self.address, port)

    def from_node(self, host: str, port: int) -> socket.socket:
        """Open a connection to what the node finds under this name or address.

        Raises:
            OSError: it cannot be opened; what comes through ssh may only fail when it is read.
        """
        if self._local or self.node is None:
            return self._direct(host, port)
        ours, theirs = socket.socketpair()
        with theirs:
            argv = stream_argv(self._fleet, self.node, self._environ, host, port)
            number = theirs.fileno()
            self._processes.append(programs.Running(argv, self._environ, stdin=number, stdout=number))
        return ours

    def close(self) -> None:
        """End what is left of the connections."""
        for process in self._processes:
            with suppress(OSError):
                process.close()
        self._processes.clear()

    def _direct(self, host: str, port: int) -> socket.socket:
        return socket.create_connection((host, port), timeout=self._limit)
