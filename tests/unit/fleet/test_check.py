"""Every fault, at its place, with a hint."""

# ruff: noqa: E501 - tables of texts and what is said of them
from __future__ import annotations

import pytest

from stentor.fleet.check import Checked, Source, check
from stentor.fleet.model import Fleet
from stentor.fleet.policy.sections import Rollout


def checked(text: str | bytes, policy: str | None = None, services: str | None = None) -> Checked:
    def data(content: str | bytes) -> bytes:
        return content if isinstance(content, bytes) else content.encode()

    sources = [Source("nodes", "nodes.yaml", data(text))]
    if policy is not None:
        sources.append(Source("policy", "policy.yaml", data(policy)))
    if services is not None:
        sources.append(Source("services", "services.yaml", data(services)))
    return check(sources, "/fleet")


def fleet_of(text: str) -> Fleet:
    result = checked(text)
    assert result.faults == ()
    assert result.fleet is not None
    return result.fleet


def told(result: Checked) -> list[str]:
    assert (result.fleet is None) == bool(result.faults)
    return [f"{fault.where}: {fault.what} | {fault.hint}".rstrip(" |") for fault in result.faults]


SHAPES = {
    "nodes: {a: }\nhooks: {h: {forge: github, repository: you/dots, selector: a}}": "nodes.yaml:2:9: the webhook 'h' lacks 'secret' | name the file with the secret that the forge signs with",
    "nodes: {a: }\nhooks: {h: {forge: githab, repository: you/dots, selector: a}}": "nodes.yaml:2:20: forge 'githab' is not known | did you mean 'gitlab'?",
    "nodes: {a: }\nhooks: {h: {forge: sourcehut, repository: dots, selector: a}}": "nodes.yaml:2:43: repository 'dots' is no repository | write OWNER/NAME, as its page is called",
    "nodes: {a: }\nhooks: {a b: {forge: sourcehut, repository: ~you/dots, selector: a}}": "nodes.yaml:2:9: 'a b' is no name for a webhook | names have letters, digits, '.', '_' and '-'",
    "nodes: {a: }\nhooks: {h: }": "nodes.yaml:2:12: hook 'h' must be a mapping of keys to values, not nothing | write its keys below it, a line each: KEY: VALUE",
    "nodes: {a: }\nkeep: {nightly: 25:00}": "nodes.yaml:2:17: nightly '25:00' is not a time of day | write it as '03:00', in quotes",
    "nodes: {a: {adress: x}}": "nodes.yaml:1:13: node 'a' has no key 'adress' | did you mean 'address'?",
    "nodes: {a: }\nrolout: {}": "nodes.yaml:2:1: nodes.yaml has no key 'rolout' | did you mean 'rollout'?",
    "nodes: {a: {port: 70000}}": "nodes.yaml:1:19: port '70000' is no port"
    " | a port is a number from 1 to 65535",
    "nodes: {a: {port: ssh}}": "nodes.yaml:1:19: port must be a whole number, not text"
    " | a port is a number from 1 to 65535",
    "nodes: {a: {port: true}}": "nodes.yaml:1:19: port must be a whole number, not true or false"
    " | a port is a number from 1 to 65535",
    "nodes: {a: {user: 1001}}": "nodes.yaml:1:19: user must be text, not a number | put it in quotes: '1001'",
    "nodes: {a: {user: -oProxyCommand=x}}": "nodes.yaml:1:19: user '-oProxyCommand=x' is no login name",
    "nodes: {a: {jump: -oProxyCommand=x}}": "nodes.yaml:1:19: jump '-oProxyCommand=x' is no jump host"
    " | write a node's alias, or what 'ssh -J' takes",
    "nodes: {a: {gateway: b}}": "nodes.yaml:1:22: gateway 'b' is no node | a gateway is a node of the fleet",
    "nodes: {gw1: , a: {gateway: [gw1, gw2]}}": "nodes.yaml:1:29: gateway 'gw2' is no node | did you mean 'gw1'?",
    "nodes: {a: {gateway: a}}": "nodes.yaml:1:22: a cannot be its own gateway | leave it out of 'gateway'",
    "nodes: {a: }\ntree: {engine: ssh}": "nodes.yaml:2:16: engine 'ssh' is not known"
    " | did you mean 'openssh'?",
    "nodes: {a: {groups: g}}\ntree: {gateways: {g: b}}": "nodes.yaml:2:22: there is no node 'b' | nodes are a",
    "nodes: {a: {groups: rack}}\ntree: {gateways: {rak: a}}": "nodes.yaml:2:19: there is no group 'rak'"
    " | did you mean 'rack'?",
    "nodes: {a: }\nrollout: {groups: {g: {pause: 1}}}": "nodes.yaml:2:20: there is no group 'g' | groups are all",
    "nodes: {a: }\nguard: {groups: {g: {}}}": "nodes.yaml:2:18: there is no group 'g' | groups are all",
    "nodes: {a: }\nbootstrap: {groups: {a: {}}}": "nodes.yaml:2:22: there is no group 'a' | groups are all",
    "nodes: {a: {address: -x}}": "nodes.yaml:1:22: address '-x' is no address"
    " | write a host name or an IP address, without user or port",
    "nodes: {-a: }": "nodes.yaml:1:9: '-a' is no name for a node | names have letters, digits, '.', '_' and '-'",
    'nodes: {"a\\n": }': "nodes.yaml:1:9: 'a?' is no name for a node"
    " | names have letters, digits, '.', '_' and '-'",
    'nodes: {a: {role: "b\\n"}}': "nodes.yaml:1:19: role 'b?' is not one word | leave out spaces",
    "nodes: {a: {state: donw}}": "nodes.yaml:1:20: state 'donw' is not known | did you mean 'down'?",
    "nodes: {a: {mac: 1:2:3}}": "nodes.yaml:1:18: mac '1:2:3' is no hardware address"
    " | it looks like 52:54:00:12:34:56",
    "nodes: {a: {address: 10.0.0.300}}": "nodes.yaml:1:22: address '10.0.0.300' is no IP address",
    "nodes: {a: {address: fe80::x}}": "nodes.yaml:1:22: address 'fe80::x' is no IP address",
    "nodes: {a: {requires: [git, {}]}}": "nodes.yaml:1:29: requires must be text, not a mapping",
    "nodes: {a: 7}": "nodes.yaml:1:12: node 'a' must be a mapping of keys to values, not a number | write its keys below it, a line each: KEY: VALUE",
    "nodes: [a]": "nodes.yaml:1:8: nodes must be a mapping of keys to values, not a list | write its keys below it, a line each: KEY: VALUE",
    "nodes: {}": "nodes.yaml:1:8: there is no node yet | a line like 'crtr:' will do",
    "groups: {}": "nodes.yaml:1:1: nodes.yaml lacks 'nodes'",
    "just text": "nodes.yaml:1:1: nodes.yaml must be a mapping of keys to values, not text | write its keys below it, a line each: KEY: VALUE",
    "- a": "nodes.yaml:1:1: nodes.yaml must be a mapping of keys to values, not a list | write its keys below it, a line each: KEY: VALUE",
    "nodes: {a: }\ndefaults: {alias: x}": "nodes.yaml:2:12: defaults has no key 'alias'"
    " | it may have user, port, jump, gateway, role, arch, groups, phase, state, requires, vars",
    "nodes: {a: }\nssh: {local: 1}": "nodes.yaml:2:14: local must be true or false, not a number | write true or false, without quotes",
    "nodes: {a: }\nrollout: {waves: 0}": "nodes.yaml:2:18: waves '0' is too small | at least 1",
    "nodes: {a: }\nrollout: {canary: b}": "nodes.yaml:2:19: there is no node 'b' | nodes are a",
    "nodes: {a: }\ngroups: {g: {x: y}}": "nodes.yaml:2:13: group 'g' must be text or a list, not a mapping | a list is written [ONE, TWO]",
    "nodes: {a: {requires: git tmux}}": "nodes.yaml:1:23: requires must be a list, not text | a list is written [ONE, TWO]",
    "nodes:\n  a:{user: x}": "nodes.yaml:2:12: node 'a:{user' must be a mapping of keys to values, not text | a blank is missing after a ':'",
    "nodes: {a: {port: 22.0}}": "nodes.yaml:1:19: port must be a whole number, not 22.0 | a port is a number from 1 to 65535",
    "nodes: {a: }\nrollout: {run: yes}": "nodes.yaml:2:16: run must be true or false, not text | write true or false, without quotes",
    "nodes: {a: }\nrollout: {waves: 1.5}": "nodes.yaml:2:18: waves must be text or a whole number, not 1.5 | write 5, 25%, or several: 1,5,25%",
    "nodes: {a: }\nrollout: {max_failures: -1}": "nodes.yaml:2:25: max_failures '-1' is not allowed here | at least 0",
    "nodes: {a: }\ncopy: {partial: -1}": "nodes.yaml:2:17: partial '-1' is not allowed here | at least 0",
    "nodes: {a: }\njournal: {keep: 1e3}": "nodes.yaml:2:17: keep must be text or a whole number, not 1e3 | write 1000 (operations), 90d or forever",
}


