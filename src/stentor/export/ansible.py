"""The fleet as an Ansible inventory: groups, how each node is reached, what is known of it.

Three forms of the same data: a file in YAML, the JSON of an executable inventory (``--list``), and the
program and the plugin that ask for that JSON.

What nodes told of themselves (facts) is written so that Ansible never reads it as a template: a node could
call its processor ``{{ lookup('pipe', ...) }}``, and that would run on whoever uses the inventory.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator, Mapping
from typing import Any

from stentor.export.view import CannotSayError, Known, Left, Made, View, unsaid
from stentor.export.yaml_text import pair, quoted, value
from stentor.fleet.model import Fleet, Node
from stentor.sh.quoting import quote
from stentor.sh.quoting import quoted as sh_words
from stentor.ssh.target import CANONICAL, destination

# What Ansible sets itself for every host, in some play or role: a variable of the same name vanishes
# without a word.
RESERVED = frozenset((
    "ansible_async_path", "ansible_check_mode", "ansible_collection_name", "ansible_config_file",
    "ansible_current_hosts", "ansible_dependent_role_names", "ansible_diff_mode", "ansible_facts",
    "ansible_failed_hosts", "ansible_forks", "ansible_inventory_sources", "ansible_limit",
    "ansible_parent_role_names", "ansible_parent_role_paths", "ansible_play_batch",
    "ansible_play_hosts", "ansible_play_hosts_all", "ansible_play_name", "ansible_play_role_names",
    "ansible_playbook_python", "ansible_role_name", "ansible_role_names", "ansible_run_tags",
    "ansible_search_path", "ansible_skip_tags", "ansible_verbosity", "ansible_version",
    "environment", "group_names", "groups", "hostvars", "inventory_dir", "inventory_file",
    "inventory_hostname", "inventory_hostname_short", "omit", "play_hosts", "playbook_dir",
    "role_name", "role_names", "role_path", "role_uuid", "vars",
))  # fmt: skip
_NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_]*\Z", re.ASCII)
_TEMPLATE_WORDS = frozenset(["False", "None", "True", "false", "none", "not", "true"])


def why_no_variable(name: str) -> str:
    """Why a variable of the fleet file is none in Ansible; empty where it is one."""
    if name in RESERVED:
        return "Ansible sets a variable of this name itself"
    if name.startswith("stentor_"):
        return "the names that begin with stentor_ are used by stentor"
    if not _NAME.match(name) or name in _TEMPLATE_WORDS:
        return "is no name of a variable in Ansible, which takes letters, digits and '_'"
    return ""


# A host of such a name is where Ansible then runs what is delegated to localhost.
_LOCALHOST = ("localhost", "127.0.0.1")


def make(view: View) -> Made:
    """Return the inventory; the same fleet and the same facts give the same text.

    Options: ``list`` for the JSON of an executable inventory, ``script`` for the program that prints it,
    ``plugin``, the text of the plugin.
    """
    if view.options.get("script"):
        return _script(view)
    if plugin := view.options.get("plugin"):
        return Made(plugin)
    left = list(_left(view))
    lost = {(one.node, one.field, one.what) for one in left}
    if view.options.get("list"):
        return Made(_json(view, lost), left)
    lines = ["all:\n", "  hosts:\n" if view.nodes else "  hosts: {}\n"]
    for node in view.nodes:
        said = _host(view, node, lost)
        lines.append(f"    {quoted(node.alias)}:\n")
        lines += [f"      {pair(key, data, _text_of(node, key))}\n" for key, data in said.items()]
        if known := view.known.get(node.alias):
            lines.append(f"      stentor_facts: {value(_facts(known), _plain_text)}\n")
    for number, (name, members) in enumerate(view.groups().items()):
        lines += ["  children:\n"] if number == 0 else []
        lines.append(f"    {quoted(name)}:\n      hosts:\n")
        lines += [f"        {quoted(alias)}:\n" for alias in members]
    return Made("".join(lines), left)


def _text_of(node: Node, key: str) -> Callable[[str], str]:
    """How the texts of a variable are written: only the user's own may be templates."""
    return quoted if key in node.variables or key == "stentor_vars" else _plain_text


def _left(view: View) -> Iterator[Left]:
    here = {node.alias for node in view.nodes}
    for name in view.groups():
        if name == "ungrouped":
            raise CannotSayError(
                "@ungrouped", "group", "to Ansible, 'ungrouped' are the hosts that are in no group",
                hint="call the group differently",
            )  # fmt: skip
    for node in view.nodes:
        if node.alias in _LOCALHOST and node.alias != view.local:
            raise CannotSayError(
                node.alias, "alias", f"to Ansible, '{node.alias}' is the machine on which it runs",
                hint="give the node another alias",
            )  # fmt: skip
        for key in node.variables:
            if why := why_no_variable(key):
                yield Left(node.alias, "vars", key, f"{why}; it is in stentor_vars")
        for one in node.gateways:
            if one not in here:
                yield Left(node.alias, "gateway", one, "is not among these nodes")
    yield from unsaid(view, *Node._fields, "groups")


