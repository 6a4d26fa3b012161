"""Standard input of one node out of a file: by a pipe, at the pace at which the node takes it.

Given the file itself, ssh reads all that a session's window allows (2 MB) at once. While the command on the
node is not at its reading yet, sshd keeps that in a buffer which grows by a packet at a time and is copied at
each step: more work than all the rest. So the file goes by a pipe, which holds 64 KB, and only from when the
command has said that it reads: a line that we know, on its stdout. A node that does not say it gets its input
all the same, a little later: a start-up file of the login shell may wait for it.

A command that says ``wide`` has room for 1 MB there, outside of sshd's buffer. It can be given as much as the
pipe takes without being copied here (``splice``), which would be too fast for the others.
"""

from __future__ import annotations

import os
from errno import EINVAL

from stentor.fanout.task import Paced
from stentor.ssh.reactor import WRITE, Reactor, Timer

PATIENCE = 2.0  # seconds that an open session gets to say that it reads
_CHUNK = 65536  # what a pipe holds
_LONGEST = 256  # bytes of the line that says that it reads
_CAN_SPLICE = hasattr(os, "splice")  # Linux


class Pour:
    """Fills the pipe of one session."""

    __slots__ = ("_begun", "_held", "_paced", "_patience", "_reactor", "_reads", "_wide", "_writes", "path")

    def __init__(self, reactor: Reactor, paced: Paced) -> None:
        self._reactor = reactor
        self._paced = paced  # what is given
        self._reads, self._writes = os.pipe()
        os.set_blocking(self._writes, False)
        self._begun = False
        self._wide = False
        self._held: bytes | None = b""
        self._patience: Timer | None = None
        self.path = f"/dev/fd/{self._reads}"  # where the session's standard input is to be opened
        paced.given = 0

    def opened(self) -> None:
        """The session is open."""
        if self._patience is None and not self._begun:
            self._patience = self._reactor.after(PATIENCE, self._begin)

    def started(self) -> None:
        """The command runs, and its end of the pipe is its own: when it is closed there, we see it."""
        if self._reads >= 0:
            os.close(self._reads)
            self._reads = -1

    def heard(self, data: bytes) -> bytes:
        """Take bytes of the command's stdout; return those which are not the line that it reads."""
        if self._held is None:
            return data
        data = self._held + data
        word = self._paced.word
        start = data.find(word)
        if start < 0:
            start = max(len(data) - len(word) + 1, 0)
            self._held = data[start:]
            return data[:start]
        end = data.find(b"\n", start) + 1
        if not end and len(data) - start <= _LONGEST:
            self._held = data[start:]
            return data[:start]
        self._held = None
        if not end:  # not that line, but the command's own output
            self._begin()
            return data
        self._wide = _CAN_SPLICE and data[start + len(word) : end].strip() == b"wide"
        self._begin()
        return data[:start] + data[end:]

    def rest(self) -> bytes:
        """Return what was held back, at the end of its stdout."""
        held, self._held = self._held, None
        return held or b""

    def close(self) -> None:
        """Let go: what is in the pipe still arrives."""
        if self._patience:
            self._patience.cancel()
        self.started()
        if self._writes >= 0:
            if self._begun:
                self._reactor.unwatch(self._writes)
            os.close(self._writes)
            self._writes = -1

    def _begin(self) -> None:
        if self._patience:
            self._patience.cancel()
        if not self._begun and self._writes >= 0:
            self._begun = True
            self._reactor.watch(self._writes, self._fill, WRITE)

    def _fill(self, _: int) -> None:
        paced = self._paced
        start, size = paced.start + paced.given, min(_CHUNK, paced.size - paced.given)
        try:
            if self._wide:
                given = os.splice(paced.descriptor, self._writes, size, start, flags=os.SPLICE_F_NONBLOCK)
            else:
                block = os.pread(paced.descriptor, size, start)
                given = os.write(self._writes, block) if block else 0
        except BlockingIOError:
            return
        except OSError as error:
            if self._wide and error.errno == EINVAL:  # no file system's files can all be given that way
                self._wide = False
            else:  # it reads no more, or a disk failed here: the command gets too little, and says so
                self.close()
            return
        paced.given += given
        if not given:
            self.close()
