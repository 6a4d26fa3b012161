"""Ansible inventories in all their forms, with the files beside them, as Ansible itself reads them.

Ansible need not be there, no program of an inventory is run, and what is left keeps its place. Tests hold
this reading to that of ``ansible-inventory`` (docs/decisions/0020-other-tools-files.md).
"""

from __future__ import annotations

import posixpath
import re
from collections.abc import Iterator, Mapping
from typing import Any

from stentor.fleet.importers.ansible_config import Config
from stentor.fleet.importers.ansible_data import Inventory, Unread
from stentor.fleet.importers.ansible_forms import Tree, read_ini
from stentor.fleet.importers.ansible_ssh import READ, Beside, way_of
from stentor.fleet.importers.ansible_yaml import VAULT, is_empty, parse_toml, parse_yaml
from stentor.fleet.importers.found import Found, List, Read, addresses_of, as_pattern, field, port_of
from stentor.fleet.importers.secret_keys import without_secrets
from stentor.fleet.schema import kinds

_PREFIX = "stentor_"
_FIELDS = ("role", "arch", "phase", "state", "requires", "user", "port", "jump", "gateway", "mac", "migrated")


def take_ours(variables: dict[str, Any]) -> tuple[str, dict[str, Any]] | None:
    """Take our variables out of a host's.

    Returns:
        The full name (empty: the host's own name) and fields as in ``nodes.yaml``, with those of its
        ``vars`` that are no variables there; None if there are none.
    """
    said = {key: variables.pop(key) for key in [*variables] if key.startswith(_PREFIX)}
    if not said:
        return None
    fields = {key: said[_PREFIX + key] for key in _FIELDS if said.get(_PREFIX + key) is not None}
    if said.get("stentor_addresses") is not None:
        fields["address"] = said["stentor_addresses"]
    own = said.get("stentor_vars")
    fields["vars"] = own if isinstance(own, dict) else {}
    for key in fields["vars"]:
        variables.pop(key, None)
    if "address" in fields:
        variables.pop("ansible_host", None)
    if "jump" in fields:
        variables.pop("ansible_ssh_common_args", None)  # the same, written out
    if said.get("stentor_local"):
        variables.pop("ansible_connection", None)
    return str(said.get("stentor_name", "")), fields


# YAML takes 1024 characters, quotes with them (https://yaml.org/spec/1.2.2/#742-flow-mappings).
_LONGEST_KEY = 1000
_MOST_LEVELS = 9

# What Ansible does not read of a folder (INVENTORY_IGNORE_EXTS and what it always ignores).
_IGNORED = re.compile(
    r"\A\.|\A(?:host_vars|group_vars|vars_plugins)\Z|(?:\.(?:pyc|pyo|swp|bak|rpm|md|txt|rst|orig|cfg|retry)|~)\Z"
)
_BY_ANSIBLE = "write what 'ansible-inventory --list --yaml -i' says of it into a file, and read that"
_LOST = "the ProxyCommand to it is not carried over; write both into ssh_config"
_YAML = ("", ".yaml", ".yml", ".json")


def read_ansible(
    path: str,
    read: Read,
    listed: List,
    *,
    is_folder: bool,
    config: Config | None = None,
    playbooks: str = "",
) -> Found:
    """Read an inventory.

    Args:
        path: an inventory in INI, YAML, JSON or TOML, or a folder of them.
        read: from a path to its text.
        listed: from a glob pattern to paths.
        is_folder: whether ``path`` is one.
        config: what holds for all hosts.
        playbooks: the folder of the playbooks, whose ``group_vars`` and ``host_vars`` count too; or empty.
    """
    inventory = read_inventory(path, read, listed, is_folder=is_folder, playbooks=playbooks)
    _to_fleet(inventory, config or Config())
    return inventory.found


