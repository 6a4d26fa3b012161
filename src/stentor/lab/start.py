"""Starting labs: the backends are tried in turn until a login with a terminal works."""

from __future__ import annotations

import os
import random
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

from stentor.errors import Refused, StentorError, UsageError
from stentor.lab import backends, build, faults, full, plan, tree
from stentor.lab import machine as machines
from stentor.lab.backends import Machine
from stentor.lab.lab import Lab
from stentor.lab.places import Memory, debris, default_directory, locked, recall, remember, remove
from stentor.lab.plan import NodePlan


def up(
    directory: Path | str | None = None,
    *,
    nodes: int | None = None,
    backend: str | None = None,
    shells: Sequence[str] = (),
    max_sessions: int = 100,
    all_up: bool = False,
    environ: Mapping[str, str] | None = None,
    say: Callable[[str], None] = lambda _: None,
) -> Lab:
    """Start a lab, or mend the one which is there.

    Args:
        directory: where; the user's state directory by default.
        nodes: how many; the five named ones by default.
        backend: one of ``backends.COMMANDS``; the first of ``backends.TRIED`` which works by default.
        shells: ``zsh``, ``drtr=fish``: login shells.
        max_sessions: sessions over one connection to a node.
        all_up: start also the two of the five which are down by default.
        environ: the environment; the process's own by default.
        say: told in a line when people will have to wait.

    Raises:
        ProgramMissing: no sshd, or a shell which is not installed.
        StentorError: no backend works.
    """
    environ = os.environ if environ is None else environ
    place = _place(directory, environ)
    machine = machines.look(environ)
    with locked(place):
        memory = recall(place)
        if memory is not None:
            _same(memory, nodes, backend, place)
            lab = Lab(place, memory, machine, environ)
            lab.mend()
            return lab
        if place.exists():
            if debris(place):
                remove(place)
            else:
                raise Refused(
                    "this directory is not empty and not a lab", where=str(place), hint="choose another --dir"
                )
        wanted = _shell_paths(plan.parse_shells(shells, plan.aliases(nodes)), machine, environ)
        return _fresh(place, nodes, backend, wanted, max_sessions, all_up, machine, environ, say)


def open_lab(directory: Path | str | None = None, environ: Mapping[str, str] | None = None) -> Lab:
    """The lab in ``directory``.

    Raises:
        Refused: there is none.
    """
    environ = os.environ if environ is None else environ
    place = _place(directory, environ)
    memory = recall(place)
    if memory is None:
        raise Refused("there is no lab here", where=str(place), hint="start one: stentor lab up")
    return Lab(place, memory, machines.look(environ), environ)


def _place(directory: Path | str | None, environ: Mapping[str, str]) -> Path:
    place = Path(directory).absolute() if directory else default_directory(environ)
    if place.exists() and not place.is_dir():
        raise Refused("this is not a directory", where=str(place), hint="choose another --dir")
    return place


def _same(memory: Memory, nodes: int | None, backend: str | None, place: Path) -> None:
    if memory.numbered != nodes and nodes is not None:
        raise Refused(
            f"the lab there has {len(memory.nodes)} nodes, not {nodes}",
            where=str(place),
            hint="end it first with 'stentor lab down', or choose another --dir",
        )
    if backend not in (None, memory.backend):
        raise Refused(
            f"the lab there is of backend {memory.backend}",
            where=str(place),
            hint="end it first with 'stentor lab down', or choose another --dir",
        )


def _shell_paths(shells: Mapping[str, str], machine: Machine, environ: Mapping[str, str]) -> dict[str, str]:
    """Alias to the shell as the node finds it: much of PATH may be hidden there."""
    paths = {}
    for shell in set(shells.values()):
        hidden = f"{backends.LOCAL_BIN}/{shell}" if shell in machine.tools else None
        paths[shell] = machines.find(shell, {}) or hidden or machines.program(shell, environ)
    return {alias: paths[shell] for alias, shell in shells.items()}


