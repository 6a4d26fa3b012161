"""Find the fleet directory and read it, from the compiled copy where that is provably current."""

from __future__ import annotations

import os
from collections.abc import Mapping

from stentor.errors import FleetError
from stentor.fleet import compiled
from stentor.fleet.model import Fleet
from stentor.opening import regular
from stentor.typed import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from stentor.fleet.check import Checked
    from stentor.fleet.document import Fault

MOST_BYTES = 4 * 1024 * 1024
NODES, POLICY, SERVICES = "nodes.yaml", "policy.yaml", "services.yaml"
KNOWN_HOSTS = "known_hosts"  # the host keys that the fleet has pinned, beside nodes.yaml


class Location(NamedTuple):
    """Where a fleet is."""

    root: str  # absolute path of the fleet directory
    nodes: str  # absolute path of its ``nodes.yaml``


def load(path: str | None, *, environ: Mapping[str, str], cwd: str) -> Fleet:
    """Read the fleet.

    Args:
        path: what ``--fleet`` says; None to look in ``STENTOR_FLEET``, upward from ``cwd``, then
            in the user's configuration directory.

    Raises:
        FleetError: not found, unreadable, or faulty (names the first faults).
    """
    location = find(path, environ=environ, cwd=cwd)
    texts, fault = _read(location, (NODES, POLICY))
    copy = compiled.path_for(location.nodes, environ)
    fleet = compiled.read(copy, location.root, texts) if copy and not fault else None
    if fleet is None:
        checked = _check(location, texts, fault, cwd=cwd, environ=environ)
        if checked.fleet is None:
            raise error_of(checked.faults)
        fleet = checked.fleet
        if copy:
            compiled.write(copy, fleet, texts)
    return _resolved(fleet, environ)


def find_and_check(path: str | None, *, environ: Mapping[str, str], cwd: str) -> tuple[Location, Checked]:
    """Read and check all files of the fleet anew, ``services.yaml`` included, for every fault and origin.

    Raises:
        FleetError: there is no fleet.
    """
    location = find(path, environ=environ, cwd=cwd)
    texts, fault = _read(location, (NODES, POLICY, SERVICES))
    checked = _check(location, texts, fault, cwd=cwd, environ=environ)
    if checked.fleet is not None:
        checked = checked._replace(fleet=_resolved(checked.fleet, environ))
    return location, checked


def find(path: str | None, *, environ: Mapping[str, str], cwd: str) -> Location:
    """Find the fleet directory.

    Args:
        path: the directory, the directory above its ``ssot``, or a ``nodes.yaml``; None to look for it.

    Raises:
        FleetError: there is none.
    """
    for given, source in ((path, "--fleet"), (environ.get("STENTOR_FLEET") or None, "STENTOR_FLEET")):
        if given is not None and not given.strip():
            raise FleetError(f"{source} is empty", hint="a variable that is not set?")
        if given is not None:
            named = f"{source} names {given}, " if given is not path else ""
            return _named(os.path.join(cwd, _home(given, environ)), given, named)
    folder = cwd
    while True:
        location = _in(folder)
        if location:
            _trusted(location, environ)
            return location
        above = os.path.dirname(folder)
        if above == folder:
            break
        folder = above
    base = environ.get("XDG_CONFIG_HOME") or os.path.join(environ.get("HOME", ""), ".config")
    location = _in(os.path.join(base, "stentor")) if os.path.isabs(base) else None
    if location:
        return location
    raise FleetError(
        "there is no fleet: no ssot/nodes.yaml or nodes.yaml here, above, or in ~/.config/stentor",
        hint="'stentor init' writes one; '--fleet DIR' names one that is elsewhere",
    )


def _home(path: str, environ: Mapping[str, str]) -> str:
    """Expand a leading ``~/``: a shell leaves it alone in ``--fleet=~/dir``."""
    home = environ.get("HOME", "")
    return os.path.join(home, path[2:]) if path.startswith("~/") and home else path


def _named(path: str, given: str, named: str) -> Location:
    path = os.path.normpath(path)
    if os.path.isdir(path):
        location = _in(path)
        if location:
            return location
        what = f"{named}but there is no {NODES} in it" if named else f"there is no {NODES} in {given}"
        raise FleetError(what, hint="'stentor init DIR' writes one")
    if not os.path.lexists(path):
        what = f"{named}which does not exist" if named else f"{given} does not exist"
        raise FleetError(what, hint="'stentor init DIR' writes a fleet")
    return Location(os.path.dirname(path), path)


def _in(folder: str) -> Location | None:
    for root in (os.path.join(folder, "ssot"), folder):
        nodes = os.path.join(root, NODES)
        if os.path.lexists(nodes):
            return Location(root, nodes)
    return None


