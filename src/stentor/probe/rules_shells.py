"""What is wrong with a node's shells. Pure: an observation in, findings out."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

from stentor.probe.finding import Finding, listed
from stentor.probe.observe import Observation, Place, Shell

# Until a shell is worth a warning, seconds. All kinds are started at once, so a small machine is slower
# than in daily life; these are above that.
SLOW = {"ssh": 2.0, "login": 3.0, "interactive": 3.0, "both": 3.0}
PEOPLE = ("ssh", "login", "interactive", "both")  # kinds which have start-up files
SYSTEM = frozenset(
    [
        "/usr/local/bin",
        "/usr/bin",
        "/bin",
        "/usr/local/sbin",
        "/usr/sbin",
        "/sbin",
        "/usr/games",
        "/usr/local/games",
        "/snap/bin",
    ]
)
CORE = ("/usr/local/bin", "/usr/bin", "/bin")
_NOUNS = {
    "ssh": "an ssh command",
    "login": "a login shell",
    "interactive": "an interactive shell",
    "both": "a login by hand",
    "service": "a user service",
    "cron": "cron",
}
_MEANS = {
    "ssh": "ssh commands, stentor run, scp, rsync and git over ssh",
    "login": "login shells (of tmux, of `bash -l`)",
    "interactive": "shells opened by hand",
    "both": "logins by hand",
    "service": "services of this user",
    "cron": "cron's commands",
}


def shell_findings(seen: Observation, requires: Sequence[str]) -> list[Finding]:
    """What is wrong with the shells of one node.

    Args:
        seen: on the node.
        requires: commands which the fleet requires of it.
    """
    if seen.no_scratch:
        return [_no_scratch()]
    missing = list(_missing(seen, requires))
    told = {directory for _, directory in missing}
    return [
        *_broken(seen),
        *_noise(seen),
        *(finding for finding, _ in missing),
        *_lost_core(seen),
        *_differing(seen, told),
        *_slow(seen),
        *_umask(seen),
        *_locale(seen),
    ]


def _no_scratch() -> Finding:
    return Finding(
        "no-scratch",
        "bad",
        "nothing can be written anywhere, not even in /tmp",
        "mktemp failed in the runtime directory, /dev/shm, /tmp, /var/tmp and the home",
        "programs which need a temporary file fail, and its shells could not be looked at",
        "look at `df` and `mount` on the node",
    )


# A shell that does not come up.


def _broken(seen: Observation) -> Iterator[Finding]:
    groups: dict[tuple[str, str], list[Shell]] = {}
    for shell in seen.shells.values():
        if shell.ready:
            continue
        if shell.kind == "service":
            yield _no_service(shell)
            continue
        how = f"not there after {shell.hung:g} s" if shell.hung else f"ended with code {shell.code}"
        groups.setdefault((how, _spot(seen, shell)), []).append(shell)
    for (how, where), shells in groups.items():
        kinds = [shell.kind for shell in shells]
        hangs = shells[0].hung is not None
        said = next((shell.stderr for shell in shells if shell.stderr), "")
        many = len(kinds) > 1
        verb = ("hang" if many else "hangs") if hangs else ("end" if many else "ends")
        yield Finding(
            "shell-hangs" if hangs else "shell-exits",
            "bad",
            f"{_kinds(kinds)} {verb}" + ("" if hangs else " before the first command"),
            how
            + (f"; the last line reached is {where}" if where else "")
            + (f"; it said: {said}" if said else ""),
            f"{listed(_MEANS[kind] for kind in kinds)} cannot work",
            f"look at {where or listed(_reads(seen, shells[0]), 'or') or 'the files it reads'}",
        )


def _no_service(shell: Shell) -> Finding:
    return Finding(
        "service-fails",
        "note",
        "no user service could be started to look at its PATH",
        shell.stderr or f"systemd-run ended with {shell.code}",
        "what services of this user find is not known",
        "systemctl --user status",
    )


def _spot(seen: Observation, shell: Shell) -> str:
    """Where a shell that did not come up stopped, as far as it is known."""
    return _place(seen, shell.stopped) if shell.stopped.file else ""


def _reads(seen: Observation, shell: Shell) -> list[str]:
    return [seen.short(place.file) for place in shell.reads]


def _place(seen: Observation, place: Place) -> str:
    return f"{seen.short(place.file)}:{place.line}" if place.line else seen.short(place.file)


def _noise(seen: Observation) -> Iterator[Finding]:
    if not seen.noise or not seen.complete:
        return
    shell = seen.shells.get("ssh")
    files = _reads(seen, shell) if shell else []
    own = [file for file in files if file.startswith("~")]
    guard = {
        "zsh": "in `if [[ -o interactive ]]; then ... fi`",
        "fish": "in `if status is-interactive; ...; end`",
    }.get(seen.family, "in `case $- in *i*) ... ;; esac`")
    bytes_ = "1 byte" if seen.noise == 1 else f"{seen.noise} bytes"
    yield Finding(
        "noise",
        "bad",
        "a plain session prints",
        f"{bytes_} on standard output before the command began: {seen.noise_line!r}",
        "scp, rsync, git over ssh and whatever reads a command's output take it for data and break",
        f"put what prints in {listed(own or files, 'or') or 'its start-up files'} {guard}",
    )


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
    if found:
        came = _came(seen, [ready[kind] for kind in found], directory)
        evidence += f"; {_kinds(found)} {_has(found)} it" + (f" from {came}" if came else "")
        evidence += _left_before(seen, ready.get("ssh"), ready, directory) if first == "ssh" else ""
    consequence = f'"{names[0]}: command not found" in {listed(_MEANS[kind] for kind in lacking)}'
    severity = "bad" if "ssh" in lacking else "warning" if people else "note"
    what = f"{listed(names)} {verb} not found by {_kinds(lacking)}"
    return Finding(
        "command-missing", severity, what, evidence, consequence, _mend_path(seen, first, directory)
    )


def _kinds(kinds: Iterable[str]) -> str:
    return listed(_NOUNS[kind] for kind in kinds)


def _has(kinds: Sequence[str]) -> str:
    return "has" if len(kinds) == 1 else "have"


def _came(seen: Observation, shells: Iterable[Shell], directory: str) -> str:
    """Where this entry came into PATH."""
    for shell in shells:
        before = seen.start_path
        for change in shell.changes:
            if directory in change.path and directory not in before:
                return _place(seen, _with_line(seen, change.place, directory))
            before = change.path
    tail = _tail(seen, directory)
    read = {place.file for shell in seen.shells.values() for place in shell.reads}
    for place, text in seen.path_lines:
        if tail and tail in text and (place.file in read or place.file.endswith("/fish_variables")):
            return (
                "the universal variable fish_user_paths"
                if "fish_user_paths:" in text
                else _place(seen, place)
            )
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


def _mend_path(seen: Observation, kind: str, *directories: str) -> str:
    """The one line which brings directories into this kind's PATH."""
    directory = ":".join(directories)
    home = ":".join(map(seen.short, directories))
    entries = [
        "$HOME" + seen.short(path)[1:] if seen.short(path)[:1] == "~" else path for path in directories
    ]
    entry, quoted = ":".join(entries), " ".join(f'"{path}"' for path in entries)
    if kind == "cron":
        return f"at the top of the crontab: PATH={directory}:/usr/local/bin:/usr/bin:/bin"
    if kind == "service":
        return f"echo 'PATH={entry}:$PATH' >> ~/.config/environment.d/10-path.conf, then log in anew"
    if seen.family == "zsh":
        return f"echo 'path=({quoted} $path)' >> ~/.zshenv"
    if seen.family == "fish":
        return f"fish -c 'fish_add_path {quoted}'"
    if kind != "ssh":
        return f"echo 'PATH=\"{entry}:$PATH\"' >> ~/.profile"
    if seen.family == "bash":
        shell = seen.shells["ssh"]
        line = f'PATH="{entry}:$PATH"'
        if any(place.file == f"{seen.home}/.bashrc" for place in shell.reads):
            return f"sed -i '1i {line}' ~/.bashrc  # at its top: further down it returns if not interactive"
        return f"echo '{line}' >> ~/.bashrc"
    return (
        f"its shell reads no file for a command: call it by {home}/..., or "
        f"`SetEnv PATH={directory}:/usr/local/bin:/usr/bin:/bin` in the node's sshd_config"
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
            f"PATH of {_kinds([shell.kind])} lacks {listed(lost)}",
            f"it is {':'.join(map(seen.short, shell.path)) or 'empty'}"
            + (f" since {where}" if where else ""),
            f"{_MEANS[shell.kind]} miss the system's own programs",
            f"let {where or 'the line that sets PATH'} keep what was there: ...:$PATH",
        )


