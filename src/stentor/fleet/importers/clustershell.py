"""ClusterShell's groups: ``groups.conf``, the files of ``groups.d``, and flat ``groups`` files."""

from __future__ import annotations

import configparser
import posixpath
import re
from collections.abc import Iterator, Mapping
from typing import Any

from stentor.fleet.document import parse
from stentor.fleet.importers.found import Found, List, Read
from stentor.fleet.ranges import size

_MOST_NODES = 20_000
_PATTERN = re.compile(r"(?:[^,!&^\s\[]|\[[^\]]*\])+")


def read_clustershell(path: str, read: Read, listed: List, *, is_folder: bool) -> Found:
    """Read a ClusterShell configuration.

    Args:
        path: a folder (``/etc/clustershell``), a ``groups.conf``, a YAML file of groups, or a flat file.
        read: from a path to its text.
        listed: from a glob pattern to paths.
        is_folder: whether ``path`` is one.
    """
    found = Found()
    sources: dict[str, dict[str, str]] = {}
    default = ""
    if is_folder:
        paths = listed(posixpath.join(path, "groups.conf"))
        paths += listed(posixpath.join(path, "groups.conf.d", "*.conf")) + listed(
            posixpath.join(path, "groups.d", "*.yaml")
        )
        paths += listed(posixpath.join(path, "groups.d", "*.cfg")) + listed(posixpath.join(path, "groups"))
    else:
        paths = [path]
    for one in paths:
        if one.endswith(".conf"):
            default = _conf(found, one, read, listed, sources, follow=not is_folder) or default
        elif one.endswith((".yaml", ".yml")):
            _yaml(found, one, read(one), sources)
        else:
            _flat(found, one, read(one), sources.setdefault("local" if "local" not in sources else one, {}))
    if not sources:
        found.leave(path, "there are no groups in it")
    _expand(found, sources, default or next(iter(sources), ""))
    return found


def _conf(
    found: Found, path: str, read: Read, listed: List, sources: dict[str, dict[str, str]], *, follow: bool
) -> str:
    """Read ``groups.conf``; the name of the default source."""
    parser = configparser.RawConfigParser(strict=False)
    try:
        parser.read_string(read(path))
    except configparser.Error as error:
        found.leave(path, " ".join(str(error).split()))
        return ""
    folder = posixpath.dirname(path)
    main = dict(parser.items("Main")) if parser.has_section("Main") else {}
    for section in parser.sections():
        if section != "Main":
            calls = ", ".join(
                f"{key}: {value}" for key, value in parser.items(section) if key != "cache_time"
            )
            found.leave(f"{path} [{section}]", f"asks a program ({calls}); put its answer into a groups file")
    if follow:
        for key in ("autodir", "groupsdir"):
            for pattern in main.get(key, "").replace("$CFGDIR", folder).split():
                for one in listed(posixpath.join(folder, pattern, "*.yaml")):
                    _yaml(found, one, read(one), sources)
    return main.get("default", "")


def _yaml(found: Found, path: str, text: str, sources: dict[str, dict[str, str]]) -> None:
    tree, faults = parse(text.encode("utf-8", "surrogateescape"), path)
    for fault in faults:
        found.leave(fault.where, fault.what)
    if tree is None or not isinstance(tree.data, dict):
        return
    for source, groups in tree.data.items():
        if not isinstance(groups.data, dict):
            found.leave(f"{path}:{groups.line}", f"source {source} has no groups")
            continue
        for group, value in groups.data.items():
            members = value.plain()
            if isinstance(members, list):
                members = ",".join(str(member) for member in members)
            sources.setdefault(source, {})[group] = "" if members is None else str(members)


def _flat(found: Found, path: str, text: str, groups: dict[str, str]) -> None:
    """``group: nodes`` a line, as the example configuration of ClusterShell reads with sed."""
    for number, line in enumerate(text.splitlines(), 1):
        line = line.partition("#")[0].strip()
        if line:
            group, colon, members = line.partition(":")
            if not colon or len(group.split()) != 1:
                found.leave(f"{path}:{number}", f"'{line[:60]}' is no 'group: nodes'")
                continue
            name = group.strip()
            groups[name] = ",".join(filter(None, [groups.get(name, ""), ",".join(members.split())]))