def _fresh(
    place: Path,
    count: int | None,
    backend: str | None,
    shells: Mapping[str, str],
    max_sessions: int,
    all_up: bool,
    machine: Machine,
    environ: Mapping[str, str],
    say: Callable[[str], None],
) -> Lab:
    """Try one backend after the other until a login with a terminal works."""
    troubles = []
    for name in [backend] if backend else backends.TRIED:
        if trouble := _impossible(name, environ):
            troubles.append(f"{name}: {trouble}")
            continue
        for _ in range(3):  # somebody may take one of our addresses first
            nodes = _place_nodes(count, name, shells, all_up, environ)
            memory = Memory(name, count, max_sessions, tuple(nodes))
            if name == "full":
                memory = memory._replace(tree=str(tree.tree(environ, say)))
            lab = Lab(place, memory, machine, environ)
            trouble = _try(lab)
            if not trouble:
                lab.troubles = tuple(troubles)
                return lab
            remove(place)
            if "in use" not in trouble:
                break
        troubles.append(f"{name}: {trouble}")
    hint = full.INSTALL if backend == "full" else machines.INSTALL
    raise StentorError(f"no practice node can be started here: {'; '.join(troubles)}", hint=hint)


def _impossible(backend: str, environ: Mapping[str, str]) -> str:
    if backend not in backends.COMMANDS:
        raise UsageError(f"there is no backend '{backend}'", hint=f"choose of {', '.join(backends.COMMANDS)}")
    if backend == "full":
        return full.impossible(environ)
    if backend == "bwrap" and not machines.find("bwrap", environ):
        return "bubblewrap is not installed"
    if backend == "unshare" and os.uname().sysname != "Linux":
        return "only Linux has it"
    return ""


def _place_nodes(
    count: int | None, backend: str, shells: Mapping[str, str], all_up: bool, environ: Mapping[str, str]
) -> list[NodePlan]:
    if backend == "full":
        return _place_full_nodes(count, shells, all_up)
    user = _own_name(environ) if backend == "plain" else None
    one_address = os.uname().sysname != "Linux"
    chance = random.Random()  # noqa: S311 - spreads labs over addresses, nothing secret
    for _ in range(50):
        ports = machines.free_ports(len(shells)) if one_address else [2222] * len(shells)
        nodes = plan.plan_nodes(
            count,
            network=machines.pick_network(chance),
            ports=ports,
            user=user,
            shells=shells,
            all_up=all_up,
            one_address=one_address,
        )
        if machines.free((node.address, node.port) for node in nodes):
            return nodes
    raise StentorError("no free loopback addresses were found for the nodes")


def _place_full_nodes(count: int | None, shells: Mapping[str, str], all_up: bool) -> list[NodePlan]:
    if len(shells) > full.MOST:
        raise UsageError(
            f"a machine carries at most {full.MOST} full nodes, not {len(shells)}",
            hint="for more, leave --backend to stentor",
        )
    network = full.free_network(random.Random())  # noqa: S311 - spreads labs over addresses, nothing secret
    # The hub's own address ends with 1.
    nodes = plan.plan_nodes(
        count,
        network=(18, network),
        ports=[22] * len(shells),
        user=None,
        shells=shells,
        all_up=all_up,
        block=198,
    )
    if count is None:
        return nodes
    return [node._replace(address=f"198.18.{network}.{index + 10}") for index, node in enumerate(nodes)]


def _own_name(environ: Mapping[str, str]) -> str:
    import pwd

    try:
        return pwd.getpwuid(os.getuid()).pw_name
    except KeyError:
        return environ.get("USER") or str(os.getuid())


def _try(lab: Lab) -> str:
    """Start a fresh lab; return why it does not work, having ended what was started."""
    build.write_lab(lab.directory, lab.memory, lab.machine, lab.environ)
    remember(lab.directory, lab.memory)
    off = [node.alias for node in lab.memory.nodes if node.state == "down"]
    on = [alias for alias in lab.nodes if alias not in off]
    if lab.backend == "plain" and os.geteuid() == 0:
        # sshd as root wants this for its privilege separation; where no sshd was ever started, it lacks.
        os.makedirs("/run/sshd", mode=0o755, exist_ok=True)
    done = False
    try:
        lab.start(on)
        for alias in off:
            lab.places(alias).faults.write_text("down\n")
            faults.black_out(lab, alias)
        lab.wait(on[:1])
        if trouble := lab.login_check(on[0]):
            if not (lab.backend == "plain" and lab.run(on[0], "true").code == 0):
                return f"{trouble} ({lab.last_words(on[0])})"
            # An sshd which is not root needs /dev/pts to be mounted with gid=5; some machines differ.
            lab.memory = lab.memory._replace(terminals=False)
            remember(lab.directory, lab.memory)
        lab.wait(on)
        done = True
    except StentorError as error:
        return error.message
    except KeyboardInterrupt:
        lab.end()
        remove(lab.directory)
        raise
    finally:
        if not done:
            lab.end()
    return ""
