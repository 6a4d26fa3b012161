"""Selectors: what they name, what they say when they name nothing, and ClusterShell as the judge."""

# ruff: noqa: E501 - tables of expressions and what they name
from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from pathlib import Path
from random import Random
from typing import Any

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from stentor.errors import SelectorError
from stentor.fleet import compiled
from stentor.fleet.fold import fold as parts
from stentor.fleet.fold import nodeset
from stentor.fleet.model import Fleet, Node
from stentor.fleet.policy import Policy
from stentor.fleet.policy.sections import Ssh
from stentor.fleet.ranges import expand
from stentor.fleet.select import groups, local_alias, select
from stentor.render import names
from tests import importing


def make(nodes: Iterable[Node], policy: Policy | None = None, **groups: str) -> Fleet:
    table = {node.alias: node for node in nodes}
    expanded = {name: tuple(text.split(",")) for name, text in groups.items()}
    return Fleet("/fleet", table, {"all": tuple(table), **expanded}, policy=policy or Policy())


SEED = make(
    [
        Node("crtr", "cooperator", ("10.0.0.10",), role="gateway", phase=1, variables={"rack": "a1", "ssd": True}),
        Node("prtr", "projector", role="gpu", phase=3, state="down", requires=("nvidia-smi",)),
        Node("drtr", "director", role="gpu", phase=2, variables={"rack": "b1", "disk": {"kind": "nvme"}}),
        Node("trtr", "terminator", role="pseudo", phase=2, variables={"tags": ["old", "lab"]}),
        Node("zrtr", "zerouter", role="pseudo", phase=3, state="down"),
    ],
    core="crtr,prtr,drtr",
    gpu="prtr,drtr",
    pseudo="trtr,zrtr",
)  # fmt: skip


def named(expression: str, fleet: Fleet = SEED, **options: Any) -> str:
    return ",".join(node.alias for node in select(fleet, expression, **options))


NAMES = {
    "crtr": "crtr",
    "cooperator": "crtr",
    "zrtr,crtr,crtr": "crtr,zrtr",
    " crtr , drtr ": "crtr,drtr",
    "@gpu": "prtr,drtr",
    "@all": "crtr,prtr,drtr,trtr,zrtr",
    "@*": "crtr,prtr,drtr,trtr,zrtr",
    "*": "crtr,prtr,drtr,trtr,zrtr",
    "@all!@pseudo": "crtr,prtr,drtr",
    "@core&@gpu": "prtr,drtr",
    "@core^@gpu": "crtr",
    "crtr,@gpu!drtr": "crtr,prtr",
    "crtr!crtr": "",
    "@core!prtr&@gpu,zrtr": "drtr,zrtr",
    "?rtr": "crtr,prtr,drtr,trtr,zrtr",
    "*ator": "crtr,trtr",
    "@pseudo,*direct*": "drtr,trtr,zrtr",
    "%role=gpu": "prtr,drtr",
    "%role=g*": "crtr,prtr,drtr",
    "%phase=2": "drtr,trtr",
    "%state!=down": "crtr,drtr,trtr",
    "@core!%state=down": "crtr,drtr",
    "@all&%state!=down&@gpu": "drtr",
    "%rack=b1": "drtr",
    "%rack!=b1": "crtr,prtr,trtr,zrtr",
    "%ssd=true": "crtr",
    "%disk.kind=nvme": "drtr",
    "%tags=lab": "trtr",
    "%requires=nvidia-smi": "prtr",
    "%address=10.0.0.*": "crtr",
    "% role = gpu ,crtr": "crtr,prtr,drtr",
}


@pytest.mark.parametrize("expression", NAMES)
def test_names(expression: str) -> None:
    assert named(expression) == NAMES[expression]


