"""What can be wrong with a practice node, and how it is put right again.

Each fault is real: a client sees what it would see of a node which is broken in this way. To add one,
write its two functions and an entry in :data:`FAULTS`; this module is all that knows of it, and it is
imported to show help, so it imports nothing slow.
"""

from __future__ import annotations

import os
import re
import signal
from collections.abc import Callable
from typing import TYPE_CHECKING, NamedTuple

from stentor.errors import ProgramMissing, Refused, UsageError
from stentor.fleet.suggest import did_you_mean
from stentor.lab import shared_clock
from stentor.programs import as_root
from stentor.shells import FAMILIES

if TYPE_CHECKING:
    from pathlib import Path

    from stentor.lab.backends.backend import Backend


class Fault(NamedTuple):
    """One way of being broken."""

    summary: str  # what is wrong, in a line
    # Put it on a node; the last argument is what stood after ``=``, or ``default``.
    apply: Callable[[Backend, str, str], None]
    heal: Callable[[Backend, str], None]  # take it away; it may not be there
    default: str = ""  # the value when none is given; empty for faults which take none
    off: bool = False  # the node has no processes while this is in force
    volatile: bool = False  # a restart of the node takes it away


def parse(text: str) -> tuple[str, str]:
    """``slow-login=5`` to its name and value.

    Raises:
        UsageError: there is no such fault, or it takes no value.
    """
    name, equals, value = text.partition("=")
    if name not in FAULTS:
        hint = did_you_mean(name, FAULTS, otherwise=f"choose one of {', '.join(FAULTS)}")
        raise UsageError(f"there is no fault '{name}'", hint=hint)
    fault = FAULTS[name]
    if equals and not (fault.default and value):
        raise UsageError(f"the fault {name} takes no value" if value else f"{text} has no value")
    return name, value or fault.default


def _switch_off(nodes: Backend, alias: str, _value: str) -> None:
    nodes.stop([alias])
    nodes.silence(alias)


def _kill_sshd(nodes: Backend, alias: str, _value: str) -> None:
    nodes.sshd(alias, "stop")
    nodes.signal_sessions(alias, signal.SIGKILL)


def _change_host_key(nodes: Backend, alias: str, _value: str) -> None:
    from stentor.lab.machine import make_keys

    for path in _host_key(nodes, alias):
        _save(nodes, alias, path)
    make_keys(_host_key(nodes, alias)[:1], "stentor-lab, another")
    nodes.sshd(alias, "restart")
    nodes.wait([alias])


def _restore_host_key(nodes: Backend, alias: str) -> None:
    for path in _host_key(nodes, alias):
        _restore(nodes, alias, path)
    nodes.sshd(alias, "restart")


def _host_key(nodes: Backend, alias: str) -> list[Path]:
    folder = nodes.paths(alias).ssh
    return [folder / "ssh_host_ed25519_key", folder / "ssh_host_ed25519_key.pub"]


def _remove_keys(nodes: Backend, alias: str, _value: str) -> None:
    _save(nodes, alias, nodes.paths(alias).home / ".ssh" / "authorized_keys")


def _restore_keys(nodes: Backend, alias: str) -> None:
    (nodes.paths(alias).home / ".ssh").mkdir(mode=0o700, exist_ok=True)
    _restore(nodes, alias, nodes.paths(alias).home / ".ssh" / "authorized_keys")


def _delay_logins(nodes: Backend, alias: str, value: str) -> None:
    if not re.fullmatch(r"\d+(\.\d+)?", value):
        raise UsageError(f"slow-login takes seconds, not '{value}'")
    # sshd runs this file before every session; a plain node's own session script reads it too.
    (nodes.paths(alias).ssh / "sshrc").write_text(f"sleep {value}\n")


def _stop_delaying(nodes: Backend, alias: str) -> None:
    (nodes.paths(alias).ssh / "sshrc").unlink(missing_ok=True)


# Something in its HOME is wrong.


def _start_file(nodes: Backend, alias: str, kind: str) -> Path:
    shell = os.path.basename(nodes.node(alias).shell)
    family = FAMILIES.get(shell)
    if family is None or family.start_files is None:
        raise Refused(f"its shell is {shell}, which reads neither file", where=alias)
    return nodes.paths(alias).home / family.start_files[kind == "rc"]


def _prepend(kind: str, line: str) -> Callable[[Backend, str, str], None]:
    def apply(nodes: Backend, alias: str, _value: str) -> None:
        path = _start_file(nodes, alias, kind)
        before = path.read_text() if path.exists() else ""
        _save(nodes, alias, path)
        path.write_text(f"{line}\n{before}")

    return apply


