"""Look at the host keys of nodes from here, through their gates, and by second ways."""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping, Sequence

from stentor import programs, sh
from stentor.fanout.collect import kept
from stentor.fleet.model import Fleet, Node
from stentor.fleet.openssh import Hop
from stentor.outcome import not_seen
from stentor.probe import sshfp
from stentor.probe.own_keys import ask_commands, command_argvs, read_pins, split_paths
from stentor.probe.ping import ping
from stentor.probe.places import Place, run_programs
from stentor.probe.trust import Keys, Seen, Verdict, judge, namesakes, parse_certificates, pinned_for
from stentor.sh.quoting import quote
from stentor.ssh.address import is_numeric
from stentor.ssh.hostkeys import DEFAULT_PORT, Pin, lookup_name, parse_scan
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
        settings: of ``ssh -G``.
    """

    def __init__(self, fleet: Fleet, node: Node, settings: Mapping[str, str], home: str) -> None:
        self.node = node
        self.settings = settings
        self.port = int(settings.get("port", node.port or DEFAULT_PORT))
        self.addresses = node.addresses or (settings.get("hostname", node.alias),)
        jump = node.jump or settings.get("proxyjump", "none")
        command = settings.get("proxycommand", "none")
        gate = Hop.parse(jump).host
        self.gate = gate if gate in fleet.nodes and gate != node.alias else ""
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
            for path in split_paths(settings.get(key, ""))
            if path != fleet.known_hosts
        ]


def look(
    fleet: Fleet,
    nodes: Sequence[Node],
    *,
    environ: Mapping[str, str],
    run: Run,
    timeout: float,
    via: Sequence[str] = (),
    keeping: bool = False,
) -> list[Verdict]:
    """Scan nodes and judge what they show; nobody logs in to them for it.

    Args:
        environ: the environment of OpenSSH's programs.
        run: by which other nodes are asked what they see.
        timeout: seconds for each server.
        via: aliases of nodes from which they are looked at, too, over logins that are verified.
        keeping: after Ctrl-C return what was seen until then, all other nodes as cancelled.

    Raises:
        ProgramMissing: OpenSSH's ``ssh-keyscan`` is not installed.
    """
    said = run_programs([config_argv(fleet, node) for node in nodes], environ)
    home = environ.get("HOME", "")
    targets = [
        ScanTarget(fleet, node, parse_config(text)[0], home) for node, text in zip(nodes, said, strict=True)
    ]
    direct = [target for target in targets if not target.gate and not target.hidden]
    seen = {target.node.alias: _hidden(target) for target in targets if target.hidden}
    with kept(keeping):
        _from_here(fleet, direct, environ, timeout, seen)
        _through_gates(run, [target for target in targets if target.gate], timeout, seen)
        for other in via:
            rest = [target for target in targets if target.node.alias != other]
            for alias, (keys, why) in _scan_from(run, other, rest, timeout).items():
                way = f"seen from {other}" + (f" ({why})" if why else "")
                seen[alias] = seen[alias]._replace(paths=[*seen[alias].paths, (way, keys)])
    for target in targets:
        missing = not_seen(target.node.alias)
        seen.setdefault(missing.node, Seen({}, silence=missing.reason, kind=missing.kind))
    pins = read_pins([fleet.known_hosts] if fleet.known_hosts else [])
    commanded = _commanded(targets, seen, environ)
    own: dict[tuple[str, ...], list[Pin]] = {}
    verdicts = []
    for target in targets:
        files = tuple(target.own_files)
        if files not in own:
            own[files] = read_pins(files)
        others = namesakes(fleet, target.node)
        mine = [pin for pin in pins if pinned_for(pin) not in others] if others else pins
        told, why = commanded[target.node.alias]
        verdict = judge(target.node, target.hosts, seen[target.node.alias], mine, [*own[files], *told])
        if why:
            verdict = verdict._replace(
                notes=(*verdict.notes, f"ssh takes no key: its KnownHostsCommand fails: {why}")
            )
        verdicts.append(verdict)
    return verdicts


def _commanded(
    targets: Sequence[ScanTarget], seen: Mapping[str, Seen], environ: Mapping[str, str]
) -> dict[str, tuple[list[Pin], str]]:
    """What each node's KnownHostsCommand knows of it, or why it says nothing."""
    calls: dict[str, list[list[str]]] = {}
    refused: dict[str, tuple[list[Pin], str]] = {}
    for target in targets:
        alias, keys = target.node.alias, list(seen[target.node.alias].keys.values())
        try:
            calls[alias] = command_argvs(target.settings, alias, target.hosts[0], keys, environ)
        except ValueError as error:
            refused[alias] = ([], str(error))
    return refused | ask_commands(calls, environ)


