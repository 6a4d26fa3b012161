"""Ansible inventories in both their forms: INI and YAML, with children, host ranges and variables.

The forms are described in https://docs.ansible.com/ansible/latest/inventory_guide/intro_inventory.html.
"""

from __future__ import annotations

import ast
import posixpath
import re
import shlex
from collections.abc import Iterator
from itertools import product
from typing import Any

from stentor.fleet.document import Value
from stentor.fleet.importers.ansible_ssh import jump_of
from stentor.fleet.importers.ansible_vars import VAULT, parse_yaml, variables_beside
from stentor.fleet.importers.found import Found, List, Read, addresses_of, field, port_of
from stentor.fleet.schema import kinds

MOST = 20_000
# YAML takes 1024 characters, quotes with them (https://yaml.org/spec/1.2.2/#742-flow-mappings).
_LONGEST_KEY = 1000

_SECRET = re.compile(r"pass(word|wd)?$|_pass_|secret|token|private_key$|vault", re.IGNORECASE)
_RANGE = re.compile(r"\[([0-9]+|[A-Za-z]):([0-9]+|[A-Za-z])(?::([0-9]+))?\]")


class Inventory:
    """What an inventory says, before it is a fleet.

    Attributes:
        hosts: name to its own variables.
        members: group to its hosts.
        children: group to its groups.
        variables: group to its variables.
    """

    def __init__(self, found: Found) -> None:
        self.found = found
        self.hosts: dict[str, dict[str, Any]] = {}
        self.members: dict[str, list[str]] = {"all": []}
        self.children: dict[str, list[str]] = {"all": []}
        self.variables: dict[str, dict[str, Any]] = {"all": {}}
        self.places: dict[str, str] = {}

    def group(self, name: str) -> str:
        """Make sure that a group is known."""
        self.members.setdefault(name, [])
        self.children.setdefault(name, [])
        self.variables.setdefault(name, {})
        return name

    def host(self, pattern: str, group: str, variables: dict[str, Any], place: str) -> None:
        """Add a host, or all hosts of a range, to a group."""
        for name in expand(pattern):
            if len(self.hosts) >= MOST:
                self.found.leave(place, f"more than {MOST} hosts")
                return
            name, port = _name_and_port(name)
            own = self.hosts.setdefault(name, {})
            if port:
                own.setdefault("ansible_port", port)
            own.update(variables)
            self.places.setdefault(name, place)
            if name not in self.members[group]:
                self.members[group].append(name)


def read_ansible(path: str, read: Read, listed: List, *, is_folder: bool) -> Found:
    """Read an inventory.

    Args:
        path: an inventory in INI or YAML, or a folder of them.
        read: from a path to its text.
        listed: from a glob pattern to paths.
        is_folder: whether ``path`` is one.
    """
    found = Found()
    inventory = Inventory(found)
    folder = path if is_folder else posixpath.dirname(path)
    for one in _files(path, listed) if is_folder else [path]:
        text = read(one)
        if text.startswith("#!"):
            found.leave(one, "is a program; write what it prints into a file")
        elif one.endswith((".yaml", ".yml", ".json")) or _looks_like_yaml(text):
            _read_yaml(inventory, one, text)
        else:
            _read_ini(inventory, one, text)
    for beside in variables_beside(found, folder, read, listed):
        known = inventory.variables if beside.of_group else inventory.hosts
        if beside.name in known:
            known[beside.name].update(beside.variables)
        else:
            sort = "group" if beside.of_group else "host"
            found.leave(beside.path, f"there is no {sort} '{beside.name}' in the inventory")
    _to_fleet(inventory)
    return found


def _files(folder: str, listed: List) -> Iterator[str]:
    for one in listed(posixpath.join(folder, "*")):
        base = posixpath.basename(one)
        if base in ("group_vars", "host_vars") or base.endswith((".cfg", ".md", ".pyc", "~")):
            continue
        yield one


def _looks_like_yaml(text: str) -> bool:
    for line in text.splitlines():
        if line.strip() and not line.lstrip().startswith(("#", ";")):
            return line.startswith("---") or bool(re.match(r"[\w-]+:\s*(#.*)?$", line))
    return False


def expand(pattern: str) -> list[str]:
    """Spell out Ansible's host ranges: ``web[01:10]``, ``db-[a:f]``, ``n[0:10:2]``."""
    pieces = _RANGE.split(pattern)  # text, first, last, step, text, ...
    if len(pieces) == 1:
        return [pattern]
    choices: list[list[str]] = [[pieces[0]]]
    total = 1
    for index in range(1, len(pieces), 4):
        numbers = _sequence(pieces[index], pieces[index + 1], int(pieces[index + 2] or 1))
        total *= len(numbers)
        choices += [numbers, [pieces[index + 3]]]
        if not numbers or total > MOST:
            return [pattern]  # as it is: it will be no name, and be told
    return ["".join(parts) for parts in product(*choices)]


