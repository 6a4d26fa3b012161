"""An archive that is written as it comes is what tarfile makes of the whole of it."""

from __future__ import annotations

import io
import os
import tarfile
from contextlib import closing
from pathlib import Path

import pytest

from stentor.outcome import Outcome
from stentor.transfer.arriving import Arrival, Limits
from stentor.transfer.fetching import Fetching, place
from tests.tar import add

MODES = [0o644, 0o600, 0o400, 0o000, 0o755, 0o777, 0o4755, 0o2711, 0o011, 0o7777, 0o222]
OK = Outcome("crtr", "ok", 0)


def archive(form: int, *, special: bool) -> bytes:
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode="w", format=form) as into:
        for mode in MODES:
            add(into, f"tree/mode{mode:o}", b"x", mode=mode)
        add(into, "tree/empty", None)
        for size in (0, 1, 511, 512, 513, 70_001):
            add(into, f"tree/sub/{size}", os.urandom(size))
        add(into, "tree/twice", b"the first, which is longer")
        add(into, "tree/twice", b"the last")
        if special:
            add(into, "tree/hard", type=tarfile.LNKTYPE, linkname="tree/sub/513")
            add(into, "tree/soft", type=tarfile.SYMTYPE, linkname="sub/513")
            add(into, "tree/" + "long/" * 60 + "name", b"y")
            add(into, "tree/sub/later", b"z" * 1000)
    return buffer.getvalue()


def tree(folder: Path) -> dict[str, tuple[int, int, bytes]]:
    return {
        str(path.relative_to(folder)): (path.stat().st_mode, int(path.stat().st_mtime), path.read_bytes())
        for path in folder.rglob("*")
        if path.is_file()
    }


@pytest.mark.skipif(not hasattr(tarfile, "data_filter"), reason="this Python's tarfile has no filter")
@pytest.mark.parametrize(
    ("form", "special"),
    [
        (tarfile.GNU_FORMAT, False),
        (tarfile.GNU_FORMAT, True),
        (tarfile.PAX_FORMAT, True),
        (tarfile.USTAR_FORMAT, False),  # which has no long names
    ],
)
@pytest.mark.parametrize("piece", [7, 512, 513, 1_000_000])
def test_it_is_what_tarfile_makes_of_it(tmp_path: Path, form: int, piece: int, special: bool) -> None:
    data = archive(form, special=special)
    with tarfile.open(fileobj=io.BytesIO(data)) as found:
        found.extractall(tmp_path / "theirs", filter="data")
        files = sum(item.isfile() for item in found)
    arrival = Arrival(str(tmp_path), Limits())
    with closing(arrival):
        for start in range(0, len(data), piece):
            arrival.take(data[start : start + piece])
        assert (arrival.rest is not None) == special
        assert place(arrival, str(tmp_path), "crtr", set()).files == files
    assert tree(tmp_path / "crtr") == tree(tmp_path / "theirs")
    assert (tmp_path / "crtr" / "tree" / "empty").is_dir()
    assert sorted(os.listdir(tmp_path)) == ["crtr", "theirs"]


@pytest.mark.parametrize(
    ("more", "said"),
    [
        ({"name": "../evil"}, "a name leads out of the folder: '../evil'"),
        ({"name": "/evil"}, "a name leads out of the folder: '/evil'"),
        ({"size": -512}, "a size below 0: 'f'"),
        ({"name": "a/b/c/d"}, "more than 3 directories in each other: 'a/b/c/d'"),
        ({"name": "a-long-name"}, "a name of more than 8 letters: 'a-long-name'"),
        ({"size": 101}, "more than 100 bytes; --max-size allows more"),
    ],
)
def test_what_is_refused_is_refused_before_it_is_written(
    tmp_path: Path, more: dict[str, object], said: str
) -> None:
    item = tarfile.TarInfo("f")
    for key, value in more.items():
        setattr(item, key, value)
    arrival = Arrival(str(tmp_path), Limits(size=100, names=5, depth=3, name=8))
    with closing(arrival):
        arrival.take(item.tobuf(tarfile.GNU_FORMAT) + bytes(2000))
        assert os.listdir(arrival.new) == []
        assert Fetching(str(tmp_path))._keep(arrival, OK).reason == f"not kept: {said}"
    assert os.listdir(tmp_path) == []


@pytest.mark.parametrize("cut", [3, 513, 700, 1512])  # the last before what fills its block
def test_a_stream_that_ends_too_early_is_an_error(tmp_path: Path, cut: int) -> None:
    item = tarfile.TarInfo("f")
    item.size = 1000
    arrival = Arrival(str(tmp_path), Limits())
    with closing(arrival):
        arrival.take((item.tobuf() + b"x" * 1000)[:cut])
        with pytest.raises(tarfile.ReadError):
            place(arrival, str(tmp_path), "crtr", set())
    assert os.listdir(tmp_path) == []


def test_a_folder_that_cannot_be_written_to_is_that_nodes_failure(tmp_path: Path) -> None:
    arrival = Arrival(str(tmp_path / "gone"), Limits())
    with closing(arrival):
        arrival.take(archive(tarfile.GNU_FORMAT, special=False))
        assert Fetching(str(tmp_path))._keep(arrival, OK).kind == "failed"
