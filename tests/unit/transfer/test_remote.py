"""The scripts for nodes, run here by every shell and with whatever tools a node may have."""

from __future__ import annotations

import hashlib
import io
import os
import shutil
import subprocess
import tarfile
import time
from pathlib import Path

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from stentor import sh
from stentor.rollout import lock
from stentor.transfer import remote, source
from stentor.transfer.alike import alike
from stentor.transfer.plan import Look, Need, doubtful, needs, parse_look
from stentor.transfer.remote import Target
from stentor.transfer.sums import STRONG, Cksum
from tests.support import need

Ran = subprocess.CompletedProcess[bytes]
APPLETS = ["sh", "cat", "chmod", "find", "mkdir", "mv", "printf", "pwd", "readlink", "rm", "rmdir", "sed"]
APPLETS += ["stat", "tar", "touch", "tr", "wc", "mktemp", "id", "ls", "env", "xargs"]


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
    if request.param == "quoting stat":
        (tmp_path / "bin").mkdir()
        (tmp_path / "bin" / "stat").write_text(
            f'#!/bin/sh\nQUOTING_STYLE=shell-always exec {shutil.which("stat")} "$@"\n'
        )
        (tmp_path / "bin" / "stat").chmod(0o755)
        return f"{tmp_path}/bin:{os.environ['PATH']}"
    need("busybox")
    busybox = shutil.which("busybox")
    assert busybox
    folder = tmp_path / "bin"
    folder.mkdir()
    for name in [*APPLETS, *([] if request.param == "cksum only" else ["sha256sum"])]:
        (folder / name).symlink_to(busybox)
    if request.param == "no xargs":
        (folder / "xargs").unlink()
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


@pytest.mark.parametrize(
    ("asked", "names"),
    [
        ("~/site/em*", ["empty"]),
        ("~/site/*/it*", ["sub dir", "sub dir/it's a \\ name"]),
        ("~/site/[er]*", ["empty", "run"]),
        ("~/site/sub dir", ["sub dir", "sub dir/-deep", "sub dir/it's a \\ name"]),
    ],
)
def test_patterns_are_found_on_any_node(tmp_path: Path, path: str, asked: str, names: list[str]) -> None:
    make_tree(tmp_path / "site")
    done = here(remote.send(asked), tmp_path, path=path)
    assert (done.returncode, done.stderr) == (0, b"")
    with tarfile.open(fileobj=io.BytesIO(done.stdout)) as archive:
        found = {os.path.normpath(name) for name in archive.getnames()}
    assert found - {"sub dir"} == {*names} - {"sub dir"}


@pytest.mark.parametrize("path", ["all", "busybox", "cksum only", "no xargs", "quoting stat"], indirect=True)
def test_very_many_names_are_looked_at_on_any_node(tmp_path: Path, path: str) -> None:
    site, home = tmp_path / "site", tmp_path / "home"
    (site / "-sub dir").mkdir(parents=True)
    home.mkdir()
    for number in range(200):
        (site / "-sub dir" / f"it's {number}").write_bytes(b"x" * number)
    (site / "to -> there").symlink_to("-sub dir -> it")
    os.mkdir(os.fsencode(site) + b"/\xff\xfe")
    entries = source.find([f"{site}/"]).entries
    names = [entry.name for entry in entries]
    assert remote.many(names)
    target, expected = Target("to"), alike(entries)
    numbers = {f"./{name}": number for number, name in enumerate(names)}
    command = remote.look(target, many=True)
    data = remote.plain_lines([names[number] for number in expected.order])

    def look() -> Look:
        done = here(command, home, data, path=path)
        assert (done.returncode, done.stderr) == (0, b"")
        text = done.stdout.decode(errors="surrogateescape")
        line_by_line = parse_look(text, numbers, expected.order)
        found = expected.parse_look(text, names)
        for always in (False, True):
            assert doubtful(entries, found, always=always) == doubtful(entries, line_by_line, always=always)
            assert needs(entries, found, {}, always=always) == needs(entries, line_by_line, {}, always=always)
        return found

    assert needs(entries, look(), {}).send == tuple(range(len(entries)))
    shutil.copytree(site, home / "to", symlinks=True)
    assert needs(entries, look(), {}) == Need()
    by_numbers = len(look().there) == len(entries)
    assert sum(look().alike) == (0 if by_numbers else expected.files)
    (home / "to" / "-sub dir" / "it's 7").write_bytes(b"another")
    os.utime(home / "to" / "-sub dir" / "it's 7", (1, 1))
    (home / "to" / "-sub dir" / "it's 8").unlink()
    changed = {entries[number].name for number in needs(entries, look(), {}).send}
    assert changed == {"-sub dir/it's 7", "-sub dir/it's 8"}
    files = [number for number, entry in enumerate(entries) if entry.size and entry.name[-2:] != " 8"]
    asked = remote.plain_lines([names[number] for number in files])
    said = here(remote.digests(target, many=True), home, asked, path=path).stdout.decode().split()
    tool = look().sums
    assert said == [sums_of((home / "to" / entries[n].name).read_bytes())[tool] for n in files]


