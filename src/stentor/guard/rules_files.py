"""Rules on files and devices: what removes, overwrites, or gives away."""

from __future__ import annotations

import re
from collections.abc import Iterator

from stentor.guard.found import narrowed, roots_of
from stentor.guard.inner import name_of
from stentor.guard.paths import device, login_file, readings, whole_tree
from stentor.guard.reader import Call

Hit = tuple[str, str]


def flags(words: tuple[str, ...]) -> tuple[set[str], list[str]]:
    """Return a command's short and long options, and its operands."""
    options: set[str] = set()
    operands: list[str] = []
    rest = iter(words[1:])
    for word in rest:
        if word == "--":
            operands += rest
        elif word.startswith("--"):
            options.add(word.partition("=")[0])
        elif word.startswith("-") and len(word) > 1:
            options |= set(word[1:])
        else:
            operands.append(word)
    return options, operands


def _said(reason: str, condition: str) -> str:
    return f"{reason}, {condition}" if condition else reason


def _trees(
    call: Call, operands: list[str], verb: str, rule: str, *, contents_only: bool = False
) -> Iterator[Hit]:
    for operand in operands:
        for path, condition in readings(operand, call.cwd):
            if not path:
                if not contents_only:
                    yield rule, f"{verb} something with all below it, and {condition}"
            elif what := whole_tree(path, contents_only=contents_only):
                yield rule, _said(f"{verb} {what} ({_shown(path)})", condition)


def _login_files(call: Call, operands: list[str], verb: str) -> Iterator[Hit]:
    for operand in operands:
        for path, condition in readings(operand, call.cwd):
            if path and (found := device(path)):
                yield "write-device", _said(f"{verb} the device {found}", condition)
            elif path and login_file(path):
                yield (
                    "login-file",
                    _said(f"{verb} {_shown(path)}, which a login or the next boot needs", condition),
                )


def _shown(path: str) -> str:
    return path if path != "~" else "~, the login directory"


def remove(words: tuple[str, ...], call: Call) -> Iterator[Hit]:
    """``rm``, ``rmdir``, ``unlink``, ``shred``."""
    options, operands = flags(words)
    deep = bool(options & {"r", "R", "--recursive"})
    yield from _trees(call, operands, "removes", "remove-tree", contents_only=not deep)
    yield from _login_files(call, operands, "removes")


def find(words: tuple[str, ...], call: Call) -> Iterator[Hit]:
    """``find … -delete``: everything below its roots, unless a test narrows it down."""
    if "-delete" not in words and not any("rm" in word.split("/") for word in words[1:]):
        return
    narrow = narrowed(words)
    for root in roots_of(words[1:]) or ["."]:
        for path, condition in readings(root, call.cwd):
            if not path:
                yield "remove-tree", f"deletes below something, and {condition}"
            elif (what := whole_tree(path)) and (not narrow or path == "/"):
                yield "remove-tree", _said(f"deletes {what} ({_shown(path)})", condition)


def rsync(words: tuple[str, ...], call: Call) -> Iterator[Hit]:
    """``rsync --delete`` makes the target like the source, by removing the rest."""
    options, operands = flags(words)
    if operands and any(option.startswith("--del") for option in options):
        yield from _trees(call, operands[-1:], "deletes what is not in the source from", "remove-tree")


def move(words: tuple[str, ...], call: Call) -> Iterator[Hit]:
    """``mv``: the sources are gone from where they were, the target is overwritten."""
    _, operands = flags(words)
    yield from _trees(call, operands[:-1], "moves away", "remove-tree")
    yield from _login_files(call, operands[:-1], "moves away")
    yield from _login_files(call, operands[-1:], "overwrites")
    if operands[-1:] == ["/dev/null"]:
        yield "remove-tree", "moves files to /dev/null, which destroys them or it"


def overwrite(words: tuple[str, ...], call: Call) -> Iterator[Hit]:
    """``cp``, ``ln``, ``install``: the last operand is written."""
    _, operands = flags(words)
    if len(operands) > 1:
        yield from _login_files(call, operands[-1:], "overwrites")


def tee(words: tuple[str, ...], call: Call) -> Iterator[Hit]:
    """``tee`` without ``-a``, ``truncate``."""
    options, operands = flags(words)
    if not options & {"a", "--append"}:
        yield from _login_files(call, operands, "overwrites")
    else:
        yield from (
            (rule, why) for rule, why in _login_files(call, operands, "writes to") if rule == "write-device"
        )


def dd(words: tuple[str, ...], call: Call) -> Iterator[Hit]:
    """``dd of=``."""
    for word in words[1:]:
        if word.startswith("of="):
            yield from _login_files(call, [word[3:]], "overwrites")


