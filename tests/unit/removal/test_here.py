"""What is kept on this machine: found by the environment alone, and removed piece by piece."""

from __future__ import annotations

import argparse
import fcntl
import io
import os
import shutil
import socket
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any, TextIO

import pytest

from stentor import journal
from stentor.cli.commands import uninstall
from stentor.cli.context import Context
from stentor.errors import Refused
from stentor.fleet.policy.sections import Journal as Policy
from stentor.removal import here
from stentor.web.state import alone, directory_of


@pytest.fixture
def home(monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    with tempfile.TemporaryDirectory(prefix="s-", dir="/tmp") as folder:  # the path of a socket is short
        monkeypatch.setattr(here, "SHARED", f"{folder}/tmp")
        yield Path(folder)


def environ_of(home: Path) -> dict[str, str]:
    return {"HOME": str(home), "XDG_RUNTIME_DIR": f"{home}/run"}


def fill(home: Path) -> None:
    for folder in (
        ".config/systemd/user",
        "run/stentor/1a2b",
        ".cache/stentor",
        ".local/state/stentor/lab",
        f"tmp/stentor-{os.geteuid()}",
    ):
        (home / folder).mkdir(parents=True)
    state = home / ".local/state/stentor"
    for name in ("journal.db", "journal.db-wal", "shell-history", "lab/lab.json"):
        (state / name).write_text("x")
    (home / ".config/systemd/user/stentor-serve.service").write_text("x")
    (home / ".config/systemd/user/mine.service").write_text("x")
    (state / "dotfiles").mkdir()  # of this machine as a node
    with socket.socket(socket.AF_UNIX) as dead:
        dead.bind(str(home / "run/stentor/1a2b/0123"))


def found(home: Path) -> list[tuple[str, str]]:
    return [(p.part, p.path.removeprefix(f"{home}/")) for p in here.places(environ_of(home))]


def test_every_part_is_found_by_its_kind(home: Path) -> None:
    fill(home)
    assert found(home) == [
        ("unit", ".config/systemd/user/stentor-serve.service"),
        ("masters", "run/stentor"),
        ("masters", f"tmp/stentor-{os.geteuid()}"),
        ("cache", ".cache/stentor"),
        ("journal", ".local/state/stentor/journal.db"),
        ("journal", ".local/state/stentor/journal.db-wal"),
        ("practice fleet", ".local/state/stentor/lab"),
        ("state", ".local/state/stentor/shell-history"),
    ]
    assert [place.masters for place in here.places(environ_of(home))][:3] == [0, 1, 0]


def test_what_was_removed_is_no_longer_found(home: Path) -> None:
    fill(home)
    for place in here.places(environ_of(home)):
        assert here.remove(place, environ_of(home)) == ""
        assert here.remove(place, environ_of(home)) == "", "a second time is no fault"
    assert found(home) == []
    here.remove_empty(environ_of(home))
    assert [path.name for path in (home / ".config/systemd/user").iterdir()] == ["mine.service"]
    assert [path.name for path in (home / ".local/state/stentor").iterdir()] == ["dotfiles"]


def test_a_link_is_removed_and_not_followed(home: Path) -> None:
    precious = home / "precious"
    precious.mkdir()
    (precious / "file").write_text("x")
    (home / ".cache").mkdir()
    (home / ".cache/stentor").symlink_to(precious)
    (place,) = here.places(environ_of(home))
    assert here.remove(place, environ_of(home)) == ""
    assert (precious / "file").exists()
    assert not (home / ".cache/stentor").is_symlink()


def test_while_an_operation_is_in_progress_nothing_is_removed(home: Path) -> None:
    environ = environ_of(home)
    here.refuse_running(environ)
    assert not (home / ".local").exists(), "looking makes no journal"
    book = journal.open(environ, Policy(), "/f")
    number = book.begin(journal.Operation("run", "uptime", "@all", ("a",), fleet="/f"))
    with pytest.raises(Refused, match=rf"operation {number} \(run\) is in progress on this machine"):
        here.refuse_running(environ)
    book.end(number, 0)
    here.refuse_running(environ)
    book.close()
    Path(book.path).write_bytes(b"no journal" * 1000)
    here.refuse_running(environ)


def test_while_a_page_is_served_nothing_is_removed(home: Path) -> None:
    environ = environ_of(home)
    with alone(directory_of(environ)):
        with pytest.raises(Refused, match="a page is served by this user; nothing was removed"):
            here.refuse_running(environ)
        unit = home / ".config/systemd/user/stentor-serve.service"
        unit.parent.mkdir(parents=True)
        unit.write_text("x")
        here.refuse_running(environ)  # systemd is told to end it
        unit.unlink()
    here.refuse_running(environ)


def test_what_a_page_uses_stays_if_it_begins_at_the_question(
    home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    environ = environ_of(home)
    options: dict[str, Any] = {"selector": [], "fleet": None, "journal": False, "dry_run": False}
    arguments = argparse.Namespace(**options, here=True, yes=True, json=False)
    context = Context(io.TextIOWrapper(io.BytesIO()), io.StringIO(), io.StringIO(), environ)
    with alone(directory_of(environ)):
        monkeypatch.setattr("stentor.api.uninstall.refuse_running", lambda environ: None)  # asked before it
        with pytest.raises(Refused, match="a page is served by this user"):
            uninstall.handle(arguments, context)
        assert os.path.exists(f"{directory_of(environ)}/lock")


def test_no_page_begins_while_its_folder_is_removed(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    environ = environ_of(home)
    folder = directory_of(environ)
    with alone(folder):
        pass  # one was served, and has ended
    with here.unserved(environ), pytest.raises(Refused, match="a page is served already"), alone(folder):
        pass
    with here.unserved(environ):
        taken = fcntl.flock

        def remove_and_take(lock: TextIO, kind: int) -> None:
            shutil.rmtree(folder)
            taken(lock, kind)

        # Opened before it was removed, and locked after it.
        monkeypatch.setattr(fcntl, "flock", remove_and_take)
    with pytest.raises(Refused), alone(folder):
        pass
    monkeypatch.undo()
    with alone(folder):
        pass


@pytest.mark.parametrize(
    ("variable", "folder"), [("XDG_RUNTIME_DIR", "run"), ("TMUX_TMPDIR", "t"), ("", "tmp")]
)
def test_the_lock_of_the_panes_is_found_where_it_is_made(home: Path, variable: str, folder: str) -> None:
    (home / folder).mkdir()
    lock = home / folder / f"stentor-tmux-{os.geteuid()}.lock"
    lock.touch()
    environ = {"HOME": str(home), **({variable: f"{home}/{folder}"} if variable else {})}
    assert [place.path for place in here.places(environ)] == [str(lock)]
