"""Look at the host keys of nodes from here, through their gates, and by second ways."""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping, Sequence

from stentor import programs, sh
from stentor.fleet.model import Fleet, Node
from stentor.probe import sshfp
from stentor.probe.ping import ping
from stentor.probe.places import Place, run_programs
from stentor.probe.trust import Keys, Seen, Verdict, judge, parse_certificates
from stentor.sh.quoting import quote
from stentor.ssh.address import is_numeric
from stentor.ssh.hostkeys import (
    DEFAULT_PORT,
    Pin,
    lookup_name,
    parse,
    parse_scan,
)
from stentor.ssh.keyscan import AT_ONCE, keygen, scan_words
from stentor.ssh.target import config_argv, parse_config

Run = Callable[[str, str, float, float], tuple[str, int | None, str]]
"""Runs a command on a node, over a verified login: alias, command, seconds to connect and to run.

Returns its output, its exit code, and the reason if it failed.
"""

SAY_NO_PROGRAM = "command -v ssh-keyscan >/dev/null || exit 127;"


class ScanTarget:
    """Where one node's key is looked for.

    Attributes:
        node: the node.
        addresses: its names or IP addresses.
        port: its port.
        gate: the alias of the node of the fleet through which it is reached, or empty.
        hidden: what it is behind, if that is no node of the fleet.
        hosts: the names under which ssh looks its key up.
        own_files: the user's known_hosts files.
    """

    def __init__(self, fleet: Fleet, node: Node, settings: Mapping[str, str], home: str) -> None:
        self.node = node
        self.port = int(settings.get("port", node.port or DEFAULT_PORT))
        self.addresses = node.addresses or (settings.get("hostname", node.alias),)
        jump = node.jump or settings.get("proxyjump", "none")
        command = settings.get("proxycommand", "none")
        self.gate = jump if jump in fleet.nodes and jump != node.alias else ""
        self.hidden = "" if self.gate or (jump == "none" and command == "none") else jump
        if self.hidden == "none":
            self.hidden = "a ProxyCommand"
        alias = settings.get("hostkeyalias", "none")
        names = [alias.lower()] if alias not in ("", "none") else []
        names = names or [lookup_name(address, self.port) for address in self.addresses]
        self.hosts = tuple(dict.fromkeys(names))
        self.own_files = [
            os.path.join(home, path[2:]) if path.startswith("~/") else path
            for key in ("userknownhostsfile", "globalknownhostsfile")
            for path in _paths(settings.get(key, ""))
            if path != fleet.known_hosts
        ]


def _paths(value: str) -> list[str]:
    value = value.strip()
    return [value] if os.path.exists(value) else [word.strip('"') for word in value.split()]


def look(
    fleet: Fleet,
    nodes: Sequence[Node],
    *,
    environ: Mapping[str, str],
    run: Run,
    timeout: float,
    via: Sequence[str] = (),
) -> list[Verdict]:
    """Scan nodes and judge what they show; nobody logs in to them for it.

    Args:
        fleet: where they are from.
        nodes: whom to look at.
        environ: the environment of OpenSSH's programs.
        run: by which other nodes are asked what they see.
        timeout: seconds for each server.
        via: aliases of nodes from which they are looked at, too, over logins that are verified.

    Raises:
        ProgramMissing: OpenSSH's ``ssh-keyscan`` is not installed.
    """
    said = run_programs([config_argv(fleet, node, control=None) for node in nodes], environ)
    home = environ.get("HOME", "")
    targets = [
        ScanTarget(fleet, node, parse_config(text)[0], home) for node, text in zip(nodes, said, strict=True)
    ]
    direct = [target for target in targets if not target.gate and not target.hidden]
    seen = {target.node.alias: _hidden(target) for target in targets if target.hidden}
    seen |= _from_here(fleet, direct, environ, timeout)
    seen |= _through_gates(run, [target for target in targets if target.gate], timeout)
    for other in via:
        paths = _scan_from(run, other, [target for target in targets if target.node.alias != other], timeout)
        for alias, (keys, why) in paths.items():
            way = f"seen from {other}" + (f" ({why})" if why else "")
            seen[alias] = seen[alias]._replace(paths=[*seen[alias].paths, (way, keys)])
    pins = _read([fleet.known_hosts] if fleet.known_hosts else [])
    own: dict[tuple[str, ...], list[Pin]] = {}
    verdicts = []
    for target in targets:
        files = tuple(target.own_files)
        if files not in own:
            own[files] = _read(files)
        verdicts.append(judge(target.node, target.hosts, seen[target.node.alias], pins, own[files]))
    return verdicts


