"""The scripts for nodes, run here by every shell and with whatever tools a node may have."""

from __future__ import annotations

import hashlib
import os
import shutil
import subprocess
from pathlib import Path

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from stentor import sh
from stentor.transfer import remote, source
from stentor.transfer.plan import parse_look
from stentor.transfer.remote import Target
from stentor.transfer.sums import STRONG, Cksum
from tests.support import need

Ran = subprocess.CompletedProcess[bytes]
APPLETS = ["sh", "cat", "chmod", "find", "mkdir", "mv", "printf", "pwd", "readlink", "rm", "rmdir", "sed"]
APPLETS += ["stat", "tar", "touch", "wc"]


def here(command: str, home: Path, data: bytes = b"", *, shell: str = "sh", path: str | None = None) -> Ran:
    environ = {"HOME": str(home), "PATH": path or os.environ["PATH"]}
    return subprocess.run(
        [shutil.which(shell) or shell, "-c", command], cwd=home, env=environ, input=data, capture_output=True
    )


@pytest.fixture(params=["all", "busybox", "cksum only"])
def path(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """The programs of a node."""
    if request.param == "all":
        return os.environ["PATH"]
    need("busybox")
    busybox = shutil.which("busybox")
    assert busybox
    folder = tmp_path / "bin"
    folder.mkdir()
    for name in [*APPLETS, *(["sha256sum"] if request.param == "busybox" else [])]:
        (folder / name).symlink_to(busybox)
    if request.param == "cksum only":  # busybox has it not everywhere
        (folder / "cksum").symlink_to(shutil.which("cksum") or "/usr/bin/cksum")
    return str(folder)


def make_tree(base: Path) -> Path:
    (base / "sub dir" / "-deep").mkdir(parents=True)
    (base / "sub dir" / "it's a \\ name").write_bytes(b"x" * 1000)
    (base / "new\nline").write_bytes(b"n")
    (base / ".hidden").write_bytes(b"h")
    (base / ("long " * 40)).write_bytes(b"l")
    os.mkdir(os.fsencode(base) + b"/\xff\xfe")
    (base / "empty").write_bytes(b"")
    (base / "run").write_text("#!/bin/sh\n")
    (base / "run").chmod(0o755)
    (base / "link").symlink_to("sub dir/nothing")
    (base / "sub dir" / "-deep").chmod(0o500)
    for number, (folder, _, files) in enumerate(os.walk(base, topdown=False)):
        for name in files:
            os.utime(os.path.join(folder, name), (1e9 + number,) * 2, follow_symlinks=False)
        os.utime(folder, (1e9 + number,) * 2)
    return base


def tree(folder: Path) -> dict[str, tuple[object, ...]]:
    found: dict[str, tuple[object, ...]] = {}
    for place, folders, files in os.walk(folder):
        for name in folders + files:
            path = os.path.join(place, name)
            state = os.lstat(path)
            what: object = os.readlink(path) if os.path.islink(path) else None
            if os.path.isfile(path) and what is None:
                with open(path, "rb") as file:
                    what = file.read()
            times = () if os.path.islink(path) else (state.st_mode, int(state.st_mtime))
            found[os.path.relpath(path, folder)] = (*times, what)
    return found


def sums_of(data: bytes) -> dict[str, str]:
    weak = Cksum()
    weak.update(data)
    return {**dict.fromkeys(STRONG, hashlib.sha256(data).hexdigest()), "cksum": weak.hexdigest()}


def test_a_tree_with_odd_names_arrives_on_any_node(tmp_path: Path, path: str) -> None:
    site, home = make_tree(tmp_path / "site"), tmp_path / "home"
    home.mkdir()
    entries = source.find([f"{site}/"]).entries
    target = Target("~/in to")
    names = remote.lines(entry.name for entry in entries)
    look = parse_look(
        here(remote.look(target), home, names, path=path).stdout.decode(errors="surrogateescape")
    )
    assert not look.base
    assert {there.kind for there in look.there.values()} == {"none"}
    packed = source.parcel_of(entries, range(len(entries)), (), weak=True)
    assert packed.file
    packed.file.seek(0)
    done = here(remote.receive(target, packed.parcel, look.sums), home, packed.file.read(), path=path)
    packed.file.close()
    assert (done.returncode, done.stderr) == (0, b"")
    assert tree(home / "in to") == tree(site)
    look = parse_look(
        here(remote.look(target), home, names, path=path).stdout.decode(errors="surrogateescape")
    )
    for number, entry in enumerate(entries):
        there = look.there[number]
        assert there.kind == entry.kind
        if entry.kind != "link":
            assert (there.mode, there.modified) == (entry.mode, entry.modified)
    files = [entry.name for entry in entries if entry.kind == "file" and "\n" not in entry.name]
    said = here(remote.digests(target), home, remote.lines(files), path=path).stdout.decode().split()
    assert said == [sums_of((site / name).read_bytes())[look.sums] for name in files]


def test_other_files_of_the_destination_stay(tmp_path: Path, path: str) -> None:
    site, home = make_tree(tmp_path / "site"), tmp_path / "home"
    (home / "into" / "sub dir").mkdir(parents=True)
    (home / "into" / "sub dir" / "own").write_text("stays")
    (home / "into" / "run").write_text("old")
    entries = source.find([f"{site}/"]).entries
    packed = source.parcel_of(entries, range(len(entries)), (), weak=True)
    assert packed.file
    packed.file.seek(0)
    tool = "cksum" if path.endswith("/bin") and not os.path.exists(f"{path}/sha256sum") else "sha256sum"
    command = remote.receive(Target("into"), packed.parcel, tool)
    assert here(command, home, packed.file.read(), path=path).returncode == 0
    packed.file.close()
    found = tree(home / "into")
    assert found.pop("sub dir/own")[-1] == b"stays"
    assert found == tree(site)


@pytest.mark.parametrize("shell", ["sh", "bash", "zsh", "fish", "tcsh", "csh", "ksh"])
def test_scripts_run_under_any_login_shell(shell: str, tmp_path: Path) -> None:
    need(shell)
    script = "x='a \"b\" $HOME \\\\ ! %s'\nprintf '%s|' \"$x\" 'ü' '\\'\nfor i in 1 2; do echo $i; done\n"
    done = here(sh.command(script), tmp_path, shell=shell)
    assert done.stdout.decode() == 'a "b" $HOME \\\\ ! %s|ü|\\|1\n2\n', done


def one(data: bytes, key: str = "k") -> remote.Parcel:
    return remote.Parcel(key, len(data), sums_of(data), "f", 0o640, "200109090146.40")


def test_partial_copy_is_resumed(tmp_path: Path, path: str) -> None:
    data = os.urandom(200_000)
    target = Target("f", "f")
    (tmp_path / "f").write_text("old")
    tool = "cksum" if path.endswith("/bin") and not os.path.exists(f"{path}/sha256sum") else "sha256sum"
    done = here(remote.receive(target, one(data), tool), tmp_path, data[:70_000], path=path)
    assert done.returncode == 74
    assert b"only 70000 of 200000 bytes came" in done.stderr
    assert (tmp_path / "f").read_text() == "old"
    look = parse_look(here(remote.look(target), tmp_path, b"f\n", path=path).stdout.decode())
    assert look.parts == {"k": 70_000}
    done = here(remote.receive(target, one(data), tool, 70_000), tmp_path, data[70_000:], path=path)
    assert (done.returncode, done.stderr) == (0, b"")
    assert (tmp_path / "f").read_bytes() == data
    assert ((tmp_path / "f").stat().st_mode & 0o777, (tmp_path / "f").stat().st_mtime) == (0o640, 1e9)
    assert not (tmp_path / remote.WORK).exists()
    done = here(remote.receive(target, one(data), tool, 70_000), tmp_path, data[70_000:], path=path)
    assert b"copy again" in done.stderr


def test_wrong_checksum_changes_nothing(tmp_path: Path) -> None:
    done = here(remote.receive(Target("f", "f"), one(b"right"), "sha256sum"), tmp_path, b"wrong")
    assert b"the checksum is wrong" in done.stderr
    assert os.listdir(tmp_path) == []


def test_leftovers_of_a_killed_copy_are_removed_by_the_next(tmp_path: Path) -> None:
    work = tmp_path / remote.WORK
    (work / "tree.999999999" / "files").mkdir(parents=True)
    (work / "k.999999999").write_text("part of the same")
    (work / "recent.999999999").write_text("part of another")
    (work / f"busy.{os.getpid()}").write_text("in use")
    (work / "old.999999999").write_text("of no use any more")
    os.utime(work / "old.999999999", (1e9, 1e9))
    assert here(remote.receive(Target("f", "f"), one(b"new"), "sha256sum"), tmp_path, b"new").returncode == 0
    assert sorted(os.listdir(work)) == [f"busy.{os.getpid()}", "recent.999999999"]


def test_directory_in_place_of_a_file_is_refused(tmp_path: Path) -> None:
    (tmp_path / "f" / "f").mkdir(parents=True)
    done = here(remote.receive(Target("f", "f"), one(b"x"), "sha256sum"), tmp_path, b"x")
    assert b"f/f is a directory" in done.stderr
    done = here(remote.receive(Target("none/f", "f"), one(b"x"), "sha256sum"), tmp_path, b"x")
    assert b"there is no directory none" in done.stderr
    assert here(remote.receive(Target("none/", "f"), one(b"x"), "sha256sum"), tmp_path, b"x").returncode == 0
    assert (tmp_path / "none" / "f").read_text() == "x"


@given(st.binary(max_size=2000))
@example(b"")
@example(b"123456789")
def test_cksum_is_that_of_the_program(data: bytes) -> None:
    need("cksum")
    ours = Cksum()
    ours.update(data[:7])
    ours.update(data[7:])
    said = subprocess.run(["cksum"], input=data, capture_output=True, check=True).stdout.split()[0]
    assert ours.hexdigest() == said.decode()
