"""How Ansible reaches nodes: over the connections that stentor has opened, with the Python that is there."""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from json import dumps
from typing import TYPE_CHECKING, Any, NamedTuple

from stentor import sh
from stentor.digits import whole
from stentor.fanout.collect import collect
from stentor.fanout.task import Task
from stentor.playbooks.listing import Python, python_fault
from stentor.sh.quoting import quote
from stentor.ssh.rundir import Known, run_directory
from stentor.ssh.target import destination

if TYPE_CHECKING:
    from stentor.engines.reach import Reach
    from stentor.fleet.model import Node
    from stentor.outcome import Outcome
    from stentor.playbooks.listing import Listing

_OWN = "-C -o ControlMaster=auto -o ControlPersist=60s"  # what Ansible itself takes
_LIMIT = 30.0  # seconds for the look at a node
_SERVERS = 100  # Pythons that stay on nodes; each is an ssh here


class Seen(NamedTuple):
    """What was found on a node before anything is done there."""

    outcome: Outcome  # of the look; one that is not ok says why the node is not reached
    # The interpreter; None where a variable of the user's names one by a template.
    python: Python | None = None
    home: str = ""  # the home directory


def look(reach: Reach, nodes: Sequence[str], listing: Listing) -> dict[str, Seen]:
    """Log in to all nodes at once, and find each one's Python; nothing is changed.

    A node on which no module of Ansible's would run has failed before anything is done there.

    Args:
        nodes: their aliases.
        listing: with the interpreters that Ansible looks for, and those that variables name.
    """
    program = sh.join("python", call='find_python "$@"')
    tasks, own = [], dict(listing.pythons)
    for node in reach.nodes(nodes):
        named = own.get(node.alias, "")
        names = (named,) if named.startswith("/") else listing.fallback
        tasks.append(Task(node, sh.command(program, *names)))
    settings = reach.settings._replace(timeout=_LIMIT)
    found = {}
    for result in collect(reach.run(tasks, settings)):
        named = own.get(result.node, "")
        judged = result.outcome.ok and (not named or named.startswith("/"))
        nothing: tuple[Python | None, str] = None, ""
        outcome, (python, home) = result.read(_answer, nothing)
        if judged and python is not None:
            what, hint = python_fault(python, listing)
            outcome = outcome._replace(kind="failed", code=None, reason=what, hint=hint) if what else outcome
        found[result.node] = Seen(outcome, python if judged else None, home)
    return found


def _answer(said: bytes) -> tuple[Python | None, str]:
    text = said.decode("utf-8", "replace")
    return _python(text), _home(text)


def _python(text: str) -> Python:
    for line in text.splitlines():
        word, _, rest = line.partition(" ")
        if word == "python":
            version, _, path = rest.partition(" ")
            numbers = tuple(number for part in version.split(".") if (number := whole(part)) is not None)
            return Python(path.strip(), numbers)
    return Python()


def _home(text: str) -> str:
    lines = (line.removeprefix("home ") for line in text.splitlines() if line.startswith("home /"))
    return next(lines, "")


def inventory(
    reach: Reach, nodes: Sequence[str], listing: Listing, seen: Mapping[str, Seen]
) -> dict[str, Any]:
    """Return an inventory, to be read after the fleet's own, that says how these nodes are reached.

    What the user has configured stays: an interpreter that is set, pipelining that is switched off.

    Args:
        nodes: their aliases.
        listing: with the user's settings.
        seen: what was found on them.
    """
    hosts, controls = {}, connections(reach, nodes, listing)
    for node in reach.nodes(nodes):
        said: dict[str, Any] = {}
        if control := controls.get(node.alias):
            said["ansible_ssh_args"] = by_master(node, control)
        python = seen[node.alias].python if node.alias in seen else None
        if python is not None and python.path:
            said["stentor_python"] = python.path
        hosts[node.alias] = said
    variables: dict[str, Any] = {}
    if "INTERPRETER_PYTHON" not in listing.configured:
        variables["ansible_python_interpreter"] = "{{ stentor_python | default('auto') }}"
    if "ANSIBLE_PIPELINING" not in listing.configured:
        variables["ansible_pipelining"] = True
    return {"all": {"hosts": hosts, "vars": variables}}


def connections(reach: Reach, nodes: Sequence[str], listing: Listing) -> dict[str, str]:
    """Return the nodes whose tasks go over a connection that is open, with its path."""
    fleet, found = reach.fleet, {}
    known = Known(run_directory(reach.environ, fleet.root))
    for node in reach.nodes(nodes):
        target = known.get(node.alias, destination(fleet, node, user=reach.settings.user))
        if node.alias != reach.local and target is not None:
            controls = (target.own_control, target.control)
            control = next((path for path in controls if path and os.path.exists(path)), "")
            if control and (node.user or not listing.names_user):
                found[node.alias] = control
    return found


def servers(
    reach: Reach, nodes: Sequence[str], listing: Listing, seen: Mapping[str, Seen]
) -> dict[str, dict[str, str]]:
    """Return where a Python may stay and run all modules; see ``inside/warm.py``: by connection, what it is.

    Args:
        nodes: their aliases.
        listing: with the user's settings.
        seen: what was found on them.
    """
    found: dict[str, dict[str, str]] = {}
    for alias, control in connections(reach, nodes, listing).items():
        python = seen[alias].python if alias in seen else None
        if python is not None and python.path and len(found) < _SERVERS:
            found[control] = {"node": alias, "python": python.path}
    return found


def by_master(node: Node, control: str) -> str:
    """Return ssh's options for a connection that is open, as a template.

    Over it ssh does not ask for another user, host or port any more. Where a play, a task or a ``host_vars``
    names one in place of the fleet's, Ansible opens a connection of its own.
    """
    address = node.addresses[0] if node.addresses else ""
    same = " and ".join(
        f"(ansible_ssh_{name} | default(ansible_{name} | default('')) | string) in {dumps(fleets)}"
        for name, fleets in (
            ("user", ["", node.user or ""]),
            ("port", ["", str(node.port or "")]),
            ("host", ["", node.alias, address]),
        )
    )
    options = f"-o ControlMaster=no -o ControlPath={quote(control)}"
    return f"{{{{ {dumps(options)} if {same} else {dumps(_OWN)} }}}}"
