"""What is sent to every node and can be read only once."""

from __future__ import annotations

import io
import os
import tempfile
import threading
from pathlib import Path

import pytest

from stentor.errors import Refused, UsageError
from stentor.fanout.given import Given


def test_a_copy_is_read_again_and_again_and_then_gone(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    with Given() as given:
        path = given.spool(io.BytesIO(b"x" * 3_000_000))
        assert list(tmp_path.iterdir()) == []  # it has no name at any time
        assert [len(Path(path).read_bytes()) for _ in range(2)] == [3_000_000] * 2
    assert list(tmp_path.iterdir()) == []


def test_a_disk_without_room(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    full = os.fdopen(os.open("/dev/full", os.O_WRONLY), "wb")
    monkeypatch.setattr(tempfile, "TemporaryFile", lambda **_: full)
    with Given() as given, pytest.raises(Refused) as refused:
        given.spool(io.BytesIO(b"x"))
    assert str(refused.value) == (
        f"{tmp_path}: what the nodes are to be sent cannot be kept meanwhile: No space left on device"
    )
    assert refused.value.hint == "set TMPDIR to a directory with space"
    assert list(tmp_path.iterdir()) == []


def test_no_place_for_it(monkeypatch: pytest.MonkeyPatch) -> None:
    def nowhere(**_: str) -> None:
        raise FileNotFoundError(2, "No usable temporary directory found")

    monkeypatch.setattr(tempfile, "TemporaryFile", nowhere)
    with Given() as given, pytest.raises(Refused, match="No usable temporary directory"):
        given.spool(io.BytesIO(b"x"))


def test_a_source_that_was_set_not_to_wait_is_waited_for() -> None:
    reads, writes = os.pipe()
    os.set_blocking(reads, False)
    os.write(writes, b"first ")

    def later() -> None:
        os.write(writes, b"last")
        os.close(writes)

    timer = threading.Timer(0.3, later)
    timer.start()
    with os.fdopen(reads, "rb") as source, Given() as given:
        assert Path(given.spool(source)).read_bytes() == b"first last"
    timer.join()


def test_a_source_which_cannot_be_read() -> None:
    class Broken(io.BytesIO):
        def read(self, size: int | None = -1, /) -> bytes:
            raise OSError(5, "Input/output error")

    with Given() as given, pytest.raises(UsageError, match="cannot be read: Input/output error"):
        given.spool(Broken())