def _sequence(first: str, last: str, step: int) -> list[str]:
    if step < 1:
        return []
    if first.isdigit() and last.isdigit():
        if len(last) > 9 or (int(last) - int(first)) // step > MOST:
            return []
        width = len(first) if first.startswith("0") else 0
        return [str(number).zfill(width) for number in range(int(first), int(last) + 1, step)]
    if first.isalpha() and last.isalpha():
        return [chr(code) for code in range(ord(first), ord(last) + 1, step)]
    return []


def _name_and_port(name: str) -> tuple[str, str]:
    """Ansible reads ``host:2222`` as host and port; an IPv6 address has more colons."""
    host, colon, port = name.rpartition(":")
    if colon and port_of(port) and ":" not in host:
        return host, port
    if name.startswith("[") and "]" in name:
        inner, _, rest = name[1:].partition("]")
        return inner, rest.removeprefix(":")
    return name, ""


# ---- INI ----


def _read_ini(inventory: Inventory, path: str, text: str) -> None:
    group, part = "ungrouped", ""
    for number, raw in enumerate(text.splitlines(), 1):
        line, place = raw.strip(), f"{path}:{number}"
        if not line or line[0] in "#;":
            continue
        if line.startswith("[") and re.fullmatch(r"\[[^\]]+\]\s*([#;].*)?", line):
            group, _, part = line[1 : line.index("]")].partition(":")
            inventory.group(group)
            if part not in ("", "children", "vars"):
                inventory.found.leave(place, f"[{group}:{part}] is nothing that Ansible knows")
        elif part == "children":
            child = line.split()[0]
            inventory.group(child)
            inventory.children[group].append(child)
        elif part == "vars":
            key, equals, value = line.partition("=")
            if equals:
                inventory.variables[group][key.strip()] = _literal(value.strip())
            else:
                inventory.found.leave(place, f"'{line[:60]}' is no variable")
        elif part == "":
            _ini_host(inventory, inventory.group(group), line, place)


def _ini_host(inventory: Inventory, group: str, line: str, place: str) -> None:
    try:
        words = shlex.split(line, comments=True)
    except ValueError as error:
        inventory.found.leave(place, f"'{line[:60]}' cannot be read: {error}")
        return
    if not words:
        return
    variables: dict[str, Any] = {}
    for word in words[1:]:
        key, equals, value = word.partition("=")
        if equals:
            variables[key] = _literal(value)
        else:
            inventory.found.leave(place, f"'{word}' is no variable")
    inventory.host(words[0], group, variables, place)


def _literal(text: str) -> Any:
    """Ansible reads values of an INI inventory as Python literals where they are some."""
    try:
        value = ast.literal_eval(text)
    except (ValueError, SyntaxError, MemoryError, RecursionError, TypeError):
        return text
    return value if isinstance(value, (str, int, float, bool, list, dict, type(None))) else text


# ---- YAML ----


def _read_yaml(inventory: Inventory, path: str, text: str) -> None:
    tree = parse_yaml(inventory.found, path, text)
    if tree is None or not isinstance(tree.data, dict):
        return
    if "plugin" in tree.data:
        inventory.found.leave(
            path, "asks a plugin; write 'ansible-inventory --list --yaml' into a file instead"
        )
        return
    for name, group in tree.data.items():
        _yaml_group(inventory, path, name, group)


def _yaml_group(inventory: Inventory, path: str, name: str, value: Value) -> None:
    inventory.group(name)
    if value.data is None:
        return
    if not isinstance(value.data, dict):
        inventory.found.leave(f"{path}:{value.line}", f"group {name} is no mapping")
        return
    for key, inner in value.data.items():
        place = f"{path}:{inner.line}"
        if key not in ("hosts", "children", "vars"):
            inventory.found.leave(place, f"{key} is nothing that Ansible knows of a group")
        elif inner.data is None:
            continue
        elif not isinstance(inner.data, dict):
            inventory.found.leave(place, f"{key} of group {name} is no mapping")
        elif key == "vars":
            inventory.variables[name].update(inner.plain())
        elif key == "hosts":
            for host, variables in inner.data.items():
                plain = variables.plain()
                inventory.host(
                    host, name, plain if isinstance(plain, dict) else {}, f"{path}:{inner.keys[host][0]}"
                )
        else:
            for child, group in inner.data.items():
                inventory.children[name].append(inventory.group(child))
                _yaml_group(inventory, path, child, group)


# ---- to a fleet ----


