"""By which login a machine is reached before it is a member, and whether the member's own login works."""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Mapping, Sequence

from stentor import programs
from stentor.engines.reach import Reach
from stentor.fanout import prelude
from stentor.fleet.model import Fleet
from stentor.outcome import Outcome
from stentor.ssh.askpass import PasswordLogin
from stentor.ssh.banner import shown
from stentor.ssh.login import interactive_argv
from stentor.ssh.login_queue import readable_login
from stentor.ssh.target import question_argv
from stentor.typed import NamedTuple

_AT_ONCE = 16
_PATIENCE = 10.0  # seconds
_LONGEST = 200  # characters of what ssh and a node say
_OWN = ""  # the fleet's own login name


class First(NamedTuple):
    """The login that a new machine has."""

    user: str = "root"  # its name
    # Returns the password, of the login and of sudo there; called once, when it is needed.
    password: Callable[[], str] = str


class Ways:
    """How the machines of one bootstrap are logged in to.

    Args:
        first: the login that a new machine has.
    """

    def __init__(self, fleet: Fleet, environ: Mapping[str, str], first: First) -> None:
        # Gives the password where it is wanted.
        self.login = PasswordLogin(fleet, environ, first.user, first.password)
        self._first = first.user
        self._user: dict[str, str] = {}
        self._word = "stentor-" + os.urandom(8).hex()

    def find(self, reach: Reach, nodes: Sequence[str]) -> None:
        """Find out which are members already: there the fleet's own login becomes root."""
        new = [alias for alias in nodes if alias not in self._user]
        proved = prove(reach, new, become=True)
        self._user |= {alias: self._first if proved[alias] else _OWN for alias in new}
        self._open(reach, [alias for alias in new if proved[alias]])

    def _open(self, reach: Reach, nodes: Sequence[str]) -> None:
        """Open connections by the first login: by a key, else by the password; what fails is said later.

        A fan-out would ask for it too, but only of nodes that answer within a second.
        """
        seconds = max(1, round(reach.settings.connect_timeout))
        options = ["-o", f"ConnectTimeout={seconds}", "-o", "ClearAllForwardings=yes"]
        argvs = []
        for alias in nodes:
            node = reach.fleet.nodes[alias]
            argv = interactive_argv(
                reach.fleet, node, reach.environ, command="true", user=self._first, tty=False
            )
            argvs.append([argv[0], *options, *argv[1:]])
        by_key = programs.run_many(
            [[argv[0], "-o", "BatchMode=yes", *argv[1:]] for argv in argvs],
            reach.environ,
            at_once=_AT_ONCE,
            timeout=seconds + 30,
            stderr=programs.MERGED,
        )
        for alias, argv, done in zip(nodes, argvs, by_key, strict=True):
            if done.code and "Permission denied" in done.text:
                self.login(reach.fleet.nodes[alias], argv)

    def refused(self, reach: Reach, nodes: Sequence[str]) -> list[Outcome]:
        """Return what came of nodes that let us in neither by a key nor by the password."""
        user, found = self._first, []
        for alias in nodes:
            said = self.login.refused.get(alias)
            if said is None:
                continue
            taken = "Permission denied" not in said and self.login.password
            reason = (
                said.rpartition("\n")[2]
                if taken
                else f"{user} is let in neither by a key nor by the password"
            )
            if not self.login.password:
                reason = f"{user} is let in by no key, and there is no password"
            hint = f"see ssh's own messages: {readable_login(reach.fleet, reach.fleet.nodes[alias], user)}"
            found.append(Outcome(alias, "denied", reason=reason, hint=hint))
        return found

    def groups(self, reach: Reach, nodes: Sequence[str]) -> list[tuple[Reach, list[str]]]:
        """Return how nodes are reached, those alike together."""
        found = []
        for user in (_OWN, self._first):
            mine = [alias for alias in nodes if self._user[alias] == user]
            if mine:
                settings = reach.settings._replace(user=user or None)
                found.append((reach._replace(settings=settings, ask=None, local=None), mine))
        return found

    def begin(self, reach: Reach, alias: str, verb: str) -> tuple[str, bytes]:
        """Return the command that runs the program of standard input as root, and what comes before it."""
        name = self._user[alias] or reach.fleet.nodes[alias].user or ""
        if name == "root":
            return f"exec sh -s -- {verb}", b""
        if not self._user[alias]:
            return f"exec sudo -n sh -s -- {verb}", b""
        made = prelude.build(
            f"exec sh -s -- {verb}", {}, sudo="root", password=self.login.ask(), word=self._word
        )
        return made.command, made.lines

    def verdicts(self) -> prelude.Verdicts:
        """Return what reads sudo's answers."""
        return prelude.Verdicts(self._word)


def prove_patiently(reach: Reach, nodes: Sequence[str]) -> dict[str, str]:
    """As :func:`prove`, of servers that have just read their configuration anew: they may need a moment."""
    found = prove(reach, nodes)
    end = time.monotonic() + _PATIENCE
    while (left := [alias for alias, why in found.items() if why]) and time.monotonic() < end:
        time.sleep(0.5)
        found |= prove(reach, left)
    return found


def prove(reach: Reach, nodes: Sequence[str], *, become: bool = False) -> dict[str, str]:
    """Log in anew as the fleet does, by a key and without a person; never over a connection that is open.

    Args:
        nodes: their aliases.
        become: whether sudo must work without a password, too.

    Returns:
        Alias to why it does not work; empty where it does.
    """
    fleet, seconds = reach.fleet, reach.settings.connect_timeout
    command = 'test "$(id -u)" = 0 || sudo -n true' if become else "true"
    argvs = [
        question_argv(fleet, fleet.nodes[alias], connect_timeout=seconds, command=f"sh -c '{command}'")
        for alias in nodes
    ]
    done = programs.run_many(
        argvs, reach.environ, at_once=_AT_ONCE, timeout=seconds + 30, stderr=programs.MERGED
    )
    return {alias: _why(one) for alias, one in zip(nodes, done, strict=True)}


def _why(done: programs.Completed) -> str:
    if not done.code:
        return ""
    if done.timed_out:
        return "no answer in time"
    return shown(done.stdout.strip().rpartition(b"\n")[2], _LONGEST) or f"exit code {done.code}"
