"""What can be wrong with a practice node, and how it is put right again.

Each fault is real: the client sees what it would see of a node which is broken in this way.
"""

from __future__ import annotations

import contextlib
import os
import re
import subprocess
import time
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from stentor.errors import ProgramMissing, Refused, StentorError, UsageError
from stentor.lab import backends, build, full, spawn
from stentor.lab import machine as machines
from stentor.lab import processes as system
from stentor.lab.places import write

if TYPE_CHECKING:
    from stentor.lab.lab import Lab


class Fault(NamedTuple):
    """One way of being broken.

    Attributes:
        summary: what is wrong, in a line.
        apply: put it on a node; the last argument is what stood after ``=``, or ``default``.
        heal: take it away; fine when it is not there, or the node is off.
        default: the value when none is given; empty for faults which take none.
        off: the node has no processes while this is in force.
        volatile: a restart of the node takes it away.
    """

    summary: str
    apply: Callable[[Lab, str, str], None]
    heal: Callable[[Lab, str], None]
    default: str = ""
    off: bool = False
    volatile: bool = False


def parse(text: str) -> tuple[str, str]:
    """``slow-login=5`` to its name and value.

    Raises:
        UsageError: there is no such fault, or it takes no value.
    """
    name, equals, value = text.partition("=")
    if name not in FAULTS:
        from difflib import get_close_matches

        close = get_close_matches(name, FAULTS, n=1)
        hint = f"did you mean {close[0]}?" if close else f"choose of {', '.join(FAULTS)}"
        raise UsageError(f"there is no fault '{name}'", hint=hint)
    fault = FAULTS[name]
    if equals and not (fault.default and value):
        raise UsageError(f"the fault {name} takes no value" if value else f"{text} lacks its value")
    return name, value or fault.default


# The node is off, or its network is.


def _power_cut(lab: Lab, alias: str, _value: str) -> None:
    lab.stop([alias])


def _down(lab: Lab, alias: str, _value: str) -> None:
    lab.stop([alias])
    black_out(lab, alias)


def _power_on(lab: Lab, alias: str) -> None:
    lab.stop([alias])
    build.new_boot_id(lab.places(alias))
    lab.start([alias])
    lab.wait([alias])


def black_out(lab: Lab, alias: str) -> None:
    """Let connections to a node time out; nothing may listen in its place."""
    if lab.backend == "full":
        return  # its address is its own, and went with it
    node, places = lab.node(alias), lab.places(alias)
    spawn.spawn(backends.blackhole(node, places, lab.machine), places.run / "blackhole.log")
    for _ in system.ticks(10):
        if spawn.silent(node.address, node.port):
            return
    raise StentorError("connections to it cannot be made to time out here", where=alias)


def _cut_link(lab: Lab, alias: str, _value: str) -> None:
    if lab.backend == "full":
        full.link(lab, alias, "down")
        return
    ask(lab, alias, "stop")
    system.kill(_sshds(lab, alias), system.STOP)
    black_out(lab, alias)


def _join_link(lab: Lab, alias: str) -> None:
    if lab.backend == "full":
        full.link(lab, alias, "up")
        return
    table = system.table()
    holes = {
        pid
        for pid in lab.processes(alias) & table.keys()
        if any(word.endswith("/blackhole.py") for word in table[pid].words)
    }
    system.kill(holes)
    system.wait_gone(holes)
    system.kill(_sshds(lab, alias), system.CONTINUE)
    ask(lab, alias, "start")


def _sshds(lab: Lab, alias: str) -> set[int]:
    table = system.table()
    found = lab.processes(alias) & table.keys()  # a session may have begun or ended between the two looks
    return {pid for pid in found if re.match(r"sshd(-session)?: ", " ".join(table[pid].words))}


# Its sshd does not do its work.


def _kill_sshd(lab: Lab, alias: str, _value: str) -> None:
    ask(lab, alias, "stop")
    system.kill(_sshds(lab, alias))


def _ask_for(verb: str) -> Callable[..., None]:
    def fault(lab: Lab, alias: str, _value: str = "") -> None:
        ask(lab, alias, verb)

    return fault


def ask(lab: Lab, alias: str, verb: str) -> None:
    """Let the node's first process do something with its sshd, and wait until it is done."""
    if lab.backend == "full":
        full.service(lab, alias, verb)
        return
    run = lab.places(alias).run
    number = os.urandom(8).hex()
    try:
        pipe = os.open(run / "control", os.O_WRONLY | os.O_NONBLOCK)
    except OSError:
        raise Refused("the node is off", where=alias, hint=f"stentor lab heal {alias}") from None
    with open(pipe, "w") as file:
        file.write(f"{number} {verb}\n")
    for _ in system.ticks(10, pause=0.002):
        if (run / "done").exists() and (run / "done").read_text().strip() == number:
            return
    raise StentorError(f"the node's first process does not answer '{verb}'", where=alias)


