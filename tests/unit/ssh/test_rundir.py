"""The private folder, and what is cached in it."""

from __future__ import annotations

import marshal
import os
import tempfile
import time
from binascii import crc32
from collections.abc import Iterator
from pathlib import Path

import pytest

from stentor.errors import Refused
from stentor.ssh.rundir import Known, run_directory
from stentor.ssh.target import Target

TARGET = Target("192.0.2.1", 22, "me", control="/run/s/abc", shell="/bin/zsh")


@pytest.fixture
def short() -> Iterator[Path]:
    with tempfile.TemporaryDirectory(prefix="r-", dir="/tmp") as folder:
        yield Path(folder)


def test_the_folder_is_private_and_one_a_fleet(short: Path) -> None:
    one = run_directory({"XDG_RUNTIME_DIR": str(short)}, "/fleet/one")
    two = run_directory({"XDG_RUNTIME_DIR": str(short)}, "/fleet/two")
    assert one != two
    assert one == run_directory({"XDG_RUNTIME_DIR": str(short)}, "/fleet/one")
    assert os.stat(one).st_mode & 0o777 == 0o700
    assert len(one) + 41 + 17 + 1 <= 108


def test_a_folder_which_others_may_enter_is_refused(short: Path) -> None:
    (short / "stentor").mkdir(mode=0o755)
    (short / "stentor").chmod(0o755)
    with pytest.raises(Refused, match="only you may enter"):
        run_directory({"XDG_RUNTIME_DIR": str(short)}, "/fleet")


def test_a_link_in_its_place_is_refused(short: Path, tmp_path: Path) -> None:
    (short / "stentor").symlink_to(tmp_path)
    with pytest.raises(Refused):
        run_directory({"XDG_RUNTIME_DIR": str(short)}, "/fleet")


def test_targets_are_remembered_while_the_configuration_stays(tmp_path: Path) -> None:
    config = tmp_path / "config"
    config.write_text("Host *\n")
    known = Known(str(tmp_path))
    known.rests_on([str(config), str(tmp_path / "missing")])
    known.put("crtr", ["--", "crtr"], TARGET)
    known.save()
    again = Known(str(tmp_path))
    assert again.get("crtr", ["--", "crtr"]) == TARGET
    assert again.get("crtr", ["-o", "Port=1", "--", "crtr"]) is None
    assert again.aliases() == {"/run/s/abc": "crtr"}
    config.write_text("Host *\n  Port 2222\n")
    assert Known(str(tmp_path)).get("crtr", ["--", "crtr"]) is None


def test_a_file_that_appears_counts_as_a_change(tmp_path: Path) -> None:
    known = Known(str(tmp_path))
    known.rests_on([str(tmp_path / "later")])
    known.put("crtr", ["--", "crtr"], TARGET)
    known.save()
    (tmp_path / "later").write_text("Host *\n")
    assert Known(str(tmp_path)).get("crtr", ["--", "crtr"]) is None


@pytest.mark.parametrize(
    "line",
    [
        "Match exec true",
        "match host x exec 'test -f y'",
        "  Match localnetwork 10.0.0.0/8",
        "\tMatch\toriginalhost\tx\texec\ttrue",
        "match=exec true",
    ],
)
def test_what_depends_on_the_moment_is_never_remembered(tmp_path: Path, line: str) -> None:
    config = tmp_path / "config"
    config.write_text(line + "\n")
    known = Known(str(tmp_path))
    known.rests_on([str(config)])
    known.put("crtr", ["--", "crtr"], TARGET)
    known.save()
    assert Known(str(tmp_path)).get("crtr", ["--", "crtr"]) is None


@pytest.mark.parametrize(
    "damage",
    [
        b"",
        bytes(9),
        b"{",
        marshal.dumps([]),
        marshal.dumps({}),
        marshal.dumps({"version": 1}),
        marshal.dumps({"version": 4, "names": {}}),
        marshal.dumps({"version": 4, "names": {}, "files": {}, "targets": {"a": []}}),
    ],
)
def test_damage_is_forgotten(tmp_path: Path, damage: bytes) -> None:
    for before in (b"", crc32(damage).to_bytes(4, "big")):
        (tmp_path / "targets").write_bytes(before + damage)
        assert Known(str(tmp_path)).get("a", []) is None