@pytest.mark.parametrize("text", SHAPES)
def test_a_fault_of_shape(text: str) -> None:
    assert told(checked(text)) == [SHAPES[text]]


MEANINGS = {
    "nodes: {a: {alias: x}, b: {alias: x}}": "nodes.yaml:1:35: 'x' already names a node, nodes.yaml:1",
    "nodes: {a: {alias: b}, b: }": "nodes.yaml:1:24: 'b' already names a node, nodes.yaml:1",
    "nodes: {a: {address: h}, b: {address: H}}": "address 'H' already belongs to another node, nodes.yaml:1",
    "nodes: {a: {address: h, user: x}, b: {address: h, user: x}}": "another port, user or jump; where ssh_config",
    "nodes: {a: {jump: 'ssh://me@a:22'}}": "the way to a goes round in a circle: a -> a",
    "nodes: {a: {jump: 'x,me@a'}}": "the way to a goes round in a circle: a -> a",
    "nodes: {a: {address: [h, i, H]}}": "nodes.yaml:1:22: address 'H' is here twice | keep one of them",
    "nodes: {all: }": "nodes.yaml:1:9: 'all' is every node, so it cannot be one | choose another name",
    "nodes: {a: {alias: all}}": "nodes.yaml:1:20: 'all' is every node, so it cannot be one",
    "nodes: {a: {mac: 02-00-00-00-00-0A}, b: {mac: '02:00:00:00:00:0a'}}": "'02:00:00:00:00:0a' already belongs",
    "nodes: {a: {jump: b}, b: {jump: a}}": "the way to a goes round in a circle: a -> b -> a",
    "nodes: {a: {jump: a}}": "the way to a goes round in a circle: a -> a",
    "nodes: {a: }\ngroups: {g: b}": "nodes.yaml:2:13: there is no node 'b'",
    "nodes: {crtr: , prtr: }\ngroups: {g: ctrr}": "did you mean 'crtr'?",
    "nodes: {a: }\ngroups: {gpu: a, h: '@gpo'}": "there is no group 'gpo' | did you mean '@gpu'?",
    "nodes: {a: {role: gpu}}\ngroups: {h: '@gpu'}": "it is a role: '%role=gpu' selects by it",
    "nodes: {a: }\ngroups: {g: g}": "did you mean the group '@g'?",
    "nodes: {a: }\ngroups: {g: '@h', h: '@g'}": "groups go round in a circle: g -> h -> g",
    "nodes: {a: }\ngroups: {i: '@g', g: '@h', h: '@g'}": "groups go round in a circle: g -> h -> g",
    "nodes: {a: }\ngroups: {g: 'a!'}": "a name is missing in 'a!'",
    "nodes: {a: }\ngroups: {g: '@self'}": "@self depends on where and when one asks",
    "nodes: {a: }\ngroups: {g: '@failed:3'}": "@failed:3 depends on where and when one asks",
    "nodes: {a: }\ngroups: {a: a}": "nodes.yaml:2:10: 'a' is a node and a group",
    "nodes: {a: {groups: a}}": "nodes.yaml:1:21: 'a' is a node and a group",
    "nodes: {a: {alias: b}}\ngroups: {a: b}": "'a' is a node and a group",
    "nodes: {a: }\ngroups: {all: a}": "'all' cannot be the name of a group",
    "nodes: {'n[1-3]': {address: 'h[1-4]'}}": "'n[1-3]' stands for 3 nodes, but address 'h[1-4]' for 4",
    "nodes: {'n[1-3]': {address: h}}": "but address 'h' for 1",
    "nodes: {'n[3-1]': }": "the range 3-1 of 'n[3-1]' goes backwards",
    "nodes: {'n[1-3': }": "the brackets of 'n[1-3' do not match",
    "nodes: {'n[1-99999]': }": "stands for more than 10000 names",
    "nodes: {'n[1-3]': {alias: x}}": "but alias 'x' for 1",
    "nodes: {n: {address: 'h[1-4]'}}": "address 'h[1-4]' has a range, but the node's name has none",
    "nodes: {'n[1-2]': {mac: '02:00:00:00:00:0a'}}": "one hardware address for the 2 nodes of 'n[1-2]'",
    "nodes: {a: , a: }": "nodes.yaml:1:14: 'a' is here for the second time; the first is in line 1",
}


