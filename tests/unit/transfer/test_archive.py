"""The archive, as tarfile and the tars of nodes read it."""

from __future__ import annotations

import io
import os
import shutil
import subprocess
import tarfile
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from stentor.errors import StentorError
from stentor.transfer import archive, source
from stentor.transfer.plan import Entry
from stentor.transfer.sums import Sink
from tests.support import need

KINDS = {b"0": tarfile.REGTYPE, b"2": tarfile.SYMTYPE, b"5": tarfile.DIRTYPE}


@given(
    st.text(st.characters(blacklist_characters="\0", blacklist_categories=["Cs"]), min_size=1, max_size=150),
    st.integers(0, 0o7777),
    st.integers(0, 2**40),
    st.integers(-10, 2**35),
    st.sampled_from([b"0", b"2", b"5"]),
    st.text("ab/", max_size=150),
)
def test_a_header_is_what_tarfile_reads(
    name: str, mode: int, size: int, modified: int, kind: bytes, link: str
) -> None:
    name = name.replace("/", "_")
    size = size if kind == b"0" else 0
    link = link if kind == b"2" else ""
    written = name.encode() + (b"/" if kind == b"5" else b"")
    data = archive.header(written, mode, size, modified, kind, link.encode())
    with tarfile.open(fileobj=io.BytesIO(data + bytes(1024)), mode="r|", errors="surrogateescape") as found:
        item = found.next()
    assert item
    read = (item.name, item.mode, item.size, item.mtime, item.type, item.linkname)
    assert read == (name, mode, size, modified, KINDS[kind], link)
    assert (item.uid, item.gid, item.uname, item.gname) == (0, 0, "", "")


def packed(site: Path) -> bytes:
    file = io.BytesIO()
    entries = source.find([f"{site}/"]).entries
    archive.write(entries, range(len(entries)), (), Sink(file))
    return file.getvalue()


def make(site: Path) -> None:
    (site / "a" / "b").mkdir(parents=True)
    (site / "a" / "b" / "file").write_bytes(b"x" * 1500)
    (site / "empty").mkdir()
    (site / "link").symlink_to("a/b/file")
    (site / ("long" * 40)).write_bytes(b"")
    (site / ("folder" * 30)).mkdir()
    (site / ("folder" * 30) / "f").write_bytes(os.urandom(512))
    for number, path in enumerate(sorted(site.rglob("*"), reverse=True)):
        os.utime(path, (1e9 + number,) * 2, follow_symlinks=False)


@pytest.mark.parametrize("program", ["tar", "busybox tar", "bsdtar"])
def test_every_tar_unpacks_it_with_times_and_modes(program: str, tmp_path: Path) -> None:
    site, into = tmp_path / "site", tmp_path / "into"
    make(site)
    into.mkdir()
    argv = program.split()
    if not shutil.which(argv[0]) and argv[0] == "bsdtar":
        pytest.skip("bsdtar is not among what the tests install")
    need(argv[0])
    subprocess.run([*argv, "-xpof", "-", "-C", str(into)], input=packed(site), check=True)
    found = into / "tree" / "files"
    assert (into / "tree" / "after").read_bytes() == b""
    for path in site.rglob("*"):
        there = found / path.relative_to(site)
        if path.is_symlink():
            assert os.readlink(there) == os.readlink(path)
            continue
        ours, theirs = path.stat(), there.stat()
        assert (theirs.st_mode, int(theirs.st_mtime)) == (ours.st_mode, int(ours.st_mtime)), path
        if path.is_file():
            assert there.read_bytes() == path.read_bytes()
    assert len(list(found.rglob("*"))) == len(list(site.rglob("*")))


def test_the_same_source_gives_the_same_bytes_in_whole_records(tmp_path: Path) -> None:
    make(tmp_path / "site")
    first = packed(tmp_path / "site")
    assert packed(tmp_path / "site") == first
    assert len(first) % 10240 == 0


def test_a_folder_that_nothing_can_be_put_into_is_closed_in_the_destination(tmp_path: Path) -> None:
    (tmp_path / "site" / "closed").mkdir(parents=True)
    os.utime(tmp_path / "site" / "closed", (1e9, 1e9))
    (tmp_path / "site" / "closed").chmod(0o500)
    with tarfile.open(fileobj=io.BytesIO(packed(tmp_path / "site"))) as found:
        assert found.extractfile("tree/after").read() == b"500 200109090146.40 closed/\n"  # type: ignore[union-attr]
        assert found.getmember("tree/files/closed").mode == 0o700


@pytest.mark.parametrize(("size", "why"), [(10, "it became shorter"), (None, "No such file")])
def test_a_source_that_changed_is_named(size: int | None, why: str, tmp_path: Path) -> None:
    file = tmp_path / "f"
    if size is not None:
        file.write_bytes(b"12345")
    entry = Entry("f", "file", 0o644, 0, size or 5, source=str(file))
    with pytest.raises(StentorError, match=why) as raised:
        archive.write([entry, entry], [0, 1], (), Sink(io.BytesIO()))
    assert raised.value.where == str(file)


def test_a_time_that_touch_cannot_say_is_the_nearest_one() -> None:
    assert archive.stamp(-5) == "197001010000.00"
    assert archive.stamp(2**62) == "999912312359.59"


def test_no_room_for_the_archive_is_said(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    make(tmp_path)
    entries = source.find([f"{tmp_path}/"]).entries
    monkeypatch.setattr(source, "nameless", lambda: (open("/dev/full", "wb"), "/dev/full"))  # noqa: SIM115
    with pytest.raises(StentorError, match="No space left on device") as error:
        source.parcel_of(entries, range(len(entries)), ())
    assert "TMPDIR" in error.value.hint