def read_inventory(path: str, read: Read, listed: List, *, is_folder: bool, playbooks: str = "") -> Inventory:
    """Read an inventory and the files beside it and beside the playbooks, before it is a fleet."""
    found, beside = Found(), Found()
    inventory = Inventory(found)
    for one in _files(path, listed) if is_folder else [path]:
        try:
            inventory.complete |= _file(inventory, one, read(one))
        except Unread as unread:
            found.leave(unread.place, f"{unread.what}; Ansible reads nothing after it in that file")
        except UnicodeDecodeError:
            if not is_folder:
                raise
            found.leave(one, "is not text in UTF-8")
    folder = path if is_folder else posixpath.dirname(path)
    for one in dict.fromkeys([folder, playbooks or folder]):
        of_groups = Beside(beside, posixpath.join(one, "group_vars"), read, listed)
        of_hosts = Beside(beside, posixpath.join(one, "host_vars"), read, listed)
        alone = one == folder  # playbooks may have files for groups of other inventories
        inventory.group_files.append(of_groups.of(inventory.members, "group", alone=alone))
        inventory.host_files.append(of_hosts.of(inventory.hosts, "host", alone=alone))
    inventory.left_beside = beside.left
    return inventory


def _files(folder: str, listed: List, level: int = 0) -> Iterator[str]:
    """The files of a folder and of the folders in it, in the order in which Ansible reads them."""
    start = as_pattern(folder)
    inner = {one.rstrip("/"): True for one in listed(posixpath.join(start, "*", ""))}
    for one in sorted({**inner, **dict.fromkeys(listed(posixpath.join(start, "*")), False)}):
        if _IGNORED.search(posixpath.basename(one)):
            continue
        if one not in inner:
            yield one
        elif level < _MOST_LEVELS:
            yield from _files(one, listed, level + 1)


def _file(inventory: Inventory, path: str, text: str) -> bool:
    """Read one file in the form that Ansible would take it for; whether that was an inventory."""
    ending = posixpath.splitext(path)[1]
    found = inventory.found
    if text.startswith("#!"):
        found.leave(path, f"is a program; {_BY_ANSIBLE}")
    elif text.startswith(VAULT):
        found.leave(path, "is encrypted by ansible-vault; read a copy that 'ansible-vault view' has made")
    elif ending == ".toml":
        try:
            Tree(inventory, path, None).read(parse_toml(text))
        except ValueError as error:
            found.leave(path, f"is no TOML: {error}")
        else:
            return True
    elif ending not in _YAML or is_empty(text):
        return read_ini(inventory, path, text)
    else:
        faults = Found()
        tree, dialect = parse_yaml(faults, path, text)
        if tree is None or not isinstance(tree.data, dict) or not tree.data:
            return _ini_after_all(inventory, path, text, faults.left)
        found.left += faults.left
        if "_meta" in tree.data:
            found.leave(
                path, f"is what 'ansible-inventory --list' prints, which is no inventory; {_BY_ANSIBLE}"
            )
        if "plugin" not in tree.data:
            Tree(inventory, path, dialect).read(tree)
            return True
        found.leave(path, f"asks a plugin; {_BY_ANSIBLE}")
    return False


def _ini_after_all(inventory: Inventory, path: str, text: str, faults: list[str]) -> bool:
    """Read what is no YAML as INI, whatever its name; where that gives no host, tell its faults as YAML."""
    before = len(inventory.hosts)
    try:
        return read_ini(inventory, path, text)
    except Unread:
        if len(inventory.hosts) > before or not posixpath.splitext(path)[1]:
            raise
        inventory.found.left += faults or [f"{path}: is no inventory"]
    return False


# ---- to a fleet ----


