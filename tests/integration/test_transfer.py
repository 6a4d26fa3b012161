"""Files to practice nodes and back: whole or not at all, only what is lacking, modes and times kept."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

import pytest

from stentor.lab import Lab
from stentor.transfer import remote, source

pytestmark = pytest.mark.integration


@pytest.fixture
def site(tmp_path: Path) -> Path:
    base = tmp_path / "site"
    (base / "sub dir").mkdir(parents=True)
    (base / "plain.txt").write_bytes(b"hello\n")
    (base / "sub dir" / "it's a \\ name").write_bytes(os.urandom(300_000))
    (base / "empty").write_bytes(b"")
    (base / "run.sh").write_text("#!/bin/sh\n")
    (base / "run.sh").chmod(0o755)
    (base / "link").symlink_to("plain.txt")
    os.utime(base / "plain.txt", (1_000_000_000, 1_000_000_000))
    (base / "sub dir").chmod(0o750)
    return base


def tree(folder: Path) -> dict[str, tuple[int, bytes | str]]:
    found: dict[str, tuple[int, bytes | str]] = {}
    for path in sorted(folder.rglob("*")):
        name = str(path.relative_to(folder))
        if path.is_symlink():
            found[name] = (0, os.readlink(path))
        else:
            found[name] = (path.stat().st_mode & 0o777, path.read_bytes() if path.is_file() else "")
    return found


def test_a_directory_arrives_whole_and_only_once(lab: Lab, stentor: Any, site: Path) -> None:
    done = stentor("copy", "@all", f"{site}/", "~/site")
    assert (done.code, done.stdout) == (0, ""), done
    for node in ("crtr", "zrtr"):
        assert tree(lab.home(node) / "site") == tree(site)
    assert int((lab.home("crtr") / "site" / "plain.txt").stat().st_mtime) == 1_000_000_000
    assert "crtr: has it already" not in stentor("copy", "-n", "@all", str(site), "~/other").stdout
    (lab.home("prtr") / "site" / "plain.txt").write_bytes(b"changed\n")
    plan = stentor("copy", "-n", "@all", f"{site}/", "~/site").stdout.splitlines()
    # The link is sent each time; files only where they differ.
    assert plan[1] == "prtr: would be sent 2 files, 6 bytes"
    assert plan[0] == "crtr: would be sent 1 files, 0 bytes"
    assert stentor("copy", "@all", f"{site}/", "~/site").code == 0
    assert tree(lab.home("prtr") / "site") == tree(site)
    assert "copy" in stentor("history").stdout


def test_one_file_gets_its_new_name_or_goes_into_a_directory(lab: Lab, stentor: Any, site: Path) -> None:
    (lab.home("crtr") / "there").mkdir()
    assert stentor("copy", "@core", site / "run.sh", "~/there").code == 0
    assert (lab.home("crtr") / "there" / "run.sh").stat().st_mode & 0o777 == 0o755
    assert (lab.home("prtr") / "there").is_file()
    again = stentor("copy", "-n", "@core", site / "run.sh", "~/there").stdout
    assert again.splitlines() == [f"{node}: has it already" for node in ("crtr", "prtr", "drtr")]
    assert stentor("copy", "@core", site / "run.sh", site / "plain.txt", "~/new/").code == 0
    assert sorted(os.listdir(lab.home("drtr") / "new")) == ["plain.txt", "run.sh"]


def test_a_broken_stream_changes_nothing_and_the_next_goes_on(lab: Lab, stentor: Any, site: Path) -> None:
    (lab.home("crtr") / "site").mkdir()
    (lab.home("crtr") / "site" / "plain.txt").write_bytes(b"old\n")
    entries = source.entries([f"{site}/"])
    with (site.parent / "stream").open("wb") as file:
        source.pack(entries, file)
    whole = (site.parent / "stream").read_bytes()
    command = remote.receive("~/site", "0123456789abcdef")
    broken = site.parent / "broken"
    for cut in (len(whole) // 2, 200_000):
        broken.write_bytes(whole[:cut])
        done = stentor("run", "--stdin", "crtr", command, input=broken.read_bytes())
        assert done.code == 1
        assert tree(lab.home("crtr") / "site")["plain.txt"][1] == b"old\n"
    spoiled = whole.replace(b"hello\n", b"jello\n")
    assert "a checksum is wrong" in stentor("run", "--stdin", "crtr", command, input=spoiled).stderr
    assert tree(lab.home("crtr") / "site")["plain.txt"][1] == b"old\n"
    assert stentor("run", "--stdin", "crtr", command, input=whole).code == 0
    assert tree(lab.home("crtr") / "site") == tree(site)


def test_what_cannot_be_written_is_an_outcome(lab: Lab, stentor: Any, site: Path) -> None:
    done = stentor("copy", "@core", site / "plain.txt", "/proc/nothing/x")
    assert done.code == 1
    assert "3 failed" in done.stderr
    assert stentor("copy", "@core", site / "not there", "/tmp/x").code == 2


def test_fetch_gives_each_node_a_folder(lab: Lab, stentor: Any, site: Path, tmp_path: Path) -> None:
    assert stentor("copy", "@all", f"{site}/", "~/site").code == 0
    into = tmp_path / "got"
    (lab.home("prtr") / "site" / "plain.txt").unlink()
    assert stentor("fetch", "@all", "~/site", into).code == 0
    assert sorted(os.listdir(into)) == ["crtr", "drtr", "prtr", "trtr", "zrtr"]
    assert tree(into / "crtr" / "site")["plain.txt"] == tree(site)["plain.txt"]
    assert "plain.txt" not in tree(into / "prtr" / "site")
    missing = stentor("fetch", "crtr,prtr", "~/site/plain.txt", into)
    assert missing.code == 1
    assert "there is no" in missing.stderr or "66" in missing.stderr
    assert (into / "crtr" / "plain.txt").read_bytes() == b"hello\n"
