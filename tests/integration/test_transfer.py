"""Files to practice nodes and back: whole or not at all, only what is lacking, modes and times kept."""

from __future__ import annotations

import json
import os
import re
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import pytest

from stentor.lab import Lab
from stentor.transfer import remote, source
from tests.support import need

pytestmark = pytest.mark.integration
CORE = ("crtr", "prtr", "drtr")


@pytest.fixture
def site(tmp_path: Path) -> Path:
    base = tmp_path / "site"
    (base / "sub dir").mkdir(parents=True)
    (base / "plain.txt").write_bytes(b"hello\n")
    (base / "sub dir" / "it's a \\ name\n").write_bytes(os.urandom(300_000))
    (base / "empty").write_bytes(b"")
    (base / "run.sh").write_text("#!/bin/sh\n")
    (base / "run.sh").chmod(0o755)
    (base / "link").symlink_to("plain.txt")
    os.utime(base / "plain.txt", (1_000_000_000, 1_000_000_000))
    (base / "sub dir").chmod(0o750)
    return base


def tree(folder: Path) -> dict[str, tuple[int, int, bytes | str]]:
    found: dict[str, tuple[int, int, bytes | str]] = {}
    for path in sorted(folder.rglob("*")):
        name = str(path.relative_to(folder))
        if path.is_symlink():
            found[name] = (0, 0, os.readlink(path))
        else:
            state = path.stat()
            data = path.read_bytes() if path.is_file() else ""
            found[name] = (state.st_mode & 0o777, int(state.st_mtime), data)
    return found


def shares(said: Any) -> dict[str, dict[str, Any]]:
    """What each node got, by ``--json``."""
    objects = [json.loads(line) for line in said.stdout.splitlines()]
    assert objects[0]["stentor"] == 1
    return {one["node"]: one for one in objects if one["type"] == "copy"}


def test_a_directory_arrives_whole_and_only_once(lab: Lab, stentor: Any, site: Path) -> None:
    done = stentor("copy", "@all", f"{site}/", "~/site")
    assert (done.code, done.stdout) == (0, ""), done
    for node in ("crtr", "zrtr"):
        assert tree(lab.home(node) / "site") == tree(site)
    again = shares(stentor("copy", "--json", "@all", f"{site}/", "~/site"))
    assert {share["how"] for share in again.values()} == {"nothing"}
    (lab.home("prtr") / "site" / "plain.txt").write_bytes(b"changed\n")
    (lab.home("drtr") / "site" / "run.sh").chmod(0o600)
    os.utime(lab.home("drtr") / "site" / "run.sh", (1e9, 1e9))
    plan = stentor("copy", "-n", "@core", f"{site}/", "~/site").stdout.splitlines()
    assert plan == [
        "crtr: has it already",
        "prtr: would be sent 1 file, 6 bytes",
        "  'plain.txt'",
        "drtr: only modes and times would be set",
    ]
    assert (lab.home("prtr") / "site" / "plain.txt").read_bytes() == b"changed\n"
    assert stentor("copy", "@all", f"{site}/", "~/site").code == 0
    for node in CORE:
        assert tree(lab.home(node) / "site") == tree(site)
    shown = stentor("show", "--json").stdout
    assert "sent 1 file, 6 bytes" in shown or "copy" in stentor("history").stdout


def test_the_same_size_and_time_are_taken_for_the_same_unless_asked(
    lab: Lab, stentor: Any, site: Path
) -> None:
    there = lab.home("crtr") / "plain.txt"
    there.write_bytes(b"HELLO\n")
    os.utime(there, (1_000_000_000, 1_000_000_000))
    (site / "plain.txt").chmod(there.stat().st_mode & 0o777)
    assert shares(stentor("copy", "-j", "crtr", site / "plain.txt", "~"))["crtr"]["how"] == "nothing"
    assert stentor("copy", "--checksum", "crtr", site / "plain.txt", "~").code == 0
    assert there.read_bytes() == b"hello\n"


