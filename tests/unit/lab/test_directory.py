"""Where labs are, and what is read back from their directories."""

from __future__ import annotations

from pathlib import Path

import pytest

from stentor.errors import Refused, StentorError, UsageError
from stentor.lab import directory
from stentor.lab.directory import Record
from stentor.lab.plan.nodes import SEED


def test_the_cache_is_below_the_xdg_directory_when_that_is_absolute() -> None:
    environ = {"XDG_CACHE_HOME": "/c", "HOME": "/h"}
    assert directory.default_directory(environ, "XDG_CACHE_HOME") == Path("/c/stentor/lab")
    environ = {"XDG_CACHE_HOME": "relative", "HOME": "/h"}
    assert directory.default_directory(environ, "XDG_CACHE_HOME") == Path("/h/.cache/stentor/lab")


def test_a_record_is_read_back_as_it_was_saved(tmp_path: Path) -> None:
    assert directory.load(tmp_path) is None
    record = Record("bwrap", None, 7, SEED, terminals=False)
    directory.save(tmp_path, record)
    assert directory.load(tmp_path) == record


OLD = '{"backend": "plain", "numbered": 1, "max_sessions": 1, "nodes": [], "stentor_lab": 1}'


@pytest.mark.parametrize("text", ["{", "{}", "[]", '{"stentor_lab": 1}', OLD])
def test_an_invalid_record_is_an_error_which_names_the_file(tmp_path: Path, text: str) -> None:
    (tmp_path / "lab.json").write_text(text)
    with pytest.raises(StentorError, match="not a lab of this version") as raised:
        directory.load(tmp_path)
    assert raised.value.where == str(tmp_path / "lab.json")
    assert f"rm -r {tmp_path}" in raised.value.hint


def test_a_file_in_place_of_the_directory_is_no_lab_and_nothing_to_remove(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(UsageError, match="it is no directory") as raised:
        directory.load(tmp_path / "file")
    assert (raised.value.where, raised.value.hint) == (str(tmp_path / "file"), "")


def test_a_lock_file_that_is_a_link_is_not_followed(tmp_path: Path) -> None:
    victim = tmp_path / "victim"
    victim.write_text("ours\n")
    (tmp_path / ".lab.lock").symlink_to(victim)
    with pytest.raises(Refused, match="a lab cannot be made here"), directory.locked(tmp_path / "lab"):
        pass
    assert victim.read_text() == "ours\n"


def test_a_lab_that_others_may_write_to_is_refused(tmp_path: Path) -> None:
    place = tmp_path / "lab"
    place.mkdir()
    place.chmod(0o777)
    with pytest.raises(Refused, match="only you may write to"), directory.locked(place):
        pass
    place.chmod(0o755)
    with directory.locked(place):
        pass
