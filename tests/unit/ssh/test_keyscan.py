"""The fleet's known_hosts, written by several people at once."""

from __future__ import annotations

import functools
import os
import threading
from pathlib import Path

import pytest

from stentor.errors import FleetError
from stentor.ssh.keyscan import write_pins


def test_no_pin_of_twelve_writers_is_lost(tmp_path: Path) -> None:
    path = tmp_path / "known_hosts"
    together = threading.Barrier(12)

    def pin(number: int) -> None:
        together.wait(30)
        for more in range(5):
            line = f"node{number}-{more} ssh-ed25519 AAAA\n"
            write_pins(str(path), functools.partial(str.__add__, line))

    writers = [threading.Thread(target=pin, args=(number,)) for number in range(12)]
    for writer in writers:
        writer.start()
    for writer in writers:
        writer.join()
    assert len(set(path.read_text().splitlines())) == 60
    assert os.listdir(tmp_path) == ["known_hosts"]


@pytest.mark.parametrize("made", ["pipe", "bytes", "folder"])
def test_what_is_no_file_of_pins_is_told_and_left(made: str, tmp_path: Path) -> None:
    path = tmp_path / "known_hosts"
    if made == "pipe":
        os.mkfifo(path)
    elif made == "folder":
        path.mkdir()
    else:
        path.write_bytes(b"\xff\n")
    with pytest.raises(
        FleetError, match=r"the pins cannot be written: (it is a pipe|it is no text|Is a dir)"
    ):
        write_pins(str(path), lambda text: text + "x\n")
    assert os.listdir(tmp_path) == ["known_hosts"]