def test_one_file_gets_its_new_name_or_goes_into_a_directory(lab: Lab, stentor: Any, site: Path) -> None:
    (lab.home("crtr") / "there").mkdir()
    assert stentor("copy", "@core", site / "run.sh", "~/there").code == 0
    assert (lab.home("crtr") / "there" / "run.sh").stat().st_mode & 0o777 == 0o755
    assert (lab.home("prtr") / "there").is_file()
    again = stentor("copy", "-n", "@core", site / "run.sh", "~/there").stdout
    assert again.splitlines() == [f"{node}: has it already" for node in CORE]
    os.utime(site / "run.sh", (1_100_000_000, 1_100_000_000))
    assert stentor("copy", "@core", site / "run.sh", "~/there").code == 0
    assert (lab.home("prtr") / "there").stat().st_mtime == 1_100_000_000
    assert stentor("copy", "@core", site / "run.sh", site / "plain.txt", "~/new/").code == 0
    assert sorted(os.listdir(lab.home("drtr") / "new")) == ["plain.txt", "run.sh"]
    assert stentor("copy", "crtr", site / "run.sh", "relative name").code == 0
    assert (lab.home("crtr") / "relative name").is_file()


def test_a_folder_with_one_file_or_none_stays_a_folder_also_behind_a_jump_host(
    make_lab: Any, stentor: Any, tmp_path: Path
) -> None:
    lab = make_lab(2)
    gateway, behind = lab.nodes
    nodes = lab.fleet_dir / "nodes.yaml"
    lines = nodes.read_text().splitlines()
    jump = [line.replace("}", f", jump: {gateway}}}") if f"{behind}:" in line else line for line in lines]
    nodes.write_text("\n".join(jump) + "\n")
    for name, files in {"one": ["x"], "two": ["p", "q"], "empty": []}.items():
        (tmp_path / name).mkdir()
        for file in files:
            (tmp_path / name / file).write_text(file)
        assert stentor("copy", "@all", f"{tmp_path}/{name}/", f"~/{name}", fleet=lab).code == 0
        for node in lab.nodes:
            assert sorted(os.listdir(lab.home(node) / name)) == files
        again = shares(stentor("copy", "--json", "@all", f"{tmp_path}/{name}/", f"~/{name}", fleet=lab))
        assert {share["how"] for share in again.values()} == {"nothing"}
    (lab.home(behind) / "file").write_text("mine")
    refused = stentor("copy", behind, f"{tmp_path}/one/", "~/file", fleet=lab)
    assert (refused.code, (lab.home(behind) / "file").read_text()) == (1, "mine")
    assert stentor("fetch", "@all", "~/one/*", "~/two/[pq]", tmp_path / "got", fleet=lab).code == 0
    for node in lab.nodes:
        assert sorted(os.listdir(tmp_path / "got" / node)) == ["p", "q", "x"]