@pytest.mark.parametrize("path", ["all", "busybox", "cksum only", "no xargs", "quoting stat"], indirect=True)
@pytest.mark.parametrize("count", [2, 60])
def test_what_a_link_leads_to_is_not_read_as_what_is_there(tmp_path: Path, path: str, count: int) -> None:
    site, home = tmp_path / "site", tmp_path / "home"
    site.mkdir()
    home.mkdir()
    for number in range(count):
        (site / f"f{number:02}").write_bytes(b"x")
        os.utime(site / f"f{number:02}", (1e9, 1e9))
    (site / "a").symlink_to("f00")
    (site / "z").symlink_to("f01")
    entries = source.find([f"{site}/"]).entries
    names = [entry.name for entry in entries]
    shutil.copytree(site, home / "to", symlinks=True)
    last = f"f{count - 1:02}"
    for name in ("f00", last):
        (home / "to" / name).unlink()
    told = "".join(
        f"\nt 81a4 1 1000000000 ./f{number:02}\nf {number + 1}\ns 1 1000000000 644"
        for number in (0, count - 1)
    )
    for name in ("a", "z"):
        (home / "to" / name).unlink()
        (home / "to" / name).symlink_to(f"x{told}\nheld 1 somebody\nsums nothing")
    many, expected = remote.many(names), alike(entries)
    order = expected.order if many else range(len(names))
    asked = [names[number] for number in order]
    data = remote.plain_lines(asked) if many else remote.lines(asked)
    done = here(remote.look(Target("to"), many=many), home, data, path=path)
    text = done.stdout.decode()
    looks = [expected.parse_look(text, names)] if many else [parse_look(text)]
    if many:
        numbers = {f"./{name}": number for number, name in enumerate(names)}
        looks.append(parse_look(text, numbers, expected.order))
    for look in looks:
        assert {"a", "f00", last, "z"} <= {entries[number].name for number in needs(entries, look, {}).send}
        assert (look.held, look.sums) != ("held 1 somebody", "nothing")
        assert look.sums in (*STRONG, "cksum")
    # Nor is one that ends with a line the same as one that does not.
    for name, leads in (("a", "f00\n"), ("z", "f01\n")):
        (home / "to" / name).unlink()
        (home / "to" / name).symlink_to(leads)
    text = here(remote.look(Target("to"), many=many), home, data, path=path).stdout.decode()
    look = expected.parse_look(text, names) if many else parse_look(text)
    assert {"a", "z"} <= {entries[number].name for number in needs(entries, look, {}).send}


@pytest.mark.parametrize("nanoseconds", [1_234_567_890_999_999_999, -500_000_000])
def test_seconds_are_those_that_stat_tells(tmp_path: Path, nanoseconds: int) -> None:
    (tmp_path / "f").write_bytes(b"x")
    os.utime(tmp_path / "f", ns=(nanoseconds, nanoseconds))
    (one,) = source.find([f"{tmp_path}/f"]).entries
    look = parse_look(here(remote.look(Target(".", "")), tmp_path, b"f\n").stdout.decode())
    assert (one.modified, needs([one], look, {})) == (look.there[0].modified, Need())


def test_names_that_no_line_can_hold_are_not_many() -> None:
    assert not remote.many(["a"] * 49)
    assert remote.many(["a"] * 50)
    assert remote.plain_lines(["a", "b c"]) == b"./a\n./b c\n"
    assert not remote.many(["a"] * 50 + ["new\nline"])
    assert not remote.many(["a"] * 50 + ["back\\slash"])


