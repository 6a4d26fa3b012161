"""Members of an archive that we write ourselves, compared with what tarfile writes."""

from __future__ import annotations

import os
import random
import tarfile
from collections.abc import Iterator
from pathlib import Path
from typing import IO

import pytest

from stentor.transfer import fetching
from stentor.transfer.arriving import Count, Limits
from stentor.transfer.plain_files import KINDS, Headers, PlainFiles
from tests.tar import add

MODES = [0o644, 0o600, 0o400, 0o000, 0o755, 0o777, 0o4755, 0o2711, 0o011, 0o7777, 0o222]
SIZES = [0, 1, 511, 512, 513, 300_000, 1_000_001]


@pytest.fixture
def archive(tmp_path: Path) -> Iterator[IO[bytes]]:
    with open(tmp_path / "archive", "w+b") as file:
        yield file


def tree(folder: Path) -> dict[str, tuple[int, int, bytes]]:
    return {
        str(path.relative_to(folder)): (path.stat().st_mode, int(path.stat().st_mtime), path.read_bytes())
        for path in folder.rglob("*")
        if path.is_file()
    }


@pytest.mark.skipif(not hasattr(tarfile, "data_filter"), reason="this Python's tarfile has no filter")
@pytest.mark.parametrize("by_system", [True, False])
def test_it_is_what_tarfile_makes_of_it(
    archive: IO[bytes], tmp_path: Path, by_system: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    with tarfile.open(fileobj=archive, mode="w") as into:
        for mode in MODES:
            add(into, f"mode{mode:o}", b"x", mode=mode)
        for size in SIZES:
            add(into, f"sub/{size}", os.urandom(size))
        add(into, "twice", b"the first, which is longer")
        add(into, "twice", b"the last")
        add(into, "-odd ' name", b"", mtime=-5)
    archive.flush()
    theirs, ours = tmp_path / "theirs", tmp_path / "ours"
    with tarfile.open(archive.name) as found:
        found.extractall(theirs, filter="data")
    ours.mkdir()
    if not by_system:
        monkeypatch.delattr(os, "copy_file_range", raising=False)
    archive.seek(0)
    found_there = fetching.unpack(archive, str(ours), Count(Limits()))
    assert tree(ours) == tree(theirs)
    assert found_there.files == len(MODES) + len(SIZES) + 3


def test_where_the_system_cannot_copy_we_do(
    archive: IO[bytes], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuses(*_: object) -> int:
        raise OSError(18, "Invalid cross-device link")

    monkeypatch.setattr(os, "copy_file_range", refuses, raising=False)
    data = os.urandom(700_000)
    with tarfile.open(fileobj=archive, mode="w") as into:
        add(into, "f", data)
    archive.seek(0)
    (tmp_path / "into").mkdir()
    fetching.unpack(archive, str(tmp_path / "into"), Count(Limits()))
    assert (tmp_path / "into" / "f").read_bytes() == data


def test_an_archive_that_ends_too_early_is_an_error(archive: IO[bytes], tmp_path: Path) -> None:
    with tarfile.open(fileobj=archive, mode="w") as into:
        add(into, "f", os.urandom(700_000))
    archive.truncate(300_000)
    archive.seek(0)
    (tmp_path / "into").mkdir()
    with pytest.raises(tarfile.ReadError, match="unexpected end"):
        fetching.unpack(archive, str(tmp_path / "into"), Count(Limits()))


@pytest.mark.parametrize("kind", [tarfile.LNKTYPE, tarfile.SYMTYPE, tarfile.FIFOTYPE, tarfile.CHRTYPE, b"S"])
def test_anything_else_is_left_to_tarfile(archive: IO[bytes], tmp_path: Path, kind: bytes) -> None:
    item = tarfile.TarInfo("f")
    item.type = kind
    if kind == b"S":
        item.type, item.sparse = tarfile.REGTYPE, b"1"
    assert not PlainFiles(archive, str(tmp_path)).extract(item)
    assert not (tmp_path / "f").exists()


def test_a_link_in_the_way_is_not_followed(archive: IO[bytes], tmp_path: Path) -> None:
    (tmp_path / "into").mkdir()
    (tmp_path / "into" / "f").symlink_to(tmp_path / "outside")
    with pytest.raises(OSError, match="symbolic links"):
        PlainFiles(archive, str(tmp_path / "into")).extract(tarfile.TarInfo("f"))
    assert not (tmp_path / "outside").exists()


def test_a_file_in_place_of_a_folder_is_an_error(archive: IO[bytes], tmp_path: Path) -> None:
    with tarfile.open(fileobj=archive, mode="w") as into:
        add(into, "f", b"x")
        add(into, "f", None)
    archive.seek(0)
    (tmp_path / "into").mkdir()
    with pytest.raises(FileExistsError):
        fetching.unpack(archive, str(tmp_path / "into"), Count(Limits()))


def said(item: tarfile.TarInfo | None) -> tuple[object, ...] | None:
    if item is None:
        return None
    return item.name, item.size, item.mtime, item.mode, item.type, item.isfile(), item.isdir()


def test_headers_say_what_tarfile_reads_in_them() -> None:
    chance, headers, read = random.Random(7), Headers(), 0
    names = ["f", "d/f", "d/f/", "é\udcff", "n" * 100, "p" * 90 + "/" + "n" * 60, ""]
    for number in range(6000):
        item = tarfile.TarInfo(names[number // 50 % len(names)] if number % 5 else f"f{number}")
        item.mode = chance.choice([*[0o644] * 9, 0o4755])
        item.size, item.mtime = chance.choice([0, 5, 8**11 - 1, 8**12]), chance.choice([0, 2**30, -1])
        item.type = chance.choice(
            [*[tarfile.REGTYPE] * 9, tarfile.AREGTYPE, tarfile.DIRTYPE, tarfile.SYMTYPE]
        )
        try:
            header = bytearray(
                item.tobuf(
                    tarfile.GNU_FORMAT if chance.random() < 0.5 else tarfile.USTAR_FORMAT,
                    "utf-8",
                    "surrogateescape",
                )[-512:]
            )
        except ValueError:  # not in this format
            continue
        for _ in range(chance.choice([0, 0, 1, 2])):
            header[chance.randrange(512)] = chance.choice(b"\0 07/9\x80\xff")
        if chance.random() < 0.7:
            header[148:156] = b"%06o\0 " % (sum(header[:148]) + sum(header[156:]) + 256)
        try:
            theirs = tarfile.TarInfo.frombuf(bytes(header), tarfile.ENCODING, "surrogateescape")
        except tarfile.HeaderError:
            theirs = None
        found = headers.read(bytes(header))
        assert said(found) == said(theirs if theirs and theirs.type in KINDS else None), bytes(header)
        read += found is not None
    assert read > 1000
