"""What Ansible has read of inventory and playbook, and what is wrong with it: before anything is run."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, NamedTuple

from stentor.errors import Refused, StentorError, UsageError

LEAST = (2, 19)
"""The oldest ansible-core that is driven in tests."""

_SHOWN = 8  # names in a message
_LOCALHOST = ("localhost", "127.0.0.1", "::1")  # for Ansible this machine, also where no inventory has it


class Prompt(NamedTuple):
    """A variable that a play asks for."""

    name: str
    text: str
    private: bool = True
    default: Any = None


class Play(NamedTuple):
    """A play of a playbook."""

    name: str  # as Ansible calls it
    pattern: str  # its ``hosts:``
    place: str  # ``file:line``
    matched: tuple[str, ...]  # the hosts that it is for
    serial: tuple[str, ...] = ()  # sizes of its own batches
    tasks: int = 0  # how many it has, as far as they are known before it runs
    prompts: tuple[Prompt, ...] = ()  # what it asks for


class Listing(NamedTuple):
    """What Ansible has read."""

    version: str  # of ansible-core
    least_python: tuple[int, ...] = (3, 8)  # the oldest Python that its modules run on
    fallback: tuple[str, ...] = ()  # the interpreters that it looks for on a node, in this order
    # The settings that the user's configuration makes: ``INTERPRETER_PYTHON``, ...
    configured: tuple[str, ...] = ()
    become_asks: bool = False  # whether the user's configuration has the password of ``become`` asked for
    hosts: tuple[str, ...] = ()  # all of the inventory
    groups: Mapping[str, Sequence[str]] = {}  # name to hosts
    pythons: Mapping[str, str] = {}  # host to the interpreter that a variable of the user's gives it
    plays: tuple[Play, ...] = ()  # of the playbook
    # Their places, modules and arguments, for the guard.
    tasks: tuple[tuple[str, str, Mapping[str, Any]], ...] = ()
    dynamic: bool = False  # whether its tasks make hosts or groups while it runs
    # Whether a play, a task or the configuration names a user to log in (``remote_user``).
    names_user: bool = False

    @classmethod
    def of(cls, record: Mapping[str, Any]) -> Listing:
        """Read the driver's record."""
        plays = tuple(
            Play(
                one["name"],
                one["pattern"],
                one["place"],
                tuple(one["matched"]),
                tuple(one["serial"]),
                one["tasks"],
                tuple(Prompt(**prompt) for prompt in one["prompts"]),
            )
            for one in record["plays"]
        )
        return cls(
            record["version"],
            tuple(record["least_python"]),
            tuple(record["fallback"]),
            tuple(record["configured"]),
            record["become_asks"],
            tuple(record["hosts"]),
            record["groups"],
            record["pythons"],
            plays,
            tuple((one["place"], one["module"], one["arguments"]) for one in record["tasks"]),
            record["dynamic"],
            record["names_user"],
        )

    def matched(self) -> tuple[str, ...]:
        """Return the hosts which any play is for, in the inventory's order."""
        found = {host for play in self.plays for host in play.matched}
        return tuple(host for host in self.hosts if host in found)

    def expected(self, host: str) -> int:
        """Return how many plays are for a host."""
        return sum(host in play.matched for play in self.plays)


def refuse_old(version: str) -> None:
    """Refuse an Ansible that is too old."""
    numbers = tuple(int(part) for part in version.split(".")[:2] if part.isdecimal())
    if numbers < LEAST:
        least = ".".join(map(str, LEAST))
        raise Refused(
            f"Ansible here is ansible-core {version}; stentor needs {least} or newer",
            hint="pip install --upgrade ansible-core, in the environment of ansible-playbook",
        )


def prove(listing: Listing, nodes: Iterable[str], groups: Mapping[str, Sequence[str]]) -> None:
    """See that Ansible has read the fleet whole: every node, and every group with its members.

    A host that Ansible cannot read is only a warning to it: it goes on with those before, and groups behind
    it do not exist, so that a play may hit the very nodes that it excludes.

    Args:
        nodes: the aliases of the fleet.

    Raises:
        StentorError: something is missing.
    """
    hosts = {*listing.hosts}
    names = [*nodes]
    if lost := [name for name in names if name not in hosts]:
        raise StentorError(
            f"Ansible has read {len(names) - len(lost)} of {len(names)} nodes of the fleet; missing: "
            f"{_some(lost)}",
            hint="nothing was run; see what it says of them: stentor export ansible | ansible-inventory -i "
            "/dev/stdin --list",
        )
    if both := [name for name in names if name in listing.groups]:
        raise StentorError(
            f"Ansible has read {_some(both)} as a node and as a group, and mixes them up",
            hint="nothing was run; an inventory of your own has a group of that name: call it differently",
        )
    for name, members in groups.items():
        lacking = {*members} - {*listing.groups.get(name, ())}
        if lacking and name != "all":
            raise StentorError(
                f"Ansible has read group {name} without {_some(sorted(lacking))}",
                hint="nothing was run; an inventory of your own may have a host or group of that name",
            )


def judge(listing: Listing, file: str, nodes: Iterable[str], selected: Sequence[str]) -> None:
    """See that every play is for nodes of the fleet, and the playbook for some of those selected.

    Args:
        nodes: the aliases of the fleet.
        selected: those selected; empty for all that the plays name.
    """
    known = {*nodes}
    if not listing.plays:
        raise UsageError("there is no play in this playbook", where=file)
    for play in listing.plays:
        if play.matched and not known & {*play.matched}:
            local = len(play.matched) == 1 and play.matched[0] in _LOCALHOST
            what = "this machine, which is no node of the fleet" if local else "no node of the fleet"
            raise UsageError(
                f"play '{play.name}' is for {what} (hosts: {play.pattern})",
                where=play.place,
                hint="tasks that run here: 'delegate_to: localhost' and 'run_once: true' in a play for nodes"
                if local
                else f"it is for {_some(play.matched)}, from an inventory of your own",
            )
        if not play.matched and not listing.dynamic:
            raise UsageError(
                f"play '{play.name}' matches no node (hosts: {play.pattern})",
                where=play.place,
                hint="name nodes or groups of the fleet there; 'stentor nodes' lists them",
            )
    reached = listing.matched()
    if selected and not {*reached} & {*selected} and not listing.dynamic:
        raise UsageError(
            f"no play of it is for {_some(selected)}; its plays are for {_some(reached)}", where=file
        )


def _some(names: Sequence[str]) -> str:
    more = f" and {len(names) - _SHOWN} more" if len(names) > _SHOWN else ""
    return ", ".join(names[:_SHOWN]) + more


class Python(NamedTuple):
    """The interpreter that was found on a node."""

    path: str = ""  # its path; empty where there is none
    version: tuple[int, ...] = ()  # of it; empty where it does not run


def python_fault(python: Python, listing: Listing) -> tuple[str, str]:
    """Return what is wrong with a node's Python and what to do next; two empty texts if nothing is."""
    least = ".".join(map(str, listing.least_python))
    ansible = f"Ansible {'.'.join(listing.version.split('.')[:2])}"
    install = "install python3 there by the node's package manager, or leave that node out"
    if not python.path:
        return f"there is no Python; {ansible} needs {least} or newer there", install
    if not python.version:
        return f"{python.path} does not run; {ansible} needs Python {least} or newer there", install
    if python.version < listing.least_python:
        shown = ".".join(map(str, python.version))
        return (
            f"{python.path} is Python {shown}; {ansible} needs {least} or newer there",
            "install a newer one there and name it in the fleet: vars: {ansible_python_interpreter: PATH}",
        )
    return "", ""