def _read(paths: Sequence[str]) -> list[Pin]:
    pins: list[Pin] = []
    for path in paths:
        try:
            with open(path, encoding="utf-8", errors="replace") as file:
                pins += parse(file.read())
        except OSError:
            continue  # most people have no /etc/ssh/ssh_known_hosts2
    return pins


def _hidden(target: ScanTarget) -> Seen:
    why = f"behind {target.hidden}, which is no node of the fleet: its key can only be looked at from there"
    return Seen({}, silence=why, kind="host-key-unknown")


def _from_here(
    fleet: Fleet, targets: Sequence[ScanTarget], environ: Mapping[str, str], timeout: float
) -> dict[str, Seen]:
    places = {target.node.alias: Place(target.addresses, target.port) for target in targets}
    seen: dict[str, Seen] = {}
    up: list[tuple[ScanTarget, str]] = []
    by_alias = {target.node.alias: target for target in targets}
    for found in ping([target.node for target in targets], places, connect_timeout=timeout):
        target = by_alias[found.outcome.node]
        if found.level == "up":
            up.append((target, found.address))
        elif found.level != "behind":
            silence = found.outcome.reason.split(": ", 1)[-1]
            seen[target.node.alias] = Seen({}, silence=silence, kind=found.level)
    first = [scan_words(address, target.port, timeout) for target, address in up]
    second = [scan_words(address, target.port, timeout, certificates=True) for target, address in up]
    others = [
        (target, address)
        for target, answered in up
        for address in target.addresses
        if address != answered and (is_numeric(address) or is_numeric(answered) or len(target.addresses) > 1)
    ]
    third = [scan_words(address, target.port, timeout) for target, address in others]
    scans = [*first, *second, *third]
    done = programs.run_many(scans, environ, at_once=AT_ONCE, timeout=timeout * 4 + 5)
    said = iter([one.text for one in done])
    for target, _ in up:
        keys = parse_scan(next(said))
        why = "" if keys else "it answers, and shows no host key that OpenSSH here knows"
        seen[target.node.alias] = Seen(keys, silence=why, kind="denied")
    for target, _ in up:
        shown = [f"{key.kind} {key.blob}\n" for key in parse_scan(next(said)).values() if key.certified]
        if shown:
            listed = keygen(["-L"], "".join(shown), environ)
            _add(seen, target, certificates=parse_certificates(listed))
    for target, address in others:
        found_there = parse_scan(next(said))
        if found_there:
            paths = [*seen[target.node.alias].paths, (f"at its address {address}", found_there)]
            _add(seen, target, paths=paths)
    names = [(target, name) for target, _ in up for name in _dns_names(target)]
    asked = run_programs([sshfp.words(fleet, target.node, name, timeout) for target, name in names], environ)
    for (target, _), answer in zip(names, asked, strict=True):
        dns, signed = sshfp.read(answer)
        _add(seen, target, dns=dns, dns_signed=signed)
    return seen


def _add(seen: dict[str, Seen], target: ScanTarget, **fields: object) -> None:
    seen[target.node.alias] = seen[target.node.alias]._replace(**fields)  # type: ignore[arg-type]  # by name


def _dns_names(target: ScanTarget) -> list[str]:
    return [name for name in target.addresses if not is_numeric(name) and "." in name][:1]


def _through_gates(run: Run, targets: Sequence[ScanTarget], timeout: float) -> dict[str, Seen]:
    seen = {}
    for gate in dict.fromkeys(target.gate for target in targets):
        behind = [target for target in targets if target.gate == gate]
        for alias, (keys, why) in _scan_from(run, gate, behind, timeout).items():
            silence = why or ("" if keys else f"no host key was seen from {gate}")
            seen[alias] = Seen(keys, silence=silence, kind="unreachable")
    return seen


def _scan_from(
    run: Run, gate: str, targets: Sequence[ScanTarget], timeout: float
) -> dict[str, tuple[Keys, str]]:
    """Look at targets from another node: what each shows there, and why nothing, in one session."""
    if not targets:
        return {}
    scans = [
        " ".join(map(quote, scan_words(target.addresses[0], target.port, timeout))) for target in targets
    ]
    script = " ".join([SAY_NO_PROGRAM, *(f"{scan} 2>/dev/null &" for scan in scans), "wait"])
    text, code, reason = run(gate, sh.command(script), timeout, timeout * 4 + 5)
    why = f"{gate} has no ssh-keyscan" if code == 127 else f"{gate}: {reason}" if reason else ""
    found: dict[str, tuple[Keys, str]] = {}
    for target in targets:
        name = lookup_name(target.addresses[0], target.port)
        mine = [line for line in text.splitlines() if line.split(" ", 1)[0].lower() == name]
        found[target.node.alias] = (parse_scan("\n".join(mine)), why)
    return found