@pytest.mark.parametrize("text", MEANINGS)
def test_a_fault_of_meaning(text: str) -> None:
    lines = told(checked(text))
    assert any(MEANINGS[text] in line for line in lines), lines
    circle = "circle" in MEANINGS[text]
    assert len(lines) == (
        2 if circle and text.startswith("nodes: {a: {jump: b}") else 1 if circle else len(lines)
    )


@pytest.mark.parametrize(
    ("key", "meant"),
    [
        ("hosts", "nodes"), ("inventory", "nodes"), ("all", "nodes"), ("machines", "nodes"), ("servers", "nodes"),
        ("children", "groups"), ("vars", "defaults: {vars: ...}"),
    ],
)  # fmt: skip
def test_other_tools_names_at_the_top_are_answered_with_ours(key: str, meant: str) -> None:
    assert told(checked(f"nodes: {{a: }}\n{key}: {{}}", f"{key}: {{}}")) == [
        f"nodes.yaml:2:1: nodes.yaml has no key '{key}' | did you mean '{meant}'?",
        f"policy.yaml:1:1: policy.yaml has no key '{key}' | it belongs in nodes.yaml",
    ]


@pytest.mark.parametrize(
    ("key", "meant"),
    [
        ("hostname", "address"), ("host", "address"), ("ip", "address"), ("HostName", "address"), ("ip_address", "address"),
        ("ansible_host", "address"), ("ansible-user", "user"), ("username", "user"), ("ProxyJump", "jump"), ("tags", "groups"),
    ],
)  # fmt: skip
def test_other_tools_names_of_a_key_are_answered_with_ours(key: str, meant: str) -> None:
    assert told(checked(f"nodes: {{a: {{{key}: x}}}}")) == [
        f"nodes.yaml:1:13: node 'a' has no key '{key}' | did you mean '{meant}'?"
    ]