def _lost_at(seen: Observation, shell: Shell, entry: str) -> str:
    before = seen.start_path
    place = ""
    for change in shell.changes:
        if entry in before and entry not in change.path:
            place = _place(seen, change.place)
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
        evidence = f"{_kinds(having)} {_has(having)} it" + (f" from {came}" if came else "")
        if lost:
            evidence += f"; it is lost again at {lost}"
        elif "ssh" in lacking:
            evidence += _left_before(seen, ready.get("ssh"), ready, entry)
        mend = f"let {lost} keep what was there: ...:$PATH" if lost else _mend_path(seen, lacking[0], *paths)
        yield Finding(
            "path-differs",
            "warning",
            f"PATH of {_kinds(lacking)} lacks {listed(map(seen.short, paths))}",
            evidence,
            f"programs there are not found by {listed(_MEANS[kind] for kind in lacking)}",
            mend,
        )


# What is only unpleasant.


def _slow(seen: Observation) -> Iterator[Finding]:
    for kind, limit in SLOW.items():
        shell = seen.shells.get(kind)
        if shell is None or not shell.ready or shell.seconds is None or shell.seconds <= limit:
            continue
        files = listed(_reads(seen, shell))
        yield Finding(
            "shell-slow",
            "warning",
            f"{_NOUNS[kind]} takes {shell.seconds:.1f} s to begin",
            f"it reads {files}" if files else "measured while all kinds came up side by side",
            f"{_MEANS[kind]} wait that long, each time",
            f"see where: {_profile(seen.family)}",
        )
        return  # the others are slow by the same files