def _host(view: View, node: Node, lost: set[tuple[str, str, str]]) -> dict[str, Any]:
    """What is said of a host, without its facts."""
    by_name = node.alias in view.by_name
    found: dict[str, Any] = {"ansible_connection": "local"} if node.alias == view.local else {}
    found |= _reached(view.fleet, node, by_name=by_name)
    found |= {key: data for key, data in node.variables.items() if (node.alias, "vars", key) not in lost}
    # What is no variable, and what 'init' would take for Ansible's own word on how the node is reached.
    by_hand = any(key.startswith("ansible_") for key in node.variables)
    apart = {k: data for k, data in node.variables.items() if k.startswith("ansible_") or k not in found}
    said = {
        "name": node.name if node.name != node.alias else None,
        "role": node.role,
        "arch": node.arch,
        "phase": node.phase,
        "state": node.state if node.state != "up" else None,
        "requires": list(node.requires) or None,
        "addresses": list(node.addresses)
        if len(node.addresses) > 1 or ((by_name or by_hand) and node.addresses)
        else None,
        "user": node.user if by_hand else None,
        "port": node.port if by_hand else None,
        "jump": node.jump,
        "gateway": [one for one in node.gateways if (node.alias, "gateway", one) not in lost] or None,
        "mac": node.mac,
        "migrated": node.migrated or None,
        "local": node.alias == view.local or None,
        "vars": apart or None,
    }
    return found | {f"stentor_{key}": data for key, data in said.items() if data is not None}


def _reached(fleet: Fleet, node: Node, *, by_name: bool) -> Iterator[tuple[str, Any]]:
    """The words by which stentor calls ssh, as Ansible has them."""
    words = destination(fleet, node)[:-2]  # without the name
    options: list[str] = []
    for flag, word in zip(words[::2], words[1::2], strict=True):
        key, _, data = word.partition("=")
        if flag == "-o" and key == "HostName" and not by_name:
            yield "ansible_host", data.replace("%%", "%")
        elif flag == "-o" and key == "User":
            yield "ansible_user", node.user
        elif flag == "-o" and key == "Port":
            yield "ansible_port", int(data)
        elif word != CANONICAL or by_name:
            options += [flag, word]
    if options:
        yield "ansible_ssh_common_args", " ".join(quote(word) for word in options)


# ---- facts: never templates ----


def _facts(known: Known) -> dict[str, Any]:
    return {"as_of": time_of(known.at), **_sorted(known.facts)}


def _sorted(data: Any) -> Any:
    """Facts in the order of their names."""
    if isinstance(data, Mapping):
        return {str(key): _sorted(data[key]) for key in sorted(data, key=str)}
    return [_sorted(one) for one in data] if isinstance(data, (list, tuple)) else data


def _plain_text(text: str) -> str:
    return f"!unsafe {quoted(text)}" if "{" in text else quoted(text)


def time_of(at: float) -> str:
    """A moment as ISO 8601, in UTC."""
    from datetime import UTC, datetime

    return datetime.fromtimestamp(int(at), UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


# ---- the executable inventory, and the plugin ----


def _json(view: View, lost: set[tuple[str, str, str]]) -> str:
    hosts = {}
    for node in view.nodes:
        said = _host(view, node, lost).items()
        hosts[node.alias] = {k: data if _text_of(node, k) is quoted else _unsafe(data) for k, data in said}
        if known := view.known.get(node.alias):
            hosts[node.alias]["stentor_facts"] = _unsafe(_facts(known))
    groups = view.groups()
    found: dict[str, Any] = {"_meta": {"hostvars": hosts}, "all": {"hosts": list(hosts)}}
    found["all"]["children"] = list(groups)
    found |= {name: {"hosts": members} for name, members in groups.items()}
    return json.dumps(found) + "\n"


def _unsafe(data: Any) -> Any:
    """Facts in the form by which Ansible's JSON marks what is never a template."""
    if isinstance(data, Mapping):
        return {key: _unsafe(inner) for key, inner in data.items()}
    if isinstance(data, list):
        return [_unsafe(inner) for inner in data]
    return {"__ansible_unsafe": data} if isinstance(data, str) and "{" in data else data


def _script(view: View) -> Made:
    words = [view.program, "--fleet", view.fleet.root, "export", "ansible", "--list", "--", view.selector]
    text = (
        "# An executable inventory: ansible -i THIS_FILE all -m ping\n"
        'case "$1" in\n'
        f"--list) exec {sh_words(words)} ;;\n"
        "--host) echo '{}' ;;\n"  # all is in _meta of --list
        '*) echo "usage: $0 --list" >&2; exit 2 ;;\n'
        "esac\n"
    )
    return Made(text, mode=0o755, first="#!/bin/sh")
