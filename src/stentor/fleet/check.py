"""From the text of the fleet files to a fleet, or to every fault that is in them."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence

from stentor.errors import SelectorError
from stentor.fleet import schema
from stentor.fleet.build import Entries
from stentor.fleet.document import Fault, Value, parse
from stentor.fleet.model import Fleet
from stentor.fleet.policy import SECTIONS, from_plain
from stentor.fleet.select import LIVE_SETS, select
from stentor.fleet.services import Services, read_services
from stentor.fleet.shape import Shape, short
from stentor.fleet.suggest import did_you_mean
from stentor.typed import Any, NamedTuple

_SECTION = re.compile(rb"\[[\w.:-]+\]\s*(?:#.*)?")


def foreign(data: bytes, tree: Value | None, file: str) -> Fault | None:
    """Return the only fault of an Ansible file that is given as ``nodes.yaml``; None for any other file.

    Args:
        tree: what YAML reads in it; None for nothing.
        file: its name as it is shown.
    """
    what = _kind(tree) or ("inventory" if _is_ini(data, tree) else "")
    if not what:
        return None
    hint = f"stentor init DIR --from ansible {file}"
    if what == "playbook":
        hint = "nodes come from an inventory: stentor init DIR --from ansible INVENTORY"
    return Fault(file, 1, 1, f"this is an Ansible {what}, no fleet file", hint)


def _is_ini(data: bytes, tree: Value | None) -> bool:
    """Whether it has the sections of an inventory; what YAML reads as a mapping has none."""
    if tree is not None and isinstance(tree.data, dict):
        return False
    return any(_SECTION.fullmatch(line.strip()) for line in data.splitlines())


def _kind(tree: Value | None) -> str:
    if tree is None:
        return ""
    if isinstance(tree.data, list):
        return "playbook" if any("hosts" in _keys(one) for one in tree.data) else ""
    if not isinstance(tree.data, dict) or "nodes" in tree.data:
        return ""
    return "inventory" if any({"hosts", "children"} & _keys(one) for one in tree.data.values()) else ""


def _keys(value: Value) -> set[str]:
    return {*value.data} if isinstance(value.data, dict) else set()


_VARIANT_OF = {"script": "ansible", "plugin": "ansible", "live": "clustershell"}


def check_exports(section: Value, shape: Shape) -> None:
    """Note each file that could not be written as it is listed.

    Args:
        section: the value of ``exports:``, which has the schema's form.
        shape: is told the faults.
    """
    files = section.data.get("files")
    for file in files.data if files and isinstance(files.data, list) else ():
        said = {key: value.data for key, value in file.data.items()} if isinstance(file.data, dict) else {}
        form, variant = said.get("format"), said.get("variant", "file")
        if variant in _VARIANT_OF and _VARIANT_OF[variant] != form:
            shape.fault(
                file.keys["variant"],
                f"{form} has no variant '{variant}'",
                f"it is one of {_VARIANT_OF[variant]}",
            )
        if "port" in said and form != "prometheus":
            shape.fault(file.keys["port"], f"{form} has no port", "the port is for prometheus")
        if "on" in said and str(said.get("path")).endswith("/"):
            shape.fault(
                file.keys["path"],
                f"'{said['path']}' is a folder, and on nodes a file is kept",
                "name the file, or leave out 'on' for a folder on this machine",
            )


LONGEST = 300  # of what is told of a fault


class Source(NamedTuple):
    """A file of the fleet."""

    kind: str  # ``nodes``, ``policy`` or ``services``
    file: str  # its name as it should be shown
    data: bytes  # its bytes


class Checked(NamedTuple):
    """What came of the check."""

    fleet: Fleet | None  # None when there are faults
    faults: tuple[Fault, ...]  # by file and place
    # (alias, field) to the place of the value, ``file:line:column``; fields which nobody set are not in it.
    # (alias, ``vars.NAME``) to the place of a variable, (``@name``, ``group``) of a group.
    origins: Mapping[tuple[str, str], str] = {}
    ssh_config: str = ""  # where ``ssh: config:`` stands, if it does
    services: Services | None = None  # the web names, where ``services`` was among the sources


def check(sources: Sequence[Source], root: str) -> Checked:
    """Check the files of a fleet.

    Args:
        sources: ``nodes`` first; ``policy`` and ``services`` where they exist.
        root: absolute path of the fleet directory, for the fleet.
    """
    return _Check(sources, root).run()


class _Check:
    def __init__(self, sources: Sequence[Source], root: str) -> None:
        self.sources = sources
        self.root = root
        self.faults: list[Fault] = []
        self.shapes: list[Shape] = []
        self.policy: dict[str, Any] = {}
        self.places: dict[str, str] = {}  # of policy sections
        self.ssh_config = ""

    def run(self) -> Checked:
        entries = Entries("", None, None)
        services: tuple[Value, dict[str, Any], str] | None = None
        groups: dict[str, list[tuple[str, Value]]] = {}
        for source in self.sources:
            tree, faults = parse(source.data, source.file)
            if source.kind == "nodes" and (other := foreign(source.data, tree, source.file)):
                return Checked(None, (other,))
            self.faults += faults
            if tree is None:
                continue
            shape = Shape(source.file)
            self.shapes.append(shape)
            data = shape.struct(tree, schema.FILES[source.kind], source.file.rsplit("/", 1)[-1])
            if not isinstance(tree.data, dict):
                continue
            if source.kind == "nodes":
                entries = Entries(source.file, tree.data.get("nodes"), tree.data.get("defaults"))
                entries.build(data.get("nodes") or {}, data.get("defaults") or {})
                self.faults += entries.faults
                groups = self._groups(tree, data, shape, entries)
            if source.kind == "services":
                services = tree, data, source.file
            else:
                self._sections(tree, data, shape)
        fleet = self._fleet(entries, groups)
        for shape in self.shapes:
            self._selectors(shape, fleet)
            self.faults += shape.faults
        web_names = None
        if services is not None and not self.faults:  # what is not well formed is told first
            web_names, faults = read_services(*services, fleet)
            self.faults += faults
        order = {source.file: index for index, source in enumerate(self.sources)}
        found = tuple(
            sorted(
                {
                    fault._replace(what=short(fault.what, LONGEST), hint=short(fault.hint, LONGEST))
                    for fault in self.faults
                },
                key=lambda fault: (order.get(fault.file, 9), fault.line, fault.column),
            )
        )
        return Checked(None if found else fleet, found, entries.origins, self.ssh_config, web_names)

    def _sections(self, tree: Value, data: Mapping[str, Any], shape: Shape) -> None:
        for name in SECTIONS:
            if name not in tree.data:
                continue
            line, column = tree.keys[name]
            if name in self.places:
                shape.fault(
                    (line, column),
                    f"'{name}' is already in {self.places[name]}",
                    "say it in one of the files",
                )
                continue
            self.places[name] = f"{shape.file}:{line}"
            if data.get(name) is not None:
                self.policy[name] = data[name]
            if name == "hooks" and data.get(name):
                self._secrets(tree.data[name], data[name], shape)
            if name == "exports" and data.get(name):
                check_exports(tree.data[name], shape)
            if name == "ssh" and isinstance(tree.data[name].data, dict) and "config" in tree.data[name].data:
                value = tree.data[name].data["config"]
                self.ssh_config = f"{shape.file}:{value.line}:{value.column}"

    def _secrets(self, tree: Value, hooks: Mapping[str, Any], shape: Shape) -> None:
        """Every webhook has a secret, but for sourcehut's: its signature is one of a public key."""
        for name, hook in hooks.items():
            if not hook.get("secret") and hook.get("forge") not in (None, "sourcehut"):
                shape.fault(
                    tree.keys[name],
                    f"the webhook '{name}' lacks 'secret'",
                    "name the file with the secret that the forge signs with",
                )

    def _groups(
        self, tree: Value, data: Mapping[str, Any], shape: Shape, entries: Entries
    ) -> dict[str, list[tuple[str, Value]]]:
        """Group name to the selectors which make it up, with their places."""
        groups: dict[str, list[tuple[str, Value]]] = {}
        good = data.get("groups") or {}
        for name in good:
            line, column = tree.data["groups"].keys[name]
            what, hint = self._name_taken(name, entries)
            if what:
                shape.fault((line, column), what, hint)
                continue
            value = tree.data["groups"].data[name]
            parts = value.data if isinstance(value.data, list) else [value]
            entries.origins[f"@{name}", "group"] = f"{shape.file}:{line}:{column}"
            groups[name] = [(part.data, part) for part in parts if isinstance(part.data, str)]
        for name, place in entries.group_places.items():
            what, hint = self._name_taken(name, entries)
            if what:
                shape.fault(place, what, hint)
        # Every selector of a group is evaluated with the group it belongs to, not once more by itself.
        parts_of_groups = {id(part) for found in groups.values() for _, part in found}
        shape.selectors = [pair for pair in shape.selectors if id(pair[0]) not in parts_of_groups]
        return groups

    def _name_taken(self, name: str, entries: Entries) -> tuple[str, str]:
        if name == "all" or name in LIVE_SETS:
            return (
                f"'{name}' cannot be the name of a group: @{name} has a meaning of its own",
                "choose another",
            )
        for node in entries.nodes.values():
            if name in (node.alias, node.name):
                return f"'{name}' is a node and a group", "call one of them differently"
        return "", ""

    def _fleet(self, entries: Entries, groups: dict[str, list[tuple[str, Value]]]) -> Fleet:
        lazy = _Groups(entries, groups)
        expanded = {name: lazy[name] for name in lazy}
        self.faults += lazy.faults
        policy = from_plain(self.policy)
        # Other sections are made later: their selectors are evaluated against this fleet.
        return Fleet(self.root, entries.nodes, expanded, policy.ssh.config or None, policy)

    def _selectors(self, shape: Shape, fleet: Fleet) -> None:
        for value, aliases in shape.selectors:
            try:
                aliases += [node.alias for node in select(fleet, value.data, live=_no_live_set)]
            except SelectorError as error:
                shape.fault(value, error.message, error.hint)
        for place, name in shape.groups:
            if name not in fleet.groups:
                known = "groups are " + ", ".join(fleet.groups)
                hint = did_you_mean(name, fleet.groups, otherwise=known)
                shape.fault(place, f"there is no group '{name}'", hint)


