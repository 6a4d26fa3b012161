"""nodeset and clush read the groups file, and ask the live source."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from stentor.fleet.fold import fold
from tests.readers import NAMES, fleet_of, nasty, program, said, write

SCRIPT = "import sys; from stentor.cli.main import main; sys.exit(main(sys.argv[1:]))"


def conf(folder: Path) -> list[str]:
    (folder / "groups.d").mkdir(exist_ok=True)
    (folder / "groups.conf.d").mkdir(exist_ok=True)
    path = folder / "groups.conf"
    path.write_text("[Main]\ndefault: stentor\nconfdir: $CFGDIR/groups.conf.d\nautodir: $CFGDIR/groups.d\n")
    return ["nodeset", f"--groupsconf={path}"]


def members(nodeset: list[str], group: str) -> set[str]:
    return set(said(*nodeset, "-S", "\n", "-e", group).split("\n")[:-1])


def test_every_group_and_name_is_read(tmp_path: Path) -> None:
    fleet = nasty()
    nodeset = conf(tmp_path)
    write(tmp_path / "groups.d/fleet.yaml", "clustershell", fleet)
    assert members(nodeset, "@*") == set(NAMES)
    assert members(nodeset, "@all") == set(NAMES)
    listed = said(*nodeset, "-l").split()
    assert set(listed) == {f"@{group}" for group in fleet.groups}
    for group, aliases in fleet.groups.items():
        assert members(nodeset, f"@{group}") == set(aliases)
    of_one = said(*nodeset, "-l", "yes").split()
    assert set(of_one) == {f"@{group}" for group, aliases in fleet.groups.items() if "yes" in aliases}


def test_clush_runs_on_all_and_on_a_group(tmp_path: Path) -> None:
    fleet = nasty()
    conf(tmp_path)
    write(tmp_path / "groups.d/fleet.yaml", "clustershell", fleet)
    clush = ["clush", f"--groupsconf={tmp_path}/groups.conf", "-R", "exec"]
    lines = said(*clush, "-a", "echo", "ran on %h").splitlines()
    assert {line.rpartition(" ")[2] for line in lines} == set(NAMES)
    lines = said(*clush, "-g", "g.x", "echo", "ran on %h").splitlines()
    assert {line.rpartition(" ")[2] for line in lines} == set(fleet.groups["g.x"])


def live(folder: Path, text: str, selector: str = "@all") -> list[str]:
    """A fleet, and nodeset with a live source of it."""
    root = folder / "the fleet's $HOME"
    root.mkdir()
    (root / "nodes.yaml").write_text(text)
    stentor = folder / "stentor"
    stentor.write_text(f'#!/bin/sh\nexec {sys.executable} -c "{SCRIPT}" "$@"\n')
    stentor.chmod(0o755)
    nodeset = conf(folder)
    write(
        folder / "groups.conf.d/stentor.conf",
        "clustershell",
        fleet_of(text, str(root)),
        options={"live": True},
        program=str(stentor),
        selector=selector,
    )
    return nodeset


def test_live_source_asks_stentor(tmp_path: Path) -> None:
    nodeset = live(
        tmp_path, "nodes: {'n[1-30]': , x01: , 'no': }\ngroups: {some: 'n[1-4],n7,x01', 'yes': 'no'}\n"
    )
    assert said(*nodeset, "-f", "@*") == "n[1-30],no,x01\n"
    assert said(*nodeset, "-f", "@some") == "n[1-4,7],x01\n"
    assert set(said(*nodeset, "-l").split()) == {"@some", "@yes"}
    assert said(*nodeset, "-l", "n7").split() == ["@some"]
    done = subprocess.run(
        [program("nodeset"), *nodeset[1:], "-f", "@nope"],
        capture_output=True,
        text=True,
        check=False,
    )
    assert (done.returncode, "there is no group 'nope'" in done.stderr) == (1, True)


@pytest.mark.parametrize("selector", ["@all", "@all!%role=it's$5"])
def test_live_source_has_the_selected_nodes_and_none_that_is_retired(selector: str, tmp_path: Path) -> None:
    text = (
        "nodes: {'n[1-4]': , n5: {state: retired}, n6: {role: \"it's$5\"}}\n"
        "groups: {gpu: 'n1,n5,n6', old: n5, all-x: n2}\n"
    )
    nodeset = live(tmp_path, text, selector)
    sixth = "" if selector != "@all" else ",6"
    assert said(*nodeset, "-f", "@*") == f"n[1-4{sixth}]\n"
    assert said(*nodeset, "-f", "@all") == f"n[1-4{sixth}]\n"
    assert said(*nodeset, "-f", "@gpu") == ("n[1,6]\n" if sixth else "n1\n")
    assert said(*nodeset, "-f", "@old") == "\n"
    assert set(said(*nodeset, "-l").split()) == {"@gpu", "@all-x"}
    assert said(*nodeset, "-l", "n1").split() == ["@gpu"]


@pytest.mark.parametrize(
    "names",
    [
        ["n1", "n2", "n3", "n5"],
        ["n08", "n09", "n10", "n11", "n100", "n9"],
        ["n1", "n01", "n001", "n02", "n2"],
        ["a", "b", "a"],
        ["r1n1", "r1n2", "r2n1", "10.0.0.1", "10.0.0.2"],
        ["n99", "n100", "n101", "n0", "n00"],
        ["n123456789012345678", "n123456789012345679"],
        list(NAMES),
    ],
)
def test_folded_names_are_the_same_names(names: list[str]) -> None:
    folded = fold(names)
    assert set(said("nodeset", "-S", "\n", "-e", *folded).split()) == set(names)