def _to_fleet(inventory: Inventory) -> None:
    found = inventory.found
    inherited = _inherited(inventory)
    left = _Left(found)
    for name, own in inventory.hosts.items():
        variables = {**inherited.get(name, {}), **own}
        if variables.get("ansible_connection") == "local":
            found.leave(inventory.places[name], f"{name} is the machine on which Ansible runs")
            continue
        found.nodes[name] = _fields(left, name, inventory.places[name], variables)
    left.tell()
    for group, members in inventory.members.items():
        if group not in ("all", "ungrouped"):
            found.groups[group] = [f"@{child}" for child in inventory.children[group]] + members


def _inherited(inventory: Inventory) -> dict[str, dict[str, Any]]:
    """Variables of a host's groups: the nearer group wins, of equals the later in the alphabet."""
    depth = dict.fromkeys(inventory.members, 1) | {"all": 0}
    for _ in inventory.members:  # a circle ends after as many rounds as there are groups
        changed = False
        for group, children in inventory.children.items():
            for child in children:
                if depth[child] <= depth[group] < len(inventory.members):
                    depth[child] = depth[group] + 1
                    changed = True
        if not changed:
            break
    merged: dict[str, dict[str, Any]] = {name: {} for name in inventory.hosts}
    for group in sorted(inventory.members, key=lambda one: (depth[one], one)):
        if inventory.variables[group]:
            for host in inventory.hosts if group == "all" else _all_hosts(inventory, group):
                merged[host].update(inventory.variables[group])
    return merged


def _all_hosts(inventory: Inventory, group: str) -> list[str]:
    seen: set[str] = set()
    waiting, hosts = [group], []
    while waiting:
        one = waiting.pop()
        if one not in seen:
            seen.add(one)
            hosts += inventory.members[one]
            waiting += inventory.children[one]
    return hosts


class _Left:
    """What is left of hosts, a variable of a whole group in one line."""

    def __init__(self, found: Found) -> None:
        self.found = found
        self._hosts: dict[tuple[str, str], list[tuple[str, str]]] = {}

    def leave(self, place: str, name: str, what: str, why: str) -> None:
        """Note that something of a host is not carried over."""
        self._hosts.setdefault((what, why), []).append((place, name))

    def tell(self) -> None:
        """Tell all of it."""
        for (what, why), hosts in self._hosts.items():
            place, name = hosts[0]
            more = f" and {len(hosts) - 1} more" if len(hosts) > 1 else ""
            self.found.leave(place, f"{what} of {name}{more}{why}")


def _fields(left: _Left, name: str, place: str, variables: dict[str, Any]) -> dict[str, Any]:
    fields: dict[str, Any] = {}
    kept: dict[str, Any] = {}
    for key, value in variables.items():
        short = key.replace("ansible_ssh_", "ansible_") if key.startswith("ansible_ssh_") else key
        if _SECRET.search(key) or VAULT in str(value):
            left.leave(place, name, key, ": secrets do not belong into a fleet file")
        elif isinstance(value, str) and "{{" in value and key.startswith("ansible_"):
            left.leave(place, name, key, f" is a template: {value}")
        elif short == "ansible_host":
            fields["address"] = addresses_of(left.found, place, str(value))
        elif short == "ansible_user":
            field(left.found, place, fields, "user", str(value), kinds.User)
        elif short == "ansible_port":
            fields["port"] = port_of(value)
            if fields["port"] is None:
                left.leave(place, name, f"port '{value}'", " is none")
        elif short in ("ansible_common_args", "ansible_extra_args", "ansible_args"):
            _arguments(left, name, place, fields, key, str(value))
        elif short == "ansible_connection" and value in ("ssh", "smart", "paramiko"):
            continue
        elif key.startswith("ansible_"):
            left.leave(place, name, key, f": {value}")
        else:
            kept[key] = value
    fields["vars"] = _storable(left, place, name, kept)
    return fields


def _arguments(left: _Left, name: str, place: str, fields: dict[str, Any], key: str, value: str) -> None:
    jump, all_of_it = jump_of(value)
    if jump:
        field(left.found, place, fields, "jump", jump, kinds.Jump)
    if not all_of_it:
        left.leave(place, name, key, f": {value}")


def _storable(left: _Left, place: str, name: str, variables: dict[str, Any]) -> dict[str, Any]:
    """Variables which JSON, and so the compiled copy, can hold."""
    import json

    kept = {}
    for key, value in variables.items():
        if len(str(key)) > _LONGEST_KEY:
            left.leave(place, name, "a variable", f" has a name which YAML cannot keep: {str(key)[:40]}...")
            continue
        try:
            json.dumps(value, allow_nan=False).encode()
        except (ValueError, TypeError, RecursionError):
            left.leave(place, name, key, " has a value which YAML cannot keep")
        else:
            kept[key] = value
    return kept
