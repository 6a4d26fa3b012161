"""A backup in a file here."""

from __future__ import annotations

import os
import threading
from pathlib import Path

import pytest

from stentor.engines.reach import Reach
from stentor.errors import StentorError
from stentor.fleet.model import Fleet, Node
from stentor.fleet.service import Service
from stentor.outcome import Outcome
from stentor.services.backup import backup
from stentor.testing import FakeNodes, Reply

NODE = Node("crtr", "")


def made(path: Path, reply: Reply, **options: int) -> Outcome:
    fleet = Fleet("/fleet", {"crtr": NODE}, {"all": ("crtr",)})
    reach = Reach(fleet, {}, engine=FakeNodes({"crtr": reply}))
    *_, last = backup(reach, NODE, Service("db", "systemd", backup="dump"), str(path), **options)
    assert isinstance(last, Outcome)
    return last


def test_the_file_is_replaced_when_it_is_complete(tmp_path: Path) -> None:
    (tmp_path / "db").write_text("old")
    (tmp_path / "db.part").write_text("mine")
    assert not made(tmp_path / "db", Reply(b"half", b"no space\n", 3)).ok
    assert (tmp_path / "db").read_text() == "old"
    assert made(tmp_path / "db", Reply(b"whole")).ok
    assert (tmp_path / "db").read_text() == "whole"
    assert {path.name: path.read_text() for path in tmp_path.iterdir()} == {"db": "whole", "db.part": "mine"}


def test_a_link_stays_one(tmp_path: Path) -> None:
    (tmp_path / "today").symlink_to("db")
    assert made(tmp_path / "today", Reply(b"whole")).ok
    assert os.readlink(tmp_path / "today") == "db"
    assert (tmp_path / "db").read_text() == "whole"


def test_what_is_no_plain_file_is_written_to(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe")
    read: list[bytes] = []
    reader = threading.Thread(target=lambda: read.append((tmp_path / "pipe").read_bytes()), daemon=True)
    reader.start()
    assert made(tmp_path / "pipe", Reply(b"whole")).ok
    reader.join(10)
    assert read == [b"whole"]
    assert (tmp_path / "pipe").is_fifo()


def test_a_folder_is_refused_before_the_node_is_asked(tmp_path: Path) -> None:
    with pytest.raises(StentorError, match="cannot be written"):
        made(tmp_path, Reply(b"whole"))


def test_a_node_that_prints_on_and_on_fills_no_disk(tmp_path: Path) -> None:
    outcome = made(tmp_path / "db", Reply(b"x" * 3000), most_bytes=1000)
    assert (outcome.kind, outcome.reason) == ("failed", "wrote more than 1 kB, and was cut off")
    assert list(tmp_path.iterdir()) == []
