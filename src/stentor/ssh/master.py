"""Masters that listen at a control path: ask whether one lives, and end it."""

from __future__ import annotations

import os
from contextlib import suppress


def master_answers(path: str, timeout: float = 1.0) -> int:
    """Return the process id of the master at a control path, 0 if none answers in time (seconds)."""
    import socket

    from stentor.ssh import mux

    decoder = mux.Decoder()
    try:
        with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as connection:
            connection.settimeout(timeout)
            connection.connect(path)
            connection.sendall(mux.HELLO + mux.ALIVE_CHECK)
            while data := connection.recv(4096):
                for message in decoder.feed(data):
                    if isinstance(message, mux.Alive):
                        return message.pid
    except (OSError, mux.ProtocolError):
        pass
    return 0


def stop_master(path: str, timeout: float = 2.0, *, sessions: bool = True) -> bool:
    """End a master; and return whether nothing answers there any more.

    OpenSSH often ends the connection without the promised reply: that counts as success.

    Args:
        timeout: seconds.
        sessions: end its sessions too; else it ends by itself with the last of them.
    """
    import socket

    from stentor.ssh import mux

    try:
        with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as connection:
            connection.settimeout(timeout)
            connection.connect(path)
            connection.sendall(mux.HELLO + (mux.TERMINATE if sessions else mux.STOP_LISTENING))
            connection.shutdown(socket.SHUT_WR)
            while connection.recv(4096):
                pass
    except FileNotFoundError:
        return True
    except OSError:
        pass
    if master_answers(path, timeout):
        return False
    with suppress(FileNotFoundError):
        os.unlink(path)
    return True
