# ruff: noqa: E501 - other tools' files, and what becomes of them
"""ClusterShell's groups: the program ``nodeset`` is the judge of what is in them."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import pytest
from ClusterShell.NodeSet import NodeSet
from ClusterShell.NodeUtils import GroupResolver, YAMLGroupLoader
from hypothesis import given
from hypothesis import strategies as st

from stentor.errors import FleetError
from stentor.fleet.importers.clustershell import read_clustershell
from stentor.fleet.importers.found import Found, settle
from stentor.fleet.importers.open import read_listed, read_text
from stentor.fleet.importers.write import text_of
from tests.importing import fleet_of, import_from, nodeset, written
from tests.support import need

CONF = """
[Main]
default: local
confdir: $CFGDIR/groups.conf.d
autodir: $CFGDIR/groups.d
"""
FILE = """
[local]
map: sed -n 's/^$GROUP:\\(.*\\)/\\1/p' $CFGDIR/groups
list: sed -n 's/^\\([^:#]*\\):.*/\\1/p' $CFGDIR/groups
"""


def read(folder: Path, files: Mapping[str, str], path: str = ".") -> Found:
    written(folder, files)
    where = folder / path
    return settle(read_clustershell(str(where), read_text, read_listed, is_folder=where.is_dir()))


def test_login_names_of_nodes_are_theirs_here(tmp_path: Path) -> None:
    found = read(tmp_path, {"groups": "web: me@10.0.0.[4-5]\nall: @web,root@db\n"}, "groups")
    assert found.nodes == {name: {"user": "me"} for name in ("10.0.0.4", "10.0.0.5")} | {
        "db": {"user": "root"}
    }
    assert found.groups == {"web": ["10.0.0.4", "10.0.0.5"]}


def test_the_reason_is_said_where_no_node_is_left(tmp_path: Path) -> None:
    written(tmp_path, {"groups": "web: a+b\n"})
    with pytest.raises(FleetError, match=r"no nodes in it \(a\+b: its name has characters"):
        import_from("clustershell", str(tmp_path / "groups"), {})


# What was reported of ClusterShell or of us: files, and the groups that nodeset finds in them.
CASES: dict[str, tuple[dict[str, str], dict[str, str]]] = {
    "members of a YAML group are apart by white space": (
        {"groups.conf": CONF, "groups.d/a.yaml": "local:\n  two: 'b1 b2'\n  folded: >\n    node[1-2]\n    node[5-6]\n  lines: |\n    x1\n    x[2-3]\n  listed: [y1, 'y2 y3', '@two']\n  empty:\n"},
        {"two": "b[1-2]", "folded": "node[1-2,5-6]", "lines": "x[1-3]", "listed": "b[1-2],y[1-3]", "empty": ""},
    ),
    "a file of groups counts, and the package's example of it does not": (
        {"groups.conf": CONF + FILE, "groups": "zk: psn[40-42]\nrm: psn43\nhbr: psn[40-44]\n", "groups.d/local.cfg": "compute: example[32-159]\nio: example4 example5 example6\n"},
        {"zk": "psn[40-42]", "rm": "psn43", "hbr": "psn[40-44]"},
    ),
    "autodir says which folders are read": (
        {"groups.conf": '[Main]\ndefault: local\nconfdir: $CFGDIR/conf2\nautodir: $CFGDIR/mine "$CFGDIR/with space" $CFGDIR/none\n', "mine/r.yaml": "local: {web: 'w[1-3]'}\n",
         "with space/s.yaml": "other: {db: 'd[1-2]'}\n", "groups.d/old.yaml": "stale: {old: 'o[1-3]'}\n", "mine/no.yml": "stale: {old: 'o[1-3]'}\n"},
        {"web": "w[1-3]", "other:db": "d[1-2]"},
    ),
    "groupsdir is confdir, and a section may be for several sources": (
        {"groups.conf": "[Main]\ndefault: a\ngroupsdir: $CFGDIR/more\n", "more/x.conf": "[a,b]\nmap: echo $SOURCE$GROUP\nlist: echo g h\n", "more/y.off": "[c]\nmap: echo x\n"},
        {"g": "ag", "h": "ah", "b:g": "bg", "b:h": "bh"},
    ),
    "mapall": ({"groups.conf": "[Main]\ndefault: m\n[m]\nmapall: printf 'g: n1 n2\\ng: n3\\nh: @g,x1\\n'\n"}, {"g": "n[1-3]", "h": "n[1-3],x1"}),
    "several sources name each other's groups": (
        {"groups.conf": CONF, "groups.d/a.yaml": "local: {a: 'n[1-4]', b: '@other:c', d: '@a!@other:c'}\nother: {c: 'n[2-3]', e: '@c n9', f: '@local:a&n1'}\n"},
        {"a": "n[1-4]", "b": "n[2-3]", "d": "n[1,4]", "other:c": "n[2-3]", "other:e": "n[2-3,9]", "other:f": "n1"},
    ),
    "no default: the first source is it": ({"groups.conf": "[Main]\nautodir: $CFGDIR\n", "a.yaml": "one: {g: n1}\n"}, {"g": "n1"}),
    "operators and steps": ({"groups.conf": CONF, "groups.d/a.yaml": "local: {a: 'n[0-10/2]', b: '@a!n4', c: '@a&n[0-4]', d: '@a^n[0-1]', e: 'r[1-2]n[01-02]'}\n"},
        {"a": "n[0,2,4,6,8,10]", "b": "n[0,2,6,8,10]", "c": "n[0,2,4]", "d": "n[1-2,4,6,8,10]", "e": "r[1-2]n[01-02]"}),
}  # fmt: skip


@pytest.mark.parametrize("name", CASES)
def test_groups_are_those_that_nodeset_finds(name: str, tmp_path: Path) -> None:
    files, groups = CASES[name]
    found = read(tmp_path, files)
    fleet = fleet_of(found)
    code, said = nodeset(tmp_path / "groups.conf", "-LL")
    assert code == 0
    table = dict(f"{line} ".split(" ", 1) for line in said.splitlines())
    assert {name: nodes.strip() for name, nodes in table.items()} == {
        f"@{group}": nodes for group, nodes in groups.items()
    }
    for group, nodes in groups.items():
        assert set(fleet.groups[group.replace(":", "-")]) == set(NodeSet(nodes))
    unlike = {group.replace(":", "-") for group in groups} ^ set(fleet.groups)
    assert unlike - {"all"} == set()
    by_path = settle(
        read_clustershell(str(tmp_path / "groups.conf"), read_text, read_listed, is_folder=False)
    )
    assert (by_path.nodes, by_path.groups) == (found.nodes, found.groups)


# What nodeset refuses, and what is said of it here.
REFUSED: dict[str, tuple[dict[str, str], str, str]] = {
    "commas and blanks in YAML": ({"groups.d/a.yaml": "local: {good: n1, db: 'node1, node2'}\n"}, "db", "@local:db: ClusterShell says: missing nodeset operand with ',' operator: \"node2\""),
    "blanks inside brackets": ({"groups.d/a.yaml": "local: {good: n1, db: 'node[1, 2]'}\n"}, "db", "@local:db: ClusterShell says: bad range: \"empty range\""),
    "a number": ({"groups.d/a.yaml": "local: {good: n1, db: 5}\n"}, "db", "@local:db: ClusterShell ends with an error, as its members are no text; put each in quotes"),
    "a date": ({"groups.d/a.yaml": "local: {good: n1, db: 2020-01-01}\n"}, "db", "@local:db: ClusterShell ends with an error, as its members are no text; put each in quotes"),
    "a list with a number": ({"groups.d/a.yaml": "local: {good: n1, db: [n1, 5]}\n"}, "db", "@local:db: ClusterShell ends with an error, as its members are no text; put each in quotes"),
    "padding": ({"groups.d/a.yaml": "local: {good: n1, db: 'n[01-3]'}\n"}, "db", "@local:db: ClusterShell says: bad range: \"padding length mismatch : \"01-3\"\""),
    "a source that is not there": ({"groups.d/a.yaml": "local: {good: n1, db: '@gone:x'}\n"}, "db", "@local:db: there is no group source 'gone'"),
    "an upcall that fails": ({"groups.conf": CONF + "[q]\nmap: exit 3\nlist: echo g\n", "groups.d/a.yaml": "local: {good: n1}\n"}, "q:g", "@q:g: its upcall failed: exit 3"),
    "a circle": ({"groups.d/a.yaml": "local: {good: n1, a: '@b', b: '@a'}\n"}, "a", "@local:a: goes round in a circle"),
}  # fmt: skip


@pytest.mark.parametrize("name", REFUSED)
def test_what_nodeset_refuses_is_named_and_the_rest_is_read(name: str, tmp_path: Path) -> None:
    files, group, left = REFUSED[name]
    found = read(tmp_path, {"groups.conf": CONF, **files})
    assert nodeset(tmp_path / "groups.conf", "-e", f"@{group}")[0] != 0
    assert found.groups == {"good": ["n1"]}
    assert left in found.left


def test_a_group_that_is_there_twice_is_named_and_the_last_counts_as_for_nodeset(tmp_path: Path) -> None:
    text = "local:\n  web: n1\n  db: n2\n  web: 'n3 n4'\n"
    found = read(tmp_path, {"groups.conf": CONF, "groups.d/a.yaml": text})
    assert nodeset(tmp_path / "groups.conf", "-f", "@web") == (0, "n[3-4]")
    assert found.groups["web"] == ["n3", "n4"]
    said = "'web' is here for the second time; ClusterShell drops that of line 2"
    assert found.left == [f"{tmp_path}/groups.d/a.yaml:4:3: {said}"]


# What makes nodeset give up whatever it is asked.
NOTHING: dict[str, tuple[dict[str, str], str]] = {
    "a section without a way to map": ({"groups.conf": CONF + "[x]\nlist: echo\n"}, "ClusterShell says: No option 'map' or 'mapall' in section: 'x'"),
    "a source defined twice": ({"groups.conf": CONF + "[a]\nmap: echo\n", "groups.d/a.yaml": "a: {g: n1}\n"}, "ClusterShell says: GroupSource 'a': name collision"),
    "a group whose name is a number": ({"groups.conf": CONF, "groups.d/a.yaml": "a: {5: n1}\n"}, "ClusterShell says: {}/groups.d/a.yaml: a: group name 5 not a string (add quotes?)"),
    "a source that is no mapping": ({"groups.conf": CONF, "groups.d/a.yaml": "a: n1\n"}, "ClusterShell says: {}/groups.d/a.yaml: invalid content (group source 'a' is not a dict)"),
    "a default that is not there": ({"groups.conf": CONF, "groups.d/a.yaml": "a: {g: n1}\n"}, 'ClusterShell says: Default group source not found: "local"'),
    "no configuration": ({"groups.conf": "no\n"}, "ClusterShell says: File contains no section headers. file: '{}/groups.conf', line: 1 'no\\n'"),
}  # fmt: skip


@pytest.mark.parametrize("name", NOTHING)
def test_what_ends_nodeset_ends_the_import_with_its_words(name: str, tmp_path: Path) -> None:
    files, why = NOTHING[name]
    written(tmp_path, files)
    assert nodeset(tmp_path / "groups.conf", "-LL")[0] != 0
    with pytest.raises(FleetError) as raised:
        import_from("clustershell", str(tmp_path), {})
    assert why.replace("{}", str(tmp_path)) in raised.value.message


def test_what_a_source_cannot_say_is_named(tmp_path: Path) -> None:
    conf = (
        CONF
        + "[blind]\nmap: echo n1\n[slurm]\nmap: echo n1\nlist: /no/such/sinfo\n[known]\nmap: echo n1\nall: echo n[1-2],x1\n"
        + "[comma]\nmap: echo n1\nlist: echo a,b\n"
    )
    found = read(tmp_path, {"groups.conf": conf, "groups.d/a.yaml": "local: {g: n9}\n"})
    assert set(found.nodes) == {"n9", "n1", "n2", "x1"}
    assert set(found.left) == {
        "@slurm: its groups cannot be listed: its upcall failed: /no/such/sinfo",
        "@blind: its groups cannot be listed: its source has no upcall 'list'",
        "@known: its groups cannot be listed: its source has no upcall 'list'",
        "@comma: its groups cannot be listed: ClusterShell refuses a group's name with ',' in it",
    }


def test_groups_of_genders_by_its_own_program(tmp_path: Path) -> None:
    need("nodeattr")
    conf = "[Main]\ndefault: genders\n[genders]\nmap: nodeattr -f $CFGDIR/genders -n $GROUP\nall: nodeattr -f $CFGDIR/genders -n ALL\nlist: nodeattr -f $CFGDIR/genders -l\n"
    found = read(tmp_path, {"groups.conf": conf, "genders": "r[1-2] compute,rack=a\nlogin mgmt\n"})
    assert found.groups["compute"] == ["r1", "r2"]
    assert found.groups["mgmt"] == ["login"]
    assert set(found.nodes) == {"r1", "r2", "login"}


def test_files_without_a_configuration(tmp_path: Path) -> None:
    flat = "# a comment\noss: example[4-5]\nmds: example6\nio: @oss,@mds\nnot: @io!example5\nall: example[4-6,32-159]\nbroken\noss: e1 e2 # two\n"
    found = read(
        tmp_path / "a",
        {
            "groups": flat,
            "groups.d/local.cfg": "no: x1\n",
            "groups.d/r.yaml": "roles: {adm: 'mgmt[1-2]', up: '@adm,@local:oss'}\n",
        },
    )
    fleet = fleet_of(found)
    assert len(fleet.nodes) == 3 + 128 + 2 + 2
    assert set(fleet.groups["io"]) == {"example4", "example5", "example6", "e1", "e2"}
    assert set(fleet.groups["not"]) == {"example4", "example6", "e1", "e2"}
    assert set(fleet.groups["roles-up"]) == {"example4", "example5", "e1", "e2", "mgmt1", "mgmt2"}
    assert found.groups["io"] == ["@oss", "@mds"]
    assert "  example[4-6,32-159]:\n" in text_of(found, "x")
    assert found.left == [
        f"{tmp_path}/a/groups:7: 'broken' is no 'group: nodes'",
        "@local:*: held 131 of the nodes; here @all is every node",
    ]
    assert list(read(tmp_path / "b", {"groups.d/local.cfg": "no: x1\n"}).groups) == ["no"]
    assert list(read(tmp_path / "c", {"g.yaml": "s: {g: x1}\n"}, "g.yaml").groups) == ["g"]


def test_groups_without_end_are_named_and_not_spelled_out(tmp_path: Path) -> None:
    found = read(tmp_path, {"groups": "web: node[1-20001]\nboth: @web,x1\nmany: m[1-12000]\n"}, "groups")
    assert set(found.nodes) == {"x1", *(f"m{n}" for n in range(1, 12_001))}
    assert "@local:web: has more nodes than fit (node[1-20001])" in found.left
    assert len(fleet_of(found).groups["many"]) == 12_000


def test_missing_groups_are_listed(tmp_path: Path) -> None:
    text = "all: n[1-3]\nweb: n1,@gone\nboth: @web,@local:x,@all!@web,@n[1-2]\nrng[5-6]: n1\n"
    assert read(tmp_path, {"groups": text}, "groups").left == [
        "@local:web: names a group that is not there, which has no nodes: @gone",
        "@local:both: names a group that is not there, which has no nodes: @local:x",
        "@local:rng[5-6]: has a range in its name, so ClusterShell finds no nodes by it",
    ]


TEXTS = st.lists(
    st.sampled_from(
        [
            "n1",
            "n[1-3]",
            "@a",
            "@b",
            "@s:a",
            ",",
            "!",
            "&",
            "^",
            " ",
            "x[",
            "5",
            "]",
            "@*",
            "n[01-3]",
            "a/b",
            "-x",
            "all",
        ]
    ),
    max_size=6,
).map("".join)


@given(
    st.dictionaries(
        st.sampled_from(["a", "b", "c", "all", "up", "a b", "é", "x[1-2]"]),
        TEXTS | st.lists(TEXTS, max_size=3) | st.none() | st.integers(),
        max_size=4,
    )
)
def test_any_group_is_what_clustershell_makes_of_it_or_is_named(
    tmp_path_factory: pytest.TempPathFactory, groups: dict[str, object]
) -> None:
    import yaml

    folder = tmp_path_factory.mktemp("groups")
    found = read(folder, {"g.yaml": yaml.safe_dump({"s": groups}, allow_unicode=True)}, "g.yaml")
    if not found.nodes:
        return
    fleet = fleet_of(found)
    (source,) = YAMLGroupLoader(str(folder / "g.yaml"))
    told = " ".join(found.left)
    for name in groups:
        if (
            name in fleet.groups
            and name != "all"
            and f"group {name}:" not in told
            and f"@s:{name}:" not in told
        ):
            theirs = set(NodeSet(f"@{name}", resolver=GroupResolver(source)))
            assert set(fleet.groups[name]) == {node for node in theirs if node in found.nodes}