def _change_host_key(lab: Lab, alias: str, _value: str) -> None:
    places = lab.places(alias)
    key = places.ssh / "ssh_host_ed25519_key"
    places.saved.mkdir(exist_ok=True)
    for path in (key, key.with_name(key.name + ".pub")):
        path.rename(places.saved / path.name)
    machines.make_keys([key], "stentor-lab, another")
    ask(lab, alias, "restart")
    lab.wait([alias])


def _restore_host_key(lab: Lab, alias: str) -> None:
    places = lab.places(alias)
    for path in list(places.saved.glob("ssh_host_*")):
        path.rename(places.ssh / path.name)
    ask(lab, alias, "restart")


def _deny(lab: Lab, alias: str, _value: str) -> None:
    places = lab.places(alias)
    places.saved.mkdir(exist_ok=True)
    with contextlib.suppress(FileNotFoundError):
        (places.home / ".ssh" / "authorized_keys").rename(places.saved / "authorized_keys")


def _allow(lab: Lab, alias: str) -> None:
    places = lab.places(alias)
    if (places.saved / "authorized_keys").exists():
        (places.home / ".ssh").mkdir(mode=0o700, exist_ok=True)
        (places.saved / "authorized_keys").rename(places.home / ".ssh" / "authorized_keys")


def _slow_login(lab: Lab, alias: str, value: str) -> None:
    if not re.fullmatch(r"\d+(\.\d+)?", value):
        raise UsageError(f"slow-login takes seconds, not '{value}'")
    # sshd runs this file before every session; a plain node's own session script looks for it too.
    write(lab.places(alias).ssh / "sshrc", f"sleep {value}\n")


def _quick_login(lab: Lab, alias: str) -> None:
    (lab.places(alias).ssh / "sshrc").unlink(missing_ok=True)


# Something in its HOME is wrong.


def _start_file(lab: Lab, alias: str, kind: str) -> Path:
    shell = os.path.basename(lab.node(alias).shell)
    names = {"bash": (".bash_profile", ".bashrc"), "zsh": (".zprofile", ".zshenv")}
    if shell not in names:
        raise Refused(f"its shell is {shell}, which reads neither file", where=alias)
    return lab.home(alias) / names[shell][kind == "rc"]


def _spoil(kind: str, line: str) -> Callable[[Lab, str, str], None]:
    def fault(lab: Lab, alias: str, _value: str) -> None:
        path = _start_file(lab, alias, kind)
        saved = lab.places(alias).saved
        saved.mkdir(exist_ok=True)
        before = path.read_text() if path.exists() else ""
        if path.exists():
            path.rename(saved / path.name)
        path.write_text(f"{line}\n{before}")

    return fault


def _mend_file(kind: str) -> Callable[[Lab, str], None]:
    def heal(lab: Lab, alias: str) -> None:
        path = _start_file(lab, alias, kind)
        path.unlink(missing_ok=True)
        saved = lab.places(alias).saved / path.name
        if saved.exists():
            saved.rename(path)

    return heal


def _mount_change(verb: str) -> Callable[..., None]:
    def fault(lab: Lab, alias: str, _value: str = "") -> None:
        if lab.backend == "plain":
            raise Refused("a plain node has no file system of its own", where=alias, hint="needs bubblewrap")
        words = [*backends.inside(lab.machine, "namespaces"), verb]
        words += [str(_first_process(lab, alias)), f"/home/{lab.node(alias).user}"]
        done = subprocess.run(words, stdin=subprocess.DEVNULL, capture_output=True, text=True, cwd="/")
        if done.returncode:
            raise StentorError(f"its file system cannot be changed: {done.stderr.strip()}", where=alias)

    return fault


def _first_process(lab: Lab, alias: str) -> int:
    """The shell which keeps the node's sshd: a process within all of the node's namespaces."""
    if lab.backend == "full":
        return full.first_process(lab, alias)
    table = system.table()
    init = f"{backends.NODE_RUN}/init"
    for pid in lab.processes(alias):
        if pid in table and table[pid].words[:2] == ("/bin/sh", init):
            return pid
    raise Refused("the node is off", where=alias, hint=f"stentor lab heal {alias}")


# Its clock is wrong.


def _skew_clock(lab: Lab, alias: str, value: str) -> None:
    if not re.fullmatch(r"[-+]\d+(\.\d+)?[smhdy]?", value):
        raise UsageError(f"clock-skew takes an offset such as +1d, -2h or +90s, not '{value}'")
    library = faketime()
    if library is None:
        raise ProgramMissing(
            "libfaketime is not installed", hint="Debian: sudo apt-get install -y libfaketime"
        )
    _sessions_with(lab, alias, {"LD_PRELOAD": library, "FAKETIME": value})


