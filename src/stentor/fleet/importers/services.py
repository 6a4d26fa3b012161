"""Files of services and web names as ``services.yaml``; what is not understood is listed."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any

import msgspec

from stentor.fleet.document import parse
from stentor.fleet.importers.secret_keys import without_secrets
from stentor.fleet.importers.write import comment
from stentor.fleet.model import Node
from stentor.fleet.schema.services import DomainEntry, Gateway, ServiceEntry
from stentor.fleet.service import KINDS, STATES
from stentor.typed import NamedTuple

_SERVICE = frozenset(field.encode_name for field in msgspec.structs.fields(ServiceEntry))
_DOMAIN = frozenset(field.encode_name for field in msgspec.structs.fields(DomainEntry))
_GATEWAY = frozenset(field.encode_name for field in msgspec.structs.fields(Gateway))
_SERVICES = ("services",)
_DOMAINS = ("domains", "web_names", "webnames", "names", "hosts", "sites")
_GATEWAYS = ("gateway", "network", "dns")
# Other spellings of what a web name and a gateway have.
_NAMES = {"name": "fqdn", "domain": "fqdn", "kind": "type", "upstream": "backend", "target": "backend"}
_GATEWAY_NAMES = {"gateway_ip": "ip", "address": "ip", "external": "external_target", "local_ip": "ip"}

_NUMBER = re.compile(r"([-+]?(\.[0-9]+|[0-9]+(\.[0-9]*)?)([eE][-+]?[0-9]+)?|0o[0-7]+)\Z")


class Imported(NamedTuple):
    """What became of the files."""

    data: dict[str, Any]  # ``services.yaml`` as plain data
    left: Sequence[str]  # what could not be taken over, a line each with its place


def read_services_files(
    paths: Sequence[str], read: Callable[[str], str], nodes: Iterable[Node] = ()
) -> Imported:
    """Read files of services, web names and the network as one ``services.yaml``.

    Args:
        paths: the files; a key that two of them have is taken of the first.
        nodes: of the fleet, to know the gateway by its address.
    """
    importer = _Importer({address: node.alias for node in nodes for address in node.addresses})
    for path in paths:
        importer.file(path, read(path))
    return importer.made()


class _Importer:
    def __init__(self, aliases: Mapping[str, str]) -> None:
        self.aliases = aliases
        self.services: dict[str, dict[str, Any]] = {}
        self.domains: dict[str, dict[str, Any]] = {}
        self.gateway: dict[str, Any] = {}
        self.left: list[str] = []

    def leave(self, place: str, what: str) -> None:
        line = f"{place}: {what}"
        if line not in self.left:
            self.left.append(line)

    def file(self, path: str, text: str) -> None:
        tree, faults = parse(text.encode(), path)
        for fault in faults:
            self.leave(fault.where, fault.what)
        if tree is None or not isinstance(tree.data, dict):
            self.leave(path, "there is nothing in it that could be taken over")
            return
        for key, value in tree.data.items():
            line, column = tree.keys[key]
            place, plain = f"{path}:{line}:{column}", value.plain()
            if key in _SERVICES:
                self._entries(place, plain, "name", self._service)
            elif key in _DOMAINS:
                self._entries(place, plain, "fqdn", self._domain)
            elif key in _GATEWAYS and isinstance(plain, dict):
                self._gateway(place, plain)
            elif not isinstance(plain, (dict, list)) and _GATEWAY_NAMES.get(key, key) in _GATEWAY:
                self._gateway(place, {key: plain})
            else:
                self.leave(place, f"'{key}' is not taken over")

    def _entries(
        self, place: str, entries: Any, key: str, take: Callable[[str, str, dict[str, Any]], None]
    ) -> None:
        """Go through a mapping of names to entries, or a list of entries that have their name."""
        if isinstance(entries, list):
            found = [(one.get(key) or one.get("name"), one) for one in entries if isinstance(one, dict)]
        elif isinstance(entries, dict):
            found = list(entries.items())
        else:
            found = []
        for name, entry in found:
            if not name or not isinstance(entry, (dict, type(None))):
                self.leave(place, f"an entry without '{key}' is not taken over")
            else:
                take(place, str(name), dict(entry or {}))

    def _service(self, place: str, name: str, entry: dict[str, Any]) -> None:
        entry.pop("name", None)
        good: dict[str, Any] = {}
        own: dict[str, Any] = {}
        for key, value in entry.items():
            (good if key in _SERVICE else own)[key] = value
        own, secrets = without_secrets("", own)
        for path in secrets:
            self.leave(f"{place}, {name}", f"{path[1:]}: secrets do not belong into a fleet file")
        if own:
            self.leave(f"{place}, {name}", f"{', '.join(own)}: free data, put under 'vars'")
            good["vars"] = {**(good.get("vars") or {}), **own}
        for key, known in (("type", KINDS), ("status", STATES)):
            if good.get(key) and str(good[key]).lower() not in known:
                self.leave(f"{place}, {name}", f"{key} '{good[key]}' is not known; put under 'vars'")
                good.setdefault("vars", {})[key] = good.pop(key)
        self.services.setdefault(name, good)

    def _domain(self, place: str, name: str, entry: dict[str, Any]) -> None:
        good: dict[str, Any] = {"fqdn": name}
        for key, value in entry.items():
            spelt = key if key in _DOMAIN else _NAMES.get(key, key)
            if spelt in _DOMAIN:
                good.setdefault(spelt, str(value) if spelt == "http_version" else value)
            else:
                self.leave(f"{place}, {name}", f"'{key}: {value}' is not taken over")
        self.domains.setdefault(name.lower(), good)

    def _gateway(self, place: str, entry: Mapping[str, Any]) -> None:
        for key, value in entry.items():
            spelt = key if key in _GATEWAY else _GATEWAY_NAMES.get(key, key)
            if spelt in _GATEWAY and not isinstance(value, (dict, list)):
                self.gateway.setdefault(spelt, value)
            else:
                self.leave(place, f"'{key}' is not taken over")

    def made(self) -> Imported:
        if "node" not in self.gateway and (alias := self.aliases.get(str(self.gateway.get("ip")))):
            self.gateway["node"] = alias
        node = self.gateway.get("node")
        bare = [name for name, one in self.services.items() if not one.get("node")]
        for name in bare if node else ():
            self.services[name] = {"node": node, **self.services[name]}
        if bare:
            said = f"put on {node}, the gateway" if node else "add 'node: ALIAS'"
            self.leave("services", f"{', '.join(bare)}: no node is named: {said}")
        for one in self.domains.values():
            if one.get("service") and one["service"] not in self.services:
                self.leave(one["fqdn"], f"its service '{one['service']}' is in none of the files; left out")
                one.pop("service")
        for name, one in self.services.items():
            self._dependencies(name, one)
        parts = {"services": self.services, "gateway": self.gateway, "domains": list(self.domains.values())}
        return Imported({key: value for key, value in parts.items() if value}, self.left)

    def _dependencies(self, name: str, one: dict[str, Any]) -> None:
        for key in ("dependencies", "needs"):
            known = [other for other in one.get(key) or () if other in self.services]
            for other in set(one.get(key) or ()) - set(known):
                self.leave(name, f"its dependency '{other}' is in none of the files; left out")
            if key in one:
                one[key] = known
            if key in one and not known:
                del one[key]


def text_of(imported: Imported, source: str) -> str:
    """Return ``services.yaml`` with what was taken over, and in comments what was not."""
    import yaml

    class Dumper(yaml.SafeDumper):
        """Knows the numbers of YAML 1.2, by which the file is read, so that such texts get quotes."""

    Dumper.add_implicit_resolver("tag:yaml.org,2002:float", _NUMBER, list("-+.0123456789"))
    lines = [
        "# yaml-language-server: $schema=services.schema.json\n",
        f"# Made by 'stentor init' from {comment(source)}.\n",
    ]
    if imported.left:
        lines.append("# Not carried over as it was:\n")
        lines += [f"#   {comment(line)}\n" for line in imported.left]
    body = yaml.dump(imported.data, Dumper=Dumper, sort_keys=False, allow_unicode=True, width=110)
    return "".join([*lines, "\n", body])
