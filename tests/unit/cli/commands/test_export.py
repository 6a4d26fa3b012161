"""``stentor export``: files, what is said beside them, and refusals with their place."""

from __future__ import annotations

import io
import json
import os
from pathlib import Path
from typing import NamedTuple

import pytest

from stentor.cli.context import Context
from stentor.cli.dispatch import dispatch
from stentor.export.formats import FORMATS
from stentor.render import json_schema
from stentor.render.json_export import Export, Exports

FLEET = """\
nodes:
  cooperator: {alias: crtr, address: 192.168.254.10, user: crtr, role: gateway, arch: arm64}
  director: {alias: drtr, address: 192.168.254.30, role: gpu, vars: {groups: 1}}
groups: {core: "crtr,drtr", gpu: drtr}
bootstrap: {keys: ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIA me@here}
"""

SERVICES = "gateway: {node: crtr}\ndomains: [{fqdn: chat.test, backend: 'localhost:8082'}]\n"


# User-data is for one node.
ONE = {"cloud-init": ["crtr"]}


class Said(NamedTuple):
    code: int
    out: str
    err: str


class World:
    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.nodes = folder / "nodes.yaml"
        self.nodes.write_text(FLEET)
        (folder / "services.yaml").write_text(SERVICES)

    def __call__(self, *words: str) -> Said:
        environ = {"HOME": str(self.folder), "PATH": os.environ["PATH"]}
        out, err = io.StringIO(), io.StringIO()
        code = dispatch("export", words, str(self.folder), Context(out, err, io.StringIO(), environ))
        return Said(code, out.getvalue(), err.getvalue())


@pytest.fixture
def stentor(tmp_path: Path) -> World:
    return World(tmp_path)


@pytest.mark.parametrize("name", FORMATS)
def test_every_format_is_printed_and_written_alike(name: str, stentor: World, tmp_path: Path) -> None:
    printed = stentor(name, *ONE.get(name, []))
    assert (printed.code, printed.out != "") == (0, True), printed.err
    path = tmp_path / "made" / "file"
    path.parent.mkdir()
    first = stentor(name, *ONE.get(name, []), "--write", str(path))
    assert first.code == 0
    assert first.err.splitlines()[0] == f"{path} was written"
    assert path.read_text() == printed.out
    again = stentor(name, *ONE.get(name, []), "-w", str(path))
    assert again.err.splitlines()[0] == f"{path} is up to date"
    assert [file.name for file in path.parent.iterdir()] == ["file"]


@pytest.mark.parametrize("name", FORMATS)
def test_a_file_of_somebody_else_is_kept(name: str, stentor: World, tmp_path: Path) -> None:
    path = tmp_path / "file"
    path.write_bytes(b"mine \xff\n")
    said = stentor(name, *ONE.get(name, []), "-w", str(path))
    assert (said.code, path.read_bytes()) == (6, b"mine \xff\n")
    assert f"exists and was not written by 'stentor export {name}'; not overwritten" in said.err


def test_what_is_outside_of_the_markers_is_kept_byte_by_byte(stentor: World, tmp_path: Path) -> None:
    path = tmp_path / "hosts"
    assert stentor("hosts", "crtr", "-w", str(path)).code == 0
    ours = path.read_bytes()
    path.write_bytes(b"127.0.0.1 localhost \xff\r\n" + ours + b"# end")
    path.chmod(0o640)
    assert stentor("hosts", "-w", str(path)).code == 0
    text = path.read_bytes()
    assert text.startswith(b"127.0.0.1 localhost \xff\r\n# BEGIN") and text.endswith(b"\n# end")
    assert (b"director" in text, path.stat().st_mode & 0o777) == (True, 0o640)


def test_what_cannot_be_said_is_listed(stentor: World) -> None:
    places = f"{stentor.nodes}:2:60 and 6 more"
    assert stentor("hosts").err == f"{places}: not in hosts: user, role, arch, vars, groups (2 nodes)\n"
    why = "Ansible sets a variable of this name itself; it is in stentor_vars"
    assert stentor("ansible").err == f"{stentor.nodes}:3:70: not in ansible: vars groups (drtr): {why}\n"


def test_a_value_that_would_mean_something_else_is_refused_with_its_place(stentor: World) -> None:
    stentor.nodes.write_text(FLEET.replace("user: crtr", "user: c%r"))
    said = stentor("ssh")
    assert (said.code, said.out) == (3, "")
    assert f"{stentor.nodes}:2:60: user 'c%r': releases of ssh read a percent sign differently" in said.err


def test_faults_of_services_are_told_with_their_place(stentor: World) -> None:
    (stentor.folder / "services.yaml").write_text("domains:\n- {fqdn: chat.test}\n")
    said = stentor("dnsmasq")
    assert (said.code, "services.yaml:2:10: 'chat.test': it is not said where" in said.err) == (3, True)