def _restore_start_file(kind: str) -> Callable[[Backend, str], None]:
    def heal(nodes: Backend, alias: str) -> None:
        path = _start_file(nodes, alias, kind)
        path.unlink(missing_ok=True)
        _restore(nodes, alias, path)

    return heal


def _save(nodes: Backend, alias: str, path: Path) -> None:
    """Move a file away, if it is there, until the node is healed."""
    saved = nodes.paths(alias).saved
    saved.mkdir(exist_ok=True)
    if path.exists():
        path.rename(saved / path.name)


def _restore(nodes: Backend, alias: str, path: Path) -> None:
    saved = nodes.paths(alias).saved / path.name
    if saved.exists():
        saved.rename(path)


# Its clock is wrong.


def _shift_clock(nodes: Backend, alias: str, value: str) -> None:
    if not re.fullmatch(r"[-+]\d+(\.\d+)?[smhdy]?", value):
        raise UsageError(f"clock-skew takes an offset such as +1d, -2h or +90s, not '{value}'")
    library = faketime()
    if library is None:
        raise ProgramMissing(
            "libfaketime is not installed", hint=f"Debian: {as_root('apt-get install -y libfaketime')}"
        )
    # From 0.9.11 on it shares nothing where it is told so.
    variables = {"LD_PRELOAD": library, "FAKETIME": value, "FAKETIME_DISABLE_SHM": "1"}
    if not nodes.isolated:
        variables["FAKETIME_SHARED"] = shared_clock.make(nodes.paths(alias).root)
    _restart_with(nodes, alias, variables)


def _correct_clock(nodes: Backend, alias: str) -> None:
    _restart_with(nodes, alias, {})
    shared_clock.remove(nodes.paths(alias).root)


def _restart_with(nodes: Backend, alias: str, variables: dict[str, str]) -> None:
    nodes.configure_sshd(alias, variables)
    # An open connection would give its sessions the variables from before.
    _kill_sshd(nodes, alias, "")
    nodes.sshd(alias, "start")
    nodes.wait([alias])


def faketime() -> str | None:
    """The library which shifts the clock, or None where it is not installed."""
    from pathlib import Path

    for base in ("/usr/lib", "/usr/lib64", "/usr/local/lib"):
        for path in Path(base).glob("**/faketime/libfaketimeMT.so.1"):
            return str(path)
    return None


FAULTS = {
    "down": Fault(
        "switched off: connections time out",
        _switch_off,
        lambda nodes, alias: nodes.switch_on(alias),
        off=True,
    ),
    "power-cut": Fault(
        "all processes killed at once: connections are refused",
        lambda nodes, alias, _: nodes.stop([alias]),
        lambda nodes, alias: nodes.switch_on(alias),
        off=True,
    ),
    "link-cut": Fault(
        "it runs, but no packet reaches it: sessions go silent",
        lambda nodes, alias, _: nodes.cut_link(alias),
        lambda nodes, alias: nodes.join_link(alias),
        volatile=True,
    ),
    "refuse": Fault(
        "connections are refused, sessions go on",
        lambda nodes, alias, _: nodes.sshd(alias, "stop"),
        lambda nodes, alias: nodes.sshd(alias, "start"),
        volatile=True,
    ),
    "kill-sshd": Fault(
        "its sshd and all sessions are killed",
        _kill_sshd,
        lambda nodes, alias: nodes.sshd(alias, "start"),
        volatile=True,
    ),
    "hang": Fault(
        "connections are accepted, but no banner comes",
        lambda nodes, alias, _: nodes.sshd(alias, "hang"),
        lambda nodes, alias: nodes.sshd(alias, "resume"),
        volatile=True,
    ),
    "slow-login": Fault("each session starts late (=SECONDS)", _delay_logins, _stop_delaying, "3"),
    "denied": Fault("every key is denied", _remove_keys, _restore_keys),
    "host-key-changed": Fault("it has another host key", _change_host_key, _restore_host_key),
    "bash-profile-exits": Fault(
        "login shells exit at once with code 7", _prepend("profile", "exit 7"), _restore_start_file("profile")
    ),
    "bashrc-exits": Fault(
        "commands exit at once with code 9", _prepend("rc", "exit 9"), _restore_start_file("rc")
    ),
    "full-disk": Fault(
        "the file system of HOME is full",
        lambda nodes, alias, _: nodes.change_mount(alias, "fill"),
        lambda nodes, alias: nodes.change_mount(alias, "unfill"),
        volatile=True,
    ),
    "read-only-home": Fault(
        "HOME is read-only",
        lambda nodes, alias, _: nodes.change_mount(alias, "lock"),
        lambda nodes, alias: nodes.change_mount(alias, "unlock"),
        volatile=True,
    ),
    "clock-skew": Fault("its clock is wrong (=OFFSET: +1d, -2h)", _shift_clock, _correct_clock, "+1d"),
}
