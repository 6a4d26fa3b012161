"""The commands that show a service's log, or run something within it."""

from __future__ import annotations

from stentor import sh
from stentor.fleet.service import COMPOSE, SYSTEMD, Service
from stentor.sh.quoting import quote


def logs(service: Service, *, follow: bool = False, since: str = "", lines: int = 0) -> str:
    """Return the command, for any login shell, that shows a service's log.

    Args:
        follow: go on until it is ended.
        since: a time that the node's programs understand, in seconds before now.
        lines: so many of the last; 0 for all.
    """
    tail = [f"-n {lines}" if lines else "", "-f" if follow else ""]
    if service.kind == SYSTEMD:
        words = ["journalctl -q --no-pager -o short-iso", f"--unit={quote(service.unit)}", *tail]
        words += [f"--since=-{since}s" if since else ""]
        act = " ".join(filter(None, words))
        return as_root(act)
    options = " ".join(filter(None, [*tail, f"--since {since}s" if since else "", "--timestamps"]))
    if service.kind == COMPOSE:
        find = f"docker ps -aq --filter label=com.docker.compose.project={quote(service.project)}"
        found = _found(find, f"of project {service.project}")
        return as_root(f"{found}for c in $c; do docker logs {options} $c & done; wait")
    return as_root(f"{_found(_named(service, '-aq'), service.container)}exec docker logs {options} $c")


def inside(service: Service, command: str, part: str = "") -> str:
    """Return the command, for any login shell, that runs a command within a service.

    In a container it is run by its sh; for a unit of systemd, as root on the node.
    """
    if service.kind == COMPOSE:
        part = part or (service.parts[0] if service.parts else service.name)
        find = (
            f"docker ps -q --filter label=com.docker.compose.project={quote(service.project)}"
            f" --filter label=com.docker.compose.service={quote(part)} | sed -n 1p"
        )
        return as_root(f"{_found(find, f'of {part}')}exec docker exec $c sh -c {quote(command)}")
    if service.kind == SYSTEMD:
        return as_root(f"exec sh -c {quote(command)}")
    found = _found(_named(service, "-q"), service.container)
    return as_root(f"{found}exec docker exec $c sh -c {quote(command)}")


def _named(service: Service, options: str) -> str:
    """Prints the id of its container: docker takes a name for the beginning of an id as well."""
    name = service.container.replace(".", "[.]")
    return f"docker ps {options} --filter {quote(f'name=^/?{name}$')}"


def _found(find: str, what: str) -> str:
    """Puts into ``$c`` what a command finds, or ends with a message."""
    lacking = f"no container {what} runs" if " -q" in find else f"there is no container {what}"
    lacking = quote(lacking)
    return f'c=$({find}); [ -n "$c" ] || {{ echo {lacking} >&2; exit 1; }}; '


def as_root(script: str) -> str:
    """Return the command, for any login shell, that runs a script as root where sudo asks for no password.

    Otherwise it runs as who is logged in.
    """
    quoted = quote(script)
    return sh.command(
        f'if [ "$(id -u)" != 0 ] && sudo -n true 2>/dev/null; then exec sudo -n sh -c {quoted}; fi; '
        f"exec sh -c {quoted}"
    )
