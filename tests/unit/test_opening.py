"""Files that a user names: none is waited for without end."""

from __future__ import annotations

import os
import subprocess
import threading
from pathlib import Path

import pytest

from stentor import opening
from stentor.opening import open_sink, open_stream, regular


@pytest.fixture
def pipe(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> str:
    monkeypatch.setattr(opening, "_OTHER_COMES", 0.1)
    path = str(tmp_path / "pipe")
    os.mkfifo(path)
    return path


def test_a_file_is_read_by_both(tmp_path: Path) -> None:
    (tmp_path / "f").write_bytes(b"text\n")
    with open(tmp_path / "f", "rb", opener=regular) as file, open_stream(str(tmp_path / "f")) as stream:
        assert (file.read(), stream.read()) == (b"text\n", b"text\n")
        assert os.get_blocking(file.fileno())


@pytest.mark.parametrize(
    ("path", "what"), [("/dev/zero", "a device"), ("/dev/null", "a device"), ("", "a pipe")]
)
def test_only_a_regular_file_is_one(path: str, what: str, pipe: str) -> None:
    with pytest.raises(OSError, match=f"it is {what}, not a file"):
        regular(path or pipe)
    with pytest.raises(IsADirectoryError):
        regular("/")


def test_a_pipe_that_nobody_writes_to_is_not_waited_for(pipe: str) -> None:
    with pytest.raises(OSError, match="it is a pipe to which nobody writes"):
        open_stream(pipe)


def test_a_device_is_no_stream() -> None:
    with pytest.raises(OSError, match="it is a device, not a file or a pipe"):
        open_stream("/dev/zero")
    with pytest.raises(IsADirectoryError):
        open_stream("/")
    with open_stream("/dev/null") as stream:
        assert stream.read() == b""


def test_a_pipe_comes_whole_however_late_its_writer(pipe: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(opening, "_OTHER_COMES", 30)
    text = os.urandom(300_000)
    writer = threading.Timer(0.05, lambda: Path(pipe).write_bytes(text))
    writer.start()
    try:
        with open_stream(pipe) as stream:
            assert stream.read() == text
    finally:
        writer.join()


def test_what_had_to_be_read_is_not_lost(pipe: str, monkeypatch: pytest.MonkeyPatch) -> None:
    class Blind:
        """A look that sees nothing, as if it came a moment before the text."""

        def register(self, *_: object) -> None: ...
        def poll(self, _: int) -> list[object]:
            return []

    with open(os.open(pipe, os.O_RDWR), "r+b", buffering=0) as both:
        both.write(b"text")
        monkeypatch.setattr("select.poll", Blind)
        with open_stream(pipe) as stream:
            assert stream.read1(100) + stream.read1(100) == b"text"  # type: ignore[attr-defined]


@pytest.mark.parametrize("program", ["true", "printf text", "sleep 0.1; printf text"])
def test_a_process_substitution_is_read_to_its_end(program: str) -> None:
    with subprocess.Popen(["sh", "-c", program], stdout=subprocess.PIPE) as child:
        assert child.stdout
        if program == "true":
            child.wait()
        with open_stream(f"/dev/fd/{child.stdout.fileno()}") as stream:
            assert stream.read() == program.partition("printf ")[2].encode()


def test_a_pipe_that_nobody_reads_is_not_waited_for(pipe: str) -> None:
    with pytest.raises(OSError, match="it is a pipe from which nobody reads"):
        open_sink(pipe)
    with subprocess.Popen(["cat", pipe], stdout=subprocess.PIPE) as reader:
        with open(open_sink(pipe), "wb") as file:
            file.write(b"text")
        assert reader.communicate(timeout=30)[0] == b"text"