MISTAKES = {
    "": "the selector is empty | write a node, '@group' or '@all'",
    "crt": "there is no node 'crt' | did you mean 'crtr'?",
    "Crtr": "there is no node 'Crtr' | did you mean 'crtr'?",
    "projektor": "there is no node 'projektor' | did you mean 'projector'?",
    "xyz": "there is no node 'xyz' | nodes are crtr, prtr, drtr, trtr, zrtr",
    "gpu": "there is no node 'gpu' | did you mean the group '@gpu'?",
    "@gpi": "there is no group 'gpi' | did you mean '@gpu'?",
    "@": "there is no group '' | groups are @all, @core, @gpu, @pseudo",
    "@gateway": "there is no group 'gateway' | it is a role: '%role=gateway' selects by it",
    "@crtr": "there is no group 'crtr' | it is a node: write 'crtr' without the @",
    "crtr prtr": "'crtr prtr' is not one name | join names with commas",
    "crtr,": "a name is missing in 'crtr,' | an operator stands between two names: crtr,drtr or '@all!crtr'",
    "crtr,,prtr": "a name is missing in 'crtr,,prtr' | an operator stands between two names: crtr,drtr or '@all!crtr'",
    "!crtr": "a name is missing in '!crtr' | begin with what to take from, as in '@all!crtr'",
    "node[1-3": "the brackets of 'node[1-3' do not match",
    "node[3-1]": "the range 3-1 of 'node[3-1]' goes backwards",
    "node[1-]": "'1-' is not a range in 'node[1-]'; ranges look like 1-40, 01-10 or 0-8/2",
    "node1-3]": "the brackets of 'node1-3]' do not match",
    "[[1]]": "the brackets of '[[1]]' do not match",
    "node[1-3]": "there are no nodes node[1-3] in 'node[1-3]' | nodes are crtr, prtr, drtr, trtr, zrtr",
    "q*": "no node's name matches 'q*' | nodes are crtr, prtr, drtr, trtr, zrtr",
    "%rol=gpu": "no node has 'rol' | did you mean 'role'?",
    "%role=gpus": "no node has role 'gpus' | did you mean 'gpu'?",
    "%role": "'%role' is not a filter | filters look like '%role=gpu' or '%state!=down'",
    "%": "'%' is not a filter | filters look like '%role=gpu' or '%state!=down'",
    "@self": "this machine is not a node of the fleet, so there is no @self"
    " | a node is recognised when its name or alias is the host name",
}


@pytest.mark.parametrize("expression", MISTAKES)
def test_mistakes(expression: str) -> None:
    with pytest.raises(SelectorError) as caught:
        select(SEED, expression)
    assert f"{caught.value.message} | {caught.value.hint}".rstrip(" |") == MISTAKES[expression]


def test_self_and_live_sets() -> None:
    assert named("@all!@self", local="drtr") == "crtr,prtr,trtr,zrtr"
    live = {"failed": ["drtr", "gone"], "failed:12": ["crtr"]}.get
    assert named("@failed", live=live) == "drtr"
    assert named("@failed:12,@failed", live=live) == "crtr,drtr"
    assert named("@core&@self", live=live, local="crtr") == "crtr"
    with pytest.raises(SelectorError, match="there is no group 'faild'") as caught:
        select(SEED, "@faild", live=live)
    assert caught.value.hint == "did you mean '@failed'?"


@pytest.mark.parametrize(
    ("hostname", "alias"),
    [
        ("cooperator", "crtr"),
        ("COOPERATOR.lan", "crtr"),
        ("drtr", "drtr"),
        ("drtr.", "drtr"),
        ("localhost", None),
        ("", None),
        (".", None),
        ("elsewhere", None),
    ],
)
def test_local_alias(hostname: str, alias: str | None) -> None:
    assert local_alias(SEED, hostname) == alias


def test_local_alias_in_doubt() -> None:
    fleet = make([Node("web.a", "web.a"), Node("web.b", "web.b")])
    assert local_alias(fleet, "web.b") == "web.b"
    assert local_alias(fleet, "web") is None
    assert local_alias(fleet, "web.c") is None
    assert local_alias(make([Node("a", "a")], Policy(ssh=Ssh(local=False))), "a") is None
    assert local_alias(make([Node("a", "a")], Policy(ssh=Ssh(local=True))), "a") == "a"


@pytest.mark.parametrize("hostname", ["localhost", "LOCALHOST.", "", "."])
def test_machine_without_a_name_of_its_own_is_no_node(hostname: str) -> None:
    assert local_alias(make([Node("localhost", "localhost"), Node("", "")]), hostname) is None


def test_first_label_of_a_long_host_name_is_compared() -> None:
    fleet = make([Node("a", "web.lan.example")])
    assert local_alias(fleet, "web.other.example") == "a"
    assert local_alias(fleet, "WEB.lan.example.") == "a"
    twice = make([Node("a", "web.x"), Node("b", "web.y")])
    assert local_alias(twice, "web.z") is None


