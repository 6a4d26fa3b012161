"""nodeattr, pdsh and dsh read what is exported for them."""

from __future__ import annotations

from pathlib import Path

from stentor.fleet.model import Fleet, Node
from tests.readers import TEXTS, lost, made, nasty, said, write


def short(fleet: Fleet) -> set[str]:
    return {alias for alias in fleet.nodes if "." not in alias}


def test_nodeattr_reads_every_node_group_and_value(tmp_path: Path) -> None:
    fleet = nasty()
    path = str(tmp_path / "genders")
    result = write(tmp_path / "genders", "genders", fleet)
    said("nodeattr", "-f", path, "-k", noise="nodeattr: 0 parse errors discovered")
    assert set(said("nodeattr", "-f", path, "-n", "all").split()) == short(fleet)
    for group, members in fleet.groups.items():
        assert set(said("nodeattr", "-f", path, "-n", group).split()) == set(members) & short(fleet)
    read = said("nodeattr", "-f", path, "-l", "on").split("\n")
    gone = {one.what for one in result.left if one.node == "on"}
    wanted = {f"{key}={value}" for key, value in fleet.nodes["on"].variables.items() if key not in gone}
    assert wanted <= set(read)
    assert {"name=on-full", "address=10.1.0.1;2001:db8::1", "requires=git;docker", "migrated=true"} <= set(
        read
    )
    assert {one for one in TEXTS if f"v{TEXTS.index(one)}" not in gone} >= {
        "%%",
        "%h",
        "\\n",
        "é",
        "$(id)",
    }
    assert ("no", "role") in lost(result.left), "a#b would be cut off at the number sign"


def test_pdsh_finds_the_nodes_of_a_group(tmp_path: Path) -> None:
    fleet = nasty()
    write(tmp_path / "genders", "genders", fleet)
    for group, members in {**fleet.groups, "all": tuple(short(fleet))}.items():
        found = said("pdsh", "-F", str(tmp_path / "genders"), "-R", "exec", "-g", group, "echo", "%h")
        assert {line.rpartition(": ")[2] for line in found.splitlines()} == set(members) & short(fleet)


def test_what_genders_cannot_hold_is_listed() -> None:
    nodes = {
        "a": Node("a", "a", variables={"x--y": "1", "ro le": "1", "role": "x", "g": "x", "n": 5, "": "x"})
    }
    fleet = Fleet("/f", nodes, {"all": ("a",), "g": ("a",), "a--b": ("a",), "name": ("a",), "empty": ()})
    result = made("genders", fleet)
    assert result.text == "a all,g,n=5\n"
    assert {(one.field, one.what) for one in result.left} == {
        *(("vars", key) for key in nodes["a"].variables),
        *(("groups", name) for name in ("a--b", "name", "empty")),
    }


def test_lists_for_pdsh_and_dsh(tmp_path: Path) -> None:
    fleet = nasty()
    write(tmp_path / "all", "pdsh", fleet)
    found = said("pdsh", "-R", "exec", "-w", f"^{tmp_path}/all", "echo", "%h")
    assert {line.rpartition(": ")[2] for line in found.splitlines()} == set(fleet.nodes)
    folder = tmp_path / ".dsh/group"
    folder.mkdir(parents=True)
    result = made("pdsh", fleet)
    same = {one.node for one in result.left if one.field == "alias"}
    assert same == {"N1"}, "n1 comes first"
    for name, text in result.files.items():
        (folder / name).write_text(f"# Made\n{text}")
    for name, members in fleet.groups.items():
        lines = said("dsh", "-g", name, "-r", "echo", "-c", "--", "ran", environ={"HOME": str(tmp_path)})
        assert {line.partition(" ")[0] for line in lines.splitlines()} | same == set(members) | same
