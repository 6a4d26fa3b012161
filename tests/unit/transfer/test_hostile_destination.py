"""Copies into folders that others may write to: nothing that they have put there is used, followed or run."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from stentor.transfer import remote, source
from stentor.transfer.plan import parse_look
from stentor.transfer.remote import Target
from tests.unit.transfer.test_remote import Ran, here, one, tree

DATA = b"x" * 100_000


@pytest.fixture
def place(tmp_path: Path) -> Path:
    """A folder like ``/tmp``."""
    folder = tmp_path / "open"
    folder.mkdir()
    folder.chmod(0o1777)
    return folder


@pytest.fixture
def own(tmp_path: Path) -> Path:
    """What nobody but the login may touch."""
    folder = tmp_path / "own"
    folder.mkdir(mode=0o700)
    (folder / "key").write_text("secret")
    return folder


def copy(site: Path, target: str, home: Path) -> Ran:
    entries = source.find([str(site)]).entries
    packed = source.parcel_of(entries, range(len(entries)), ())
    with packed.file as file:
        file.seek(0)
        return here(remote.receive(Target(target), packed.parcel, "sha256sum"), home, file.read())


def test_a_prepared_work_folder_is_neither_used_nor_run(place: Path, own: Path, tmp_path: Path) -> None:
    site = tmp_path / "site"
    site.mkdir()
    (site / "f").write_text("f")
    ran = tmp_path / "ran"
    bad = place / ".stentor-copy"
    bad.mkdir()
    bad.chmod(0o777)
    for name in ("after", "tree/after", f"{'k' * 32}.1"):
        (bad / name).parent.mkdir(exist_ok=True)
        (bad / name).write_text(f"echo run >{ran}\n")
    (place / ".stentor-copy.1.aaaaaaaaaaaa").symlink_to(own)
    (place / ".stentor-copy.999999999.aaaaaaaaaaaa").symlink_to(own)
    before = tree(bad), tree(own)
    done = copy(site, str(place), tmp_path)
    assert (done.returncode, done.stderr) == (0, b"")
    assert (place / "site" / "f").read_text() == "f"
    assert (tree(bad), tree(own)) == before
    assert not ran.exists()


@pytest.mark.parametrize("mode", [0o777, 0o755, 0o710])
def test_a_part_in_a_folder_that_others_may_enter_is_not_gone_on_with(
    mode: int, place: Path, tmp_path: Path
) -> None:
    left = place / ".stentor-copy.999999999.aaaaaaaaaaaa"
    left.mkdir()
    (left / "k").write_bytes(DATA[:70_000])
    left.chmod(mode)
    target = Target(f"{place}/f", "f")
    look = parse_look(here(remote.look(target), tmp_path, b"f\n").stdout.decode())
    assert look.parts == {}
    done = here(remote.receive(target, one(DATA), "sha256sum", 70_000), tmp_path, DATA[70_000:])
    assert b"copy again" in done.stderr
    assert not (place / "f").exists()
    left.chmod(0o700)
    assert parse_look(here(remote.look(target), tmp_path, b"f\n").stdout.decode()).parts == {"k": 70_000}


@pytest.mark.parametrize("kind", ["link", "second name"])
def test_a_part_that_is_no_plain_file_of_its_own_is_not_gone_on_with(
    kind: str, place: Path, own: Path, tmp_path: Path
) -> None:
    left = place / ".stentor-copy.999999999.aaaaaaaaaaaa"
    left.mkdir(mode=0o700)
    (own / "key").write_bytes(DATA[:70_000])
    (own / "key").chmod(0o600)
    if kind == "link":
        (left / "k").symlink_to(own / "key")
    else:
        os.link(own / "key", left / "k")
    done = here(
        remote.receive(Target(f"{place}/f", "f"), one(DATA), "sha256sum", 70_000), tmp_path, DATA[70_000:]
    )
    assert b"copy again" in done.stderr
    assert (own / "key").read_bytes() == DATA[:70_000]


def test_no_link_takes_the_place_of_a_folder(place: Path, own: Path, tmp_path: Path) -> None:
    site = tmp_path / "site"
    (site / "sub").mkdir(parents=True)
    (site / "sub" / "key").write_text("new")
    for link in (place / "site", place / "site" / "sub"):
        link.symlink_to(own)
        done = copy(site, str(place), tmp_path)
        assert f"{link.name} is a link, and no directory".encode() in done.stderr
        assert (os.listdir(own), (own / "key").read_text()) == (["key"], "secret")
        link.unlink()
        link.mkdir()
    assert copy(site, str(place), tmp_path).returncode == 0
    assert (place / "site" / "sub" / "key").read_text() == "new"


def test_a_link_takes_no_mode_on_behalf_of_its_file(place: Path, own: Path, tmp_path: Path) -> None:
    (own / "key").chmod(0o600)
    (place / "f").symlink_to(own / "key")
    done = here(remote.set_modes(Target(f"{place}/f", "f"), 0o666, "200109090146.40"), tmp_path)
    assert b"mode and time cannot be set" in done.stderr
    assert (own / "key").stat().st_mode & 0o777 == 0o600


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can make files of another user")
def test_a_destination_that_another_user_made_a_link_is_refused(
    place: Path, own: Path, tmp_path: Path
) -> None:
    (place / "into").symlink_to(own)
    os.lchown(place / "into", 65534, 65534)
    done = here(remote.receive(Target(f"{place}/into/", "f"), one(b"x"), "sha256sum"), tmp_path, b"x")
    assert b"is a link that another user made" in done.stderr
    assert os.listdir(own) == ["key"]
    os.lchown(place / "into", os.geteuid(), -1)
    assert (
        here(remote.receive(Target(f"{place}/into/", "f"), one(b"x"), "sha256sum"), tmp_path, b"x").returncode
        == 0
    )


def test_nothing_is_sourced_or_run_from_what_was_sent() -> None:
    """The parts of a copy have neither ``.`` nor ``eval`` nor a name from the archive as a command."""
    from stentor import sh

    for line in sh.join("copy/receive").splitlines():
        words = line.split()
        assert "eval" not in words
        assert not any(
            first in ("&&", "||", "|", "{", ";", "") and word == "."
            for first, word in zip(["", *words], words, strict=False)
        )