def message(expression: str, fleet: Fleet = SEED, **options: Any) -> tuple[str, str]:
    with pytest.raises(SelectorError) as caught:
        named(expression, fleet, **options)
    return caught.value.message, caught.value.hint


def test_hint_knows_what_other_tools_would_mean() -> None:
    ansible = (
        "names are joined by ',', not by ':' as in Ansible; '@all!crtr' leaves out, '@a&@b' is those in both"
    )
    assert [message(one)[1] for one in ("crtr:drtr", "@web:db", "@web:db:ok")] == [ansible] * 3
    assert message("@failed:web")[1] == "groups are @all, @core, @gpu, @pseudo"
    login = "write '{}', and the login name as an option: --user me"
    assert message("me@crtr")[1] == login.format("crtr")
    assert message("me@director")[1] == login.format("director")
    assert message("me@nobody")[1] == "nodes are crtr, prtr, drtr, trtr, zrtr"


@pytest.mark.parametrize(
    ("count", "hint"), [(8, "nodes are n0, n1, n2"), (9, "'stentor nodes' lists them all")]
)
def test_nodes_are_named_where_they_are_few(count: int, hint: str) -> None:
    fleet = make([Node(f"n{n}", f"n{n}") for n in range(count)])
    assert message("unlike-any", fleet)[1].startswith(hint)


def test_unknown_names_are_folded_and_one_alone_is_not() -> None:
    assert message("bad[1-2]")[0] == "there are no nodes bad[1-2] in 'bad[1-2]'"
    assert message("bad[1]")[0] == "there is no node 'bad1'"


def test_leading_zeros_that_are_missing_are_named() -> None:
    fleet = make([Node(f"node{n:03}", f"node{n:03}") for n in range(1, 101)])
    assert message("node[01-20]", fleet)[1] == "leading zeros count: did you mean 'node[001-020]'?"
    assert message("node[99-100]", fleet)[1] == "did you mean 'node099'?"
    assert message("node[99-101]", fleet)[1] == "'stentor nodes' lists them all"


def test_live_sets_are_suggested_where_they_can_be_looked_up() -> None:
    def nothing(_: str) -> None:
        return None

    for name in ("ok", "failed", "unreachable", "missing", "last", "up", "down"):
        typed = f"@{name}x" if len(name) > 3 else f"@{name}{name}"
        assert message(typed, live=nothing)[1] in (
            f"did you mean '@{name}'?",
            "groups are @all, @core, @gpu, @pseudo",
        )
    assert message("@faield", live=nothing)[1] == "did you mean '@failed'?"
    assert message("@missin", live=nothing)[1] == "did you mean '@missing'?"
    assert message("@unreachabel", live=nothing)[1] == "did you mean '@unreachable'?"
    assert message("@selff")[1] == "did you mean '@self'?"
    assert message("@faield")[1] == "groups are @all, @core, @gpu, @pseudo"


@pytest.mark.parametrize("expression", ["!crtr", " &@gpu"])
def test_expression_that_begins_with_an_operator_says_what_to_begin_with(expression: str) -> None:
    assert message(expression)[1] == "begin with what to take from, as in '@all!crtr'"


def test_wildcard_and_range_may_be_in_one_pattern() -> None:
    fleet = make([Node(f"n{n}-{part}", f"n{n}-{part}") for n in (1, 2, 3) for part in "ab"])
    assert named("n[1-2]-*", fleet) == "n1-a,n1-b,n2-a,n2-b"
    with pytest.raises(SelectorError, match="more than 10000 names"):
        named("n[1-10001]", fleet)
    with pytest.raises(SelectorError, match="there are no nodes"):
        named("n[1-10000]", fleet)


WITH_RETIRED = make(
    [Node("a1", "alpha", role="x"), Node("a2", "beta", state="retired", role="x", phase=3), Node("a3", "c", state="down")],
    old="a2", both="a1,a2",
)  # fmt: skip


@pytest.mark.parametrize("compiled_copy", [False, True])
@pytest.mark.parametrize(
    ("expression", "names"),
    [
        ("a2", "a2"), ("beta", "a2"), ("a[1-2]", "a1,a2"), ("%state=retired", "a2"), ("% state = retired", "a2"),
        ("@all", "a1,a3"), ("@*", "a1,a3"), ("*", "a1,a3"), ("@old", ""), ("@both", "a1"), ("b*", ""), ("?2", ""),
        ("%role=x", "a1"), ("%phase=3", ""), ("%state!=down", "a1"), ("@all,a2", "a1,a2,a3"), ("@failed", "a1"),
        ("@all^a2", "a1,a2,a3"), ("a2&@all", ""),
    ],
)  # fmt: skip
def test_retired_nodes_are_selected_by_name_only(expression: str, names: str, compiled_copy: bool) -> None:
    fleet = WITH_RETIRED
    if compiled_copy:
        decoded = compiled.decode(compiled.encode(fleet, {}), fleet.root, {})
        assert decoded is not None
        fleet = decoded
    assert named(expression, fleet, live={"failed": ["a1", "a2"]}.get) == names