@pytest.mark.parametrize(
    "text",
    [
        "all:\n  hosts:\n    h1: {x: 1}\n", "web:\n  children: {a: , b: }\n", "---\nungrouped: {hosts: h1}\n", "[web]\nh1\n",
        "h1 ansible_host=10.0.0.1\n[web:children]\na\n", "# c\n[all:vars]  # d\nx=1\n",
    ],
)  # fmt: skip
def test_an_ansible_inventory_points_at_init(text: str) -> None:
    hint = "stentor init DIR --from ansible nodes.yaml"
    assert told(checked(text)) == [f"nodes.yaml:1:1: this is an Ansible inventory, no fleet file | {hint}"]


@pytest.mark.parametrize(
    "text", ["nodes: {hosts: }\n", "nodes:\n  all: {hosts: }\n", "[a, b]\n", "hosts: {a: }\n", "x\n"]
)
def test_what_is_no_inventory_is_not_taken_for_one(text: str) -> None:
    assert "Ansible" not in " ".join(told(checked(text)))


def test_every_fault_at_once_in_the_order_of_the_file() -> None:
    text = "nodes:\n  a: {port: 0, prot: 1}\n  b: {state: x}\ngroups:\n  g: c\n  g: d\nx: 1\n"
    places = [fault.where for fault in checked(text).faults]
    assert places == [f"nodes.yaml:{place}" for place in ("2:13", "2:16", "3:14", "5:6", "6:3", "7:1")]


def test_a_faulty_node_does_not_blame_who_names_it() -> None:
    assert len(checked("nodes: {a: {port: 0}, b: {address: 1.2.3}}\ngroups: {g: 'a,b'}").faults) == 2


def test_faults_of_policy_and_services_carry_their_files() -> None:
    result = checked("nodes: {a: }\njournal: {}", "journal: {}\nnodes: {}\n", "services: {x: {node: b}}")
    assert [line.split(": ")[0] for line in told(result)] == [
        "policy.yaml:1:1",
        "policy.yaml:2:1",
        "services.yaml:1:22",
    ]


# ---- what it means when it is right ----


