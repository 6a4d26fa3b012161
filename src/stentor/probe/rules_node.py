"""What is wrong with a node beside its shells."""

from __future__ import annotations

from collections.abc import Iterator

from stentor.digits import whole
from stentor.probe.columns import size, span
from stentor.probe.finding import Finding, listed
from stentor.probe.observe import Observation, number

DISK_LOW = 80  # percent used: from here on less than 20 % is free
DISK_FULL = 98
LOAD_HIGH = 2.0  # for each core


def node_findings(seen: Observation, skew: float = 0.0) -> list[Finding]:
    """What is wrong with a node beside its shells.

    Args:
        skew: seconds by which its clock is ahead of ours; 0.0 if they are the same as far as one can tell.
    """
    return [
        *_rc(seen),
        *_environment(seen),
        *_growing(seen),
        *_modes(seen),
        *_home(seen),
        *_clock(seen, skew),
        *_units(seen),
        *_disks(seen),
        *_mounts(seen),
        *_load(seen),
    ]


# What `env` wrote into a file is of another moment than this session.
_OF_ITS_TIME = frozenset({"PWD", "OLDPWD", "SHLVL", "_", "SSH_CLIENT", "SSH_CONNECTION", "SSH_TTY"})


def _names(lines: tuple[str, ...]) -> list[str]:
    names = dict.fromkeys(line.partition("=")[0] for line in lines)
    return [name for name in names if name not in _OF_ITS_TIME]


def _rc(seen: Observation) -> Iterator[Finding]:
    if "rc" not in seen.said:
        return
    sets = seen.said.get("rc_sets", ())
    fix = "mv ~/.ssh/rc ~/.ssh/rc.old"
    if "rc_hangs" in seen.said:
        seconds = seen.said["rc_hangs"][0]
        consequence = "every login waits for it, and may never come to its command"
        yield Finding(
            "rc-hangs", "bad", "~/.ssh/rc hangs", f"not there after {seconds} s", consequence, fix, "rc"
        )
        return
    safe = "" if "rc_xauth" in seen.said else "move .ssh/rc"
    if not sets and "rc_writes_environment" in seen.said and not seen.said.get("environment_reaches"):
        yield Finding(
            "rc",
            "warning",
            "a left-over ~/.ssh/rc writes ~/.ssh/environment, which reaches no command",
            "sshd runs it before every command, and it writes that file anew each time",
            "every command waits for it; a ~/.ssh/environment that is moved away is back at the next login",
            fix,
            safe,
        )
        return
    if not sets:
        yield Finding(
            "rc",
            "note",
            "there is a ~/.ssh/rc, which sshd runs before every command",
            "it changes no variable",
            "every command waits for it; X11 forwarding needs an xauth in it",
            "nothing to do, if it is there on purpose",
        )
        return
    names = listed(_names(sets))
    path = next((line for line in sets if line.startswith("PATH=")), "")
    proof = f"run as sshd runs it, it sets {names}"
    if path:
        proof += f" (PATH to {':'.join(map(seen.short, path[5:].split(':')))})"
    if seen.environment_exact:
        proof += "; it ran before this very session too, and sshd gave to the shell "
        proof += f"PATH={':'.join(map(seen.short, seen.start_path))}" if path else "none of it"
    yield Finding(
        "rc",
        "warning",
        "a left-over ~/.ssh/rc sets variables which reach no command",
        proof,
        "sshd runs it as a process of its own: it fixes no PATH, and every command waits for it",
        fix,
        safe,
    )


