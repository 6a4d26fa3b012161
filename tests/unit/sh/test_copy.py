"""Parts of a copy by themselves."""

from __future__ import annotations

import hashlib
import os
import shutil
import time
from pathlib import Path

import pytest

from stentor.sh import STATE
from tests.unit.sh.practice import every_sh, run

SAID = 'where; echo "$base|$make|$one"'


@every_sh
@pytest.mark.parametrize(
    ("into", "single", "make_it", "said"),
    [
        ("site", "", "", "site|yes|"),
        ("there", "f", "", "there||f"),
        ("there", "f", "yes", "there|yes|f"),
        ("new", "f", "yes", "new|yes|f"),
        ("new", "f", "", ".||new"),
        ("there/new name", "f", "", "there||new name"),
        ("/new", "f", "", "/||new"),
    ],
)
def test_where_a_copy_goes(
    shell: str, into: str, single: str, make_it: str, said: str, tmp_path: Path
) -> None:
    (tmp_path / "there").mkdir()
    call = f'cd "$1"; {SAID}'
    printed = run(shell, "copy/where", call, str(tmp_path), into=into, single=single, make_it=make_it)
    assert printed == said + "\n"


@every_sh
@pytest.mark.parametrize("tool", ["sha256sum", "shasum", "openssl", "cksum"])
def test_sums_are_the_digests_alone_of_files_and_of_standard_input(
    shell: str, tool: str, tmp_path: Path
) -> None:
    if not any(os.path.exists(f"{folder}/{tool}") for folder in os.environ["PATH"].split(":")):
        pytest.skip(f"no {tool}")
    (tmp_path / "a b\\c").write_bytes(b"data")
    call = 'tool=$2; cd "$1"; sums "a b\\c"; sums <"a b\\c"'
    first, second = run(shell, "copy/where", call, str(tmp_path), tool).splitlines()
    assert first == second
    if tool != "cksum":
        assert first == hashlib.sha256(b"data").hexdigest()


@every_sh
def test_a_name_that_no_line_can_hold_is_escaped(shell: str) -> None:
    call = "base=/b one=; line='a\\nb\\\\c'; there; printf '%s|' \"$target\""
    call += '; line=plain; there; echo "$target"'
    assert run(shell, "copy/where", call) == "/b/a\nb\\c|/b/plain\n"


@every_sh
def test_folders_are_merged_and_files_replaced(shell: str, tmp_path: Path) -> None:
    for name, text in (
        ("from/sub/new", "n"),
        ("from/.hidden", "h"),
        ("to/sub/own", "o"),
        ("to/.hidden", "old"),
    ):
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
    assert run(shell, "copy/receive", 'place "$1/from" "$1/to" && echo done', str(tmp_path)) == "done\n"
    found = {str(p.relative_to(tmp_path)): p.read_text() for p in tmp_path.rglob("*") if p.is_file()}
    assert found == {"to/sub/new": "n", "to/sub/own": "o", "to/.hidden": "h"}


@every_sh
def test_what_copies_left_elsewhere_is_removed_after_its_time(shell: str, tmp_path: Path) -> None:
    notes = tmp_path / STATE / "copies"
    notes.mkdir(parents=True)
    gone = "4000000"  # no process has this number
    for name, age in (("old", 8), ("young", 6), ("busy", 8), ("removed", 8), ("foreign", 8)):
        process = str(os.getpid()) if name == "busy" else gone
        folder = tmp_path / name / f".stentor-copy.{process}.{name}"
        folder.mkdir(parents=True, mode=0o755 if name == "foreign" else 0o700)
        (folder / "key").write_text("half")
        (folder / "tree").mkdir()
        os.utime(folder / "key", (time.time() - age * 86400,) * 2)
        (notes / f"{process}.{name}").write_text(f"{folder}\n")
        if name == "removed":
            shutil.rmtree(folder)
    run(shell, "copy/work", "partial=10080; clean_noted", environ={"HOME": str(tmp_path)})
    assert {one.name.rpartition(".")[2] for one in notes.iterdir()} == {"young", "busy", "foreign"}
    left = {path.parent.parent.name for path in tmp_path.glob("*/.stentor-copy.*/key")}
    assert left == {"young", "busy", "foreign"}
