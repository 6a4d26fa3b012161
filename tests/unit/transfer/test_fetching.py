"""What a node sends is not trusted."""

from __future__ import annotations

import errno
import io
import os
import subprocess
import sys
import tarfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from stentor.fanout.events import Event, Finished, Output
from stentor.outcome import Outcome
from stentor.transfer.arriving import Count, Limits
from stentor.transfer.fetching import Fetching, unpack

# Later Pythons all have the filter, and without it their tarfile warns, or fails.
PYTHONS = ["this Python", "Debian 12's Python"] if sys.version_info < (3, 12) else ["this Python"]


@pytest.fixture(autouse=True, params=PYTHONS)
def _python(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    """Python 3.11.2 has no filter of tarfile's own."""
    if request.param == "Debian 12's Python":
        monkeypatch.delattr(tarfile, "data_filter", raising=False)


def stream(*items: tuple[str, bytes, str]) -> bytes:
    """An archive of (name, type, contents or target)."""
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode="w") as archive:
        for name, kind, text in items:
            item = tarfile.TarInfo(name)
            item.type, item.mtime = kind, 1_000_000_000
            if kind == tarfile.REGTYPE:
                item.size = len(text)
                archive.addfile(item, io.BytesIO(text.encode()))
            else:
                item.linkname = text
                archive.addfile(item)
    return buffer.getvalue()


def sent(data: bytes, outcome: Outcome) -> Iterator[Event]:
    for start in range(0, len(data), 1000):
        yield Output("crtr", "stdout", data[start : start + 1000])
    yield Finished("crtr", outcome)


OK = Outcome("crtr", "ok", 0)
FILE, LINK, HARD = tarfile.REGTYPE, tarfile.SYMTYPE, tarfile.LNKTYPE


@pytest.mark.parametrize(
    "items",
    [
        [("/tmp/evil", FILE, "x")],
        [("../evil", FILE, "x")],
        [("a/../../evil", FILE, "x")],
        [("hard", HARD, "/etc/passwd")],
        [("hard", HARD, "../outside")],
        [("device", tarfile.CHRTYPE, "")],
        [("a", LINK, "."), ("a/b", LINK, "x")],
    ],
)
def test_names_outside_the_folder_are_refused_and_the_old_copy_stays(
    items: list[tuple[str, bytes, str]], tmp_path: Path
) -> None:
    into = tmp_path / "into"
    (into / "crtr").mkdir(parents=True)
    (into / "crtr" / "good").write_text("old")
    (tmp_path / "outside").write_text("untouched")
    events = list(Fetching(str(into)).follow(sent(stream(("good", FILE, "new"), *items), OK)))
    (end,) = [event.outcome for event in events if isinstance(event, Finished)]
    assert end.kind == "failed"
    assert "not kept" in end.reason
    assert sorted(os.listdir(into)) == ["crtr"]
    assert sorted(os.listdir(into / "crtr")) == ["good"]
    assert (into / "crtr" / "good").read_text() == "old"
    assert sorted(os.listdir(tmp_path)) == ["into", "outside"]


def test_links_that_lead_out_are_left_out_and_named(tmp_path: Path) -> None:
    items = [("d/out", LINK, "/etc"), ("d/up", LINK, "../../x"), ("d/in", LINK, "../f"), ("f", FILE, "x")]
    found = unpack(io.BytesIO(stream(*items)), str(tmp_path), Count(Limits()))
    assert found.files == 1
    assert found.left_out == ("d/out (a link to /etc)", "d/up (a link to ../../x)")
    assert os.listdir(tmp_path / "d") == ["in"]
    assert os.readlink(tmp_path / "d" / "in") == "../f"


def test_nothing_is_written_through_a_link(tmp_path: Path) -> None:
    (tmp_path / "into").mkdir()
    data = stream(("a", LINK, "../.."), ("a/evil", FILE, "x"))
    found = unpack(io.BytesIO(data), str(tmp_path / "into"), Count(Limits()))
    assert found.left_out == ("a (a link to ../..)",)
    assert not (tmp_path / "evil").exists()
    assert (tmp_path / "into" / "a" / "evil").read_text() == "x"


def test_incomplete_stream_changes_nothing(tmp_path: Path) -> None:
    whole = stream(("f", FILE, "x" * 5000))
    (tmp_path / "crtr").mkdir()
    (tmp_path / "crtr" / "f").write_text("old")
    for data, outcome in ((whole[:3000], OK), (whole, OK._replace(kind="lost")), (b"", OK)):
        (end,) = Fetching(str(tmp_path)).follow(sent(data, outcome))
        assert isinstance(end, Finished)
        assert not end.outcome.ok
        assert (tmp_path / "crtr" / "f").read_text() == "old"
    (end,) = Fetching(str(tmp_path)).follow(sent(whole, OK))
    assert (tmp_path / "crtr" / "f").read_text() == "x" * 5000
    assert (tmp_path / "crtr" / "f").stat().st_mtime == 1e9
    assert os.listdir(tmp_path) == ["crtr"]