@pytest.mark.parametrize(
    ("address", "hint"),
    [
        ("[2001:db8::2]", "write address: 2001:db8::2"),
        ("[2001:db8::2]:22", "write address: 2001:db8::2, port: 22"),
        ("10.0.0.1:2222", "write address: 10.0.0.1, port: 2222"),
        ("host:22", "write address: host, port: 22"),
        ("ssh://host:22/", "write address: host, port: 22"),
        ("10.0.0", ""),
        ("10.0.0.1/24", ""),
        ("h[1-3]", ""),
        ("[1]:22", ""),
    ],
)
def test_an_address_with_more_around_it_is_shown_alone(address: str, hint: str) -> None:
    (fault,) = checked(f"nodes: {{a: {{address: '{address}'}}}}").faults
    assert fault.hint == hint
    assert ("range" in fault.what) == ("2001" not in address and "[" in address)


def test_a_key_of_another_file_says_which() -> None:
    assert told(checked("nodes: {a: }\nservices: {}", "groups: {}", "services: {}\nrollout: {}")) == [
        "nodes.yaml:2:1: nodes.yaml has no key 'services' | it belongs in services.yaml",
        "policy.yaml:1:1: policy.yaml has no key 'groups' | it belongs in nodes.yaml",
        "services.yaml:2:1: services.yaml has no key 'rollout' | it belongs in policy.yaml",
    ]


def test_the_alias_alone_is_enough() -> None:
    fleet = fleet_of("nodes: {crtr: }")
    assert fleet.nodes["crtr"].name == "crtr"
    assert fleet.nodes["crtr"].addresses == ()


def test_defaults_are_applied_added_up_and_taken_away() -> None:
    fleet = fleet_of(
        """
defaults: {user: me, jump: gw, requires: [git], groups: [site], vars: {a: 1, b: 2}, state: down}
nodes:
  gw: {state: up}
  inner: {user: other, requires: [zsh, git], groups: [x], vars: {b: 3}}
  outside: {jump: }
"""
    )
    gateway, inner, outside = fleet.nodes.values()
    assert (gateway.jump, gateway.state, gateway.user) == (None, "up", "me")
    assert (inner.jump, inner.user, inner.state) == ("gw", "other", "down")
    assert inner.requires == ("git", "zsh")
    assert inner.variables == {"a": 1, "b": 3}
    assert outside.jump is None
    assert fleet.groups["site"] == ("gw", "inner", "outside")
    assert fleet.groups["x"] == ("inner",)


def test_jump_hosts_by_their_full_names_are_the_nodes() -> None:
    fleet = fleet_of("nodes: {cooperator: {alias: crtr}, b: {jump: 'cooperator,out'}, c: {jump: cooperator}}")
    assert [node.jump for node in fleet.nodes.values()] == [None, "crtr,out", "crtr"]
    (fault,) = checked("nodes: {cooperator: {alias: crtr, jump: b}, b: {jump: cooperator}}").faults[:1]
    assert "in a circle: crtr -> b -> crtr" in fault.what


def test_ranges_go_in_step() -> None:
    fleet = fleet_of(
        """
nodes:
  node[08-11]: {alias: "n[8-11]", address: ["10.0.0.[8-11]", "10.1.0.[18-24/2]"], groups: big}
  r[1-2]c[1-2]:
"""
    )
    assert fleet.nodes["n8"].name == "node08"
    assert fleet.nodes["n11"].addresses == ("10.0.0.11", "10.1.0.24")
    assert fleet.groups["big"] == ("n8", "n9", "n10", "n11")
    assert list(fleet.nodes)[4:] == ["r1c1", "r1c2", "r2c1", "r2c2"]


def test_groups_nest_in_any_order_and_add_up() -> None:
    fleet = fleet_of(
        """
nodes: {crtr: , prtr: {groups: [gpu]}, drtr: , trtr: }
groups:
  compute: "@gpu,@core!crtr"
  core: crtr,prtr,drtr
  gpu: [drtr]
  nobody:
"""
    )
    assert fleet.groups == {
        "all": ("crtr", "prtr", "drtr", "trtr"),
        "compute": ("prtr", "drtr"),
        "core": ("crtr", "prtr", "drtr"),
        "gpu": ("prtr", "drtr"),
        "nobody": (),
    }


