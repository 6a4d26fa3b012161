"""Interactive logins: the user's own ssh in the foreground, over our master or as a new one."""

from __future__ import annotations

from collections.abc import Mapping

from stentor import programs
from stentor.errors import StentorError
from stentor.fleet.model import Fleet, Node
from stentor.ssh.rundir import Known, run_directory
from stentor.ssh.target import Target, config_argv, connect_limit, destination, login_argv, parse_config

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
    connect_timeout: float = 5.0,
) -> list[str]:
    """Return the ``ssh`` command for a person.

    It goes through the warm master, and becomes one where there is none, so that what a person
    typed a password for is warm for the fan-outs that follow. Where the user's own configuration
    keeps masters, theirs are used.

    Args:
        command: instead of a login shell.
        user: a login name in place of the fleet's.
        fresh: never use a master.
        tty: ask for a terminal even for a command.
        connect_timeout: seconds until a node that is down is given up. Not of one behind a jump host: ssh
            counts the time in which a person types that host's password.
    """
    options: tuple[str, ...] = ("-t",) if tty and command else ()
    target = _target(fleet, node, environ, user)
    if not (node.jump or (target and target.via)):
        options += connect_limit(connect_timeout)
    control = "" if fresh else _our_control(target)
    if control:
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


def stream_argv(fleet: Fleet, node: Node, environ: Mapping[str, str], host: str, port: int) -> list[str]:
    """Return the ``ssh`` whose standard streams are a TCP connection that the node opens; it asks nobody.

    Args:
        host: a name or an address, as the node sees it.
    """
    target = f"[{host}]:{port}" if ":" in host else f"{host}:{port}"
    options = ("-o", "BatchMode=yes", "-o", "ExitOnForwardFailure=yes", "-W", target)
    control = _our_control(_target(fleet, node, environ, None))
    return login_argv(fleet, node, control=control or None, options=options)


def configuration(fleet: Fleet, node: Node, environ: Mapping[str, str]) -> dict[str, str]:
    """Return what ssh makes of a node: the fleet's words, then the user's configuration, then defaults.

    Empty when there is no ssh, or it refuses its configuration; a login then says so itself.
    """
    return parse_config(_asked(config_argv(fleet, node), environ))[0]


def _our_control(target: Target | None) -> str:
    """Return our control path for a node; empty where the user keeps masters."""
    return target.control if target and not target.own_control else ""


def _target(fleet: Fleet, node: Node, environ: Mapping[str, str], user: str | None) -> Target | None:
    """Return what ssh makes of a node and remember it; None where ssh refuses its configuration."""
    known = Known(run_directory(environ, fleet.root))
    words = destination(fleet, node, user=user)
    found = known.get(node.alias, words)
    if found is None:
        from stentor.ssh.identity import CIRCLE_HINT, interview

        question = interview(fleet, node, known.directory, user, environ)
        argv = next(question)
        while True:
            try:
                argv = question.send(_asked(argv, environ))
            except StopIteration as end:
                answer = end.value
                break
        if answer.hint == CIRCLE_HINT:
            raise StentorError(answer.refused, where=node.alias, hint=answer.hint)
        if answer.target is None:
            return None  # the login itself says what is wrong
        found = known.learn(node.alias, words, answer.target, answer.files, steady=answer.steady)
        known.save()
    return found


def _asked(argv: list[str], environ: Mapping[str, str]) -> str:
    try:
        return programs.run(argv, environ, stderr=programs.MERGED).text
    except StentorError:
        return ""  # the login itself says that ssh is not installed


def _first_answering(node: Node) -> str | None:
    """Return the first of the node's addresses behind which an SSH server answers."""
    from stentor.ssh.reach import Endpoint, reach

    endpoint = Endpoint(node.alias, node.addresses, node.port or 22)
    return next((found.address for found in reach([endpoint], timeout=3.0) if found.level == "up"), None)
