"""A window is known as synchronised whatever its token begins with: if-shell takes 0... for false."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from stentor.tmux.server import Server
from stentor.tmux.sync import ANY_SYNC, IN_SYNC, mark
from tests.support import need

pytestmark = pytest.mark.integration


@pytest.fixture
def server(tmp_path: Path) -> Iterator[Server]:
    need("tmux")
    environ = {
        "PATH": os.environ["PATH"],
        "HOME": str(tmp_path),
        "TMUX_TMPDIR": str(tmp_path),
        "TERM": "xterm",
    }
    made = Server(environ, "tokens")
    made.call(["-f", "/dev/null", "new-session", "-d", "-s", "s", "sleep 100"])
    yield made
    made.call(["kill-server"])


@pytest.mark.parametrize("first", "0123456789abcdef")
def test_token_counts_as_true(server: Server, first: str) -> None:
    server.run(
        [
            ("set-option", "-w", "-t", "s:", "@stentor_sync", mark(f"{first}0000000")),
            ("set-option", "-w", "-t", "s:", "synchronize-panes", "on"),
        ]
    )
    for condition in (IN_SYNC, ANY_SYNC, "#{W:#{@stentor_sync}}"):
        answer = ("if-shell", "-F", "-t", "s:", condition, "set-buffer yes", "set-buffer no")
        assert server.run([answer, ("show-buffer",)]) == "yes", condition
