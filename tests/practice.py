"""A fleet of fake nodes in front of the real command line, without a process of its own."""

from __future__ import annotations

import io
import os
import shutil
import signal
import tempfile
import threading
import weakref
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import NamedTuple

import pytest

from stentor import scratch
from stentor.api.fleet import Fleet as OpenedFleet
from stentor.cli.context import Context
from stentor.cli.dispatch import dispatch
from stentor.fleet.model import Fleet, Node
from stentor.testing import FakeNodes
from tests.support import check_records

NODES = (
    Node("crtr", "cooperator", ("192.168.254.10",), role="gateway"),
    Node("prtr", "projector", ("192.168.254.20",), role="gpu"),
    Node("drtr", "director", ("192.168.254.30",), role="gpu"),
    Node("trtr", "terminator", ("192.168.254.40",)),
    Node("zrtr", "zerouter", ("192.168.254.11",), state="down"),
)
FLEET = Fleet(
    "/fleet",
    {node.alias: node for node in NODES},
    {
        "all": ("crtr", "prtr", "drtr", "trtr", "zrtr"),
        "core": ("crtr", "prtr", "drtr"),
        "gpu": ("prtr", "drtr"),
        "pseudo": ("trtr", "zrtr"),
    },
)


class Terminal(io.TextIOWrapper):
    """A stream which says that it is a terminal."""

    def isatty(self) -> bool:
        return True


class Ran(NamedTuple):
    """What came of a command line."""

    code: int
    stdout: bytes
    stderr: bytes

    @property
    def text(self) -> str:
        """Standard output as text."""
        return self.stdout.decode()

    @property
    def said(self) -> str:
        """Standard error as text."""
        return self.stderr.decode()


@contextmanager
def ctrl_c(seconds: float) -> Iterator[None]:
    """Interrupt what runs in the block, after this time."""
    timer = threading.Timer(seconds, os.kill, (os.getpid(), signal.SIGINT))
    timer.start()
    try:
        yield
    finally:
        timer.cancel()


class Practice:
    """Runs command lines against fake nodes."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.nodes = FakeNodes()
        self.local = ""  # the node that is this machine: reached for real, and all others not at all
        self.fleet = FLEET
        # Of a run that was killed, the next stentor removes it: the name has our number.
        self.state = tempfile.mkdtemp(prefix=f"{scratch.PREFIX}{os.getpid()}-")
        weakref.finalize(self, shutil.rmtree, self.state, ignore_errors=True)
        monkeypatch.setattr(OpenedFleet, "open", self._open)

    def _open(
        self, path: object = None, environ: Mapping[str, str] | None = None, **_: object
    ) -> OpenedFleet:
        name = self.fleet.nodes[self.local].name if self.local else "elsewhere"
        engine = None if self.local else self.nodes
        return OpenedFleet(self.fleet, environ=environ or {}, hostname=name, engine=engine)

    def run(
        self, *words: str, stdin: bytes = b"", terminal: bool = False, environ: dict[str, str] | None = None
    ) -> Ran:
        """Run ``stentor WORDS`` as a shell would."""
        kind = Terminal if terminal else io.TextIOWrapper
        out, err = io.BytesIO(), io.BytesIO()
        context = Context(
            kind(out, "utf-8"),
            kind(err, "utf-8"),
            io.TextIOWrapper(io.BytesIO(stdin)),
            {"XDG_STATE_HOME": self.state, **(environ or {})},
        )
        code = dispatch(words[0], words[1:], None, context)
        context.stdout.flush()
        context.stderr.flush()
        check_records(out.getvalue())
        return Ran(code, out.getvalue(), err.getvalue())