def _right_clock(lab: Lab, alias: str) -> None:
    _sessions_with(lab, alias, {})


def _sessions_with(lab: Lab, alias: str, variables: dict[str, str]) -> None:
    node, places = lab.node(alias), lab.places(alias)
    build.write_node(node, places, lab.memory, lab.machine, lab.environ, variables)
    # A connection which stands would give its sessions the variables from before.
    _kill_sshd(lab, alias, "")
    ask(lab, alias, "start")
    lab.wait([alias])


def faketime() -> str | None:
    """The library which shifts the clock, or None where it is not installed."""

    def candidates() -> Iterator[Path]:
        for base in ("/usr/lib", "/usr/lib64", "/usr/local/lib"):
            yield from Path(base).glob("**/faketime/libfaketimeMT.so.1")

    found = next(candidates(), None)
    return None if found is None else str(found)


def _volatile(summary: str, apply: Callable[..., None], heal: Callable[..., None]) -> Fault:
    return Fault(summary, apply, heal, volatile=True)


FAULTS: dict[str, Fault] = {
    "down": Fault("switched off: no answer, connections time out", _down, _power_on, off=True),
    "power-cut": Fault("everything killed at once; its address refuses", _power_cut, _power_on, off=True),
    "link-cut": _volatile("it runs on, but nothing reaches it; sessions go silent", _cut_link, _join_link),
    "refuse": _volatile("it takes no connections; sessions live on", _ask_for("stop"), _ask_for("start")),
    "kill-sshd": _volatile("its sshd killed, and every session's too", _kill_sshd, _ask_for("start")),
    "hang": _volatile("it takes connections and says nothing", _ask_for("hang"), _ask_for("resume")),
    "slow-login": Fault("every session begins late (=SECONDS)", _slow_login, _quick_login, "3"),
    "denied": Fault("it lets nobody in", _deny, _allow),
    "host-key-changed": Fault("its host key is another", _change_host_key, _restore_host_key),
    "bash-profile-exits": Fault(
        "login shells end at once with 7", _spoil("profile", "exit 7"), _mend_file("profile")
    ),
    "bashrc-exits": Fault("every command ends at once with 9", _spoil("rc", "exit 9"), _mend_file("rc")),
    "full-disk": _volatile("no room left in its HOME", _mount_change("fill"), _mount_change("unfill")),
    "read-only-home": _volatile("its HOME is read-only", _mount_change("lock"), _mount_change("unlock")),
    "clock-skew": Fault("its clock is wrong (=OFFSET, as +1d or -2h)", _skew_clock, _right_clock, "+1d"),
}


def put(lab: Lab, alias: str, text: str) -> None:
    """Put a fault on a node; the same one again only changes its value."""
    name, value = parse(text)
    fault = FAULTS[name]
    names = list(lab.faults(alias))
    if any(FAULTS[other].off for other in names):
        raise Refused("the node is off already", where=alias, hint=f"stentor lab heal {alias}")
    if name in names and not fault.default:
        return
    fault.apply(lab, alias, value)
    if fault.off:
        names = [other for other in names if not FAULTS[other].volatile]
    _record(lab, alias, [*names, name])


def heal(lab: Lab, alias: str) -> None:
    """Take every fault of a node away."""
    names = lab.faults(alias)
    for name in sorted(names, key=lambda name: not FAULTS[name].off):
        FAULTS[name].heal(lab, alias)
    _record(lab, alias, [])
    lab.wait([alias])


def reboot(lab: Lab, alias: str, seconds: float = 0.0) -> None:
    """Switch a node off, and on again after so many seconds; faults stay."""
    names = lab.faults(alias)
    if any(FAULTS[name].off for name in names):
        raise Refused("the node is off", where=alias, hint=f"stentor lab heal {alias}")
    _down(lab, alias, "")
    time.sleep(seconds)
    _power_on(lab, alias)
    for name in names:
        if FAULTS[name].volatile:
            FAULTS[name].apply(lab, alias, FAULTS[name].default)


def _record(lab: Lab, alias: str, names: Sequence[str]) -> None:
    path = lab.places(alias).faults
    if names:
        write(path, "".join(f"{name}\n" for name in dict.fromkeys(names)))
    else:
        path.unlink(missing_ok=True)


def heal_after_restart(lab: Lab, alias: str) -> None:
    """Take away what outlived the death of a node."""
    _record(
        lab, alias, [name for name in lab.faults(alias) if not (FAULTS[name].volatile or FAULTS[name].off)]
    )
    heal(lab, alias)
