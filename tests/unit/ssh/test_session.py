"""What a session hands to the master."""

from __future__ import annotations

import array
import fcntl
import os
import socket
from pathlib import Path

import pytest

from stentor.ssh import mux
from stentor.ssh.reactor import Reactor
from stentor.ssh.session import Session


class Nobody:
    """Listens to nothing."""

    def opened(self) -> None: ...
    def output(self, stream: str, data: bytes) -> None: ...
    def ended(self, code: int | None) -> None: ...
    def not_opened(self, master: bool, reason: str) -> None: ...


def descriptors(connection: socket.socket) -> list[int]:
    """The three that a master gets."""
    found: list[int] = []
    while len(found) < 3:
        _, ancillary, _, _ = connection.recvmsg(65536, socket.CMSG_SPACE(4))
        for _, _, data in ancillary:
            found += array.array("i", data)
    return found


@pytest.mark.skipif(not hasattr(fcntl, "F_SETPIPE_SZ"), reason="the system cannot")
@pytest.mark.parametrize(("wide", "size"), [(False, 65536), (True, 1024 * 1024)])
def test_only_what_brings_files_has_room_for_much_output(wide: bool, size: int, tmp_path: Path) -> None:
    path, reactor = str(tmp_path / "m"), Reactor()
    with socket.socket(socket.AF_UNIX) as listening:
        listening.bind(path)
        listening.listen()
        session = Session(reactor, path, mux.new_session(b"true"), Nobody(), wide=wide)
        session.open()
        connection, _ = listening.accept()
        with connection:
            given = descriptors(connection)
            assert [fcntl.fcntl(end, fcntl.F_GETPIPE_SZ) for end in given[1:]] == [size, 65536]
            for end in given:
                os.close(end)
        session.close()
    reactor.close()
