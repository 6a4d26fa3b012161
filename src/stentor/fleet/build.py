"""From checked entries of ``nodes:`` to nodes: patterns spelled out, defaults applied, origins kept."""

from __future__ import annotations

import ipaddress
import re
from collections.abc import Mapping

from stentor.fleet import ranges, schema
from stentor.fleet.document import Fault, Value
from stentor.fleet.model import Node
from stentor.fleet.openssh import Hop, hops
from stentor.fleet.suggest import did_you_mean
from stentor.typed import Any

_NAME = re.compile(rf"{schema.kinds.WORD}\Z")
_IN_STEP = ("alias", "address")
_ADDING_UP = ("groups", "requires", "vars")


class Entries:
    """The nodes of one file."""

    def __init__(self, file: str, tree: Value | None, defaults: Value | None) -> None:
        self.file = file
        self.tree = tree
        self.defaults = defaults
        self.nodes: dict[str, Node] = {}  # alias to node
        # Group name to the aliases which name it in their ``groups:``.
        self.members: dict[str, list[str]] = {}
        self.group_places: dict[str, tuple[int, int]] = {}  # where each of those groups is named first
        # (alias, field) to the place of its value, (alias, ``vars.NAME``) to that of a variable.
        self.origins: dict[tuple[str, str], str] = {}
        self.faults: list[Fault] = []  # what was found
        self._taken: dict[tuple[str, object], tuple[int, int]] = {}  # what must be unique, to where it is
        self._jump_places: dict[str, tuple[int, int]] = {}
        self._gateway_places: dict[
            str, tuple[tuple[int, int], bool]
        ] = {}  # and whether its own entry says it

    def build(self, nodes: Mapping[str, Any], defaults: Mapping[str, Any]) -> None:
        """Make nodes of what the shape found good; faults are kept in ``faults``."""
        if self.tree is None or not isinstance(self.tree.data, dict):
            return
        if not self.tree.data:
            self._fault(
                (self.tree.line, self.tree.column), "there is no node yet", "a line like 'crtr:' will do"
            )
        for key in nodes:
            entry = nodes[key] or {}
            for name, own in self._spelled_out(key, entry):
                self._node(key, name, own, defaults)
        self._jumps_by_alias()
        self._jumps()
        self._gateways()

    def _fault(self, place: tuple[int, int], what: str, hint: str = "") -> None:
        self.faults.append(Fault(self.file, place[0], place[1], what, hint))

    def _place(self, key: str, field: str = "") -> tuple[int, int]:
        """Where a field of an entry stands; the entry's key when it has no such field."""
        tree = self.tree.data if self.tree else {}
        entry = tree[key]
        if field and isinstance(entry.data, dict) and field in entry.data:
            value = entry.data[field]
            return value.line, value.column
        return self.tree.keys[key] if self.tree else (0, 0)

    # ---- patterns ----

    def _spelled_out(self, key: str, entry: dict[str, Any]) -> list[tuple[str, dict[str, Any]]]:
        """One pair of name and fields for each node that an entry stands for."""
        place = self._place(key)
        if not ranges.is_pattern(key):
            return [(key, entry)]
        try:
            names = ranges.expand(key)
        except ValueError as error:
            self._fault(place, str(error))
            return []
        columns: dict[str, list[Any]] = {}
        for field in _IN_STEP:
            written = entry.get(field)
            if written is not None:
                column = self._in_step(key, field, written, len(names))
                columns[field] = [None] * len(names) if column is None else column
        if entry.get("mac"):
            self._fault(
                self._place(key, "mac"), f"one hardware address for the {len(names)} nodes of '{key}'"
            )
        return [
            (name, {**entry, **{field: column[index] for field, column in columns.items()}})
            for index, name in enumerate(names)
        ]

    def _in_step(self, key: str, field: str, written: Any, count: int) -> list[Any] | None:
        """The values of a field for each of the names, in step."""
        texts = written if isinstance(written, list) else [written]
        try:
            expanded = [ranges.expand(text) for text in texts]
        except ValueError as error:
            self._fault(self._place(key, field), str(error))
            return None
        for text, values in zip(texts, expanded, strict=True):
            if len(values) != count:
                self._fault(
                    self._place(key, field),
                    f"'{key}' stands for {count} nodes, but {field} '{text}' for {len(values)}",
                    "both must stand for the same number, in the same order",
                )
                return None
        if isinstance(written, list):
            return [[values[index] for values in expanded] for index in range(count)]
        return list(expanded[0])

    # ---- one node ----

    def _node(self, key: str, name: str, own: dict[str, Any], defaults: Mapping[str, Any]) -> None:
        merged = {**defaults, **own}  # an empty 'jump:' of a node takes the default away
        merged = {field: value for field, value in merged.items() if value is not None}
        own = {field: value for field, value in own.items() if value is not None}
        if "jump" not in own and merged.get("jump") in (name, merged.get("alias", name)):
            del merged["jump"]  # the gateway in defaults is not reached through itself
        merged["requires"] = list(
            dict.fromkeys([*(defaults.get("requires") or ()), *own.get("requires", ())])
        )
        merged["vars"] = {**(defaults.get("vars") or {}), **own.get("vars", {})}
        groups = list(dict.fromkeys([*(defaults.get("groups") or ()), *own.get("groups", ())]))
        alias = merged.get("alias", name)
        for word, field in {name: "", alias: "alias"}.items():
            if word == "all":  # to Ansible and ClusterShell as well
                self._fault(
                    self._place(key, field), "'all' is every node, so it cannot be one", "choose another name"
                )
            if not _NAME.match(word):
                shown = "".join(one if one.isprintable() else "?" for one in word[:60])
                hint = "names have letters, digits, '.', '_' and '-'"
                self._fault(self._place(key, field), f"'{shown}' is no name for a node", hint)
                return
        # A faulty node is kept as well, so that who names it is not blamed for its fault.
        self._unique(key, name, alias, merged)
        self.nodes[alias] = Node(
            alias=alias,
            name=name,
            addresses=tuple(dict.fromkeys(merged.get("address", ()))),
            user=merged.get("user"),
            port=merged.get("port"),
            jump=merged.get("jump"),
            role=merged.get("role"),
            arch=merged.get("arch"),
            mac=merged["mac"].replace("-", ":").lower() if "mac" in merged else None,
            phase=merged.get("phase"),
            migrated=bool(merged.get("migrated")),
            state=merged.get("state", "up"),
            requires=tuple(merged["requires"]),
            variables=merged["vars"],
            gateways=tuple(dict.fromkeys(merged.get("gateway", ()))),
        )
        for group in groups:
            self.members.setdefault(group, []).append(alias)
            place = (
                self._place(key, "groups")
                if group in own.get("groups", ())
                else self._default_place("groups")
            )
            self.group_places.setdefault(group, place)
        self._jump_places[alias] = self._place(key, "jump") if "jump" in own else self._default_place("jump")
        if "gateway" in merged:
            place = self._place(key, "gateway") if "gateway" in own else self._default_place("gateway")
            self._gateway_places[alias] = place, "gateway" in own
        self._keep_origins(key, alias, own, merged)

    def _default_place(self, field: str) -> tuple[int, int]:
        if (
            self.defaults is None
            or not isinstance(self.defaults.data, dict)
            or field not in self.defaults.data
        ):
            return 0, 0
        value = self.defaults.data[field]
        return value.line, value.column

    def _keep_origins(self, key: str, alias: str, own: Mapping[str, Any], merged: Mapping[str, Any]) -> None:
        self.origins[alias, "name"] = self._written(self._place(key))
        for field, value in merged.items():
            places = []
            if field in own:
                places.append(self._written(self._place(key, field)))
            if (field not in own or field in _ADDING_UP) and self._default_place(field)[0]:
                places.append("defaults, " + self._written(self._default_place(field)))
            if value not in (None, [], {}) and places:
                self.origins[alias, field] = "; ".join(places)
        entry = self.tree.data[key].data if self.tree else None
        for data in (self.defaults.data if self.defaults else None, entry):  # the node's own goes before
            written = data.get("vars") if isinstance(data, dict) else None
            for name, place in (written.keys if written else {}).items():
                self.origins[alias, f"vars.{name}"] = self._written(place)

    def _written(self, place: tuple[int, int]) -> str:
        return f"{self.file}:{place[0]}:{place[1]}"

    # ---- what must be unique or real ----

    def _unique(self, key: str, name: str, alias: str, merged: Mapping[str, Any]) -> None:
        for word, field in {name: "", alias: "alias"}.items():
            self._claim("name", word, f"'{word}' already names a node", self._place(key, field))
        seen: set[str] = set()
        for address in merged.get("address", ()):
            if address.lower() in seen:
                self._fault(
                    self._place(key, "address"), f"address '{address}' is here twice", "keep one of them"
                )
                continue
            seen.add(address.lower())
            wrong = bad_address(address)
            if wrong:
                self._fault(self._place(key, "address"), f"address '{address}' {wrong}", _bare(address))
            # One address may be several nodes: by ports, behind different gateways, by login names.
            reached = (address.lower(), merged.get("port", 22), merged.get("jump"), merged.get("user"))
            self._claim(
                "address",
                reached,
                f"address '{address}' already belongs to another node",
                self._place(key, "address"),
                "each needs its own, or another port, user or jump; where ssh_config tells them apart, "
                "put the address there (HostName)",
            )
        if "mac" in merged:
            mac = merged["mac"].replace("-", ":").lower()
            self._claim(
                "mac",
                mac,
                f"hardware address '{mac}' already belongs to another node",
                self._place(key, "mac"),
            )

    def _claim(
        self,
        sort: str,
        value: object,
        what: str,
        place: tuple[int, int],
        hint: str = "each node needs its own",
    ) -> None:
        holder = self._taken.setdefault((sort, value), place)
        if holder is not place:
            self._fault(place, f"{what}, {self._written(holder)}", hint)

    def _jumps_by_alias(self) -> None:
        """Call jump hosts which are nodes by their alias: ssh would look for a full name elsewhere."""
        aliases = {node.name: node.alias for node in self.nodes.values()} | {
            name: name for name in self.nodes
        }
        for alias, node in self.nodes.items():
            if node.jump:
                said = [(text, Hop.parse(text)) for text in node.jump.split(",")]
                named = [
                    hop._replace(host=aliases[hop.host]).text() if hop.host in aliases else text
                    for text, hop in said
                ]
                self.nodes[alias] = node._replace(jump=",".join(named))

    def _jumps(self) -> None:
        """Ways which lead through the node itself."""
        for node in self.nodes.values():
            way = [node.alias]
            step = self._through(node, node.alias)
            while step is not None and step.alias not in way:
                way.append(step.alias)
                step = self._through(step, node.alias)
            if step is node:
                circle = " -> ".join([*way, node.alias])
                self._fault(
                    self._jump_places[node.alias], f"the way to {node.alias} goes round in a circle: {circle}"
                )

    def _gateways(self) -> None:
        """Call gateways by their alias. Those of the defaults are not reached through one another."""
        aliases = {node.name: node.alias for node in self.nodes.values()} | {a: a for a in self.nodes}
        for alias, (place, own) in self._gateway_places.items():
            node = self.nodes.get(alias)
            if node is None:
                continue
            named = tuple(aliases.get(word, "") for word in node.gateways)
            if "" in named:
                word = node.gateways[named.index("")]
                hint = did_you_mean(word, aliases, otherwise="a gateway is a node of the fleet")
                self._fault(place, f"gateway '{word}' is no node", hint)
            elif alias in named:
                if own:
                    self._fault(place, f"{alias} cannot be its own gateway", "leave it out of 'gateway'")
                named = ()
            self.nodes[alias] = node._replace(gateways=named)

    def _through(self, node: Node, goal: str) -> Node | None:
        """The first node on the way to a node; the goal if the way leads through it."""
        hosts = [hop.host for hop in hops(node.jump)] if node.jump else [""]
        return self.nodes.get(goal if goal in hosts else hosts[0])


def is_ip_address(text: str) -> bool:
    """Whether this is an IP address rather than a name."""
    try:
        ipaddress.ip_address(text)
    except ValueError:
        return False
    return True


def _bare(address: str) -> str:
    """How an address is written that has brackets, a port or a scheme around it."""
    found = re.fullmatch(r"(?:ssh://)?(?:\[([^]]+)\]|([^][:/@]+))(?::([0-9]+))?/?", address)
    if not found or not (bare := found[1] or found[2]) or bad_address(bare) or (found[1] and ":" not in bare):
        return ""
    port = f", port: {found[3]}" if found[3] else ""
    return f"write address: {bare}{port}"


def bad_address(address: str) -> str:
    """Why an address is none, or nothing."""
    if "[" in address or "]" in address or "," in address or "/" in address:
        ranged = "[" in address and not re.search(r"\[[^]]*:", address)  # an IPv6 address may have brackets
        return "has a range, but the node's name has none" if ranged else "is no host name or IP address"
    looks_numeric = re.fullmatch(r"[0-9.]+", address)
    bare = address.partition("%")[0] if ":" in address else address
    return "is no IP address" if (looks_numeric or ":" in address) and not is_ip_address(bare) else ""
