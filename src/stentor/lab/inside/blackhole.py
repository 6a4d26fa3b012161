"""Stands in for a machine which is off: connecting to its address times out. No root is needed.

A listener with a backlog of 0 whose only place is taken: Linux drops every further SYN
(``tcp_conn_request`` in net/ipv4/tcp_input.c, when ``sk_acceptq_is_full``). Run as a program.
"""

from __future__ import annotations

import signal
import socket
import sys


def hold(address: str, port: int) -> None:
    """Swallow connections to ``address:port`` until this process is killed."""
    with socket.socket() as listener, socket.socket() as guest:
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listener.bind((address, port))
        listener.listen(0)
        guest.connect((address, port))
        while True:
            signal.pause()


if __name__ == "__main__":
    hold(sys.argv[2], int(sys.argv[3]))