def _to_fleet(inventory: Inventory, config: Config) -> None:
    found = inventory.found
    if config.fault:
        found.leave(*config.fault)
    said = inventory.effective(files=False)  # all else in files beside it is for playbooks
    left = _Left(found, config)
    for name, variables in inventory.effective().items():
        full, ours = take_ours(variables) or ("", {"vars": {}})
        kept = {
            key: variables[key] for key in said[name] if key in variables and not key.startswith("ansible_")
        } | ours.pop("vars")
        fields = _fields(left, name, inventory.places[name], variables, kept)
        if fields is not None:
            found.nodes[full or name] = {**({"alias": name} if full else {}), **fields, **ours}
            found.further[full or name] = way_of(name, {**config.variables, **variables}).further
    left.tell()
    if found.nodes:  # else the first reason is the one why there are none
        found.left += inventory.left_beside
    for group, members in inventory.members.items():
        if group not in ("all", "ungrouped"):
            found.groups[group] = [f"@{child}" for child in inventory.children[group]] + members


class _Left:
    """What is left of hosts, a variable of a whole group in one line."""

    def __init__(self, found: Found, config: Config) -> None:
        self.found = found
        self.config = config
        self._hosts: dict[tuple[str, str], list[tuple[str, str]]] = {}

    def leave(self, place: str, name: str, what: str, why: str) -> None:
        """Note that something of a host is not carried over."""
        self._hosts.setdefault((what, why), []).append((place, name))

    def tell(self) -> None:
        """Tell all of it."""
        for (what, why), hosts in self._hosts.items():
            place, name = hosts[0]
            more = f" and {len(hosts) - 1} more" if len(hosts) > 1 else ""
            self.found.leave(place, f"{what}{name}{more}{why}")


def _fields(
    left: _Left, name: str, place: str, variables: Mapping[str, Any], kept: Mapping[str, Any]
) -> dict[str, Any] | None:
    """A node's fields; None for what is not reached by ssh."""
    effective = {**left.config.variables, **variables}
    way = way_of(name, effective)
    if way.connection:
        here = way.connection.rpartition(".")[2] == "local"
        why = (
            " is the machine on which Ansible runs"
            if here
            else f" is not reached by ssh, but by {way.connection}"
        )
        left.leave(place, name, "", why)
        return None
    fields: dict[str, Any] = {"address": addresses_of(left.found, place, way.address) if way.address else []}
    if way.address and way.lost:  # the address may be another machine's here
        left.found.leave(
            place, f"address {way.address} of {name} is left out: {_LOST} (Host {name}, HostName)"
        )
        fields["address"] = []
    if way.user:
        field(left.found, place, fields, "user", way.user, kinds.User)
    if way.port:
        fields["port"] = port_of(way.port)
        if fields["port"] is None:
            left.leave(place, name, f"port '{way.port}' of ", " is none")
    if way.jump:
        field(left.found, place, fields, "jump", way.jump, kinds.Jump)
    for key, value in effective.items():
        at = place if key in variables else left.config.places[key]
        _, secret = without_secrets(key, value) if key.startswith("ansible_") else (None, [])
        if secret:
            left.leave(at, name, f"{key} of ", ": secrets do not belong into a fleet file")
        elif key in way.templates:
            left.leave(at, name, f"{key} of ", f" is a template: {value}")
        elif key in way.rest or (key.startswith("ansible_") and key not in READ):
            left.leave(at, name, f"{key} of ", f": {value}")
    fields["vars"] = _storable(left, place, name, kept)
    return fields


def _storable(left: _Left, place: str, name: str, variables: Mapping[str, Any]) -> dict[str, Any]:
    """Variables without secrets, which JSON, and so the compiled copy, can hold."""
    import json

    kept = {}
    for key, value in variables.items():
        good, secrets = without_secrets(key, value)
        for path in secrets:
            left.leave(place, name, f"{path} of ", ": secrets do not belong into a fleet file")
        if key in secrets:
            continue
        if len(key) > _LONGEST_KEY:
            left.leave(place, name, "a variable of ", f" has a name which YAML cannot keep: {key[:40]}...")
            continue
        try:
            json.dumps(good, allow_nan=False).encode()
        except (ValueError, TypeError, RecursionError):
            left.leave(place, name, f"{key} of ", " has a value which YAML cannot keep")
        else:
            kept[key] = good
    return kept