def test_gateways_are_called_by_alias_and_those_of_the_defaults_need_none() -> None:
    fleet = fleet_of(
        "defaults: {gateway: [first.example, gw2]}\n"
        "nodes: {first.example: {alias: gw1}, gw2: , a: , b: {gateway: gw2}, c: {gateway: }}"
    )
    assert {node.alias: node.gateways for node in fleet.nodes.values()} == {
        "gw1": (),
        "gw2": (),
        "a": ("gw1", "gw2"),
        "b": ("gw2",),
        "c": (),
    }


def test_same_address_by_another_port_or_gateway_is_another_node() -> None:
    fleet_of(
        "nodes: {a: {address: h, port: 2201}, b: {address: h, port: 2202}, c: {address: h, port: 2201, jump: a}}"
    )


def test_selectors_of_a_policy_arrive_as_aliases() -> None:
    fleet = fleet_of(
        "nodes: {director: {alias: drtr}, b: }\ngroups: {g: 'b,drtr'}\nrollout: {canary: director, last: '@g!b'}"
    )
    assert fleet.policy.rollout == Rollout(canary=("drtr",), last=("drtr",))


@pytest.mark.parametrize("user", ["me", "DOM\\me", "me@realm", "müller", "a.b_c-d"])
def test_real_login_names(user: str) -> None:
    assert fleet_of(f"nodes: {{a: {{user: '{user}'}}}}").nodes["a"].user == user


@pytest.mark.parametrize(
    "address", ["h", "h.example.org", "10.0.0.1", "fe80::1%eth0", "::1", "1.2.3.4.example"]
)
def test_real_addresses(address: str) -> None:
    assert fleet_of(f"nodes: {{a: {{address: '{address}'}}}}").nodes["a"].addresses == (address,)


def test_origins() -> None:
    result = checked(
        "defaults:\n  user: me\n  requires: [git]\nnodes:\n  a:\n    requires: [zsh]\n    port: 22\n"
        "    vars: {x: 1, y: 2}\ngroups: {g: a}\n"
    )
    assert result.origins == {
        ("a", "name"): "nodes.yaml:5:3",
        ("a", "user"): "defaults, nodes.yaml:2:9",
        ("a", "port"): "nodes.yaml:7:11",
        ("a", "requires"): "nodes.yaml:6:15; defaults, nodes.yaml:3:13",
        ("a", "vars"): "nodes.yaml:8:11",
        ("a", "vars.x"): "nodes.yaml:8:12",
        ("a", "vars.y"): "nodes.yaml:8:18",
        ("@g", "group"): "nodes.yaml:9:10",
    }


def test_a_range_of_nodes_without_an_address() -> None:
    fleet = checked("defaults: {user: me}\nnodes:\n  n[1-3]: {address: []}\n").fleet
    assert fleet is not None
    assert [node.addresses for node in fleet.nodes.values()] == [(), (), ()]


@pytest.mark.parametrize(
    ("text", "what", "hint"),
    [
        ("all:\n  children:\n    web: {hosts: {a: }}\n", "inventory", "--from ansible nodes.yaml"),
        ("web:\n  hosts:\n    a:\n", "inventory", "--from ansible nodes.yaml"),
        ("# mine\n[web]\na ansible_host=1.2.3.4\n", "inventory", "--from ansible nodes.yaml"),
        ("[web:children]\ndb\n", "inventory", "--from ansible nodes.yaml"),
        ("- hosts: all\n  tasks: []\n", "playbook", "INVENTORY"),
    ],
)
def test_a_file_of_ansible_points_at_init(text: str, what: str, hint: str) -> None:
    (fault,) = checked(text).faults
    assert fault.what == f"this is an Ansible {what}, no fleet file"
    assert hint in fault.hint


@pytest.mark.parametrize(
    "text", ["nodes:\n  hosts: {address: 10.0.0.1}\n", "nodes: {a: }\ngroups: {all: a}\n"]
)
def test_a_fleet_with_words_of_ansible_is_a_fleet(text: str) -> None:
    assert not any("Ansible" in fault.what for fault in checked(text).faults)


def test_unknown_keys_of_services_are_faults_with_a_hint() -> None:
    text = "services:\n  web: {node: a, imge: x, vars: {mine: 1}, domains: [{name: w, knid: sse}]}\n"
    faults = checked("nodes: {a: }", services=text).faults
    assert [(fault.where, fault.what, fault.hint) for fault in faults] == [
        ("services.yaml:2:18", "service 'web' has no key 'imge'", "did you mean 'image'?"),
        ("services.yaml:2:64", "domains has no key 'knid'", "did you mean 'kind'?"),
    ]
