"""The fleet as an Ansible inventory in YAML: groups, how each node is reached, what is known of it.

What nodes told of themselves (facts) is written so that Ansible never reads it as a template: a node could
call its processor ``{{ lookup('pipe', ...) }}``, and that would run on whoever uses the inventory.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from datetime import UTC, datetime
from typing import Any, NamedTuple

import yaml

from stentor.fleet.model import Fleet, Node
from stentor.sh.quoting import quote
from stentor.ssh.target import destination

FIRST_LINE = "# Made by 'stentor export ansible'; what is written here by hand is lost at the next export."


class Known(NamedTuple):
    """What a node told of itself.

    Attributes:
        at: when, in seconds since 1970.
        facts: plain data.
    """

    at: float
    facts: Mapping[str, Any]


def inventory(
    fleet: Fleet,
    nodes: Sequence[Node],
    known: Mapping[str, Known],
    *,
    local: str | None = None,
    by_name: Collection[str] = (),
) -> str:
    """Return the inventory; the same fleet and the same facts give the same text.

    Args:
        fleet: where the nodes are from.
        nodes: which are written, in this order.
        known: what is known of nodes, by alias.
        local: the node which is this machine, reached without ssh.
        by_name: nodes for which ssh_config says something under their alias that it does not say for their
            address, so that ssh must be called with the alias.
    """
    hosts = {node.alias: _host(fleet, node, known.get(node.alias), local, by_name) for node in nodes}
    groups: dict[str, Any] = {}
    for name, members in fleet.groups.items():
        chosen = [alias for alias in members if alias in hosts]
        if name != "all" and chosen:
            groups[name] = {"hosts": dict.fromkeys(chosen)}
    everything: dict[str, Any] = {"hosts": hosts}
    if groups:
        everything["children"] = groups
    text: str = yaml.dump(
        {"all": everything},
        Dumper=_Dumper,
        sort_keys=False,
        allow_unicode=True,
        width=1000,
        default_flow_style=False,
    )
    return f"{FIRST_LINE}\n{text}"


def _host(
    fleet: Fleet, node: Node, known: Known | None, local: str | None, by_name: Collection[str]
) -> dict[str, Any]:
    found: dict[str, Any] = {}
    if node.alias == local:
        found["ansible_connection"] = "local"
    else:
        found |= _reached(fleet, node, by_name=node.alias in by_name)
    found |= dict(node.variables)
    said = {
        "name": node.name if node.name != node.alias else None,
        "role": node.role,
        "arch": node.arch,
        "phase": node.phase,
        "state": node.state if node.expected_down else None,
        "requires": list(node.requires) or None,
    }
    found |= {f"stentor_{key}": value for key, value in said.items() if value}
    if known:
        at = time_of(known.at)
        found["stentor_facts"] = {"as_of": at, **_plain(known.facts)}
    return found


def _reached(fleet: Fleet, node: Node, *, by_name: bool) -> dict[str, Any]:
    """The words by which stentor calls ssh, as Ansible has them."""
    found: dict[str, Any] = {}
    words = destination(fleet, node)[:-2]  # without the name
    options: list[str] = []
    for flag, word in zip(words[::2], words[1::2], strict=True):
        key, _, value = word.partition("=")
        if flag == "-o" and key == "HostName" and not by_name:
            found["ansible_host"] = value
        elif flag == "-o" and key == "User":
            found["ansible_user"] = value
        elif flag == "-o" and key == "Port":
            found["ansible_port"] = int(value)
        else:
            options += [flag, word]
    if options:
        found["ansible_ssh_common_args"] = " ".join(quote(word) for word in options)
    return found


def addressed(fleet: Fleet, node: Node) -> list[str]:
    """The words by which Ansible calls ssh for a node with an address, to compare what ssh makes of them."""
    words = destination(fleet, node)
    host = next((word.partition("=")[2] for word in words if word.startswith("HostName=")), node.alias)
    options: list[str] = []
    for flag, word in zip(words[:-2:2], words[1:-2:2], strict=True):
        if not word.startswith("HostName="):
            options += [flag, word]
    return [*options, "--", host]


def _plain(value: Any) -> Any:
    """Facts in the order of their names, each text which Ansible could take for a template marked."""
    if isinstance(value, Mapping):
        return {_text(str(key)): _plain(value[key]) for key in sorted(value, key=str)}
    if isinstance(value, (list, tuple)):
        return [_plain(one) for one in value]
    return _text(value) if isinstance(value, str) else value


class _Unsafe(str):
    """Text which is never a template: Ansible's ``!unsafe``."""

    __slots__ = ()


def _text(text: str) -> str:
    return _Unsafe(text) if "{" in text else text


class _Dumper(yaml.SafeDumper):
    """Without aliases, and with Ansible's mark."""

    def ignore_aliases(self, data: Any) -> bool:  # noqa: ARG002 - the library's signature
        return True


def _written(dumper: yaml.SafeDumper, text: str) -> yaml.ScalarNode:
    # Between quotes the library escapes all that YAML would read as a line's end, elsewhere it does not.
    style = None if text.isprintable() else '"'
    return dumper.represent_scalar("tag:yaml.org,2002:str", text, style=style)


_Dumper.add_representer(str, _written)
_Dumper.add_representer(
    _Unsafe, lambda dumper, text: dumper.represent_scalar("!unsafe", str(text), style='"')
)
_Dumper.add_representer(type(None), lambda dumper, _: dumper.represent_scalar("tag:yaml.org,2002:null", ""))


def time_of(at: float) -> str:
    """A moment as ISO 8601, in UTC."""
    return datetime.fromtimestamp(int(at), UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