def test_a_killed_copy_leaves_nothing_half_written_and_is_gone_on_with(
    lab: Lab, stentor: Any, environ: dict[str, str], tmp_path: Path
) -> None:
    large = tmp_path / "large"
    with large.open("wb") as file:
        for _ in range(96):
            file.write(os.urandom(1 << 20))
    home = lab.home("crtr")
    (home / "large").write_text("old")
    stentor("run", "crtr", "true")
    words = [sys.executable, "-m", "stentor", "copy", "crtr", str(large), "~/"]
    process = subprocess.Popen(words, env=environ, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    end = time.monotonic() + 60
    while time.monotonic() < end and not any(
        part.stat().st_size > 1 << 20 for part in home.glob(f"{remote.WORK}.*/*")
    ):
        time.sleep(0.005)
    process.send_signal(signal.SIGINT)
    assert process.wait(20) == 130
    assert (home / "large").read_text() == "old"
    (part,) = home.glob(f"{remote.WORK}.*/*")
    arrived = part.stat().st_size
    assert 1 << 20 < arrived < large.stat().st_size
    said = shares(stentor("copy", "--json", "--no-rsync", "crtr", large, "~/"))
    assert said["crtr"]["resumed"] == arrived
    assert (home / "large").read_bytes() == large.read_bytes()
    assert not list(home.glob(f"{remote.WORK}*"))


def test_a_spoiled_stream_is_not_put_in_place(lab: Lab, stentor: Any, site: Path) -> None:
    entries = source.find([str(site / "plain.txt")]).entries
    packed = source.parcel_of(entries, [0], [])
    packed.file.close()
    command = remote.receive(remote.Target("~/plain.txt", "plain.txt"), packed.parcel, "sha256sum")
    done = stentor("run", "--stdin", "crtr", command, input=b"jello\n")
    assert "the checksum is wrong" in done.stderr
    assert not (lab.home("crtr") / "plain.txt").exists()
    assert stentor("run", "--stdin", "crtr", command, input=b"hello\n").code == 0
    assert (lab.home("crtr") / "plain.txt").read_bytes() == b"hello\n"


def test_rsync_sends_what_differs_in_a_large_file(lab: Lab, stentor: Any, tmp_path: Path) -> None:
    need("rsync")
    large = tmp_path / "large file"
    large.write_bytes(os.urandom(9 << 20))
    assert stentor("copy", "@core", large, "~/a place").code == 0
    with large.open("r+b") as file:
        file.seek(5 << 20)
        file.write(b"changed")
    # As rsync does, it takes a file of the same size and second for the same (docs/copy.md).
    later = os.stat(large).st_mtime + 5
    os.utime(large, (later, later))
    said = stentor("copy", "--json", "@core", large, "~/a place")
    assert {share["how"] for share in shares(said).values()} == {"rsync"}, said
    for node in CORE:
        assert (lab.home(node) / "a place").read_bytes() == large.read_bytes()
        assert not list(lab.home(node).glob(f"{remote.WORK}*"))
    assert shares(stentor("copy", "-nj", "@core", large, "~/a place"))["crtr"]["how"] == "nothing"


def test_what_cannot_be_written_is_an_outcome_with_its_reason(lab: Lab, stentor: Any, site: Path) -> None:
    done = stentor("copy", "@core", site / "plain.txt", "/proc/nothing/x")
    assert done.code == 1
    assert "there is no directory /proc/nothing" in done.stderr
    done = stentor("copy", "@core", f"{site}/", "/proc/nothing")
    assert done.code == 1
    assert "there is no directory" in done.stderr
    (lab.home("prtr") / "x" / "plain.txt").mkdir(parents=True)
    done = stentor("copy", "@core", f"{site}/", "~/x")
    assert done.code == 1
    assert "prtr (plain.txt is a directory there)" in done.stderr
    assert (lab.home("drtr") / "x" / "plain.txt").is_file()
    for words in (["not there", "/tmp/x"], ["only one"], [str(site / "plain.txt"), ""]):
        done = stentor("copy", "@core", *words)
        assert (done.code, "Traceback" in done.stderr) == (2, False)


def test_a_full_disk_and_a_read_only_home_are_said_in_a_few_words(
    make_lab: Any, stentor: Any, tmp_path: Path
) -> None:
    """Nodes of its own: a fault stays in force until it is healed."""
    lab = make_lab(all_up=True)
    if not lab.backend.isolated:
        pytest.skip("a node without namespaces has no file system of its own")
    large = tmp_path / "large"
    large.write_bytes(os.urandom(1 << 20))
    assert stentor("run", "@core", "true", fleet=lab).code == 0
    lab.break_("drtr", "full-disk")
    lab.break_("prtr", "read-only-home")
    done = stentor("copy", "@core", large, "~/", fleet=lab)
    assert done.code == 1
    assert (lab.home("crtr") / "large").read_bytes() == large.read_bytes()
    assert "drtr: it cannot be stored (is the disk full?)" in done.stderr
    assert "prtr: nothing can be written to " in done.stderr
    assert len(done.stderr) < 300
    # What no lock can be written to is no reason to keep everybody out.
    assert "locked" not in stentor("run", "--canary", "prtr", "@core", "true", fleet=lab).stderr


def test_a_failed_canary_keeps_the_copy_from_the_others(lab: Lab, stentor: Any, site: Path) -> None:
    words = ["--canary", "prtr", "--waves", "1", "--gate", "grep -q jello ~/plain.txt"]
    done = stentor("copy", *words, "@core", site / "plain.txt", "~/")
    assert done.code == 1
    assert (lab.home("prtr") / "plain.txt").exists()
    assert not (lab.home("crtr") / "plain.txt").exists()


def test_a_node_out_of_reach_is_named_and_the_others_get_it(make_lab: Any, stentor: Any, site: Path) -> None:
    lab = make_lab()
    done = stentor("copy", "@all", site / "plain.txt", "~/", fleet=lab)
    assert (lab.home("crtr") / "plain.txt").exists()
    assert "skipped" in done.stderr
    assert "zrtr" in done.stderr


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
    assert "there is no ~/site/plain.txt" in missing.stderr
    assert (into / "crtr" / "plain.txt").read_bytes() == b"hello\n"
    # A second time replaces what is there.
    (lab.home("crtr") / "site" / "empty").unlink()
    (lab.home("crtr") / "site" / "out").symlink_to("/etc/hostname")
    done = stentor("fetch", "--json", "crtr", "~/site", into)
    objects = [json.loads(line) for line in done.stdout.splitlines()]
    assert objects[0]["type"] == "operation"
    assert "site/out" in done.stdout
    assert sorted(os.listdir(into / "crtr" / "site")) == ["link", "plain.txt", "run.sh", "sub dir"]
    assert sorted(os.listdir(into)) == ["crtr", "drtr", "prtr", "trtr", "zrtr"]
    plan = stentor("fetch", "-n", "crtr,prtr", "~/site/plain.txt", into)
    assert plan.stdout.splitlines()[0].startswith("crtr: 1 files, about ")
    assert plan.stdout.splitlines()[1] == "prtr: there is no ~/site/plain.txt"
    assert stentor("fetch", "crtr", "~", tmp_path / "home").code == 0
    assert (tmp_path / "home" / "crtr" / "site" / "plain.txt").exists()


def test_reap_lists_what_broken_off_copies_keep_and_removes_it(lab: Lab, stentor: Any) -> None:
    home, seen = lab.home("crtr"), stentor("run", "crtr", "cd; pwd -P").stdout.strip()
    notes = home / ".local/state/stentor/copies"
    notes.mkdir(parents=True, exist_ok=True)
    # One of a process that has ended, and one that others could have written to.
    folders = {word: home / f".stentor-copy.99999999.{word}" for word in ("left", "open")}
    for word, folder in folders.items():
        folder.mkdir(mode=0o755 if word == "open" else 0o700)
        (folder / "key").write_bytes(b"x" * 50_000)
        (notes / word).write_text(f"{seen}/{folder.name}\n")
    (notes / "odd").write_text(f"{seen}\n")
    assert stentor("reap").stdout == ""
    listed = stentor("reap", "crtr,drtr")
    place = re.escape(f"{seen}/{folders['left'].name}")
    assert (listed.code, bool(re.fullmatch(rf"crtr: [\d.]+ kB in {place}\n", listed.stdout))) == (0, True), (
        listed
    )
    assert folders["left"].exists()
    removed = stentor("reap", "crtr,drtr", "--remove")
    assert removed.stdout == listed.stdout.replace("\n", ", removed\n")
    assert [word for word, folder in folders.items() if folder.exists()] == ["open"]
    assert {path.name for path in notes.iterdir()} == {"open", "odd"}
    assert stentor("reap", "--remove").code == 2
    shutil.rmtree(folders["open"])
    shutil.rmtree(notes)