# ---- ClusterShell is the judge ----

MANY = make(
    [Node(f"node{n}", f"node{n}") for n in range(1, 21)]
    + [Node(f"pad{n:03}", f"pad{n:03}") for n in range(8, 13)]
    + [Node(f"r{r}c{c}-ib", f"r{r}c{c}-ib") for r in (1, 2) for c in (1, 2, 3)]
    + [Node("login", "login")],
    low=",".join(f"node{n}" for n in range(1, 11)),
    odd=",".join(f"node{n}" for n in range(1, 21, 2)),
    mixed="login,pad008,r1c1-ib,node20",
    rack1="r1c1-ib,r1c2-ib,r1c3-ib",
    rack2="r2c1-ib,r2c2-ib,r2c3-ib",
)

OPERANDS = [
    "login", "node1", "node20", "pad008", "r2c3-ib", "@low", "@odd", "@mixed", "@all", "@*", "@rack[1-2]", "@rack1",
    "node[1-5]", "node[1-20/2]", "node[3,5,7-9]", "pad[008-012]", "r[1-2]c[1-3]-ib", "r1c[2-3]-ib", "r[1-2]c2-ib",
    "node*", "node1?", "*", "p*8", "*-ib", "no[d]e1",
]  # fmt: skip

expressions = st.lists(
    st.tuples(st.sampled_from(",!&^"), st.sampled_from(OPERANDS[:-1]), st.sampled_from(["", " "])),
    min_size=1,
    max_size=6,
).map(lambda parts: "".join(op + space + name + space for op, name, space in parts).lstrip(",!&^"))


def judge() -> Any:
    from ClusterShell.NodeUtils import GroupResolver, GroupSource

    groups = {name: ",".join(members) for name, members in MANY.groups.items()}
    return GroupResolver(GroupSource("fleet", groups, groups["all"]))


@settings(max_examples=150, deadline=None)
@given(expressions)
def test_same_as_clustershells_nodeset(expression: str) -> None:
    from ClusterShell.NodeSet import NodeSet

    assert {node.alias for node in select(MANY, expression)} == set(NodeSet(expression, resolver=judge()))


# What a selector is made of at random: names of the fleet, with all that may be inside brackets, and errors.
WRONG = [
    "node[1", "node1]", "node[3-1]", "node[1-2/0]", "node[a]", "node[]", "node[ ]", "node[1,]", "node[,1]", "node[1 2]",
    "node[1-2][3]", "node[[1]]", "node[1]]", "", " ", "pad[08-012]",
]  # fmt: skip


def at_random(random: Random) -> str:
    """One operand."""

    def blank() -> str:
        return random.choice(["", "", "", "", " ", "  ", "\t"])

    def numbers(most: int, padding: int, least: int = 1) -> str:
        parts = []
        for _ in range(random.choice([1, 1, 1, 2, 3])):
            first = random.randint(least, most)
            last = random.randint(first, most)
            step = f"{blank()}/{blank()}{random.randint(1, 4)}" if random.random() < 0.2 else ""
            one = f"{first:0{padding}}"
            parts.append(one if random.random() < 0.4 else f"{one}{blank()}-{blank()}{last:0{padding}}{step}")
        return f"[{','.join(blank() + part + blank() for part in parts)}]"

    makers: list[Callable[[], str]] = [
        lambda: random.choice(OPERANDS),
        lambda: "node" + numbers(20, 0),
        lambda: "pad" + numbers(12, 3, 8),
        lambda: f"r{numbers(2, 0)}c{numbers(3, 0)}-ib",
        lambda: f"@rack{numbers(2, 0)}",
        lambda: random.choice(WRONG) if random.random() < 0.3 else "login",
    ]
    return random.choice(makers)()