def test_other_files_of_the_destination_stay(tmp_path: Path, path: str) -> None:
    site, home = make_tree(tmp_path / "site"), tmp_path / "home"
    (home / "into" / "sub dir").mkdir(parents=True)
    (home / "into" / "sub dir" / "own").write_text("stays")
    (home / "into" / "run").write_text("old")
    entries = source.find([f"{site}/"]).entries
    there = next(number for number, entry in enumerate(entries) if entry.name == "sub dir")
    lacking = [number for number in range(len(entries)) if number != there]
    packed = source.parcel_of(entries, lacking, [there], weak=True)
    packed.file.seek(0)
    tool = "cksum" if path.endswith("/bin") and not os.path.exists(f"{path}/sha256sum") else "sha256sum"
    command = remote.receive(Target("into"), packed.parcel, tool)
    assert here(command, home, packed.file.read(), path=path).returncode == 0
    packed.file.close()
    found = tree(home / "into")
    assert found.pop("sub dir/own")[-1] == b"stays"
    assert found == tree(site)


def test_nothing_is_asked_about_a_folder_that_is_not_there(tmp_path: Path, path: str) -> None:
    command = remote.look(Target("."), many=True, top="tree")
    names = remote.plain_lines(["tree", "tree/f"])
    heads = here(command, tmp_path, names, path=path).stdout
    assert b"tree" not in heads
    (tmp_path / "tree").symlink_to("nowhere")
    assert here(command, tmp_path, names, path=path).stdout.removeprefix(heads)
    (tmp_path / "tree").unlink()
    (tmp_path / "tree").mkdir()
    (tmp_path / "tree" / "f").write_bytes(b"x" * 4321)
    assert b" 4321 " in here(command, tmp_path, names, path=path).stdout


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
    before = sorted([*os.listdir(tmp_path), ".local"])
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
    assert sorted(os.listdir(tmp_path)) == before
    done = here(remote.receive(target, one(data), tool, 70_000), tmp_path, data[70_000:], path=path)
    assert b"copy again" in done.stderr


@pytest.mark.parametrize(("partial", "stays"), [(86400.0, True), (3600.0, False)])
def test_partial_copies_of_others_are_kept_for_the_policys_time(
    tmp_path: Path, partial: float, stays: bool, path: str
) -> None:
    tool = "cksum" if path.endswith("/bin") and not os.path.exists(f"{path}/sha256sum") else "sha256sum"
    here(remote.receive(Target("f", "f"), one(b"x" * 9000), tool), tmp_path, b"half", path=path)
    (half,) = tmp_path.glob(".stentor-copy.*/k")
    os.utime(half, (time.time() - 7200,) * 2)
    other = one(b"other")._replace(key="o")
    done = here(remote.receive(Target("g", "g"), other, tool, partial=partial), tmp_path, b"other", path=path)
    assert (done.returncode, half.exists()) == (0, stays)


def test_wrong_checksum_changes_nothing(tmp_path: Path) -> None:
    done = here(remote.receive(Target("f", "f"), one(b"right"), "sha256sum"), tmp_path, b"wrong")
    assert b"the checksum is wrong" in done.stderr
    assert os.listdir(tmp_path) == [".local"]


@pytest.mark.parametrize("known", [True, False], ids=["the same", "another"])
def test_quick_checksum_is_enough_and_without_it_sha_256_decides(known: bool, tmp_path: Path) -> None:
    need("openssl")
    (tmp_path / "right").write_bytes(b"right")
    found = source.find([str(tmp_path / "right")])
    packed = source.with_mac(source.parcel_of(found.entries, [0], ()))
    packed.file.close()
    if not packed.parcel.mac[0]:
        pytest.skip("this openssl has no mac")
    none = dict.fromkeys(packed.parcel.sums, "none")
    parcel = (
        packed.parcel._replace(sums=none)
        if known
        else packed.parcel._replace(mac=(packed.parcel.mac[0], "0" * 32))
    )
    done = here(remote.receive(Target("f", "right"), parcel, "openssl"), tmp_path, b"right")
    assert (done.returncode, done.stderr, (tmp_path / "f").read_bytes()) == (0, b"", b"right")
    done = here(remote.receive(Target("f", "right"), parcel, "openssl"), tmp_path, b"wrong")
    assert b"the checksum is wrong" in done.stderr
    assert (tmp_path / "f").read_bytes() == b"right"