def _hidden(target: ScanTarget) -> Seen:
    why = f"behind {target.hidden}, which is no node of the fleet: its key can only be looked at from there"
    return Seen({}, silence=why, kind="host-key-unknown")


def _from_here(
    fleet: Fleet,
    targets: Sequence[ScanTarget],
    environ: Mapping[str, str],
    timeout: float,
    seen: dict[str, Seen],
) -> None:
    places = {target.node.alias: Place(target.addresses, target.port) for target in targets}
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
    done: dict[int, programs.Completed] = {}
    scans = [*first, *second, *third]
    try:
        programs.run_many(scans, environ, at_once=AT_ONCE, timeout=timeout * 4 + 5, completed=done)
    finally:  # after Ctrl-C, too
        _take(seen, [target for target, _ in up], others, done, environ)
    names = [(target, name) for target, _ in up for name in _dns_names(target)]
    asked = run_programs([sshfp.words(fleet, target.node, name, timeout) for target, name in names], environ)
    for (target, _), answer in zip(names, asked, strict=True):
        dns, signed = sshfp.read(answer)
        _add(seen, target, dns=dns, dns_signed=signed)


def _take(
    seen: dict[str, Seen],
    up: Sequence[ScanTarget],
    others: Sequence[tuple[ScanTarget, str]],
    done: Mapping[int, programs.Completed],
    environ: Mapping[str, str],
) -> None:
    """Read the scans that have ended: of keys, of certificates, of other addresses."""
    for number, target in enumerate(up):
        certified = number + len(up)
        if number not in done or certified not in done:
            continue
        keys = parse_scan(done[number].text)
        why = "" if keys else "it answers, and shows no host key that OpenSSH here knows"
        shown = [
            f"{key.kind} {key.blob}\n" for key in parse_scan(done[certified].text).values() if key.certified
        ]
        certificates = parse_certificates(keygen(["-L"], "".join(shown), environ)) if shown else []
        seen[target.node.alias] = Seen(keys, certificates=certificates, silence=why, kind="denied")
    for number, (target, address) in enumerate(others, 2 * len(up)):
        found_there = parse_scan(done[number].text) if number in done else {}
        if found_there and target.node.alias in seen:
            paths = [*seen[target.node.alias].paths, (f"at its address {address}", found_there)]
            _add(seen, target, paths=paths)


def _add(seen: dict[str, Seen], target: ScanTarget, **fields: object) -> None:
    seen[target.node.alias] = seen[target.node.alias]._replace(**fields)  # type: ignore[arg-type]  # by name


def _dns_names(target: ScanTarget) -> list[str]:
    return [name for name in target.addresses if not is_numeric(name) and "." in name][:1]


def _through_gates(run: Run, targets: Sequence[ScanTarget], timeout: float, seen: dict[str, Seen]) -> None:
    for gate in dict.fromkeys(target.gate for target in targets):
        behind = [target for target in targets if target.gate == gate]
        for alias, (keys, why) in _scan_from(run, gate, behind, timeout).items():
            silence = why or ("" if keys else f"no host key was seen from {gate}")
            seen[alias] = Seen(keys, silence=silence, kind="unreachable")


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
