"""ClusterShell's groups, as ClusterShell itself reads them: ``groups.conf``, its folders, upcalls, and files.

Upcalls are run as ``nodeset`` runs them each time: it is they who know the groups.
"""

from __future__ import annotations

import configparser
import posixpath
import re
from collections.abc import Iterator, Mapping
from typing import Any

from ClusterShell.NodeSet import NodeSet, NodeSetException
from ClusterShell.NodeUtils import (
    FileGroupSource,
    GroupResolver,
    GroupResolverConfig,
    GroupResolverError,
    GroupResolverIllegalCharError,
    GroupResolverSourceError,
    GroupSource,
    GroupSourceError,
    GroupSourceNoUpcall,
    GroupSourceQueryFailed,
    YAMLGroupLoader,
)

from stentor.fleet.document import Builder, Value, parse
from stentor.fleet.importers.found import Found, List, Read, as_pattern
from stentor.fleet.ranges import size

_MOST_NODES = 20_000
_PATTERN = re.compile(r"(?:[^,!&^\s\[]|\[[^\]]*\])+")
_ILLEGAL = set("@,!&^*")  # in names of groups; ClusterShell's own NodeSet has the same

_THEIRS = (NodeSetException, GroupResolverError, GroupSourceError, configparser.Error)
# What else is raised for a value that is no text, and for numbers that nobody has machines for.
_BROKEN = (*_THEIRS, ValueError, TypeError, AttributeError, RecursionError, OverflowError, MemoryError)


def read_clustershell(path: str, read: Read, listed: List, *, is_folder: bool) -> Found:
    """Read a ClusterShell configuration.

    Args:
        path: a folder (``/etc/clustershell``), a ``groups.conf``, a YAML file of groups, or a flat file.
        read: from a path to its text; used for flat files.
        listed: from a glob pattern to paths.
        is_folder: whether ``path`` is one.
    """
    found = Found()
    try:
        resolver = _resolver(found, path, read, listed, is_folder=is_folder)
        sources = resolver.sources()
    except _BROKEN as error:
        found.leave(path, _reason(error))
        return found
    if not sources:
        found.leave(path, "there are no groups in it")
        return found
    _Groups(found, resolver, sources).add()
    loaders = (one.loader for one in resolver._sources.values() if isinstance(one, FileGroupSource))
    for file in sorted({loader.filename for loader in loaders}):
        parse(read(file).encode("utf-8", "surrogateescape"), file, _Twice(file, found))
    return found


def _resolver(found: Found, path: str, read: Read, listed: List, *, is_folder: bool) -> Any:
    """What finds groups, with its default source known."""
    start = as_pattern(path)
    conf = listed(posixpath.join(start, "groups.conf")) if is_folder else []
    if conf or (not is_folder and path.endswith(".conf")):
        resolver: Any = GroupResolverConfig(conf or [path], illegal_chars=_ILLEGAL)
        resolver.sources()  # it is only read now
        return resolver
    if is_folder:  # as the groups.conf that comes with ClusterShell has it
        yamls = listed(posixpath.join(start, "groups.d", "*.yaml"))
        flat = listed(posixpath.join(start, "groups")) or listed(
            posixpath.join(start, "groups.d", "local.cfg")
        )
    else:
        yamls, flat = ([path], []) if path.endswith((".yaml", ".yml")) else ([], [path])
    made: list[Any] = [source for one in yamls for source in YAMLGroupLoader(one)]
    for one in flat:
        groups = _flat(found, one, read(one))
        if groups:
            made.insert(0, GroupSource("local", groups, groups.get("all")))
    if not made:
        return GroupResolver()
    resolver = GroupResolver(made[0], illegal_chars=_ILLEGAL)
    for source in made[1:]:
        resolver.add_source(source)
    return resolver


def _flat(found: Found, path: str, text: str) -> dict[str, str]:
    """``group: nodes`` a line, as the example configuration of ClusterShell reads with sed."""
    groups: dict[str, str] = {}
    for number, line in enumerate(text.split("\n"), 1):
        line = line.partition("#")[0].strip()
        if line:
            group, colon, members = line.partition(":")
            if not colon or len(group.split()) != 1:
                found.leave(f"{path}:{number}", f"'{line[:60]}' is no 'group: nodes'")
                continue
            name = group.strip()
            groups[name] = f"{groups.get(name, '')}\n{members}".strip()
    return groups


class _Twice(Builder):
    """Names what a YAML file has twice: ClusterShell takes the last one without a word."""

    def __init__(self, file: str, found: Found) -> None:
        super().__init__(file)
        self.found = found

    def twice(self, key: Value, name: str, first: int) -> bool:
        """Name a key that is there already, in line ``first``; return whether the first value stays."""
        what = f"'{name}' is here for the second time; ClusterShell drops that of line {first}"
        self.found.leave(f"{self.file}:{key.line}:{key.column}", what)
        return False


class _Bounded(GroupSource):  # type: ignore[misc]  # ClusterShell has no types
    """A source of another resolver, without groups that have more nodes than fit."""

    def __init__(self, found: Found, resolver: Any, name: str) -> None:
        super().__init__(name)
        self._found = found
        self._resolver = resolver

    def resolv_map(self, group: str) -> str:
        return self._bounded(group, self._resolver.group_nodes(group, self.name))

    def resolv_list(self) -> list[str]:
        return list(self._resolver.grouplist(self.name))

    def resolv_all(self) -> str:
        return self._bounded("*", self._resolver.all_nodes(self.name))

    def _bounded(self, group: str, parts: list[str]) -> str:
        for one in _PATTERN.findall(" ".join(parts)):
            if size(one) > _MOST_NODES:
                self._found.leave(f"@{self.name}:{group}", f"has more nodes than fit ({one[:60]})")
                return ""
        return "\n".join(parts)


