"""The fleet as an Ansible inventory."""

from __future__ import annotations

import shlex
from typing import Any

import yaml
from hypothesis import given
from hypothesis import strategies as st

from stentor.export.ansible import make
from stentor.export.view import Known, View
from stentor.fleet.model import Fleet, Node

CRTR = Node("crtr", "cooperator", addresses=("192.168.254.10",), user="crtr", port=2222, role="gateway")
OWN = {"cuda": True, "at": "{{ x }}"}
PRTR = Node("prtr", "projector", addresses=("192.168.254.20",), jump="crtr", variables=OWN)
TRTR = Node("trtr", "trtr", state="down")
FLEET = Fleet(
    root="/fleet",
    nodes={"crtr": CRTR, "prtr": PRTR, "trtr": TRTR},
    groups={"all": ("crtr", "prtr", "trtr"), "core": ("crtr", "prtr"), "pseudo": ("trtr",)},
)


class Loader(yaml.CSafeLoader):
    """As Ansible's: what is marked is text."""


Loader.add_constructor("!unsafe", lambda _, node: ("unsafe", node.value))


def inventory(fleet: Fleet, nodes: list[Node], known: dict[str, Known], **given: Any) -> str:
    return make(View(fleet, nodes, known, **given)).text


def load(text: str) -> dict[str, Any]:
    return dict(yaml.load(text, Loader)["all"])


def test_how_nodes_are_reached_and_what_is_known_of_them() -> None:
    known = {"crtr": Known(0.0, {"os": "debian12", "disks": [{"size": 5}], "arch": None})}
    text = inventory(FLEET, [CRTR, PRTR, TRTR], known)
    read = load(text)
    assert read["hosts"]["crtr"] == {
        "ansible_host": "192.168.254.10",
        "ansible_user": "crtr",
        "ansible_port": 2222,
        "stentor_name": "cooperator",
        "stentor_role": "gateway",
        "stentor_facts": {
            "as_of": "1970-01-01T00:00:00Z",
            "arch": None,
            "disks": [{"size": 5}],
            "os": "debian12",
        },
    }
    prtr = read["hosts"]["prtr"]
    gate = "-o HostName=192.168.254.10 -o CanonicalizeHostname=yes -o User=crtr -o Port=2222"
    way = f"ssh {gate} -W '[%h]:%p' -- crtr"
    assert shlex.split(prtr["ansible_ssh_common_args"]) == ["-o", f"ProxyCommand={way}"]
    assert (prtr["cuda"], prtr["at"]) == (True, "{{ x }}"), "the fleet's own variables may be templates"
    assert read["hosts"]["trtr"] == {"stentor_state": "down"}
    assert prtr["stentor_jump"] == "crtr"
    assert read["children"] == {
        "core": {"hosts": {"crtr": None, "prtr": None}},
        "pseudo": {"hosts": {"trtr": None}},
    }


def test_only_selected_nodes_are_written() -> None:
    read = load(inventory(FLEET, [PRTR], {}))
    assert (set(read["hosts"]), set(read["children"])) == ({"prtr"}, {"core"})


def test_this_machine_is_written_without_ssh() -> None:
    host = load(inventory(FLEET, [CRTR], {}, local="crtr"))["hosts"]["crtr"]
    assert (host["ansible_connection"], host["ansible_host"]) == ("local", "192.168.254.10")


def test_node_with_an_ssh_config_entry_is_called_by_its_alias() -> None:
    host = load(inventory(FLEET, [CRTR], {}, by_name={"crtr"}))["hosts"]["crtr"]
    assert "ansible_host" not in host
    assert host["ansible_ssh_common_args"] == "-o HostName=192.168.254.10 -o CanonicalizeHostname=yes"


def test_facts_are_never_templates() -> None:
    known = {"crtr": Known(0.0, {"cpu": "{{ lookup('pipe', 'id') }}", "{{ k }}": ["{% x %}", "plain"]})}
    text = inventory(FLEET, [CRTR], known)
    facts = load(text)["hosts"]["crtr"]["stentor_facts"]
    assert facts["cpu"] == ("unsafe", "{{ lookup('pipe', 'id') }}")
    assert facts[("unsafe", "{{ k }}")] == [("unsafe", "{% x %}"), "plain"]


SCALARS = st.text() | st.integers() | st.none() | st.booleans()


@given(st.dictionaries(st.text(), st.recursive(SCALARS, st.lists, max_leaves=8), max_size=5))
def test_any_facts_are_read_back_unchanged(facts: dict[str, Any]) -> None:
    def plain(value: Any) -> Any:
        if isinstance(value, tuple):
            return value[1]
        return [plain(one) for one in value] if isinstance(value, list) else value

    facts.pop("as_of", None)
    text = inventory(FLEET, [CRTR], {"crtr": Known(0.0, facts)})
    assert text == inventory(FLEET, [CRTR], {"crtr": Known(0.0, dict(reversed(facts.items())))})
    read = load(text)["hosts"]["crtr"]["stentor_facts"]
    read.pop("as_of")
    assert {plain(key): plain(value) for key, value in read.items()} == facts