def _trusted(location: Location, environ: Mapping[str, str]) -> None:
    """Refuse a fleet that merely lies around in a folder above and belongs to somebody else.

    It may name an ssh_config, which may run programs; whoever can write to a folder above the
    working directory (``/tmp``) could otherwise run them as us.
    """
    sudo = environ.get("SUDO_UID", "")
    ours = {0, os.geteuid(), int(sudo) if sudo.isdecimal() else 0}
    for path in (location.nodes, os.path.join(location.root, POLICY)):
        try:
            owner = os.stat(path).st_uid
        except OSError:
            continue
        if owner not in ours:
            raise FleetError(
                f"{path} belongs to another user (uid {owner}), so it is not used unasked",
                hint=f"if you trust it: --fleet {location.root}",
            )


def _read(location: Location, names: tuple[str, ...]) -> tuple[dict[str, bytes], tuple[str, str, str] | None]:
    """The bytes of the files, by kind; of the first that cannot be read its path, what is wrong, a hint."""
    texts: dict[str, bytes] = {}
    for name in names:
        path = location.nodes if name == NODES else os.path.join(location.root, name)
        try:
            texts[name.removesuffix(".yaml")] = read_file(path)
        except FileNotFoundError:
            if name == NODES:
                return texts, (path, "it does not exist", "is it a link that leads nowhere?")
        except IsADirectoryError:
            return texts, (path, "it is a directory", "")
        except OSError as error:
            what = f"it cannot be read: {error.strerror}" if error.errno else str(error)
            return texts, (path, what, "")
    return texts, None


def read_file(path: str) -> bytes:
    """Return the bytes of a file of the fleet's.

    Raises:
        OSError: it cannot be read, is no file, or too large for one.
    """
    with open(path, "rb", opener=regular) as file:
        status = os.fstat(file.fileno())
        if status.st_size > MOST_BYTES:
            size = f"{status.st_size / 1e6:.1f} MB"
            raise OSError(f"it is {size}; a fleet file may have {MOST_BYTES / 1e6:.1f} MB at most")
        return file.read(MOST_BYTES + 1)


def _check(
    location: Location,
    texts: Mapping[str, bytes],
    unreadable: tuple[str, str, str] | None,
    *,
    cwd: str,
    environ: Mapping[str, str],
) -> Checked:
    from stentor.fleet.check import Checked, Source, check
    from stentor.fleet.document import Fault

    if unreadable:
        path, what, hint = unreadable
        return Checked(None, (Fault(shown(path, cwd), 0, 0, what, hint),))
    sources = [Source(kind, shown(_path(location, kind), cwd), data) for kind, data in texts.items()]
    checked = _with_files(check(sources, location.root))
    if checked.fleet is None or not checked.fleet.ssh_config:
        return checked
    config = _absolute(checked.fleet.root, checked.fleet.ssh_config, environ)
    if os.path.isfile(config):
        return checked
    file, line, column = checked.ssh_config.rsplit(":", 2)
    fault = Fault(
        file, int(line), int(column), f"there is no ssh_config {config}", "the path is relative to this file"
    )
    return checked._replace(fleet=None, faults=(fault,))


def _with_files(checked: Checked) -> Checked:
    """Whether the files that services are made of are there; secrets may come from a command."""
    from stentor.fleet.document import Fault

    if checked.fleet is None or checked.services is None:
        return checked
    faults = []
    for put in (put for service in checked.services.services.values() for put in service.files):
        path = os.path.join(checked.fleet.root, put.source)
        if put.secret or os.path.isfile(path):
            continue
        file, line, column = put.place.rsplit(":", 2)
        what = f"there is no file {put.source} for {put.path}"
        faults.append(Fault(file, int(line), int(column), what, f"it is looked for at {path}"))
    return checked._replace(fleet=None, faults=tuple(faults)) if faults else checked


def _path(location: Location, kind: str) -> str:
    return location.nodes if kind == "nodes" else os.path.join(location.root, f"{kind}.yaml")


def shown(path: str, cwd: str) -> str:
    """Relative to the working directory where it lies below."""
    return path.removeprefix(f"{cwd}/") if cwd != "/" else path


def _absolute(root: str, path: str, environ: Mapping[str, str]) -> str:
    return os.path.normpath(os.path.join(root, _home(path, environ)))


def _resolved(fleet: Fleet, environ: Mapping[str, str]) -> Fleet:
    pins = os.path.join(fleet.root, KNOWN_HOSTS)
    if os.path.isfile(pins):
        fleet = fleet._replace(known_hosts=pins)
    if fleet.ssh_config is None:
        return fleet
    return fleet._replace(ssh_config=_absolute(fleet.root, fleet.ssh_config, environ))


def error_of(faults: tuple[Fault, ...]) -> FleetError:
    """Return the error that names the first of these faults."""
    first, more = faults[0], len(faults) - 1
    rest = f"; {more} more fault{'s' if more > 1 else ''}: see 'stentor check'" if more else ""
    return FleetError(first.what + rest, where=first.where, hint=first.hint)
