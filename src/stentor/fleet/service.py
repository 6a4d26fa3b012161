"""A service of ``services.yaml``, as the rest of the program sees it, and how it is read from its entry."""

from __future__ import annotations

import posixpath
import re
from collections.abc import Callable, Iterator, Mapping

from stentor.fleet.model import written
from stentor.typed import TYPE_CHECKING, Any, NamedTuple

if TYPE_CHECKING:  # the reader of YAML is slow to import
    from stentor.fleet.document import Value

SYSTEMD, COMPOSE, CONTAINER = "systemd", "compose", "container"
RUNNING, OFF, ABSENT = "running", "off", "absent"
KINDS = {
    "systemd": SYSTEMD, "unit": SYSTEMD,
    "docker-compose": COMPOSE, "compose": COMPOSE, "docker_compose": COMPOSE,
    "docker": CONTAINER, "container": CONTAINER,
}  # fmt: skip
STATES = {
    "running": RUNNING, "active": RUNNING, "enabled": RUNNING, "started": RUNNING, "on": RUNNING,
    "off": OFF, "stopped": OFF, "disabled": OFF, "inactive": OFF, "installed-disabled": OFF, "installed": OFF,
    "absent": ABSENT, "removed": ABSENT,
}  # fmt: skip
SECRET = "secret:"  # noqa: S105 - what stands before the name of one
UNITS = "/etc/systemd/system"
SETTLE = 6.0  # seconds; a container that dies after five is seen
_SUFFIX = re.compile(r"\.(service|socket|timer|target|mount|path|automount|swap|slice)\Z")


class Put(NamedTuple):
    """A file that is put on the nodes of a service."""

    path: str  # absolute, on the node
    source: str  # below the fleet directory; the name of a secret where ``secret`` is set
    mode: str = "644"  # octal digits
    owner: str = ""  # ``USER`` or ``USER:GROUP``; empty for who writes it (root)
    secret: bool = False  # it is not kept in git, and its contents are never shown
    template: bool = False  # Jinja2 fills it in
    place: str = ""  # where it stands, ``file:line:column``
    label: str = "file"  # what it is to the service: ``unit``, ``drop-in``, ``compose``, ``env`` or ``file``


class Folder(NamedTuple):
    """A data folder on the nodes of a service; made where it is missing, never removed."""

    path: str
    mode: str = ""
    owner: str = ""


class Service(NamedTuple):
    """A service."""

    name: str  # unique in the fleet
    # ``systemd``, ``compose``, ``container``; empty where nothing of it is managed (only its place).
    kind: str = ""
    nodes: tuple[str, ...] = ()  # aliases, in the fleet's order
    state: str = RUNNING  # what is expected: ``running``, ``off`` (there, but not running) or ``absent``
    ports: tuple[int, ...] = ()  # on which it listens
    bind: str = ""  # the address of these; empty for all
    needs: tuple[str, ...] = ()  # names of services that must be there before
    unit: str = ""  # of systemd
    project: str = ""  # of compose
    folder: str = ""  # where its files lie on the node
    compose_file: str = ""  # absolute path on the node
    env_file: str = ""  # absolute path on the node; empty without one
    parts: tuple[str, ...] = ()  # services of the compose file; empty for all
    image: str = ""  # of a container
    container: str = ""  # its name
    environment: Mapping[str, str] = {}  # of a container
    volumes: tuple[str, ...] = ()  # of a container, as ``docker run --volume`` takes them
    network: str = ""  # of a container; empty for docker's usual one
    command: tuple[str, ...] = ()  # of a container; empty for the image's
    restart: str = ""  # the container's restart policy
    files: tuple[Put, ...] = ()  # all that is put on its nodes, unit and compose file included
    data: tuple[Folder, ...] = ()  # its data folders
    reload: bool = False  # changed files need a reload only
    check: str = ""  # a command that must succeed on the node after a change
    settle: float = SETTLE  # seconds it must have run before a change counts as good
    backup: str = ""  # prints a backup of the data folders
    restore: str = ""  # reads one
    place: str = ""  # where it stands, ``file:line:column``


Complain = Callable[["Value", str, str], None]


