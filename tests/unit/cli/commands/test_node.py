"""``stentor node`` against files."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from stentor.cli.main import main

FIXTURE = Path(__file__).parents[3] / "fixtures" / "ssot"


@pytest.fixture
def fleet(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    shutil.copytree(FIXTURE, tmp_path / "ssot")
    monkeypatch.setenv("STENTOR_FLEET", str(tmp_path))
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    return tmp_path / "ssot" / "nodes.yaml"


def test_edit_add_and_retire(fleet: Path, capsys: pytest.CaptureFixture[str]) -> None:
    before = fleet.read_text()
    assert main(["node", "edit", "prtr", "state=up", "vars.rack=b1"]) == 0
    assert "+  projector:  {alias: prtr," in capsys.readouterr().out
    assert main(["node", "add", "newcomer", "alias=nctr", "address=192.0.2.9,192.0.2.10", "phase=4"]) == 0
    assert main(["node", "retire", "zrtr"]) == 0
    text = fleet.read_text()
    assert text.splitlines()[:3] == before.splitlines()[:3]
    assert "newcomer: {alias: nctr, address: [192.0.2.9, 192.0.2.10], phase: 4}" in text
    capsys.readouterr()
    assert main(["nodes", "-1", "%state=retired"]) == 0
    assert main(["nodes", "-1", "%rack=b1"]) == 0
    assert capsys.readouterr().out == "zrtr\nprtr\n"


def test_edit_writes_lists_of_one_and_long_lines(fleet: Path) -> None:
    """A key that holds a list holds one, be it of one; and no line is broken, however long it grows."""
    assert main(["node", "edit", "prtr", "requires=hello"]) == 0
    assert "requires: [hello]" in fleet.read_text()
    lines = fleet.read_text().count("\n")
    tools = ",".join(f"tool{number}" for number in range(40))
    assert main(["node", "edit", "prtr", f"requires={tools}"]) == 0
    assert fleet.read_text().count("\n") == lines
    assert f"[{tools.replace(',', ', ')}]" in fleet.read_text()


def test_dry_run_writes_nothing(fleet: Path, capsys: pytest.CaptureFixture[str]) -> None:
    before = fleet.read_bytes()
    assert main(["node", "edit", "prtr", "state=up", "--dry-run"]) == 0
    assert fleet.read_bytes() == before
    assert "nothing was written" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("words", "says"),
    [
        (["edit", "prtr", "state=uo"], "state"),
        (["edit", "prtr", "port=99999"], "port"),
        (["edit", "prtr", "alias=crtr"], "crtr"),
        (["edit", "prrt", "state=up"], "no entry 'prrt'"),
        (["edit", "prtr", "state"], "not KEY=VALUE"),
        (["add", "crtr"], "already"),
        (["add", "x", "colour=red"], "colour"),
    ],
)
def test_faulty_changes_are_not_written(
    fleet: Path, capsys: pytest.CaptureFixture[str], words: list[str], says: str
) -> None:
    before = fleet.read_bytes()
    assert main(["node", *words]) in (2, 3)
    assert fleet.read_bytes() == before
    said = capsys.readouterr().err
    assert says in said
    assert "Traceback" not in said


def test_edit_without_a_change_writes_nothing(fleet: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["node", "edit", "prtr", "state=down"]) == 0
    assert "has these values already" in capsys.readouterr().err


def test_unknown_option_refers_to_help_of_the_verb(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["node", "retire", "crtr", "--no-such"]) == 2
    said = capsys.readouterr().err
    assert said == "stentor: unrecognized arguments: --no-such\nhint: see 'stentor node retire --help'\n"


def test_no_change_is_lost_where_many_write_at_once(fleet: Path) -> None:
    words = [sys.executable, "-m", "stentor", "node", "edit"]
    names = [f"v{number}" for number in range(6)]
    writers = [
        subprocess.Popen([*words, "prtr", f"vars.{name}=here"], stdout=subprocess.DEVNULL) for name in names
    ]
    assert [writer.wait(60) for writer in writers] == [0] * len(names)
    text = fleet.read_text()
    assert [name for name in names if f"{name}: here" not in text] == []


def test_mode_and_owner_of_the_file_stay(fleet: Path) -> None:
    fleet.chmod(0o664)
    if os.geteuid() == 0:
        os.chown(fleet, 65534, 65534)
    before = fleet.stat()
    assert main(["node", "edit", "prtr", "state=up"]) == 0
    after = fleet.stat()
    assert (after.st_mode, after.st_uid, after.st_gid) == (before.st_mode, before.st_uid, before.st_gid)
