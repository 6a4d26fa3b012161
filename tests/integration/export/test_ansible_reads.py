"""Ansible's own reading of the inventory, of the program and of the plugin: every host, every value."""

from __future__ import annotations

import json
import os
import shlex
from pathlib import Path
from typing import Any

import pytest
from ansible.constants import INTERNAL_STATIC_VARS

from stentor.export.ansible import RESERVED
from stentor.export.view import CannotSayError, Known
from stentor.fleet.model import Fleet, Node
from tests import readers
from tests.newest_ansible import programs
from tests.readers import TEXTS, fleet_of, made, nasty, said, write

STRICT = {"ANSIBLE_INVENTORY_UNPARSED_FAILED": "1", "ANSIBLE_INVENTORY_ANY_UNPARSED_IS_FAILED": "1"}
QUIET = {"ANSIBLE_TRANSFORM_INVALID_GROUP_CHARS": "ignore", "ANSIBLE_DEPRECATION_WARNINGS": "0"}
FACTS = {"cpu": "{{ lookup('pipe', 'id') }}", "{{ k }}": ["{% x %}", "plain"], "texts": list(TEXTS)}


@pytest.fixture(params=["beside Python", "newest"])
def strict(request: pytest.FixtureRequest, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> dict[str, str]:
    """Ansible as it is installed beside Python, and the newest one: what is in doubt is an error."""
    if request.param == "newest":
        monkeypatch.setattr(readers, "BESIDE", str(programs(tmp_path / "newest")))
    return {**STRICT, **QUIET, "ANSIBLE_HOME": str(tmp_path / "ansible"), "ANSIBLE_LOCALHOST_WARNING": "0"}


def listed(inventory: Path, environ: dict[str, str]) -> dict[str, Any]:
    return dict(json.loads(said("ansible-inventory", "-i", str(inventory), "--list", environ=environ)))


def expected(fleet: Fleet) -> dict[str, dict[str, Any]]:
    return {
        alias: {"ansible_host": node.addresses[0], **node.variables} for alias, node in fleet.nodes.items()
    }


def check_reading(read: dict[str, Any], fleet: Fleet) -> None:
    hosts = read["_meta"]["hostvars"]
    assert set(hosts) == set(fleet.nodes)
    for alias, wanted in expected(fleet).items():
        for key, value in wanted.items():
            assert hosts[alias][key] == value, (alias, key)
    for group, members in fleet.groups.items():
        if group != "all":
            assert sorted(read[group]["hosts"]) == sorted(members)
    assert unmarked(hosts["on"]["stentor_facts"]) == {"as_of": "1970-01-01T00:00:00Z", **FACTS}


def unmarked(data: Any) -> Any:
    """Without the mark that ansible-inventory shows of a text which is no template."""
    if isinstance(data, dict):
        if set(data) == {"__ansible_unsafe"}:
            return data["__ansible_unsafe"]
        return {key: unmarked(inner) for key, inner in data.items()}
    return [unmarked(inner) for inner in data] if isinstance(data, list) else data


@pytest.mark.parametrize("form", ["file", "program"])
def test_every_name_and_value_is_read_as_it_is(form: str, tmp_path: Path, strict: dict[str, str]) -> None:
    fleet, known = nasty(), {"on": Known(0.0, FACTS)}
    path = tmp_path / "inventory.yaml"
    if form == "file":
        write(path, "ansible", fleet, known=known)
    else:
        path = tmp_path / "hosts.sh"
        (tmp_path / "list").write_text(made("ansible", fleet, known=known, options={"list": True}).text)
        path.write_text(f'#!/bin/sh\n[ "$1" = --list ] && exec cat {shlex.quote(str(tmp_path / "list"))}\n')
        path.chmod(0o755)
    check_reading(listed(path, strict), fleet)


def test_the_plugin_reads_composes_and_caches(tmp_path: Path, strict: dict[str, str]) -> None:
    fleet = nasty()
    plugins = tmp_path / "plugins"
    write(plugins / "stentor.py", "ansible", fleet, options={"plugin": True})
    answer = made("ansible", fleet, known={"on": Known(0.0, FACTS)}, options={"list": True}).text
    (tmp_path / "list").write_text(answer)
    fake = tmp_path / "stentor"
    fake.write_text(f'#!/bin/sh\necho "$*" >>{tmp_path}/asked\ncat {tmp_path}/list\n')
    fake.chmod(0o755)
    source = tmp_path / "fleet.stentor.yml"
    source.write_text(
        f"plugin: stentor\nprogram: {fake}\nfleet: /my fleet\nselector: '@gpu'\n"
        f"cache: true\ncache_plugin: jsonfile\ncache_connection: {tmp_path}/cache\n"
        "compose: {short: inventory_hostname ~ '-x'}\n"
        "keyed_groups: [{prefix: role, key: stentor_role}, {prefix: arch, key: stentor_arch},"
        " {prefix: fact, key: 'stentor_facts.texts[2]'}]\n"
        "groups: {ports: ansible_port is defined}\n"
    )
    environ = {**strict, "ANSIBLE_INVENTORY_PLUGINS": str(plugins), "ANSIBLE_INVENTORY_ENABLED": "stentor"}
    for _ in range(2):
        read = listed(source, environ)
        check_reading(read, fleet)
        assert read["role_gpu"]["hosts"] == ["on"]
        assert read["arch_arm64"]["hosts"] == ["on"]
        assert read["fact_a_b"]["hosts"] == ["on"]
        assert read["ports"]["hosts"] == ["on"]
        assert unmarked(read["_meta"]["hostvars"]["on"]["short"]) == "on-x"
    asked = (tmp_path / "asked").read_text().splitlines()
    assert asked == ["--fleet /my fleet export ansible --list -- @gpu"], "the second time from the cache"


@pytest.mark.parametrize("form", ["file", "program", "plugin"])
def test_templates_of_the_fleet_run_and_those_of_nodes_do_not(
    form: str, tmp_path: Path, strict: dict[str, str]
) -> None:
    """The same values by each way: a variable of the fleet file may be a template, all else never is."""
    node = Node("a", "a", role="{{1+1}}", variables={"own": "{{ 1 + 1 }}"})
    fleet = Fleet("/fleet", {"a": node}, {"all": ("a",)}, None)
    known = {"a": Known(0.0, {"cpu": "{{ 1 + 1 }}", "many": ["{{ 1 + 1 }}"]})}
    path = tmp_path / "inventory.yaml"
    environ = {**strict, "ANSIBLE_INVENTORY_PLUGINS": str(tmp_path)}
    if form == "file":
        write(path, "ansible", fleet, known=known, local="a")
    else:
        (tmp_path / "list").write_text(
            made("ansible", fleet, known=known, local="a", options={"list": True}).text
        )
        path = tmp_path / "hosts.sh"
        path.write_text(f"#!/bin/sh\ncat {tmp_path}/list\n")
        path.chmod(0o755)
    if form == "plugin":
        write(tmp_path / "stentor.py", "ansible", fleet, options={"plugin": True})
        config = tmp_path / "stentor.yml"
        config.write_text(f"plugin: stentor\nprogram: {path}\n")
        path = config
        environ["ANSIBLE_INVENTORY_ENABLED"] = "stentor"
    out = said(
        *("ansible", "-i", str(path), "all", "-m", "ansible.builtin.debug"),
        *("-a", "msg={{ [own, stentor_facts.cpu, stentor_facts.many, stentor_role] | to_json }}"),
        environ=environ,
    )
    body = json.loads(out.partition("=>")[2])
    message = body["msg"] if isinstance(body["msg"], list) else json.loads(body["msg"])
    assert str(message[0]) == "2"
    assert message[1:] == ["{{ 1 + 1 }}", ["{{ 1 + 1 }}"], "{{1+1}}"]


def test_what_is_no_variable_in_ansible_is_listed_and_kept_apart(
    tmp_path: Path, strict: dict[str, str]
) -> None:
    own = {"groups": 1, "ansible_facts": {"a": 1}, "stentor_role": "y", "a-b": 2, "1a": 3, "é": 4, "not": 5}
    node = Node("a", "a", variables={**own, "": 6, "fine": 7})
    result = write(tmp_path / "i.yaml", "ansible", Fleet("/f", {"a": node}, {"all": ("a",)}))
    assert [one.what for one in result.left] == [*own, ""]
    read = listed(tmp_path / "i.yaml", {**strict, "ANSIBLE_DEPRECATION_WARNINGS": "1"})
    assert read["_meta"]["hostvars"] == {"a": {"fine": 7, "stentor_vars": {**own, "": 6}}}


def test_every_variable_that_ansible_sets_itself_is_known(tmp_path: Path, strict: dict[str, str]) -> None:
    """In a play and in a role, of a host of which nothing is said."""
    (tmp_path / "hosts").write_text("a ansible_connection=local\n")
    tasks = tmp_path / "roles/r/tasks/main.yml"
    tasks.parent.mkdir(parents=True)
    asked = "{{ [vars | list, hostvars['a'] | list] | flatten | unique | join(' ') }}"
    task = f'- ansible.builtin.debug: {{msg: "{asked}"}}\n'
    tasks.write_text(task)
    (tmp_path / "play.yml").write_text(
        f"- {{hosts: a, gather_facts: no, roles: [r], tasks: [{task[2:-1]}]}}\n"
    )
    out = said("ansible-playbook", "-i", "hosts", "play.yml", environ=strict, cwd=tmp_path)
    found = [set(line.split('"')[3].split()) for line in out.splitlines() if '"msg":' in line]
    assert len(found) == 2
    assert found[0] >= {"role_path", "ansible_facts"} and found[1] >= {"groups", "ansible_facts"}
    assert not (found[0] | found[1]) - RESERVED - {"ansible_connection"}
    assert INTERNAL_STATIC_VARS <= RESERVED, "what Ansible leaves out of ansible-inventory"


@pytest.mark.parametrize(
    ("text", "node", "field"),
    [
        ("nodes: {a: }\ngroups: {ungrouped: a}\n", "@ungrouped", "group"),
        ("nodes: {localhost: }\n", "localhost", "alias"),
        ("nodes: {127.0.0.1: {port: 2222}}\n", "127.0.0.1", "alias"),
    ],
)
def test_names_with_a_meaning_in_ansible_are_refused(text: str, node: str, field: str) -> None:
    with pytest.raises(CannotSayError) as caught:
        made("ansible", fleet_of(text))
    assert (caught.value.node, caught.value.field) == (node, field)


def test_the_program_asks_stentor(tmp_path: Path, strict: dict[str, str]) -> None:
    fleet = nasty()._replace(root="/my fleet's")
    fake = tmp_path / "stentor"
    fake.write_text(f'#!/bin/sh\nprintf "%s\\n" "$@" >{tmp_path}/asked\ncat {tmp_path}/list\n')
    fake.chmod(0o755)
    known = {"on": Known(0.0, FACTS)}
    (tmp_path / "list").write_text(made("ansible", fleet, known=known, options={"list": True}).text)
    path = tmp_path / "hosts"
    write(path, "ansible", fleet, program=str(fake), selector="@all!x", options={"script": True})
    assert os.access(path, os.X_OK)
    check_reading(listed(path, strict), fleet)
    words = ["--fleet", "/my fleet's", "export", "ansible", "--list", "--", "@all!x"]
    assert (tmp_path / "asked").read_text().splitlines() == words