def test_the_json_for_a_program_has_no_markers(stentor: World) -> None:
    said = stentor("ansible", "--list", "--", "@gpu")
    assert (list(json.loads(said.out)["_meta"]["hostvars"]), said.err) == (["drtr"], "")


def test_a_place_that_cannot_be_written_is_an_error_with_its_path(stentor: World, tmp_path: Path) -> None:
    said = stentor("hosts", "-w", str(tmp_path / "no" / "file"))
    assert said.code == 2
    assert "no/file: cannot be written: No such file or directory" in said.err
    assert f"there is no folder {tmp_path}/no" in said.err


def test_lists_of_groups_go_into_a_folder(stentor: World, tmp_path: Path) -> None:
    folder = tmp_path / "lists"
    folder.mkdir()
    (folder / "mine").write_text("x\n")
    assert stentor("pdsh", "-w", str(folder)).err.splitlines()[0] == f"{folder} was written"
    assert {file.name for file in folder.iterdir()} == {"all", "core", "gpu", "mine"}
    stentor.nodes.write_text(FLEET.replace(", gpu: drtr", ""))
    assert stentor("pdsh", "-w", f"{folder}/").err.splitlines()[0] == f"{folder}/ was written"
    assert {file.name for file in folder.iterdir()} == {"all", "core", "mine"}
    assert stentor("pdsh", "-w", str(folder)).err.splitlines()[0] == f"{folder} is up to date"
    (folder / "core").write_text("mine too\n")
    assert stentor("pdsh", "-w", str(folder)).code == 6


def test_folders_are_compared_as_they_would_be_written(stentor: World) -> None:
    files = "{format: pdsh, path: lists/}, {format: cloud-init, path: seeds/, nodes: crtr}"
    stentor.nodes.write_text(f"{FLEET}exports: {{files: [{files}]}}\n")
    assert stentor("--all", "--check").code == 1
    assert stentor("--all").code == 0
    assert [file.name for file in (stentor.folder / "seeds").iterdir()] == ["crtr"]
    assert stentor("--all", "--check").code == 0
    gone = stentor.folder / "lists/gone"
    gone.write_text((stentor.folder / "lists/gpu").read_text())
    (stentor.folder / "lists/mine").write_text("x\n")
    said = stentor("--all", "--check")
    assert (said.code, f"--- {gone}\n+++ removed\n" in said.out, "-drtr\n" in said.out) == (1, True, True)
    assert stentor("--all").code == 0
    assert {file.name for file in gone.parent.iterdir()} == {"all", "core", "gpu", "mine"}
    assert stentor("--all", "--check").code == 0


def test_only_selected_nodes_are_written(stentor: World) -> None:
    for name in ("hosts", "ssh", "csv", "json", "clustershell", "markdown"):
        assert "crtr" not in stentor(name, "@gpu").out.replace(str(stentor.folder), "")


@pytest.mark.parametrize("name", FORMATS)
def test_no_format_has_a_retired_node(name: str, stentor: World) -> None:
    stentor.nodes.write_text(FLEET.replace("role: gpu,", "role: gpu, state: retired, jump: crtr,"))
    said = stentor(name, "@all")
    assert (said.code, said.out != "") == (0, True), said.err
    assert [word for word in ("drtr", "director", "192.168.254.30") if word in said.out] == []


def test_json_of_all_files(stentor: World) -> None:
    stentor.nodes.write_text(
        f"{FLEET}exports: {{files: [{{format: hosts, path: h}}, {{format: csv, path: c}}]}}\n"
    )
    (stentor.folder / "c").write_text("mine\n")
    said = stentor("--all", "--check", "--json")
    first, hosts, table, report = map(json_schema.decode, said.out.splitlines())
    assert first == Exports(fleet=str(stentor.folder), check=True)
    assert isinstance(hosts, Export) and isinstance(table, Export)
    assert (hosts.state, hosts.path, hosts.node) == ("stale", str(stentor.folder / "h"), None)
    assert "+192.168.254.10\tcooperator crtr\n" in hosts.text
    places = {(one.node, one.field): one.where for one in hosts.left}
    assert places["drtr", "vars"] == f"{stentor.nodes}:3:69"
    assert (table.state, "not overwritten" in table.text) == ("failed", True)
    assert (said.code, getattr(report, "exit_code", None), said.err) == (6, 6, "")
    written = stentor("--all", "--json").out
    assert [json.loads(line).get("state") for line in written.splitlines()][1:3] == ["written", "failed"]
    assert stentor("hosts").code == 0 and "name a format, or --all" in stentor("--json").err
