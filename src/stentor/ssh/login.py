"""Interactive logins: the user's own ssh in the foreground, over our master or as a new one."""

from __future__ import annotations

from collections.abc import Mapping

from stentor.fleet.model import Fleet, Node
from stentor.ssh.rundir import run_directory
from stentor.ssh.target import config_argv, login_argv, parse_config

_PERSIST = 600


def interactive_argv(
    fleet: Fleet,
    node: Node,
    environ: Mapping[str, str],
    *,
    command: str = "",
    user: str | None = None,
    fresh: bool = False,
    tty: bool = True,
) -> list[str]:
    """Return the ``ssh`` command for a person.

    It goes through the warm master, and becomes one where there is none, so that what a person
    typed a password for is warm for the fan-outs that follow. Where the user's own configuration
    keeps masters, theirs are used.

    Args:
        fleet: where the node is from.
        node: the node.
        environ: the environment of ssh.
        command: instead of a login shell.
        user: a login name in place of the fleet's.
        fresh: never use a master.
        tty: ask for a terminal even for a command.
    """
    options: tuple[str, ...] = ("-t",) if tty and command else ()
    if not fresh and not _own_control(fleet, node, environ, user):
        control = f"{run_directory(environ, fleet.root)}/%C"
        options += (
            "-o",
            "ControlMaster=auto",
            "-o",
            f"ControlPath={control}",
            "-o",
            f"ControlPersist={_PERSIST}",
        )
    address = _first_answering(node) if len(node.addresses) > 1 else None
    argv = login_argv(fleet, node, user=user, address=address, fresh=fresh, options=options)
    return [*argv, command] if command else argv


def _own_control(fleet: Fleet, node: Node, environ: Mapping[str, str], user: str | None) -> bool:
    """Whether the user's configuration has a ControlPath for this node."""
    import subprocess

    argv = config_argv(fleet, node, control=None, user=user)
    try:
        done = subprocess.run(
            argv, capture_output=True, text=True, env=dict(environ), check=False, errors="replace"
        )
    except FileNotFoundError:
        return False  # the login itself says that there is no ssh
    settings, _ = parse_config(done.stdout)
    return settings.get("controlpath", "none") != "none"


def _first_answering(node: Node) -> str | None:
    """Return the first of the node's addresses behind which an SSH server answers."""
    from stentor.ssh.reach import Door, reach

    door = Door(node.alias, node.addresses, node.port or 22)
    return next((r.address for r in reach([door], timeout=3.0) if r.rung == "up"), None)
