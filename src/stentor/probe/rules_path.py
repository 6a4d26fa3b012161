"""What is wrong with PATH, and which commands are not found by which kind of shell."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

from stentor.probe.finding import MEANS, PEOPLE, Finding, has, kinds_of, listed, means, spot
from stentor.probe.observe import Observation, Place, Shell, path_line
from stentor.shells import FAMILIES

SYSTEM = frozenset((
    "/usr/local/bin", "/usr/bin", "/bin", "/usr/local/sbin", "/usr/sbin", "/sbin", "/usr/games",
    "/usr/local/games", "/snap/bin",
))  # fmt: skip
CORE = ("/usr/local/bin", "/usr/bin", "/bin")


def path_findings(seen: Observation, requires: Sequence[str]) -> list[Finding]:
    """What is wrong with PATH on one node, the missing commands first.

    Args:
        requires: commands which the fleet requires of it.
    """
    missing = list(_missing(seen, requires))
    told = {directory for _, directory in missing}
    return [*(finding for finding, _ in missing), *_lost_core(seen), *_differing(seen, told)]


# Commands which are not found.


def _missing(seen: Observation, requires: Sequence[str]) -> Iterator[tuple[Finding, str]]:
    """Findings about required commands, each with the directory of the command."""
    ready = {kind: shell for kind, shell in seen.shells.items() if shell.ready}
    groups: dict[tuple[tuple[str, ...], str], list[str]] = {}
    for name in requires:
        where = {kind: shell.commands.get(name, "") for kind, shell in ready.items()}
        lacking = tuple(kind for kind in ready if not where[kind])
        found = next((path for path in where.values() if path), "") or seen.elsewhere.get(name, "")
        if lacking:
            directory = found.rpartition("/")[0]
            groups.setdefault((lacking, directory), []).append(name)
    for (lacking, directory), names in groups.items():
        yield _missing_finding(seen, ready, lacking, directory, names), directory


def _missing_finding(
    seen: Observation, ready: dict[str, Shell], lacking: Sequence[str], directory: str, names: Sequence[str]
) -> Finding:
    verb = "is" if len(names) == 1 else "are"
    if not directory:
        return Finding(
            "command-absent",
            "bad",
            f"{listed(names)} {verb} not on this node",
            "no shell finds it, nor is it in a usual place",
            "what the fleet requires of this node does not work",
            f"install {listed(names)}, or take it out of `requires:` in the fleet file",
        )
    where = seen.short(directory)
    people = [kind for kind in lacking if kind in PEOPLE]
    found = [kind for kind in ready if kind not in lacking]
    first = (people or list(lacking))[0]
    evidence = f"it is in {where}; PATH there is {':'.join(map(seen.short, ready[first].path)) or 'empty'}"
    shells = [kind for kind in found if kind in PEOPLE]
    if shells:
        came = _came(seen, [ready[kind] for kind in shells], directory)
        evidence += f"; {kinds_of(shells)} {has(shells)} it" + (f" from {came}" if came else "")
        evidence += _left_before(seen, ready.get("ssh"), ready, directory) if first == "ssh" else ""
    others = [kind for kind in found if kind not in PEOPLE]  # they read none of the shells' files
    if others:
        came = _service_from(seen, directory) if "service" in others else ""
        evidence += f"; {kinds_of(others)} {has(others)} it" + (f" from {came}" if came else "")
    consequence = f'"{names[0]}: command not found" in {means(lacking)}'
    severity = "bad" if "ssh" in lacking else "warning" if people else "note"
    what = f"{listed(names)} {verb} not found by {kinds_of(lacking)}"
    return Finding(
        "command-missing", severity, what, evidence, consequence, _fix_path(seen, first, directory)
    )


def _came(seen: Observation, shells: Iterable[Shell], directory: str) -> str:
    """Where this entry came into PATH."""
    for shell in shells:
        before = seen.start_path
        for change in shell.changes:
            if directory in change.path and directory not in before:
                return spot(seen, _with_line(seen, change.place, directory))
            before = change.path
    tail = _tail(seen, directory)
    read = {place.file for shell in seen.shells.values() for place in shell.reads}
    for place, text in seen.path_lines:
        if tail and tail in text and (place.file in read or place.file.endswith("/fish_variables")):
            return (
                "the universal variable fish_user_paths" if "fish_user_paths:" in text else spot(seen, place)
            )
    return ""


def _service_from(seen: Observation, directory: str) -> str:
    """The line by which this entry came into the PATH of user services; empty where none is known."""
    tail = _tail(seen, directory)
    for text in seen.said.get("service_line", ()):
        place, words = path_line(text)
        if tail and tail in words:
            return spot(seen, place)
    return ""


def _tail(seen: Observation, directory: str) -> str:
    """What a start-up file probably calls a directory, without how it calls the home."""
    return directory.removeprefix(seen.home).strip("/")


def _with_line(seen: Observation, place: Place, directory: str) -> Place:
    """The same place with its line, guessed by the text where the shell's trace does not tell it."""
    if place.line:
        return place
    tail = _tail(seen, directory)
    for known, text in seen.path_lines:
        if known.file == place.file and tail and tail in text:
            return known
    return place