def _environment(seen: Observation) -> Iterator[Finding]:
    permits = [line for line in seen.said.get("permit", ()) if line.lower().split()[-1:] != ["no"]]
    where = "; ".join(permits)
    if "environment_file" in seen.said:
        lost = _names(seen.said.get("environment_lost", ()))
        fix = "mv ~/.ssh/environment ~/.ssh/environment.old"
        if lost:
            yield Finding(
                "environment-file",
                "warning",
                "~/.ssh/environment reaches no command",
                f"it says {listed(lost)}, and the environment which sshd gave to this session has not that",
                "whoever relies on it is misled; sshd reads it with PermitUserEnvironment only",
                fix,
                "move .ssh/environment",
            )
        elif seen.said.get("environment_reaches"):
            yield Finding(
                "environment-file",
                "note",
                "~/.ssh/environment is in force",
                f"the session has its {listed(_names(seen.said['environment_reaches']))}"
                + (f", by {where}" if where else ""),
                "the environment of commands is not only made by the shell's files",
                "nothing to do, if it is there on purpose",
            )
    if permits:
        yield Finding(
            "permit-user-environment",
            "note",
            "sshd takes variables from the account's own files",
            where,
            "who may write ~/.ssh/environment may set LD_PRELOAD for a forced command (sshd_config(5))",
            "without need for it: PermitUserEnvironment no",
        )


def _growing(seen: Observation) -> Iterator[Finding]:
    for line in seen.said.get("grows", ()):
        before, after, file = [*line.split(" ", 2), "", ""][:3]
        yield Finding(
            "file-grows",
            "warning",
            f"{seen.short(file)} grows with each login",
            f"from {before} to {after} bytes while shells came up here; then again with a login, not without",
            "start-up gets slower, and some day the disk is full",
            f"look for `>>` with {file.rpartition('/')[2]} in the start-up files",
        )


def _modes(seen: Observation) -> Iterator[Finding]:
    me = (seen.said.get("uid") or ("",))[0]
    for line in seen.said.get("mode", ()):
        digits, owner, file = [*line.split(" ", 2), "", ""][:3]
        if not digits or any(digit not in "01234567" for digit in digits) or not file.startswith(seen.home):
            continue
        mode, name = int(digits, 8), seen.short(file)
        own = owner in (me, "0")
        evidence = f"{name} has mode {digits}" + ("" if own else f" and belongs to the account {owner}")
        for key, what, means, right in _wrong_mode(name, mode, own=own):
            severity = "warning" if key == "mode-loose" else "bad"
            if right is None:
                yield Finding(key, severity, what, evidence, means, f"sudo chown $(id -u) {name}")
                continue
            inside = file[len(seen.home) + 1 :]
            fix = f"chmod {right:o} {digits} {inside}"
            yield Finding(key, severity, what, evidence, means, f"chmod {right:o} {name}", fix)


def _wrong_mode(name: str, mode: int, *, own: bool) -> Iterator[tuple[str, str, str, int | None]]:
    """Key, what, consequence and the right mode; None where the owner is what is wrong."""
    strict = "with StrictModes (the default) sshd refuses every key of this account"
    judged = name in ("~", "~/.ssh", "~/.ssh/authorized_keys")
    if not own and judged:
        yield "owner-wrong", f"{name} belongs to somebody else", strict, None
    elif judged and mode & 0o022:
        right = {"~": mode & ~0o022, "~/.ssh": 0o700}.get(name, 0o600)
        yield "mode-open", f"others may write {name}", strict, right
    elif name == "~/.ssh" and mode & 0o055:
        yield "mode-loose", "others may look into ~/.ssh", "they see the names of its keys", 0o700
    elif name.rpartition("/")[2].startswith("id_") and mode & 0o077:
        means = "ssh refuses to use this key, and others may have read it"
        yield "key-readable", f"the private key {name} is open to others", means, 0o600
    elif name == "~/.ssh/config" and mode & 0o022:
        means = "ssh from this node refuses it: Bad owner or permissions"
        yield "mode-open", f"others may write {name}", means, 0o600


def _writable(seen: Observation) -> bool:
    return (seen.said.get("home_write") or ("yes",))[0].startswith("yes")


def _home(seen: Observation) -> Iterator[Finding]:
    if _writable(seen):
        return
    said = seen.said["home_write"][0].strip()
    means = "logins write no history, locks or caches; dotfiles cannot be applied"
    if said == "hangs":
        evidence = "writing a file of two bytes was not over in time"
        yield Finding("home-hangs", "bad", "the home directory does not answer", evidence, means,
            "look at the mount it is on: findmnt -T ~")  # fmt: skip
        return
    if "Read-only" in said:
        what, fix = (
            "the home directory is read-only",
            "look for disk errors (dmesg), then: mount -o remount,rw",
        )
    elif "No space" in said or "quota" in said or _full(seen):
        what, fix = "the home directory is full", "see what is large: du -xh ~ | sort -h | tail"
    else:
        what, fix = "the home directory cannot be written", "look at its owner and mode: ls -ld ~"
    evidence = f"a file of two bytes could not be written: {said or 'it was empty afterwards'}"
    yield Finding("home-not-writable", "bad", what, evidence, means, fix)