def _profile(family: str) -> str:
    return {
        "zsh": "zsh -ixc exit 2>&1 | ts -i '%.s'",
        "bash": "PS4='$EPOCHREALTIME ' bash -ixc exit",
        "fish": "fish --profile-startup /dev/stdout -c exit",
    }.get(family, "time each of its files")


def _umask(seen: Observation) -> Iterator[Finding]:
    for kind, shell in seen.shells.items():
        digits = shell.umask[-1:]
        if shell.ready and digits.isdigit() and not int(digits) & 2:
            yield Finding(
                "umask-open",
                "warning",
                f"what {_kinds([kind])} writes can be changed by everybody",
                f"its umask is {shell.umask}",
                "any account on the node can alter those files",
                "umask 022 in the file that sets it",
            )
            return


def _locale(seen: Observation) -> Iterator[Finding]:
    for kind, shell in seen.shells.items():
        # fish invents en_US.UTF-8 where nothing says which locale it is.
        invented = seen.family == "fish" and shell.locale == "en_US.UTF-8"
        if shell.ready and shell.locale_missing and not invented:
            yield Finding(
                "locale-missing",
                "warning",
                f"the node does not have the locale {shell.locale}",
                f"{_kinds([kind])} asks for it (your ssh may send it: SendEnv LANG LC_*)",
                "programs warn, and take letters beyond ASCII apart",
                f"on Debian: sudo locale-gen {shell.locale}, or use C.UTF-8",
            )
            return
    ssh, both = seen.shells.get("ssh"), seen.shells.get("both")
    if ssh and both and ssh.ready and both.ready and both.charmap == "UTF-8" != ssh.charmap:
        if ssh.locale_missing or both.locale_missing:
            return
        yield Finding(
            "locale-differs",
            "note",
            "an ssh command has no UTF-8, a login by hand has",
            f"character sets: {ssh.charmap or '?'} and {both.charmap}",
            "the same program writes other characters by `ssh node command` than by hand",
            "set LANG in /etc/default/locale, which both read",
        )
