"""A file is replaced in one step, and what is no file is not replaced at all."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from stentor.atomic_write import write, write_output
from stentor.errors import StentorError


def test_the_mode_stays_and_a_link_is_followed(tmp_path: Path) -> None:
    real, link = tmp_path / "real", tmp_path / "link"
    real.write_text("old\n")
    real.chmod(0o640)
    link.symlink_to(real)
    write(str(link), "new\r\n")
    assert real.read_bytes() == b"new\r\n"
    assert (link.is_symlink(), real.stat().st_mode & 0o777) == (True, 0o640)
    assert sorted(os.listdir(tmp_path)) == ["link", "real"]


def test_what_cannot_be_written_leaves_the_old_one(tmp_path: Path) -> None:
    path = tmp_path / "file"
    write(str(path), "old\n")
    with pytest.raises(UnicodeEncodeError):
        write(str(path), "new \udc80\n")
    assert path.read_text() == "old\n"
    write(str(path), "new \udc80\n", errors="replace")
    assert path.read_text() == "new ?\n"
    with pytest.raises(IsADirectoryError):
        write(str(tmp_path), "x")
    assert os.listdir(tmp_path) == ["file"]


def test_a_pipe_or_device_is_written_to(tmp_path: Path) -> None:
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    end = os.open(pipe, os.O_RDONLY | os.O_NONBLOCK)
    write(str(pipe), "text\n")
    assert os.read(end, 100) == b"text\n"
    os.close(end)
    assert pipe.is_fifo()


def test_a_mode_that_is_given_holds_whatever_the_umask_and_the_old_file_say(tmp_path: Path) -> None:
    path = tmp_path / "file"
    before = os.umask(0o077)
    try:
        for mode in (0o644, 0o600):
            write(str(path), "x", mode=mode, durable=False)
            assert path.stat().st_mode & 0o777 == mode
    finally:
        os.umask(before)
    assert os.listdir(tmp_path) == ["file"]


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can make files of another user")
def test_a_link_that_another_user_made_is_not_followed(tmp_path: Path) -> None:
    real, link = tmp_path / "real", tmp_path / "link"
    real.write_text("ours\n")
    link.symlink_to(real)
    os.lchown(link, 65534, 65534)
    with pytest.raises(PermissionError, match="another user made"):
        write(str(link), "new\n")
    assert real.read_text() == "ours\n"


def test_the_name_meanwhile_cannot_be_guessed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    names: list[str] = []
    replace = os.replace

    def noted(old: str, new: str) -> None:
        names.append(os.path.basename(old))
        replace(old, new)

    monkeypatch.setattr(os, "replace", noted)
    for _ in range(2):
        write(str(tmp_path / "file"), "x")
    assert len(set(names)) == 2
    assert all(len(name) >= len("file..new") + 16 for name in names)


def test_a_missing_folder_is_named(tmp_path: Path) -> None:
    with pytest.raises(StentorError, match="cannot be written: No such file") as raised:
        write_output(str(tmp_path / "none/file"), "x")
    assert raised.value.hint == f"there is no folder {tmp_path}/none"