def _full(seen: Observation) -> bool:
    """Whether the file system of the home is; busybox and dash say only that writing failed."""
    mount = (seen.said.get("home_mount") or ("?",))[0]
    return any(
        line.endswith(f" {mount}") and line.startswith(("99 ", "100 ")) for line in seen.said.get("disk", ())
    )


def _clock(seen: Observation, skew: float) -> Iterator[Finding]:
    if skew:
        way = "ahead of" if skew > 0 else "behind"
        yield Finding(
            "clock-skew",
            "bad" if abs(skew) > 300 else "warning",
            f"its clock is {span(abs(skew))} {way} ours",
            "its time, read between the moments when we asked and when it answered",
            "certificates, tokens and TLS fail; make, rsync and git judge by wrong times",
            "timedatectl set-ntp true",
        )
    said = dict(line.partition("=")[::2] for line in seen.said.get("timedate", ()))
    if said.get("NTPSynchronized") == "no":
        off = said.get("NTP") == "no"
        yield Finding(
            "clock-unsynchronised",
            "warning",
            "its clock is not kept in time",
            f"timedatectl: NTPSynchronized=no, NTP={said.get('NTP', '?')}",
            "it drifts, some seconds a day",
            "timedatectl set-ntp true" if off else "timedatectl timesync-status",
        )


def _units(seen: Observation) -> Iterator[Finding]:
    for key, whose, option in (("failed_units", "", ""), ("failed_user-units", "user's ", "--user ")):
        units = seen.said.get(key, ())
        if units:
            yield Finding(
                "units-failed",
                "warning",
                f"{len(units)} of the {whose}systemd units {'has' if len(units) == 1 else 'have'} failed",
                listed(units),
                "what they do is not done",
                f"systemctl {option}status {units[0]}",
            )


def _disks(seen: Observation) -> Iterator[Finding]:
    for line in seen.said.get("disk", ()):
        percent, free, total, mount = [*line.split(" ", 3), "", "", ""][:4]
        used, left, all_ = whole(percent), whole(free), whole(total)
        if used is None or left is None or all_ is None or used <= DISK_LOW:
            continue
        full = used >= DISK_FULL
        if full and mount == (seen.said.get("home_mount") or ("",))[0] and not _writable(seen):
            continue  # said already
        yield Finding(
            "disk-full" if full else "disk-low",
            "bad" if full else "warning",
            f"{mount} is {'full' if full else 'nearly full'}",
            f"{used} % used, {size(left * 1024)} of {size(all_ * 1024)} are free",
            "nothing more can be written there" if full else "less than 20 % is free",
            f"see what is large: du -xh {mount} | sort -h | tail",
        )


def _mounts(seen: Observation) -> Iterator[Finding]:
    for line in seen.said.get("mount_hangs", ()):
        kind, source, target = [*line.split(" ", 2), "", ""][:3]
        yield Finding(
            "mount-hangs",
            "bad",
            f"{target} does not answer",
            f"{kind} of {source}: its file system was asked for its size and said nothing in time",
            "whatever looks there hangs and cannot be ended: df, ls, shells that stand in it",
            f"bring the server back, or: sudo umount -fl {target}",
        )


def _load(seen: Observation) -> Iterator[Finding]:
    load = number((seen.said.get("load") or ("",))[0])
    cores = whole((seen.said.get("cores") or ("",))[0].strip())
    if load is None or not cores or load / cores <= LOAD_HIGH:
        return
    yield Finding(
        "load-high",
        "warning",
        "the node is overloaded",
        f"load {load:.1f} on {cores} core{'' if cores == 1 else 's'}: {load / cores:.1f} for each",
        "everything on it takes longer, the times above too",
        "see what it is: top -o %CPU (processes that wait for a disk count as well)",
    )
