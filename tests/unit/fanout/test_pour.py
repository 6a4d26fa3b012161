"""A file at the pace of the node that reads it."""

from __future__ import annotations

import errno
import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from stentor.fanout.pour import PATIENCE, Pour
from stentor.fanout.task import Paced
from stentor.ssh.reactor import Reactor

WORD = b"stentor-reads-1"
LINE = WORD + b" \n"
every_line = pytest.mark.parametrize("line", [LINE, WORD + b" wide\n"], ids=["reads", "has room"])
DATA = bytes(range(256)) * 1000


class Node:
    """What reads the pipe, on a clock of its own."""

    def __init__(self, folder: Path, start: int = 0, size: int = len(DATA)) -> None:
        (folder / "file").write_bytes(DATA)
        self.time = 0.0
        self.reactor = Reactor(lambda: self.time)
        self.file = os.open(folder / "file", os.O_RDONLY)
        self.paced = Paced(self.file, start, size, WORD)
        self.pour = Pour(self.reactor, self.paced)
        self.end = os.open(self.pour.path, os.O_RDONLY)
        self.pour.opened()
        self.pour.started()

    def turn(self) -> None:
        """Let pass what is to happen now."""
        for _ in self.reactor.turn(0.01):
            pass

    def read(self) -> bytes:
        """All of it, to its end."""
        found = b""
        while True:
            self.turn()
            data = os.read(self.end, 10_000)
            found += data
            if not data:
                return found

    def waits(self) -> bool:
        """Whether nothing is in the pipe, and more may come."""
        os.set_blocking(self.end, False)
        try:
            return os.read(self.end, 1) != b"" and False
        except BlockingIOError:
            return True
        finally:
            os.set_blocking(self.end, True)


@pytest.fixture
def node(tmp_path: Path) -> Iterator[Node]:
    made = Node(tmp_path)
    yield made
    made.pour.close()
    os.close(made.end)
    os.close(made.file)
    made.reactor.close()


@every_line
def test_nothing_is_given_before_the_node_says_that_it_reads(node: Node, line: bytes) -> None:
    node.turn()
    assert node.waits()
    before = node.pour.heard(b"a banner of some length\n" + line[:5])
    node.turn()
    assert node.waits()
    assert before + node.pour.heard(line[5:] + b"rest") == b"a banner of some length\nrest"
    assert node.read() == DATA
    assert node.paced.given == len(DATA)


@every_line
@pytest.mark.parametrize("size", range(1, 40))
def test_the_line_is_taken_out_however_its_bytes_are_split(node: Node, size: int, line: bytes) -> None:
    said = b"before\n" + line + b"behind\n" + line
    passed = b"".join(node.pour.heard(said[at : at + size]) for at in range(0, len(said), size))
    assert passed + node.pour.rest() == b"before\nbehind\n" + line


def test_what_looked_like_the_line_is_not_lost(node: Node) -> None:
    assert node.pour.heard(b"said " + LINE[:-1]) + node.pour.rest() == b"said " + LINE[:-1]


def test_a_node_that_does_not_say_it_gets_it_a_little_later(node: Node) -> None:
    node.time = PATIENCE - 0.1
    node.turn()
    assert node.waits()
    node.time = PATIENCE + 0.1
    node.turn()
    assert node.read() == DATA


@every_line
def test_no_more_than_a_pipe_is_given_to_a_node_that_does_not_go_on(node: Node, line: bytes) -> None:
    node.pour.heard(line)
    for _ in range(10):
        node.turn()
    assert 0 < node.paced.given <= 65536


@every_line
def test_a_part_of_the_file_is_given(tmp_path: Path, line: bytes) -> None:
    node = Node(tmp_path, start=1000, size=70_000)
    node.pour.heard(line)
    assert node.read() == DATA[1000:71_000]


def test_a_file_that_became_shorter_ends(tmp_path: Path) -> None:
    node = Node(tmp_path, size=len(DATA) + 100)
    node.pour.heard(LINE)
    assert node.read() == DATA


def test_a_node_that_reads_no_more_is_given_nothing(tmp_path: Path) -> None:
    node = Node(tmp_path)
    node.pour.heard(LINE)
    node.turn()
    os.close(node.end)
    for _ in range(10):
        node.turn()
    assert node.paced.given <= 65536
    assert not node.reactor.selector.get_map()


def test_closing_leaves_no_descriptor(tmp_path: Path) -> None:
    before = len(os.listdir("/proc/self/fd"))
    node = Node(tmp_path)
    node.pour.heard(LINE)
    node.pour.close()
    node.pour.close()
    os.close(node.end)
    os.close(node.file)
    node.reactor.close()
    assert len(os.listdir("/proc/self/fd")) == before


def test_a_file_that_cannot_be_read_any_more_is_the_end(node: Node, tmp_path: Path) -> None:
    folder = os.open(tmp_path, os.O_RDONLY)
    os.dup2(folder, node.file)
    os.close(folder)
    node.pour.heard(LINE)
    assert node.read() == b""


def test_a_file_that_cannot_be_spliced_is_written(node: Node, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_: object, **__: object) -> int:
        raise OSError(errno.EINVAL, "Invalid argument")

    monkeypatch.setattr(os, "splice", refuse, raising=False)
    node.pour.heard(WORD + b" wide\n")
    node.turn()
    assert node.read() == DATA


def test_word_without_an_end_of_line_is_output_and_not_kept(tmp_path: Path) -> None:
    node = Node(tmp_path)
    assert node.pour.heard(WORD) == b""
    assert node.pour.heard(b"x" * 300) == WORD + b"x" * 300
    assert node.pour.rest() == b""
    assert node.read() == DATA
