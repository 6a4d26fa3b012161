"""Starting labs: the backends are tried in turn until a login with a terminal works."""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

from stentor.errors import Refused, StentorError, UsageError
from stentor.lab import machine as machines
from stentor.lab import programs
from stentor.lab.backends import AUTOMATIC, BACKENDS, Backend
from stentor.lab.directory import Record, default_directory, load, locked, only_own_files, remove, save
from stentor.lab.lab import Lab
from stentor.lab.plan.nodes import aliases, parse_shells
from stentor.lab.plan.sandbox import LOCAL_BIN, Machine


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
    """Start a lab, or repair the one which is there.

    Args:
        directory: where; the user's state directory by default.
        nodes: how many; the five named ones by default.
        backend: the name of one; the first automatic one which works by default.
        shells: ``zsh``, ``drtr=fish``: login shells.
        max_sessions: sessions over one connection to a node.
        all_up: start also the two of the five which are down by default.
        environ: the environment; the process's own by default.
        say: gets a line when the user will have to wait.

    Raises:
        ProgramMissing: no sshd, or a shell which is not installed.
        StentorError: no backend works.
    """
    environ = os.environ if environ is None else environ
    place = _place(directory, environ)
    machine = machines.inspect(environ)
    with locked(place):
        record = load(place)
        if record is not None:
            _check_same(record, nodes, backend, place)
            lab = _lab(place, record, machine, environ)
            lab.repair()
            return lab
        if place.exists():
            if not only_own_files(place):
                raise Refused(
                    "this directory is not empty and not a lab", where=str(place), hint="choose another --dir"
                )
            remove(place)
        wanted = _shell_paths(parse_shells(shells, aliases(nodes)), machine, environ)
        record = Record(backend or "", nodes, max_sessions, ())
        return _first_that_works(place, record, wanted, all_up, machine, environ, say)


def open_lab(directory: Path | str | None = None, environ: Mapping[str, str] | None = None) -> Lab:
    """The lab in ``directory``.

    Raises:
        Refused: there is none.
    """
    environ = os.environ if environ is None else environ
    place = _place(directory, environ)
    record = load(place)
    if record is None:
        raise Refused("there is no lab here", where=str(place), hint="start one: stentor lab up")
    return _lab(place, record, machines.inspect(environ), environ)


def _lab(place: Path, record: Record, machine: Machine, environ: Mapping[str, str]) -> Lab:
    return Lab(BACKENDS[record.backend](place, record, machine, environ))


def _place(directory: Path | str | None, environ: Mapping[str, str]) -> Path:
    place = Path(directory).absolute() if directory else default_directory(environ)
    if place.exists() and not place.is_dir():
        raise Refused("this is not a directory", where=str(place), hint="choose another --dir")
    return place


def _check_same(record: Record, nodes: int | None, backend: str | None, place: Path) -> None:
    hint = "end it first with 'stentor lab down', or choose another --dir"
    if nodes not in (None, record.numbered):
        message = f"the lab there has {len(record.nodes)} nodes, not {nodes}"
        raise Refused(message, where=str(place), hint=hint)
    if backend not in (None, record.backend):
        raise Refused(f"the lab there has backend {record.backend}", where=str(place), hint=hint)


def _shell_paths(shells: Mapping[str, str], machine: Machine, environ: Mapping[str, str]) -> dict[str, str]:
    """Alias to the shell as the node finds it: much of PATH may be hidden there."""
    paths = {}
    for shell in set(shells.values()):
        hidden = f"{LOCAL_BIN}/{shell}" if shell in machine.tools else None
        paths[shell] = programs.find(shell, {}) or hidden or programs.program(shell, environ)
    return {alias: paths[shell] for alias, shell in shells.items()}


def _first_that_works(
    place: Path,
    record: Record,
    shells: Mapping[str, str],
    all_up: bool,
    machine: Machine,
    environ: Mapping[str, str],
    say: Callable[[str], None],
) -> Lab:
    """Try the backend which the record names, or all automatic ones; ``shells`` are absolute paths."""
    if record.backend not in (*BACKENDS, ""):
        raise UsageError(
            f"there is no backend '{record.backend}'", hint=f"choose one of {', '.join(BACKENDS)}"
        )
    skipped: list[str] = []
    install = programs.INSTALL
    for name in [record.backend] if record.backend else AUTOMATIC:
        kind = BACKENDS[name]
        install = kind.install
        blocker = kind.blocker(environ)
        for _ in range(0 if blocker else 3):  # another program may take one of our addresses first
            nodes = tuple(kind.plan(record.numbered, shells, all_up, environ))
            tree = kind.base_system(environ, say)
            made = record._replace(backend=name, nodes=nodes, tree=tree)
            backend = kind(place, made, machine, environ)
            blocker = _start(backend)
            if not blocker:
                return Lab(backend, tuple(skipped))
            remove(place)
            if "in use" not in blocker:
                break
        skipped.append(f"{name}: {blocker}")
    raise StentorError(f"no practice node can be started here: {'; '.join(skipped)}", hint=install)


def _start(backend: Backend) -> str:
    """Start a new lab; return why it does not work, having ended what was started."""
    backend.write_files()
    down = [node.alias for node in backend.nodes.values() if node.state == "down"]
    up = [alias for alias in backend.nodes if alias not in down]
    lab = Lab(backend)
    works = False
    try:
        backend.start(up)
        lab.switch_off(down)
        backend.wait(up[:1])
        if trouble := _login_check(lab, up[0]):
            if backend.needs_terminal or lab.run(up[0], "true").code:
                return f"{trouble} ({backend.log_end(up[0])})"
            backend.record = backend.record._replace(terminals=False)
            save(backend.directory, backend.record)
        backend.wait(up)
        works = True
    except StentorError as error:
        return error.message
    except KeyboardInterrupt:
        backend.end()
        remove(backend.directory)
        raise
    finally:
        if not works:
            backend.end()
    return ""


def _login_check(lab: Lab, alias: str) -> str:
    """Log in with a terminal; return what is wrong, or an empty text."""
    try:
        ran = lab.run(alias, "tty && uname -n", options=("-tt",))
    except TimeoutError:
        return "a login with a terminal hangs"
    words = ran.stdout.split()
    if ran.code != 0 or len(words) != 2 or not words[0].startswith("/dev/"):
        return f"a login with a terminal fails: {(ran.stdout + ran.stderr).strip() or ran.code}"
    if lab.backend.isolated and words[1] != alias:
        return f"its hostname is {words[1]}"
    return ""