def test_thousands_of_selectors_are_read_as_clustershell_reads_them() -> None:
    """No difference but the stated ones: a name or group that is not there is an error, and so is no name."""
    from ClusterShell.NodeSet import NodeSet, NodeSetException

    random, resolver = Random(20261129), judge()
    refused = 0
    for _ in range(6000):
        expression = ""
        for _ in range(random.choice([1, 1, 2, 2, 3, 4, 6])):
            gap = random.choice(["", "", " "])
            expression += (random.choice(",,,!&^") if expression else "") + gap + at_random(random) + gap
        try:
            theirs: set[str] | None = set(NodeSet(expression, resolver=resolver))
        except (NodeSetException, ValueError):
            theirs = None
            refused += 1
        try:
            ours: set[str] | None = {node.alias for node in select(MANY, expression)}
        except SelectorError as error:
            ours = None
            if theirs is not None and not expression.strip():
                assert error.message == "the selector is empty"
                continue
        assert ours == theirs, repr(expression)
    assert 200 < refused < 3000


# Of ClusterShell's own tests, those whose names a node may have: what is there, and the expression.
THEIRS = {
    "   tigrou2 ,    tigrou5,tigrou7 , tigrou[ 9   - 11 ]    ": "tigrou[2,5,7,9-11]",
    "foo[3]": "foo3", "foo[1-5]bar[1-2]": "foo[1-5]bar[1-2]", "roma[50-99]-ipmi,cors113": "roma[50-99]-ipmi,cors113",
    "lyon[001-9,0010-12]": "", "cluster115,cluster116,cluster117,cluster130,cluster166": "cluster[115-117,130,166]",
    "black[00-99/5]!black[00-99/10]": "black[05,15,25,35,45,55,65,75,85,95]", "foo0^foo[0-2]^foo2": "foo1",
    "da[2-5]-c[1-2]-ib0&da3-c[1-2]-ib0": "da3-c[1-2]-ib0", "foo[1-4]&foo[2-3]!foo3,foo9": "foo[2,9]", "[1-3]": "1,2,3",
    "1foo[0-1]": "1foo[0-1]", "foo[01-10]bar[5-6]": "foo[01-10]bar[5-6]", "foo[0-10/2,9]": "foo[0,2,4,6,8-10]",
    "a,,b": "", ",a": "", "a,": "", "a!": "", "^a": "", "foo[1-3": "", "foo1-3]": "", "foo[-]": "", "foo[1-]": "",
}  # fmt: skip


@pytest.mark.parametrize("expression", THEIRS)
def test_expressions_of_clustershells_own_tests(expression: str) -> None:
    from ClusterShell.NodeSet import RESOLVER_NOGROUP, NodeSet, NodeSetException

    names = list(NodeSet(THEIRS[expression], resolver=RESOLVER_NOGROUP))
    if not names:
        with pytest.raises(NodeSetException):
            NodeSet(expression, resolver=RESOLVER_NOGROUP)
        with pytest.raises(SelectorError):
            select(make([Node(name, name) for name in ("a", "b", "foo1", "foo2", "foo3")]), expression)
        return
    operands = NodeSet(re.sub(r"[!&^](?![^\[]*\])", ",", expression), resolver=RESOLVER_NOGROUP)
    fleet = make([Node(name, name) for name in operands])
    assert {node.alias for node in select(fleet, expression)} == set(names)
    assert set(NodeSet(expression, resolver=RESOLVER_NOGROUP)) == set(names)


@pytest.mark.parametrize(
    ("expression", "hint"),
    [
        ("^a", "nodes from a file: stentor run --hostfile FILE COMMAND"),
        ("!a", "begin with what to take from, as in '@all!crtr'"),
        ("&a", "begin with what to take from, as in '@all!crtr'"),
        ("a,,b", "an operator stands between two names: crtr,drtr or '@all!crtr'"),
        ("a b[1, 2]c", "join names with commas"),
        ("a[1, 2] b", "join names with commas"),
    ],
)
def test_a_missing_name_is_said_with_what_was_probably_meant(expression: str, hint: str) -> None:
    with pytest.raises(SelectorError) as caught:
        select(SEED, expression)
    assert caught.value.hint == hint


@pytest.mark.parametrize(
    "pattern", ["node[0001-10000]", "node[ 0001 - 10000 ]", "node[08-12]", "node[1-12000]"]
)
def test_what_the_fleet_file_may_spell_out_a_selector_may(pattern: str) -> None:
    plain = pattern.replace(" ", "")
    names = [f"node{n}" for n in range(1, 12_001)] if "12000" in plain else expand(plain)
    fleet = make([Node(name, name) for name in names])
    assert [node.alias for node in select(fleet, pattern)] == names