def write(target: str, *, appends: bool, cwd: tuple[str, ...]) -> Iterator[Hit]:
    """A redirection."""
    call = Call((">",), "", cwd)
    for rule, why in _login_files(call, [target], "writes to" if appends else "overwrites"):
        if rule == "write-device" or not appends or "sysrq" in why:
            yield rule, why


def permissions(words: tuple[str, ...], call: Call) -> Iterator[Hit]:
    """``chmod``, ``chown``, ``chgrp``, ``setfacl``, ``chattr``."""
    name = name_of(words)
    options, operands = flags(words)
    mode, targets = (operands[0], operands[1:]) if operands and name != "setfacl" else ("", operands)
    if any(option.startswith("--reference") for option in options):
        targets = operands
    if name == "setfacl":
        targets = operands[1:] if options & {"m", "x", "M", "X"} else operands
    if options & {"R", "--recursive"}:
        yield from _trees(call, targets, "changes owner or mode of", "ownership")
        return
    for target in targets:
        for path, condition in readings(target, call.cwd):
            if (
                name == "chmod"
                and _shuts_out(mode)
                and (path in ("/", "~") or path.endswith("/.ssh") or login_file(path))
            ):
                yield (
                    "ownership",
                    _said(f"sets {mode} on {_shown(path)}, which keeps people or sshd out", condition),
                )
            elif name in ("chown", "chgrp") and path and (path == "/" or login_file(path)):
                yield "ownership", _said(f"changes the owner of {_shown(path)}", condition)


def _shuts_out(mode: str) -> bool:
    """Whether sshd's StrictModes or the owner would be kept out: 000, 777, a-x, o+w."""
    if re.fullmatch(r"[0-7]{3,4}", mode):
        owner, group, others = (int(digit) for digit in mode[-3:])
        return (not owner & 1 and not owner & 4) or bool(group & 2 or others & 2)
    return bool(re.search(r"(^|,)[ugo]*a?[ugo]*-[rwXst]*[rx]|[go]\w*[+=]\w*w|a\w*[+=]\w*w|^\+\w*w", mode))


_TRY = {"mke2fs", "mkfs.ext2", "mkfs.ext3", "mkfs.ext4", "wipefs"}  # -n: only say what would be done


def filesystem(words: tuple[str, ...], _call: Call) -> Iterator[Hit]:
    """Programs which make or wipe file systems, partitions and volumes."""
    name, rest = name_of(words), words[1:]
    options, operands = flags(words)
    text = " ".join(rest)
    if name in ("fdisk", "sfdisk", "gdisk", "sgdisk", "parted", "cfdisk"):
        looks = options & {"l", "list", "--list", "d", "--dump", "p", "--print", "v"} or "print" in operands
        hit = bool(operands) and not looks
    elif name in ("cryptsetup", "zpool", "zfs", "mdadm", "btrfs", "nvme", "hdparm"):
        hit = bool(
            re.search(
                r"\b(luksFormat|erase|luksErase|luksKillSlot|reencrypt|destroy|labelclear|rollback|format|sanitize"
                r"|subvolume delete|device (delete|remove)|export)\b|--zero-superblock|--(stop|fail|remove)\b"
                r"|--security-erase|--yes-i-know|--trim-sector",
                text,
            )
        )
    elif name in ("tune2fs", "resize2fs", "badblocks"):
        hit = name == "badblocks" and bool(options & {"w"})
    else:
        tries = "n" in options and words[0].rpartition("/")[2] in _TRY
        hit = bool(operands) and not tries and not options & {"V", "--version", "--help", "--no-act"}
    if hit:
        yield "make-filesystem", f"{name} destroys what is on {' '.join(operands[-1:]) or 'a disk'}"


def unmount(words: tuple[str, ...], call: Call) -> Iterator[Hit]:
    """``umount -a``, of a system directory, ``mount -o remount,ro /``, ``swapoff``."""
    options, operands = flags(words)
    if name_of(words) == "umount":
        if options & {"a", "A", "--all", "--all-targets"}:
            yield "unmount", "unmounts every file system"
        for operand in operands:
            for path, condition in readings(operand, call.cwd):
                if path in ("/", "/usr", "/var", "/home", "/boot", "/proc", "/sys", "/dev", "/run"):
                    yield "unmount", _said(f"unmounts {path}", condition)
    elif "remount" in " ".join(words) and re.search(r"\bro\b", " ".join(words)):
        yield "unmount", "makes a mounted file system read-only"


def git(words: tuple[str, ...], call: Call) -> Iterator[Hit]:
    """``git clean -x`` in the login directory."""
    options, _ = flags(words)
    if (
        "clean" in words
        and "f" in options
        and any(path == "~" for path, _ in readings(".", call.cwd))
        and "-C" not in words
    ):
        yield "remove-tree", "removes every file that git does not know from the login directory"
