"""The lower bound: a bare loop over the multiplexing protocol. Prints the seconds it took.

No fleet, no events, no outcomes: connect, ask, pass three pipes, read until all is over, as many at once as
stentor's window says. Called as: window command control-path...
"""

from __future__ import annotations

import os
import selectors
import socket
import struct
import sys
import time

from stentor.ssh import mux


def main(window: int, command: str, paths: list[str]) -> None:
    request = mux.HELLO + mux.new_session(command.encode())
    selector = selectors.DefaultSelector()
    waiting = list(reversed(paths))
    open_ends: dict[int, int] = {}
    said = 0

    def begin(number: int, path: str) -> None:
        master = socket.socket(socket.AF_UNIX)
        master.connect(path)
        outputs = [os.pipe(), os.pipe()]
        given = [os.open(os.devnull, os.O_RDONLY), *(write for _, write in outputs)]
        master.sendall(request)
        for descriptor in given:
            master.sendmsg([b"\0"], [(socket.SOL_SOCKET, socket.SCM_RIGHTS, struct.pack("i", descriptor))])
            os.close(descriptor)
        open_ends[number] = 3
        for read in (master.detach(), *(read for read, _ in outputs)):
            selector.register(read, selectors.EVENT_READ, number)

    started = time.perf_counter()
    for number in range(min(window, len(paths))):
        begin(number, waiting.pop())
    next_number = len(open_ends)
    while open_ends:
        for key, _ in selector.select():
            data = os.read(key.fd, 65536)
            if data:
                said += data.count(b"hi\n")
                continue
            selector.unregister(key.fd)
            os.close(key.fd)
            open_ends[key.data] -= 1
            if open_ends[key.data] == 0:
                del open_ends[key.data]
                if waiting:
                    begin(next_number, waiting.pop())
                    next_number += 1
    seconds = time.perf_counter() - started
    if said != len(paths):
        sys.exit(f"{said} of {len(paths)} answered")
    print(seconds)


if __name__ == "__main__":
    main(int(sys.argv[1]), sys.argv[2], sys.argv[3:])