class _Groups:
    """Puts the groups of all sources into a fleet; those of other sources than the default get its prefix."""

    def __init__(self, found: Found, resolver: Any, sources: list[str]) -> None:
        self.found = found
        self.resolver = resolver
        self.default = resolver.default_source_name or sources[0]
        self.sources = sorted(sources, key=lambda one: one != self.default)
        self.bounded: Any = None
        for source in self.sources:
            made = _Bounded(found, resolver, source)
            if self.bounded is None:
                self.bounded = GroupResolver(made)
            else:
                self.bounded.add_source(made)
        self.known = {source: self._listed(source) for source in self.sources}

    def add(self) -> None:
        """Add every group that can be had, and its nodes; name the others."""
        names = {
            (source, group): group if source == self.default else f"{source}-{group}"
            for source, groups in self.known.items()
            for group in groups
        }
        for (source, group), name in names.items():
            self._group(source, group, name, names)
        for source in self.sources:
            self._everyone(source)

    def _listed(self, source: str) -> list[str]:
        try:
            return list(dict.fromkeys(self.resolver.grouplist(source)))
        except _BROKEN as error:
            self.found.leave(f"@{source}", f"its groups cannot be listed: {_reason(error)}")
            return []

    def _nodes(self, source: str, group: str) -> list[str] | None:
        """The nodes of a group; None, with a reason told, where they cannot be had."""
        try:
            nodes = list(NodeSet(f"@{source}:{group}", resolver=self.bounded))
        except _BROKEN as error:
            self.found.leave(f"@{source}:{group}", _reason(error))
            return None
        if len(nodes) + len(self.found.nodes) > _MOST_NODES:
            self.found.leave(f"@{source}:{group}", f"has more nodes than fit ({len(nodes)})")
            return None
        for node in nodes:
            self.found.nodes.setdefault(node, {})
        return nodes

    def _group(self, source: str, group: str, name: str, names: Mapping[tuple[str, str], str]) -> None:
        if "[" in group:
            self.found.leave(
                f"@{source}:{group}", "has a range in its name, so ClusterShell finds no nodes by it"
            )
            return
        nodes = self._nodes(source, group)
        if nodes is None or (group == "all" and source == self.default):
            return
        try:
            text = ",".join(self.resolver.group_nodes(group, source))
        except _BROKEN:  # it said so above, and was passed over as a vast one
            text = ""
        for unknown in _unknown_groups(text, source, self.known):
            self.found.leave(
                f"@{source}:{group}", f"names a group that is not there, which has no nodes: {unknown}"
            )
        nested = list(_only_groups(text, source, names))
        self.found.groups[name] = [f"@{inner}" for inner in nested] if nested else nodes

    def _everyone(self, source: str) -> None:
        """Nodes that are in no group, where the source says who all are."""
        try:
            self.resolver.all_nodes(source)
        except GroupSourceNoUpcall:
            return
        except _BROKEN as error:
            self.found.leave(f"@{source}:*", _reason(error))
            return
        nodes = self._nodes(source, "*")
        if nodes is not None and source == self.default and set(nodes) != set(self.found.nodes):
            self.found.leave(f"@{source}:*", f"held {len(nodes)} of the nodes; here @all is every node")


def _reason(error: BaseException) -> str:
    """Why ClusterShell has nothing to say, in its words where they help."""
    cause: BaseException | None = error
    while cause is not None:  # its own errors stand before what led to them
        if isinstance(cause, RecursionError):
            return "goes round in a circle"
        if isinstance(cause, GroupResolverSourceError) and str(cause) == str(error):
            return f"there is no group source '{cause}'"
        if isinstance(cause, GroupResolverIllegalCharError):
            return f"ClusterShell refuses a group's name with '{cause}' in it"
        if isinstance(cause, GroupSourceNoUpcall):
            return f"its source has no upcall '{cause}'"
        if isinstance(cause, GroupSourceQueryFailed):
            return f"its upcall failed: {' '.join(str(cause).split())}"
        if isinstance(cause, (TypeError, AttributeError)):
            return "ClusterShell ends with an error, as its members are no text; put each in quotes"
        cause = cause.__cause__ or cause.__context__
    return f"ClusterShell says: {' '.join(str(error).split())}"


def _unknown_groups(text: str, source: str, known: Mapping[str, list[str]]) -> Iterator[str]:
    """Groups which ClusterShell takes for empty without a word; names with ranges are not looked at."""
    for part in re.split(r"[,!&^\s]+", text):
        other, colon, group = part[1:].partition(":")
        where, group = (other, group) if colon else (source, other)
        if part.startswith("@") and re.fullmatch(r"[\w.-]+", group) and group not in known.get(where, ()):
            yield part


def _only_groups(text: str, source: str, names: Mapping[tuple[str, str], str]) -> Iterator[str]:
    """The names of the groups of which a group is the union, if it is nothing else: then it stays nested."""
    parts = [part.strip() for part in text.split(",")]
    keys = []
    for part in parts:
        other, colon, group = part[1:].partition(":") if part.startswith("@") else ("", "", "")
        keys.append((other, group) if colon else (source, other))
    if all(part.startswith("@") for part in parts) and all(key in names for key in keys):
        yield from (names[key] for key in keys)
