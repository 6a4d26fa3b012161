"""``exports:`` of the fleet: files here and on nodes, written, compared, and nobody else's touched."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from stentor.lab import Lab

pytestmark = pytest.mark.integration

EXPORTS = """
exports:
  files:
    - {format: hosts, path: made/new dir/hosts, nodes: "@core"}
    - {format: ansible, path: ~/inventory, variant: script}
    - {format: ssh, path: ~/fleet.conf, on: "crtr,drtr"}
    - {format: csv, path: "some dir/it's.csv", nodes: "@gpu", on: crtr}
    - {format: ansible, path: hosts.sh, variant: script, on: crtr}
"""


@pytest.fixture
def world(lab: Lab, tmp_path: Path) -> Iterator[Callable[[str], None]]:
    nodes = lab.fleet_dir / "nodes.yaml"
    before = nodes.read_text()
    (lab.fleet_dir / "made").mkdir(exist_ok=True)

    def set_exports(text: str) -> None:
        nodes.write_text(before + text)

    yield set_exports
    nodes.write_text(before)
    for alias in ("crtr", "drtr"):
        lab.run(alias, "rm -rf fleet.conf 'some dir' hosts.sh link target")


def test_files_here_and_on_nodes(
    world: Callable[[str], None], lab: Lab, stentor: Any, environ: dict[str, str]
) -> None:
    world(EXPORTS)
    fresh = stentor("export", "--all", "--check")
    assert fresh.code == 1
    assert fresh.stdout.count(" is stale\n") == 6, fresh.stdout
    assert "+\tcooperator crtr" not in fresh.stdout and "cooperator crtr\n" in fresh.stdout
    said = stentor("export", "--all")
    assert said.code == 0, said
    assert said.stdout.count(" was written\n") == 6
    assert "crtr: ~/fleet.conf was written\n" in said.stdout
    assert (lab.fleet_dir / "made/new dir/hosts").read_text().startswith("# BEGIN stentor export hosts\n")
    assert Path(environ["HOME"], "inventory").stat().st_mode & 0o111
    assert lab.run("drtr", "cat ~/fleet.conf").stdout.startswith("# BEGIN stentor export ssh\n")
    assert lab.run("crtr", "cat 'some dir'/*.csv").stdout.startswith("node,name,")
    assert lab.run("crtr", "test -x ~/hosts.sh && head -n 1 ~/hosts.sh").stdout == "#!/bin/sh\n"
    again = stentor("export", "--all")
    assert (again.code, again.stdout.count(" is up to date\n")) == (0, 6)
    assert stentor("export", "--all", "--check").code == 0
    shown = stentor("history", "--json").stdout
    assert '"kind":"export"' in shown or '"subcommand":"export"' in shown


def test_what_others_wrote_on_nodes_is_kept(world: Callable[[str], None], lab: Lab, stentor: Any) -> None:
    world('\nexports: {files: [{format: ssh, path: ~/fleet.conf, on: "crtr,drtr"}]}\n')
    assert stentor("export", "--all").code == 0
    lab.run(
        "crtr",
        "{ echo '# mine'; cat fleet.conf; printf '# tail'; } >new; mv new fleet.conf; chmod 600 fleet.conf",
    )
    lab.run(
        "crtr",
        "mkdir -p target; mv fleet.conf target/real; ln -s target/real fleet.conf;"
        " sed -i s/Host/Hust/ target/real",
    )
    lab.run("drtr", "echo mine >fleet.conf")
    check = stentor("export", "--all", "--check")
    assert check.code == 1
    assert "-Hust crtr" in check.stdout and "+Host crtr" in check.stdout
    assert "drtr: ~/fleet.conf failed: " in check.stdout
    assert "exists and was not written by stentor; not overwritten" in check.stdout
    assert "Hust" in lab.run("crtr", "cat fleet.conf").stdout, "a check writes nothing"
    said = stentor("export", "--all")
    assert said.code == 1
    text = lab.run("crtr", "cat fleet.conf; stat -c %a target/real; readlink fleet.conf").stdout
    assert text.startswith("# mine\n# BEGIN stentor export ssh\n")
    assert "# END stentor export ssh\n# tail600\ntarget/real\n" in text
    assert "\nHost crtr" in text and "Hust" not in text
    assert lab.run("drtr", "cat fleet.conf").stdout == "mine\n"
    assert lab.run("crtr", "ls -a | grep -c '[.]new$' || :").stdout == "0\n"


def test_markers_that_are_no_pair_are_left_alone_on_nodes(
    world: Callable[[str], None], lab: Lab, stentor: Any
) -> None:
    world("\nexports: {files: [{format: ssh, path: ~/fleet.conf, on: crtr}]}\n")
    for text in (
        "# END stentor export ssh\n# BEGIN stentor export ssh\n",
        "# BEGIN stentor export ssh\n" * 2,
    ):
        lab.run("crtr", f"printf '{text}' >fleet.conf")
        said = stentor("export", "--all")
        assert (said.code, "its markers are no pair" in said.stdout) == (1, True), said
        assert lab.run("crtr", "cat fleet.conf").stdout == text


def test_places_that_cannot_be_written_on_nodes_say_why(
    world: Callable[[str], None], lab: Lab, stentor: Any
) -> None:
    files = (
        "{format: hosts, path: target, on: crtr}, {format: csv, path: link/x, on: crtr},"
        " {format: ansible, path: hosts.sh, on: crtr},"
        " {format: ansible, path: hosts.sh, variant: script, on: crtr}"
    )
    world(f"\nexports: {{files: [{files}]}}\n")
    lab.run("crtr", "mkdir target some\\ dir; chmod 555 some\\ dir; ln -s some\\ dir link")
    said = stentor("export", "--all")
    assert said.code == 1
    lines = [line.partition(" failed: ")[2].rpartition("/")[2] for line in said.stdout.splitlines()]
    assert lines[0] == "target: is a directory; name a file", said
    assert lines[1] == "x: cannot be written: its folder is not writable, or the disk is full", said
    assert lines[3] == "hosts.sh: is read, and is to be a program; not overwritten", said


def test_a_fault_of_one_file_leaves_the_others(world: Callable[[str], None], lab: Lab, stentor: Any) -> None:
    (lab.fleet_dir / "made/hosts").write_text("mine\n")
    world("\nexports: {files: [{format: hosts, path: made/hosts}, {format: csv, path: made/fleet.csv}]}\n")
    said = stentor("export", "--all")
    assert said.code == 6
    assert "made/hosts failed: " in said.stdout and "not overwritten" in said.stdout
    assert "made/fleet.csv was written\n" in said.stdout


@pytest.mark.parametrize(
    ("text", "where"),
    [
        ("exports: {files: [{format: ansibel, path: x}]}", "format 'ansibel' is not known"),
        ("exports: {files: [{format: ssh}]}", "lacks 'path'"),
        ("exports: {files: [{format: ssh, path: x, on: nowhere}]}", "nowhere"),
    ],
)
def test_a_fault_of_the_list_has_its_place(
    text: str, where: str, world: Callable[[str], None], stentor: Any
) -> None:
    world(f"\n{text}\n")
    said = stentor("export", "--all")
    assert (said.code, where in said.stderr, "nodes.yaml:" in said.stderr) == (3, True, True), said


def test_without_a_list_it_is_said_how_to_write_one(lab: Lab, stentor: Any) -> None:
    said = stentor("export", "--all")
    assert (said.code, "hint: write 'exports:" in said.stderr) == (3, True), said
    for words in (["--check"], [], ["--all", "ssh"]):
        assert "name a format, or --all" in stentor("export", *words).stderr