@settings(max_examples=60, deadline=None)
@given(st.sets(st.sampled_from(list(MANY.nodes)), min_size=1))
def test_folded_names_select_the_same_nodes(aliases: set[str]) -> None:
    from ClusterShell.NodeSet import RESOLVER_NOGROUP, NodeSet

    folded = str(NodeSet.fromlist(sorted(aliases), resolver=RESOLVER_NOGROUP))
    found = select(MANY, folded)
    assert {node.alias for node in found} == aliases
    order = list(MANY.nodes)
    assert [node.alias for node in found] == sorted(aliases, key=order.index)


@pytest.mark.parametrize(
    "names",
    [
        [f"node{n:04d}" for n in range(1, 10_001)],
        [f"n{n}" for n in range(12_001)],
        ["n1", "n01", "n001"],
        ["r01n98", "r01n99", "r01n100", "r02n98"],
        ["n" + "9" * 60, "n" + "9" * 59 + "8", "n7", "n8", "n9"],
        [f"n{'1' * 50}{n}" for n in range(3)],
        [f"{'1' * 30}r{n}" for n in range(3)],
        ["a1b2", f"a1b{10**15}", f"a1b{10**15 + 1}"],
    ],
    ids=lambda names: names[0][:12],
)
@pytest.mark.parametrize("fold", [nodeset, names.fold, lambda names: ",".join(parts(names))])
def test_what_is_folded_is_a_selector_of_the_same_nodes(
    fold: Callable[[list[str]], str], names: list[str]
) -> None:
    fleet = make([Node(name, name) for name in names])
    assert [node.alias for node in select(fleet, fold(names))] == names


def test_a_group_is_called_by_its_name_for_the_nodes_that_it_selects() -> None:
    nodes = [Node(name, name, state="retired" if name == "d" else "up") for name in "abcd"]
    fleet = make(nodes, four="a,b,c,d")
    for expression, folded in (("@four", "@four"), ("@four,d", "a,b,c,d")):
        chosen = [node.alias for node in select(fleet, expression)]
        assert names.fold(chosen, groups(fleet)) == folded
        assert [node.alias for node in select(fleet, folded)] == chosen


def test_same_as_the_nodeset_command(tmp_path: Path) -> None:
    config = tmp_path / "groups.conf"
    config.write_text(
        f"[Main]\ndefault: fleet\nautodir: {tmp_path}\n[fleet]\nmap: sed -n 's/^$GROUP: //p' {tmp_path}/groups\n"
        f"all: sed -n 's/^all: //p' {tmp_path}/groups\nlist: sed 's/:.*//' {tmp_path}/groups\n"
    )
    lines = [f"{name}: {','.join(members)}" for name, members in MANY.groups.items()]
    (tmp_path / "groups").write_text("\n".join(lines) + "\n")
    for expression in (
        "@low!node[3-5]&@odd",
        "r[1-2]c2-ib^@rack1,login",
        "@all!node*!*-ib",
        "@rack[1-2]&*3-ib",
    ):
        code, told = importing.nodeset(config, "-e", "-S", "\n", expression)
        assert (code, set(told.split())) == (0, {node.alias for node in select(MANY, expression)})
        code, folded = importing.nodeset(config, "-f", expression)
        assert (code, select(MANY, folded)) == (0, select(MANY, expression))


@settings(max_examples=300, deadline=None)
@given(st.text(alphabet="crtdpgu@!&^,%=*?[]0-9/: \t\n~#äß\x00\ud800", max_size=30) | st.text(max_size=40))
def test_any_text_names_nodes_or_is_a_selector_error(expression: str) -> None:
    assume(expression not in NAMES)
    try:
        found = select(SEED, expression)
    except SelectorError as error:
        assert error.message
        assert error.exit_code == 2
    else:
        assert [node for node in SEED.nodes.values() if node in found] == list(found)


@pytest.mark.parametrize(
    "expression", ["node[1-10001]", "n[0-9]x[0-99]y[0-10]", "@g[1-10001]", f"n[{'9' * 50}]"]
)
def test_ranges_of_too_many_names_are_refused(expression: str) -> None:
    with pytest.raises(SelectorError, match="stands for more than 10000 names"):
        select(SEED, expression)