@pytest.mark.parametrize("quick", [True, False], ids=["its sum is right", "SHA-256 decides"])
def test_large_file_is_received_by_perl_where_it_is(quick: bool, tmp_path: Path) -> None:
    need("openssl")
    need("perl")
    data = os.urandom(2_500_000)
    (tmp_path / "source").write_bytes(data)
    (tmp_path / "source").chmod(0o751)
    os.utime(tmp_path / "source", (1e9, 1e9))
    packed = source.with_mac(source.parcel_of(source.find([str(tmp_path / "source")]).entries, [0], ()))
    packed.file.close()
    if not packed.parcel.mac[0]:
        pytest.skip("this openssl has no mac")
    parcel = packed.parcel._replace(key="k")
    parcel = parcel._replace(sums={}) if quick else parcel._replace(mac=(parcel.mac[0], "0" * 32))
    home = tmp_path / "home"
    home.mkdir()

    def receive(data: bytes, offset: int = 0) -> Ran:
        return here(remote.receive(Target("it's", "x"), parcel, "openssl", offset, reads="ready"), home, data)

    (home / "it's").write_text("old")
    assert b"only 1000000 of 2500000 bytes came" in receive(data[:1_000_000]).stderr
    assert (home / "it's").read_text() == "old"
    done = receive(data[1_000_000:], 1_000_000)
    assert (done.returncode, done.stderr, done.stdout.split()[0]) == (0, b"", b"ready")
    found = (home / "it's").stat()
    assert ((home / "it's").read_bytes(), found.st_mode & 0o7777, found.st_mtime) == (data, 0o751, 1e9)
    assert b"the checksum is wrong" in receive(data[:-1] + bytes([data[-1] ^ 1])).stderr
    assert (home / "it's").read_bytes() == data
    assert sorted(os.listdir(home)) == [".local", "it's"]


def test_note_of_a_broken_copy_is_where_it_is_looked_for(tmp_path: Path) -> None:
    claim = lock.functions(lock.Claim("ours"))
    data = os.urandom(100_000)
    command = remote.receive(Target("f", "f"), one(data), "sha256sum", lock=claim, letters="abcdefabcdef")
    assert here(command, tmp_path, data[:70_000]).returncode == 74
    [left] = tmp_path.glob(f"{remote.WORK}.*.abcdefabcdef")
    said = here(sh.command(sh.join("copy/partial", call="partial")), tmp_path).stdout.decode()
    assert said.endswith(f" {left}\n")
    assert here(command, tmp_path, data).returncode == 0
    state = tmp_path / ".local" / "state" / "stentor"
    assert list(state.iterdir()) == []


def work(home: Path, process: int = 999_999_999, letters: str = "abcdefghijkl") -> Path:
    folder = home / f"{remote.WORK}.{process}.{letters}"
    folder.mkdir(mode=0o700)
    return folder


def test_leftovers_of_a_killed_copy_are_removed_by_the_next(tmp_path: Path) -> None:
    left, busy = work(tmp_path), work(tmp_path, os.getpid())
    (left / "tree" / "files").mkdir(parents=True)
    (left / "k").write_text("part of the same")
    (left / "recent").write_text("part of another")
    (left / "old").write_text("of no use any more")
    os.utime(left / "old", (1e9, 1e9))
    (busy / "k").write_text("in use")
    assert here(remote.receive(Target("f", "f"), one(b"new"), "sha256sum"), tmp_path, b"new").returncode == 0
    assert (os.listdir(left), os.listdir(busy)) == (["recent"], ["k"])


@pytest.mark.parametrize("size", [200_000, 2_200_000], ids=["by cat", "by Perl"])
def test_what_fills_the_disk_is_not_left_there(size: int, tmp_path: Path) -> None:
    """A limit of the size of files stands for the full disk: a write fails in the middle."""
    data = b"x" * size
    command = f"ulimit -f 64; trap '' XFSZ; {remote.receive(Target('f', 'f'), one(data), 'sha256sum')}"
    done = here(command, tmp_path, data, shell="bash")
    assert b"cannot be stored (is the disk full?)" in done.stderr
    assert os.listdir(tmp_path) == [".local"]


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
