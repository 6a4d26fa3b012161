# ruff: noqa: E501 - what commands write
"""``check``, ``nodes`` and ``schema``: what they write, and with which code they end."""

from __future__ import annotations

import io
import json
from pathlib import Path
from typing import Any

import pytest

from stentor.cli.context import Context
from stentor.cli.dispatch import dispatch
from stentor.render import json_schema

EXAMPLE = Path(__file__).parents[3] / "fixtures" / "ssot"


class Said:
    """What a command did."""

    def __init__(self, home: Path, name: str, *words: str, fleet: Path = EXAMPLE) -> None:
        self._out, self._err = io.StringIO(), io.StringIO()
        environ = {"HOME": str(home), "PATH": "/usr/bin:/bin"}
        context = Context(self._out, self._err, io.StringIO(), environ)
        self.code = dispatch(name, words, str(fleet), context)
        self.out, self.err = self._out.getvalue(), self._err.getvalue()

    @property
    def lines(self) -> list[dict[str, Any]]:
        for line in self.out.splitlines():
            json_schema.decode(line)
        return [json.loads(line) for line in self.out.splitlines()]


@pytest.fixture(autouse=True)
def elsewhere(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir("/")  # paths are shown in full


@pytest.fixture
def bad(tmp_path: Path) -> Path:
    (tmp_path / "nodes.yaml").write_text("nodes:\n  crtr: {adress: x}\ngroups: {core: ctrr}\n")
    return tmp_path


def test_check_of_a_valid_fleet_counts_nodes(tmp_path: Path) -> None:
    said = Said(tmp_path, "check")
    assert (said.code, said.out) == (0, "")
    assert said.err == f"{EXAMPLE} is valid: 5 nodes, 3 groups\n"
    assert not list(tmp_path.iterdir())  # a check leaves nothing behind


def test_check_of_a_faulty_fleet_lists_all_faults(tmp_path: Path, bad: Path) -> None:
    said = Said(tmp_path, "check", fleet=bad)
    assert said.code == 3
    assert said.out == (
        f"{bad}/nodes.yaml:2:10: node 'crtr' has no key 'adress'\n    did you mean 'address'?\n"
        f"{bad}/nodes.yaml:3:16: there is no node 'ctrr'\n    did you mean 'crtr'?\n"
    )
    assert said.err == f"2 faults in {bad}\n"
    assert Said(tmp_path, "check", str(bad), "--quiet").code == 3


def test_check_names_images_for_other_machines(tmp_path: Path) -> None:
    fleet = tmp_path / "ssot"
    fleet.mkdir()
    (fleet / "nodes.yaml").write_text("nodes: {prtr: {address: 127.0.0.1, arch: x86_64}}\n")
    service = "{type: docker-compose, node: prtr, compose_file: web.yaml}"
    (fleet / "services.yaml").write_text(f"services: {{web: {service}}}\n")
    (fleet / "web.yaml").write_text("services: {a: {image: 'arm64v8/nginx:1'}}\n")
    said = Said(tmp_path, "check", fleet=fleet)
    assert (said.code, said.out.splitlines()[0]) == (
        0, "prtr: web: the image arm64v8/nginx:1 is for arm64, and prtr is amd64",
    )  # fmt: skip
    assert [line["type"] for line in Said(tmp_path, "check", "--json", fleet=fleet).lines] == [
        "check", "advice", "report",
    ]  # fmt: skip


def test_check_json(tmp_path: Path, bad: Path) -> None:
    said = Said(tmp_path, "check", "--json", fleet=bad)
    header, first, second, report = said.lines
    assert header == {
        "type": "check", "stentor": 1, "fleet": str(bad), "nodes": None, "groups": None, "faults": 2,
    }  # fmt: skip
    assert (first["type"], first["line"], first["column"]) == ("fault", 2, 10)
    assert second["hint"] == "did you mean 'crtr'?"
    assert (report["type"], report["nodes"], report["kinds"], report["exit_code"]) == ("report", 0, {}, 3)
    header, report = Said(tmp_path, "check", "--json").lines
    assert (header["nodes"], header["groups"], header["faults"]) == (5, 4, 0)
    assert report["exit_code"] == 0


@pytest.mark.parametrize("name", ["nodes", "check"])
def test_missing_fleet_is_an_error(tmp_path: Path, name: str) -> None:
    said = Said(tmp_path, name, fleet=tmp_path / "none")
    assert (said.code, said.out) == (3, "")
    assert said.err.startswith(f"stentor: {tmp_path}/none does not exist\nhint: 'stentor init DIR'")


def test_directory_in_place_of_the_file_is_a_fault(tmp_path: Path) -> None:
    (tmp_path / "nodes.yaml").mkdir()
    said = Said(tmp_path, "check", fleet=tmp_path)
    assert (said.code, said.out) == (3, f"{tmp_path}/nodes.yaml: it is a directory\n")
    said = Said(tmp_path, "nodes", fleet=tmp_path)
    assert (said.code, said.err) == (3, f"stentor: {tmp_path}/nodes.yaml: it is a directory\n")


def test_file_of_ten_megabytes_is_a_fault(tmp_path: Path) -> None:
    (tmp_path / "nodes.yaml").write_bytes(b"a: 1\n" * 2_000_000)
    said = Said(tmp_path, "check", fleet=tmp_path)
    assert (said.code, said.out) == (
        3,
        f"{tmp_path}/nodes.yaml: it is 10.0 MB; a fleet file may have 4.2 MB at most\n",
    )


def test_fifo_and_dangling_link_in_place_of_the_file_are_faults(tmp_path: Path) -> None:
    import os

    os.mkfifo(tmp_path / "nodes.yaml")
    assert (
        Said(tmp_path, "check", fleet=tmp_path).out
        == f"{tmp_path}/nodes.yaml: it cannot be read: it is a pipe, not a file\n"
    )
    (tmp_path / "nodes.yaml").unlink()
    (tmp_path / "nodes.yaml").symlink_to("nowhere")
    assert "it does not exist" in Said(tmp_path, "check", fleet=tmp_path).out


def test_an_error_names_the_first_fault_and_how_many_more(tmp_path: Path, bad: Path) -> None:
    said = Said(tmp_path, "nodes", fleet=bad)
    assert said.code == 3
    assert said.err == (
        f"stentor: {bad}/nodes.yaml:2:10: node 'crtr' has no key 'adress'; 1 more fault: see 'stentor check'\n"
        "hint: did you mean 'address'?\n"
    )


def test_nodes_table(tmp_path: Path) -> None:
    said = Said(tmp_path, "nodes", "@gpu,crtr")
    assert said.out.splitlines() == [
        "NODE  NAME        ADDRESS         USER  ROLE     ARCH   PHASE  STATE      GROUPS",
        "crtr  cooperator  192.168.254.10  crtr  gateway  arm64  1      migrating  core",
        "prtr  projector   192.168.254.20  prtr  gpu             3      down       core,gpu",
        "drtr  director    192.168.254.30  drtr  gpu             2      up         core,gpu",
    ]


def test_nodes_as_names_folded_and_groups(tmp_path: Path) -> None:
    assert Said(tmp_path, "nodes", "-1", "@pseudo").out == "trtr\nzrtr\n"
    assert set(Said(tmp_path, "nodes", "--fold", "@gpu").out.strip().split(",")) == {"prtr", "drtr"}
    assert Said(tmp_path, "nodes", "-g", "@core").out.splitlines()[1:3] == [
        "@all         3  crtr,prtr,drtr",
        "@core        3  crtr,prtr,drtr",
    ]
    said = Said(tmp_path, "nodes", "crtr!crtr")
    assert (said.code, said.out, said.err) == (0, "", "no nodes\n")


def test_nodes_json(tmp_path: Path) -> None:
    header, crtr = Said(tmp_path, "nodes", "--json", "@core!@gpu").lines
    assert header == {"stentor": 1, "type": "nodes", "fleet": str(EXAMPLE), "selector": "@core!@gpu"}
    assert (crtr["node"], crtr["name"], crtr["groups"]) == ("crtr", "cooperator", ["core"])
    assert "from" not in crtr


def test_one_node_and_where_its_values_came_from(tmp_path: Path) -> None:
    (tmp_path / "nodes.yaml").write_text(
        "defaults: {user: me}\nssh: {config: cfg}\nnodes:\n  box:\n    vars: {a: [1]}\ngroups:\n  g: box\n"
    )
    (tmp_path / "cfg").write_text("Host box\n  HostName box.example\n  Port 2201\n")
    said = Said(tmp_path, "nodes", "box", fleet=tmp_path)
    rows = [line.split(maxsplit=2) for line in said.out.splitlines() if line]
    assert ["user", "me", "defaults, nodes.yaml:1:18"] in rows
    assert ["groups", "g", "nodes.yaml:7:3"] in rows
    assert ["state", "up", "default"] in rows
    assert ["hostname", "box.example", f"{tmp_path}/cfg"] in rows
    assert ["port", "2201", f"{tmp_path}/cfg"] in rows
    assert ["user", "me", "fleet"] in rows
    (line,) = Said(tmp_path, "nodes", "box", "--json", fleet=tmp_path).lines[1:]
    assert line["from"]["user"] == f"defaults, {tmp_path}/nodes.yaml:1:18"
    assert line["ssh"]["port"] == {"value": "2201", "from": f"{tmp_path}/cfg"}


def test_the_schema_names_every_key(tmp_path: Path) -> None:
    schema = json.loads(Said(tmp_path, "schema").out)
    assert schema["$schema"].endswith("2020-12/schema")
    top = schema["$defs"]["NodesFile"]["properties"]
    assert {"nodes", "defaults", "groups", "ssh", "rollout"} <= set(top)
    assert set(schema["$defs"]["NodeEntry"]["properties"]) >= {"alias", "address", "mac", "vars"}
    assert schema["$defs"]["NodeEntry"]["additionalProperties"] is False
    address = schema["$defs"]["NodeEntry"]["properties"]["address"]["anyOf"][0]["anyOf"]
    assert [one["type"] for one in address] == ["string", "array"]
    assert (
        "nodes" not in json.loads(Said(tmp_path, "schema", "policy").out)["$defs"]["PolicyFile"]["properties"]
    )


# ---- init ----


def test_init_writes_a_valid_fleet(tmp_path: Path) -> None:
    new = tmp_path / "new" / "ssot"
    said = Said(tmp_path, "init", str(new))
    assert (said.code, said.out) == (0, "")
    assert said.err.splitlines() == [
        f"wrote {new}/nodes.yaml, and nodes.schema.json for editors",
        f"next: stentor --fleet {new} check; stentor --fleet {new} nodes",
    ]
    assert Said(tmp_path, "check", fleet=new).code == 0
    assert (new / "nodes.yaml").read_text().startswith("# yaml-language-server: $schema=nodes.schema.json\n")
    assert json.loads((new / "nodes.schema.json").read_text()) == json.loads(Said(tmp_path, "schema").out)
    assert sorted(path.name for path in new.iterdir()) == ["nodes.schema.json", "nodes.yaml"]


def test_init_never_overwrites_without_force(tmp_path: Path) -> None:
    (tmp_path / "nodes.yaml").write_text("mine")
    said = Said(tmp_path, "init", str(tmp_path))
    assert said.code == 6
    assert (
        said.err
        == f"stentor: {tmp_path}/nodes.yaml: exists already\nhint: --force replaces it; --print writes nothing\n"
    )
    assert (tmp_path / "nodes.yaml").read_text() == "mine"
    assert Said(tmp_path, "init", str(tmp_path), "--force").code == 0
    assert (tmp_path / "nodes.yaml").read_text() != "mine"


def test_init_from_another_tool(tmp_path: Path) -> None:
    (tmp_path / "hosts").write_text("10.0.0.1 cooperator crtr\n10.0.0.2 dir drtr x\n")
    said = Said(tmp_path, "init", str(tmp_path / "ssot"), "--from", "hosts", str(tmp_path / "hosts"))
    assert said.code == 0
    assert said.err.startswith(
        f"not converted: {tmp_path}/hosts:2: dir has further names: drtr\nnodes: 2, groups: 0\n"
    )
    assert Said(tmp_path, "nodes", "-1", fleet=tmp_path).out == "crtr\nx\n"


def test_init_keeps_an_ssh_config_that_is_elsewhere(tmp_path: Path) -> None:
    (tmp_path / "cfg").write_text("Host a\n  HostName 10.0.0.1\n  IdentityFile k\n")
    assert (
        Said(tmp_path, "init", str(tmp_path / "ssot"), "--from", "ssh-config", str(tmp_path / "cfg")).code
        == 0
    )
    assert "ssh: {config: ../cfg}" in (tmp_path / "ssot" / "nodes.yaml").read_text()
    assert Said(tmp_path, "check", fleet=tmp_path).code == 0


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("", "{file}: it is empty"),
        ("services: [unclosed\n", "{file}:2:1: did not find expected ',' or ']'"),
        ("- 1\n", "{file}: there is nothing in it that could be taken over"),
        ("services: {web: 7}\n", "{file}:1:1: an entry without 'name' is not taken over"),
    ],
)
def test_init_of_files_without_services_writes_nothing(tmp_path: Path, text: str, why: str) -> None:
    (tmp_path / "nodes.yaml").write_text("nodes: {crtr: {address: 192.0.2.1}}\n")
    file = tmp_path / "mine.yaml"
    file.write_text(text)
    said = Said(tmp_path, "init", str(tmp_path), "--from", "services", str(file))
    told = f"there are no services and no web names in it ({why.format(file=file)})"
    assert (said.code, said.err) == (3, f"stentor: {file}: {told}\n")
    assert not (tmp_path / "services.yaml").exists()


def test_init_print_writes_nothing(tmp_path: Path) -> None:
    (tmp_path / "hosts").write_text("10.0.0.1 a\n")
    said = Said(tmp_path, "init", str(tmp_path / "x"), "--print", "--from", "hosts", str(tmp_path / "hosts"))
    assert "  a: {address: 10.0.0.1}\n" in said.out
    assert not (tmp_path / "x").exists()


@pytest.mark.parametrize(
    ("tool", "code", "told"),
    [
        ("ansibel", 2, "stentor: 'ansibel' is not supported\nhint: did you mean 'ansible'?\n"),
        ("hosts", 3, "it cannot be read: No such file or directory"),
    ],
)
def test_init_of_unknown_sources_is_an_error(tmp_path: Path, tool: str, code: int, told: str) -> None:
    said = Said(tmp_path, "init", str(tmp_path / "x"), "--from", tool, str(tmp_path / "missing"))
    assert said.code == code
    assert told in said.err


def test_init_without_rights_is_an_error(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    said = Said(tmp_path, "init", str(tmp_path / "file" / "x"))
    assert said.code == 3
    assert "cannot be written: Not a directory" in said.err