class ServiceReader:
    """Makes services of checked entries."""

    def __init__(self, file: str, complain: Complain) -> None:
        self._file = file  # the name of the file, as it is shown
        self._complain = complain  # is given a place, what is wrong there, and a hint

    def read(self, name: str, tree: Value, entry: Mapping[str, Any]) -> Service:
        """Make one service; what is wrong with it is complained of."""
        kind = self._kind(name, tree, entry)
        folder = entry.get("folder") or f"/opt/{name}"
        unit = entry.get("unit") or name
        unit = unit if _SUFFIX.search(unit) else f"{unit}.service"
        compose = entry.get("compose_file") or (entry.get("file") if kind == COMPOSE else None) or ""
        if kind == SYSTEMD and "@." in unit:
            hint = f"name one of its units: {unit.replace('@.', '@NAME.')}"
            self._complain(tree.data.get("unit") or tree, f"'{name}': {unit} is a template", hint)
        files = list(self._files(tree, entry, kind, folder, unit))
        self._twice(tree, files)
        return Service(
            name,
            kind,
            tuple(entry.get("node") or ()),
            self._state(tree, entry),
            tuple(
                dict.fromkeys([*([entry["port"]] if entry.get("port") else []), *(entry.get("ports") or [])])
            ),
            entry.get("bind") or "",
            tuple(dict.fromkeys([*(entry.get("needs") or ()), *(entry.get("dependencies") or ())])),
            unit if kind == SYSTEMD else "",
            _project(entry.get("project") or name) if kind == COMPOSE else "",
            folder,
            next((put.path for put in files if put.label == "compose"), compose),
            next((put.path for put in files if put.label == "env"), _absolute(entry.get("env_file"))),
            tuple(entry.get("services") or ()),
            entry.get("image") or "",
            (entry.get("container_name") or name) if kind == CONTAINER else "",
            {key: written(value) for key, value in (entry.get("environment") or {}).items()},
            tuple(entry.get("volumes") or ()),
            entry.get("network") or "",
            tuple(entry.get("command") or ()),
            entry.get("restart") or "",
            tuple(files),
            tuple(_folder(one) for one in entry.get("data") or ()),
            bool(entry.get("reload")),
            entry.get("check") or "",
            SETTLE if entry.get("settle") is None else float(entry["settle"]),
            entry.get("backup") or "",
            entry.get("restore") or "",
            f"{self._file}:{tree.line}:{tree.column}",
        )

    def _kind(self, name: str, tree: Value, entry: Mapping[str, Any]) -> str:
        word = entry.get("type") or entry.get("kind") or ""
        at = tree.data.get("type") or tree.data.get("kind") or tree
        if word and word.lower() not in KINDS:
            from stentor.fleet.suggest import did_you_mean

            shown = ("systemd", "docker", "docker-compose")
            hint = did_you_mean(word, shown, otherwise="it is one of " + ", ".join(shown))
            self._complain(at, f"'{name}': type '{word}' is not known", hint)
            return ""
        kind = KINDS.get(word.lower(), "")
        if kind == COMPOSE and not (entry.get("compose_file") or entry.get("file")):
            hint = "write 'compose_file: FILE', below the fleet directory or absolute for one on the node"
            self._complain(at, f"'{name}' has no compose file", hint)
        if kind == CONTAINER and not entry.get("image"):
            self._complain(at, f"'{name}' has no image", "write 'image: NAME:TAG'")
        if kind and not entry.get("node"):
            self._complain(at, f"'{name}' has no node", "write 'node: ALIAS' or 'node: \"@group\"'")
        self._misplaced(name, tree, kind)
        self._environment(name, tree, entry)
        return kind

    def _environment(self, name: str, tree: Value, entry: Mapping[str, Any]) -> None:
        """Variables that docker does not take from a file of them."""
        for key, value in (entry.get("environment") or {}).items():
            at = tree.data["environment"].data[key]
            if not key or key[0] == "#" or any(char.isspace() or char == "=" for char in key):
                self._complain(
                    at, f"'{name}': '{key}' is no name of a variable", "write letters, digits and _"
                )
            elif "\n" in written(value):
                hint = "put it into a file: 'files' and 'volumes'"
                self._complain(at, f"'{name}': the value of {key} has several lines", hint)

    def _misplaced(self, name: str, tree: Value, kind: str) -> None:
        """Keys that say something about another type of service only."""
        only = {
            SYSTEMD: ("unit", "unit_file", "drop_ins"),
            COMPOSE: ("compose_file", "project", "services"),
            CONTAINER: ("image", "container_name", "volumes", "network", "environment", "command"),
        }
        for owner, keys in only.items():
            for key in keys if kind and owner != kind else ():
                if key in tree.data:
                    hint = f"its type is {kind}; free data stands under 'vars'"
                    self._complain(tree.data[key], f"'{name}': '{key}' is for the type {owner}", hint)

    def _state(self, tree: Value, entry: Mapping[str, Any]) -> str:
        word = entry.get("status") or ""
        if not word:
            return OFF if entry.get("enabled") is False else RUNNING
        if word.lower() not in STATES:
            from stentor.fleet.suggest import did_you_mean

            hint = did_you_mean(word, STATES, otherwise="it is one of running, off, absent")
            self._complain(tree.data["status"], f"status '{word}' is not known", hint)
        state = STATES.get(word.lower(), RUNNING)
        if state == RUNNING and entry.get("enabled") is False:
            hint = "say one of 'status: off' and 'enabled: true'"
            self._complain(tree.data["enabled"], f"'enabled: false' and 'status: {word}' disagree", hint)
        return state

    def _files(
        self, tree: Value, entry: Mapping[str, Any], kind: str, folder: str, unit: str
    ) -> Iterator[Put]:
        unit_file = entry.get("unit_file") or (entry.get("file") if kind == SYSTEMD else None)
        if kind == SYSTEMD and unit_file and unit_file != "package":
            yield self._put(f"{UNITS}/{unit}", unit_file, tree, "unit")
        for source in entry.get("drop_ins") or ():
            base = posixpath.basename(source).removesuffix(".j2")
            name = base if base.endswith(".conf") else f"{base}.conf"
            yield self._put(f"{UNITS}/{unit}.d/{name}", source, tree, "drop-in")
        compose = entry.get("compose_file") or (entry.get("file") if kind == COMPOSE else None)
        if kind == COMPOSE and compose and not compose.startswith("/"):
            yield self._put(f"{folder}/compose.yaml", compose, tree, "compose")
        env = entry.get("env_file")
        if env and not env.startswith("/"):
            base = posixpath.basename(env.removeprefix(SECRET)).removesuffix(".j2")
            yield self._put(f"{folder}/{base}", env, tree, "env", mode="600")
        for path, said in (entry.get("files") or {}).items():
            at = tree.data["files"].data[path]
            if isinstance(said, str):
                yield self._put(path, said, at, "file", mode="600" if said.startswith(SECRET) else "644")
            else:
                usual = "600" if said["source"].startswith(SECRET) else "644"
                yield self._put(
                    path, said["source"], at, "file", mode=said.get("mode") or usual,
                    owner=said.get("owner") or "", template=said.get("template"),
                )  # fmt: skip

    def _put(
        self,
        path: str,
        source: str,
        at: Value,
        label: str,
        *,
        mode: str = "644",
        owner: str = "",
        template: bool | None = None,
    ) -> Put:
        secret = source.startswith(SECRET)
        name = source.removeprefix(SECRET)
        if name.startswith("/") or ".." in name.split("/") or not name:
            self._complain(
                at, f"'{source}' is not below the fleet directory", "write its path from that directory on"
            )
        if posixpath.normpath(path) != path:
            self._complain(
                at, f"'{path}' is not the shortest form of this path", f"write {posixpath.normpath(path)}"
            )
        filled = name.endswith(".j2") if template is None else template
        place = f"{self._file}:{at.line}:{at.column}"
        return Put(path, name, mode.lstrip("0") or "0", owner, secret, filled, place, label)

    def _twice(self, tree: Value, files: list[Put]) -> None:
        seen: set[str] = set()
        for put in files:
            if put.path in seen:
                self._complain(tree, f"two files are put at {put.path}", "name one of them differently")
            seen.add(put.path)


def _project(name: str) -> str:
    """What compose makes of a project's name: small letters, digits, ``_`` and ``-``."""
    return re.sub(r"[^a-z0-9_-]", "", name.lower()).lstrip("_-")


def _absolute(path: str | None) -> str:
    return path if path and path.startswith("/") else ""


def _folder(said: Any) -> Folder:
    if isinstance(said, str):
        return Folder(said)
    return Folder(said["path"], (said.get("mode") or "").lstrip("0"), said.get("owner") or "")