def test_no_byte_is_believed_in_a_damaged_file(tmp_path: Path) -> None:
    known = Known(str(tmp_path))
    known.put("crtr", ["--", "crtr"], TARGET)
    known.save()
    whole = (tmp_path / "targets").read_bytes()
    assert Known(str(tmp_path)).get("crtr", ["--", "crtr"]) == TARGET
    (tmp_path / "targets").write_bytes(whole.replace(b"192.0.2.1", b"192.0.2.7"))
    assert Known(str(tmp_path)).get("crtr", ["--", "crtr"]) is None
    assert Known(str(tmp_path)).aliases() == {}


def test_a_full_disk_is_no_reason_to_fail(tmp_path: Path) -> None:
    (tmp_path / "gone").touch()  # in the place of a folder
    known = Known(str(tmp_path / "gone"))
    known.put("crtr", ["--", "crtr"], TARGET)
    known.save()
    (tmp_path / "targets").write_bytes(marshal.dumps({"version": 99}))
    assert Known(str(tmp_path)).aliases() == {}


def test_a_file_that_changes_while_ssh_is_asked_is_no_ground_to_rest_on(tmp_path: Path) -> None:
    known = Known(str(tmp_path))
    config = tmp_path / "config"
    config.write_text("Host *\n")
    os.utime(config, ns=(0, time.time_ns() + 10**6))
    known.learn("crtr", ["-F", "x", "--", "crtr"], TARGET, [str(config)], steady=True)
    known.save()
    assert Known(str(tmp_path)).get("crtr", ["-F", "x", "--", "crtr"]) is None


def test_what_is_not_steady_is_never_remembered(tmp_path: Path) -> None:
    known = Known(str(tmp_path))
    known.learn("crtr", ["--", "crtr"], TARGET, [], steady=False)
    known.save()
    assert Known(str(tmp_path)).get("crtr", ["--", "crtr"]) is None


def test_a_path_of_the_users_own_that_two_endpoints_share_is_used_by_none(tmp_path: Path) -> None:
    known = Known(str(tmp_path))
    one = TARGET._replace(own_control="/home/me/.ssh/me@192.0.2.1")
    assert known.learn("crtr", ["--", "crtr"], one, [], steady=True) == one
    assert known.learn("again", ["--", "again"], one, [], steady=True) == one
    other = one._replace(control="/run/s/def")
    assert known.learn("drtr", ["--", "drtr"], other, [], steady=True).own_control == ""
    found = known.get("crtr", ["--", "crtr"])
    assert found is not None and found.own_control == ""


def test_whose_a_control_path_is_stays_known(tmp_path: Path) -> None:
    """By another login name, after a change of the configuration, and with what is never remembered."""
    config = tmp_path / "config"
    config.write_text("Match exec true\n")
    as_me, as_root, gone = (TARGET._replace(control=f"{tmp_path}/{name}") for name in ("me", "root", "gone"))
    for target in (as_me, as_root):
        Path(target.control).touch()
    for target, words in (
        (as_me, ["--", "crtr"]),
        (gone, ["-p", "1", "--", "crtr"]),
        (as_root, ["-l", "root"]),
    ):
        known = Known(str(tmp_path))
        known.rests_on([str(config)])
        known.put("crtr", words, target)
        known.save()
    assert Known(str(tmp_path)).aliases() == {as_me.control: "crtr", as_root.control: "crtr"}
    config.write_text("Host *\n")
    Path(as_me.control).unlink()
    known = Known(str(tmp_path))
    known.rests_on([str(config)])
    known.put("drtr", ["--", "drtr"], gone)
    known.save()
    again = Known(str(tmp_path))
    assert again.aliases() == {gone.control: "drtr", as_root.control: "crtr"}
    assert again.get("drtr", ["--", "drtr"]) == gone


def test_two_stentors_which_write_at_once_lose_no_name(tmp_path: Path) -> None:
    one, other = Known(str(tmp_path)), Known(str(tmp_path))
    for known, alias in ((one, "crtr"), (other, "drtr")):
        (tmp_path / alias).touch()
        known.put(alias, ["--", alias], TARGET._replace(control=f"{tmp_path}/{alias}"))
        known.save()
    assert sorted(Known(str(tmp_path)).aliases().values()) == ["crtr", "drtr"]
