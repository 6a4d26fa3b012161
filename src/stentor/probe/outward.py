"""The way from here to a node: a new login, and what ``ssh -v`` reports of each step."""

from __future__ import annotations

import os
import re
import time
from collections.abc import Callable, Iterable, Mapping
from typing import NamedTuple

from stentor import programs
from stentor.errors import StentorError
from stentor.fleet.model import Fleet, Node
from stentor.outcome import NOT_REACHED, Outcome
from stentor.probe.finding import Finding, listed
from stentor.ssh import hostkey_texts
from stentor.ssh.diagnose import diagnose
from stentor.ssh.started import MARK, end_marked
from stentor.ssh.target import login_argv

_LOOK = 0.2  # seconds between two questions whether to stop
_TO_THE_END = 8.0  # seconds for key exchange and authentication, after the connection
# Reported once the server has let us in; the session comes after it.
_INSIDE = re.compile(r"Authenticated to |Entering interactive session")


class Way(NamedTuple):
    """One login: that of the doctor's session, or a new one where a connection was warm."""

    ok: bool = False  # whether the server let us in
    kind: str = ""  # why not, as an outcome's kind; empty if it did
    reason: str = ""  # in a few words
    config: tuple[str, ...] = ()  # the configuration files which ssh read
    address: str = ""  # what it connected to
    software: str = ""  # the server's name for itself
    host_key: str = ""  # type and fingerprint of the server's key
    known_by: str = ""  # the line of known_hosts which has it
    offered: tuple[str, ...] = ()  # the methods which the server takes
    tried: tuple[tuple[str, str], ...] = ()  # method and key, and what the server said to it
    method: str = ""  # by which we were let in
    printed: int = 0  # bytes which start-up files wrote to standard output before the command of a session


def read(said: str, *, alias: str, seconds: float, ended: bool = True) -> Way:
    """Read what ``ssh -v`` wrote. The messages are those of OpenSSH 8.4 to 10.

    Args:
        said: its standard error, up to the login at least.
        seconds: the connect timeout.
        ended: whether ssh ended by itself, successfully or not.
    """

    def first(pattern: str) -> str:
        match = re.search(pattern, said, re.MULTILINE)
        return match[1].strip() if match else ""

    kind = reason = ""
    if not _INSIDE.search(said):
        kind, reason, _ = diagnose(said, alias=alias, login="", seconds=seconds)
        if not ended:
            kind, reason = "unreachable", f"no answer in {seconds:g} s"
    return Way(
        ok=not kind,
        kind=kind,
        reason=reason,
        config=tuple(re.findall(r"^debug1: Reading configuration data (.+?)\r?$", said, re.MULTILINE)),
        address=first(r"^debug1: Connecting to .* (\[\S+\] port \d+)"),
        software=first(r"remote software version (.+)$"),
        host_key=first(r"^debug1: Server host key: (.+)$"),
        known_by=first(r"^debug1: Found key in (.+)$"),
        offered=tuple(first(r"Authentications that can continue: (\S+)").split(",")),
        tried=tuple(_tried(said)),
        method=first(r'^Authenticated to .* using "([^"]+)"')
        or first(r"Authentication succeeded \(([^)]+)\)"),
    )


def _tried(said: str) -> Iterable[tuple[str, str]]:
    """Each key that was offered, and each method that could not be tried."""
    lines = said.splitlines()
    for number, line in enumerate(lines):
        offer = re.match(r"debug1: Offering public key: (\S+) (\S+)", line)
        if offer:
            rest = lines[number + 1 : number + 4]
            accepted = any("Server accepts key" in other for other in rest[:1])
            yield f"{offer[1]} ({offer[2]})", "accepted" if accepted else "not accepted"
        elif match := re.match(r"debug1: Trying private key: (\S+)", line):
            yield match[1], "not there"
        elif "Load key" in line and (match := re.search(r'Load key "?([^":]+)"?: (.+)', line)):
            yield match[1], match[2].strip()