@pytest.mark.parametrize(
    ("here", "comes", "said"),
    [
        ("crtr/x/kept", ("x", FILE, "new"), "crtr/x is a directory, and a file on the node; move it away"),
        ("crtr/x/kept", ("x", LINK, "a"), "crtr/x is a directory, and a file on the node; move it away"),
        ("crtr/x", ("x/y", FILE, "new"), "crtr/x is a file, and a directory on the node; move it away"),
        ("crtr", ("x", FILE, "new"), "crtr is no directory; move it away"),
    ],
)
def test_a_file_never_replaces_a_folder_nor_the_reverse(
    tmp_path: Path, here: str, comes: tuple[str, bytes, str], said: str
) -> None:
    (tmp_path / here).parent.mkdir(parents=True, exist_ok=True)
    (tmp_path / here).write_text("old")
    (end,) = Fetching(str(tmp_path)).follow(sent(stream(("a", FILE, "new"), comes), OK))
    assert isinstance(end, Finished)
    assert end.outcome.reason == f"not kept: {tmp_path}/{said}"
    assert (tmp_path / here).read_text() == "old"
    assert not (tmp_path / "crtr" / "a").exists()  # all of it or nothing


def test_a_disk_that_is_full_is_told_without_the_number_of_the_error(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(*_: object) -> None:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    monkeypatch.setattr("stentor.transfer.fetching.place", full)
    *_, end = Fetching(str(tmp_path)).follow(sent(stream(("f", FILE, "x")), OK))
    assert isinstance(end, Finished)
    assert end.outcome.reason == "not kept: No space left on device"


def test_a_link_in_place_of_the_nodes_folder_is_not_followed(tmp_path: Path) -> None:
    folder, own = tmp_path / "open", tmp_path / "own"
    folder.mkdir()
    own.mkdir()
    (folder / "crtr").symlink_to(own)
    fetching = Fetching(str(folder))
    *_, end = fetching.follow(sent(stream(("f", FILE, "x")), OK))
    assert isinstance(end, Finished)
    assert (end.outcome.kind, end.outcome.reason.startswith("not kept: ")) == ("failed", True)
    assert os.listdir(own) == []
    assert os.listdir(folder) == ["crtr"]


def test_what_a_killed_fetch_left_is_removed_by_the_next(tmp_path: Path) -> None:
    gone = subprocess.Popen(["true"])
    gone.wait()
    left = tmp_path / f".stentor-fetch-{gone.pid}-abc"
    (left / "new").mkdir(parents=True)
    (left / "new" / "f").write_text("half")
    names = (f".stentor-fetch-{os.getpid()}-x", ".stentor-fetch-notes", f".drtr-{gone.pid}-x")
    stay = [tmp_path / name for name in names]
    for folder in stay:
        folder.mkdir()
    link = tmp_path / f".stentor-fetch-{gone.pid}-link"
    link.symlink_to(stay[0])
    *_, end = Fetching(str(tmp_path)).follow(sent(stream(("f", FILE, "x")), OK))
    assert isinstance(end, Finished) and end.outcome.ok
    assert set(tmp_path.iterdir()) == {*stay, link, tmp_path / "crtr"}


def test_nodes_named_alike_leave_each_others_files_alone(tmp_path: Path) -> None:
    gone = subprocess.Popen(["true"])
    gone.wait()
    nodes = (f"crtr-{gone.pid}", "crtr")
    data = stream(("first", FILE, "x"), ("last", FILE, "y"))

    def events() -> Iterator[Event]:
        for part in (data[:1024], data[1024:]):
            for node in nodes:
                yield Output(node, "stdout", part)
        for node in nodes:
            yield Finished(node, OK._replace(node=node))

    ends = [
        event.outcome for event in Fetching(str(tmp_path)).follow(events()) if isinstance(event, Finished)
    ]
    assert [outcome.kind for outcome in ends] == ["ok", "ok"]
    assert {str(path.relative_to(tmp_path)) for path in tmp_path.rglob("*") if path.is_file()} == {
        f"{node}/{name}" for node in nodes for name in ("first", "last")
    }


def test_a_symbolic_link_with_two_names_is_two_links(tmp_path: Path) -> None:
    """tar calls the second name a hard link, and the first is made only when all else is there."""
    site = tmp_path / "site"
    site.mkdir()
    (site / "file").write_text("x")
    (site / "one").symlink_to("file")
    os.link(site / "one", site / "two", follow_symlinks=False)
    packed = subprocess.run(["tar", "-cf", "-", "site"], cwd=tmp_path, capture_output=True, check=True)
    into = tmp_path / "into"
    into.mkdir()
    assert unpack(io.BytesIO(packed.stdout), str(into), Count(Limits())).left_out == ()
    assert [os.readlink(into / "site" / name) for name in ("one", "two")] == ["file", "file"]


@pytest.mark.parametrize("target", ["nothing", "hard"])
def test_a_hard_link_to_what_has_not_come_is_refused(tmp_path: Path, target: str) -> None:
    with pytest.raises(tarfile.ReadError, match="a hard link to what has not come: 'hard'"):
        unpack(io.BytesIO(stream(("hard", HARD, target))), str(tmp_path), Count(Limits()))