class _Groups(Mapping[str, tuple[str, ...]]):
    """Groups which are evaluated when they are first asked for, so that they may name one another."""

    def __init__(self, entries: Entries, parts: Mapping[str, list[tuple[str, Value]]]) -> None:
        self.faults: list[Fault] = []
        self._entries = entries
        self._parts = parts
        self._names = list(dict.fromkeys(["all", *parts, *entries.members]))
        self._done: dict[str, tuple[str, ...]] = {"all": tuple(entries.nodes)}
        self._under_way: list[str] = []
        self._fleet = Fleet("", entries.nodes, self)

    def __iter__(self) -> Iterator[str]:
        return iter(self._names)

    def __len__(self) -> int:
        return len(self._names)

    def __contains__(self, name: object) -> bool:
        return name in self._names

    def __getitem__(self, name: str) -> tuple[str, ...]:
        if name not in self._done:
            if name in self._under_way:
                circle = self._under_way[self._under_way.index(name) :]
                error = _Circle(
                    "groups go round in a circle: " + " -> ".join([*circle, name]),
                    hint="a group cannot hold itself",
                )
                error.start = name
                raise error
            self._under_way.append(name)
            try:
                self._done[name] = self._evaluate(name)
            finally:
                self._under_way.pop()
        return self._done[name]

    def _evaluate(self, name: str) -> tuple[str, ...]:
        members = set(self._entries.members.get(name, ()))
        for text, place in self._parts.get(name, ()):
            try:
                members.update(node.alias for node in select(self._fleet, text, live=_no_live_set))
            except _Circle as circle:
                if circle.start != name:
                    raise  # it is told once, where it was entered
                self._fault(place, circle)
            except SelectorError as error:
                self._fault(place, error)
        return tuple(alias for alias in self._entries.nodes if alias in members)

    def _fault(self, place: Value, error: SelectorError) -> None:
        self.faults.append(Fault(self._entries.file, place.line, place.column, error.message, error.hint))


class _Circle(SelectorError):  # noqa: N818 - reads as what was found
    """Groups which hold themselves; ``start`` is where the circle was entered."""

    start = ""


def _no_live_set(name: str) -> None:
    if name.partition(":")[0] in LIVE_SETS:
        raise SelectorError(
            f"@{name} depends on where and when one asks, so it cannot be used in a file",
            hint="use it on the command line",
        )