def _left_before(seen: Observation, ssh: Shell | None, ready: dict[str, Shell], directory: str) -> str:
    """When an ssh command reads the very file, but leaves it before that line."""
    if ssh is None:
        return ""
    for shell in ready.values():
        for change in shell.changes:
            if directory not in change.path or directory in seen.start_path or not change.place.line:
                continue
            for read in ssh.reads:
                if read.file == change.place.file and 0 < read.line < change.place.line:
                    return f", but an ssh command leaves that file at line {read.line}"
            if all(read.file != change.place.file for read in ssh.reads):
                return ", a file which an ssh command does not read"
            return ""
    return ""


def _fix_path(seen: Observation, kind: str, *directories: str) -> str:
    """The one line which brings directories into this kind's PATH."""
    full = ":".join(dict.fromkeys([*directories, "/usr/local/bin", "/usr/bin", "/bin"]))
    home = ":".join(map(seen.short, directories))
    entries = [
        "$HOME" + seen.short(path)[1:] if seen.short(path)[:1] == "~" else path for path in directories
    ]
    entry, quoted = ":".join(entries), " ".join(f'"{path}"' for path in entries)
    if kind == "cron":
        return f"at the top of the crontab: PATH={full}"
    if kind == "service":
        # Its manager need not end with the last login (linger), so logging in anew would not do.
        written = f"echo 'PATH={entry}:$PATH' >> ~/.config/environment.d/10-path.conf"
        return f"mkdir -p ~/.config/environment.d && {written} && systemctl --user daemon-reload"
    family = FAMILIES[seen.family]
    if family.add_path:
        return family.add_path.replace("{entries}", quoted)
    if kind != "ssh":
        return f"echo 'PATH=\"{entry}:$PATH\"' >> ~/.profile"
    if family.command_file:
        file = f"~/{family.command_file}"
        shell = seen.shells["ssh"]
        line = f'PATH="{entry}:$PATH"'
        if any(seen.short(place.file) == file for place in shell.reads):
            return f"sed -i '1i {line}' {file}  # at its top: further down it returns if not interactive"
        return f"echo '{line}' >> {file}"
    return (
        f"its shell reads no file for a command: call it by {home}/..., or "
        f"`SetEnv PATH={full}` in the node's sshd_config"
    )


# PATH is not the same everywhere.


def _lost_core(seen: Observation) -> Iterator[Finding]:
    for shell in seen.shells.values():
        if not shell.ready or shell.kind not in PEOPLE:
            continue
        before = [entry for entry in CORE if entry in seen.start_path and entry in seen.useful]
        if shell.kind == "ssh" or not seen.useful:
            before = [entry for entry in CORE if entry in seen.start_path]
        lost = [entry for entry in before if entry not in shell.path]
        if {"/usr/bin", "/bin"} & set(shell.path):  # one of the two is the other on most systems
            lost = [entry for entry in lost if entry == "/usr/local/bin" and entry in seen.useful]
        if not lost:
            continue
        where = _lost_at(seen, shell, lost[0])
        yield Finding(
            "path-lost",
            "bad",
            f"PATH of {kinds_of([shell.kind])} lacks {listed(lost)}",
            f"it is {':'.join(map(seen.short, shell.path)) or 'empty'}"
            + (f" since {where}" if where else ""),
            f"{MEANS[shell.kind]} miss the system's own programs",
            f"let {where or 'the line that sets PATH'} keep what was there: ...:$PATH",
        )


def _lost_at(seen: Observation, shell: Shell, entry: str) -> str:
    before = seen.start_path
    place = ""
    for change in shell.changes:
        if entry in before and entry not in change.path:
            place = spot(seen, change.place)
        before = change.path
    return place


def _differing(seen: Observation, told: set[str]) -> Iterator[Finding]:
    """Entries of the user's own which some kinds have and others lack."""
    ready = {kind: seen.shells[kind] for kind in PEOPLE if kind in seen.shells and seen.shells[kind].ready}
    entries = dict.fromkeys(entry for shell in ready.values() for entry in shell.path)
    groups: dict[tuple[str, ...], list[str]] = {}
    for entry in entries:
        if entry in SYSTEM or entry in told or entry not in seen.useful:
            continue
        lacking = tuple(kind for kind, shell in ready.items() if entry not in shell.path)
        if lacking:
            groups.setdefault(lacking, []).append(entry)
    for lacking, paths in groups.items():
        having = [kind for kind in ready if kind not in lacking]
        entry = paths[0]
        came = _came(seen, [ready[kind] for kind in having], entry)
        lost = next((at for kind in lacking if (at := _lost_at(seen, ready[kind], entry))), "")
        evidence = f"{kinds_of(having)} {has(having)} it" + (f" from {came}" if came else "")
        if lost:
            evidence += f"; it is lost again at {lost}"
        elif "ssh" in lacking:
            evidence += _left_before(seen, ready.get("ssh"), ready, entry)
        fix = f"let {lost} keep what was there: ...:$PATH" if lost else _fix_path(seen, lacking[0], *paths)
        yield Finding(
            "path-differs",
            "warning",
            f"PATH of {kinds_of(lacking)} lacks {listed(map(seen.short, paths))}",
            evidence,
            f"programs there are not found by {means(lacking)}",
            fix,
        )
