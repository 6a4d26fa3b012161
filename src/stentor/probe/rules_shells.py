"""What is wrong with a node's shells."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from stentor.digits import whole
from stentor.probe.finding import MEANS, NOUNS, Finding, kinds_of, listed, means, reads, spot
from stentor.probe.observe import Observation, Shell
from stentor.probe.rules_path import path_findings
from stentor.shells import FAMILIES

# Until a shell is worth a warning, seconds. All kinds are started at once, so a small machine is slower than
# in daily life; what a shell waited for a processor is not counted, and these are above the rest of that.
SLOW = {"ssh": 2.0, "login": 3.0, "interactive": 3.0, "both": 3.0}


def shell_findings(seen: Observation, requires: Sequence[str]) -> list[Finding]:
    """What is wrong with the shells of one node.

    Args:
        requires: commands which the fleet requires of it.
    """
    if seen.no_scratch:
        return [_no_scratch()]
    return [
        *_broken(seen),
        *_noise(seen),
        *path_findings(seen, requires),
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
            f"{kinds_of(kinds)} {verb}" + ("" if hangs else " before the first command"),
            how
            + (f"; the last line reached is {where}" if where else "")
            + (f"; it said: {said}" if said else ""),
            f"{means(kinds)} cannot work",
            f"look at {where or listed(reads(seen, shells[0]), 'or') or 'the files it reads'}",
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
    return spot(seen, shell.stopped) if shell.stopped.file else ""


def _noise(seen: Observation) -> Iterator[Finding]:
    if not seen.noise or not seen.complete:
        return
    shell = seen.shells.get("ssh")
    files = reads(seen, shell) if shell else []
    own = [file for file in files if file.startswith("~")]
    guard = FAMILIES[seen.family].for_people
    fix = f"put what prints in {listed(own or files, 'or') or 'its start-up files'} {guard}"
    if seen.noise_line in [line[:120] for line in seen.said.get("rc_prints", ())]:
        fix = "let ~/.ssh/rc print to standard error: `>&2` behind what prints"
    bytes_ = "1 byte" if seen.noise == 1 else f"{seen.noise} bytes"
    yield Finding(
        "noise",
        "bad",
        "a plain session prints",
        f"{bytes_} on standard output before the command began: {seen.noise_line!r}",
        "scp, rsync, git over ssh and whatever reads a command's output take it for data and break",
        fix,
    )


# What is only unpleasant.


def _slow(seen: Observation) -> Iterator[Finding]:
    for kind, limit in SLOW.items():
        shell = seen.shells.get(kind)
        if shell is None or not shell.ready or shell.seconds is None:
            continue
        own = shell.seconds - shell.waited
        if own <= limit:
            continue
        files = listed(reads(seen, shell))
        yield Finding(
            "shell-slow",
            "warning",
            f"{NOUNS[kind]} takes {own:.1f} s to begin",
            f"it reads {files}" if files else "measured while all kinds came up side by side",
            f"{MEANS[kind]} wait that long, each time",
            f"see where: {FAMILIES[seen.family].profiler}",
        )
        return  # the others are slow by the same files


def _umask(seen: Observation) -> Iterator[Finding]:
    for kind, shell in seen.shells.items():
        others = whole(shell.umask[-1:])
        if shell.ready and others is not None and not others & 2:
            yield Finding(
                "umask-open",
                "warning",
                f"what {kinds_of([kind])} writes can be changed by everybody",
                f"its umask is {shell.umask}",
                "any account on the node can alter those files",
                "umask 022 in the file that sets it",
            )
            return


def _locale(seen: Observation) -> Iterator[Finding]:
    for kind, shell in seen.shells.items():
        invented = bool(shell.locale) and shell.locale == FAMILIES[seen.family].locale
        if shell.ready and shell.locale_missing and not invented:
            yield Finding(
                "locale-missing",
                "warning",
                f"the node does not have the locale {shell.locale}",
                f"{kinds_of([kind])} asks for it (your ssh may send it: SendEnv LANG LC_*)",
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