def _expand(found: Found, sources: dict[str, dict[str, str]], default: str) -> None:
    """Have ClusterShell say who is in each group; groups of other sources than the default get its prefix."""
    from ClusterShell.NodeSet import NodeSet, NodeSetException
    from ClusterShell.NodeUtils import GroupResolver, GroupResolverError, GroupSource, GroupSourceError

    theirs = (NodeSetException, GroupResolverError, GroupSourceError)
    broken = (*theirs, ValueError, RecursionError, OverflowError, MemoryError)
    _empty_vast(found, sources)
    resolver: Any = None
    for source in sorted(sources, key=lambda one: one != default):
        made = GroupSource(source, sources[source], sources[source].get("all"))
        if resolver is None:
            resolver = GroupResolver(made)
        else:
            resolver.add_source(made)
    names = {
        (source, group): group if source == default else f"{source}-{group}"
        for source, groups in sources.items()
        for group in groups
    }
    everyone: list[str] | None = None
    for (source, group), name in names.items():
        text = sources[source][group]
        try:
            nodes = list(NodeSet(_qualified(text, source), resolver=resolver)) if text else []
        except broken as error:
            why = f"cannot be resolved: {type(error).__name__}: {error}"
            found.leave(f"@{source}:{group}", "goes round in a circle" if "recursion" in why else why)
            continue
        for unknown in _unknown_groups(text, source, sources):
            found.leave(
                f"@{source}:{group}", f"names a group that is not there, which has no nodes: {unknown}"
            )
        if len(nodes) + len(found.nodes) > _MOST_NODES:
            found.leave(f"@{source}:{group}", f"has more nodes than fit ({len(nodes)})")
            continue
        for node in nodes:
            found.nodes.setdefault(node, {})
        if group == "all" and source == default:
            everyone = nodes
            continue
        nested = list(_only_groups(text, source, names))
        found.groups[name] = [f"@{inner}" for inner in nested] if nested else nodes
    if everyone is not None and set(everyone) != set(found.nodes):
        found.leave(f"@{default}:all", f"held {len(everyone)} of the nodes; here @all is every node")


def _empty_vast(found: Found, sources: dict[str, dict[str, str]]) -> None:
    """Leave out groups with a range that nobody has machines for, before anything spells it out."""
    for source, groups in sources.items():
        for group, text in groups.items():
            if vast := next((one for one in _PATTERN.findall(text) if size(one) > _MOST_NODES), ""):
                found.leave(f"@{source}:{group}", f"has more nodes than fit ({vast[:60]})")
                groups[group] = ""


def _qualified(text: str, source: str) -> str:
    """Groups inside a group are of the same source, unless they name another."""
    return re.sub(r"@(?![\w.-]+:|\*|@)([\w.\[-])", rf"@{source}:\1", text)


def _unknown_groups(text: str, source: str, sources: Mapping[str, Mapping[str, str]]) -> Iterator[str]:
    """Groups which ClusterShell takes for empty without a word; names with ranges are not looked at."""
    for part in re.split(r"[,!&^\s]+", text):
        other, colon, group = part[1:].partition(":")
        where, group = (other, group) if colon else (source, other)
        if part.startswith("@") and re.fullmatch(r"[\w.-]+", group) and group not in sources.get(where, {}):
            yield part


def _only_groups(text: str, source: str, names: dict[tuple[str, str], str]) -> Iterator[str]:
    """The names of the groups of which a group is the union, if it is nothing else: then it stays nested."""
    parts = [part.strip() for part in text.split(",")]
    keys = []
    for part in parts:
        other, colon, group = part[1:].partition(":") if part.startswith("@") else ("", "", "")
        keys.append((other, group) if colon else (source, other))
    if all(part.startswith("@") for part in parts) and all(key in names for key in keys):
        yield from (names[key] for key in keys)