def login(
    fleet: Fleet,
    node: Node,
    environ: Mapping[str, str],
    connect_timeout: float = 5.0,
    stopped: Callable[[], bool] = bool,
) -> Way:
    """Log in to one node anew, and end that before its shell would start.

    Args:
        connect_timeout: seconds until a silent node is given up.
        stopped: whether the answer is no longer wanted; asked all the time.
    """
    options: tuple[str, ...] = ("-v", "-N", "-T", "-o", "BatchMode=yes")
    options += ("-o", f"ConnectTimeout={max(1, round(connect_timeout))}", "-o", "ClearAllForwardings=yes")
    argv = login_argv(fleet, node, fresh=True, options=options)
    mark = os.urandom(8).hex()
    try:
        process = programs.Running(argv, {**environ, MARK: mark}, stderr=programs.PIPE)
    except StentorError as error:
        return Way(kind="denied", reason=error.message)
    limit = time.monotonic() + connect_timeout + _TO_THE_END
    text, ended = "", False
    with process:
        while not ended and time.monotonic() < limit and not stopped():
            data = programs.read(process.stderr, _LOOK)
            text += (data or b"").decode("utf-8", "replace")
            ended = data == b""
            if data and _INSIDE.search(text):
                process.terminate()
                limit = time.monotonic() + 1
    end_marked({mark})  # what a ProxyCommand has left
    return read(text, alias=node.alias, seconds=connect_timeout, ended=ended)


def agent(environ: Mapping[str, str]) -> str:
    """Return the state of the user's ssh-agent: ``none``, ``dead``, ``empty`` or ``keys``."""
    if not environ.get("SSH_AUTH_SOCK"):
        return "none"
    try:
        done = programs.run(["ssh-add", "-l"], environ, timeout=3)
    except StentorError:
        return "dead"
    return {0: "keys", 1: "empty"}.get(done.code, "dead")


def way_findings(way: Way, outcome: Outcome, agent_state: str) -> list[Finding]:
    """What is wrong on the way to a node.

    Args:
        outcome: of the session in which the doctor's script ran.
        agent_state: of ``agent``.
    """
    alias = outcome.node
    if outcome.kind == "skipped":
        return []
    if way.ok:
        return [_noise(way)] if way.printed and not outcome.ok else []
    if outcome.ok or outcome.kind not in NOT_REACHED:
        what = (
            "a new login fails, though the warm connection works"
            if outcome.ok
            else "a login does not complete"
        )
        means = "whatever opens a connection of its own fails: scp, rsync, git, the next cold stentor run"
    else:
        what, means = f"{alias} cannot be reached: {outcome.kind}", "nothing can be done on it"
    if way.kind.startswith("host-key"):
        means = hostkey_texts.RISK
    return [
        Finding(
            f"way-{way.kind}", "bad", what, _evidence(way, agent_state), means, _fix(way, alias, agent_state)
        )
    ]


def _noise(way: Way) -> Finding:
    return Finding(
        "noise",
        "bad",
        "a plain session prints",
        f"it wrote {way.printed} bytes to standard output before its command began, which never did",
        "scp, rsync, git over ssh and whatever reads a command's output take it for data and break",
        "let the start-up files print in interactive shells only",
    )


_AGENT = {
    "none": "no agent",
    "dead": "the agent does not answer",
    "empty": "the agent has no key",
    "keys": "the agent has keys",
}


def _evidence(way: Way, agent_state: str) -> str:
    steps = []
    if way.address:
        steps.append(f"connected to {way.address}" if way.software else f"tried {way.address}")
    if way.software:
        steps.append(f"it is {way.software}")
    if way.known_by:
        steps.append(f"its host key is that of {way.known_by}")
    elif way.host_key:
        steps.append(f"its host key is {way.host_key}")
    if way.kind == "denied" and way.software:
        steps.append(f"it takes {listed(filter(None, way.offered), 'or') or 'no method we know of'}")
        steps += [f"key {key}: {answer}" for key, answer in way.tried]
        if not way.tried:
            steps.append("there was no key to offer")
        steps.append(_AGENT[agent_state])
    return "; ".join([*steps, way.reason])


def _fix(way: Way, alias: str, agent_state: str) -> str:
    if way.kind.startswith("host-key"):
        return hostkey_texts.command(alias)
    if way.kind == "denied" and not way.software:
        return f"ssh itself gives up before it asks the node; see by hand: ssh {alias} true"
    if way.kind == "denied":
        if "password" in way.offered or "keyboard-interactive" in way.offered:
            key = "< ~/.ssh/id_ed25519.pub"
            return (
                f"bring your key there, with the password: ssh {alias} 'cat >> ~/.ssh/authorized_keys' {key}"
            )
        if agent_state == "dead":
            return "start a new agent: eval $(ssh-agent) && ssh-add"
        if agent_state == "empty":
            return "ssh-add"
        return "let somebody who can log in add your public key to ~/.ssh/authorized_keys there"
    return {
        "unresolved": "give the node an address in nodes.yaml, or a HostName in ssh_config",
        "refused": "start sshd on the node, or correct `port:` in nodes.yaml",
        "no-banner": "look at the node's sshd: journalctl -u ssh",
        "unreachable": "is it on? if it is off on purpose, say `state: down` in nodes.yaml",
    }.get(way.kind, f"see by hand: ssh -v {alias} true")
