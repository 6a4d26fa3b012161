"""``chmod``: who is kept out by a mode, or let in (chmod(1), StrictModes in sshd_config(5), sudo(8)).

What must stay: everybody may enter and read the system's directories and run its programs, ``sudo`` and
``su`` are setuid, everybody may read ``/etc/passwd`` and its like, the owner may enter a home; and nobody
else may write to any of them.
"""

from __future__ import annotations

import posixpath
import re
from collections.abc import Iterator

from stentor.guard.calls import Call
from stentor.guard.match import Found, Hit
from stentor.guard.paths import concrete, login_file, mounted, needed, readings, whole_tree
from stentor.guard.tools import read_line

_CLAUSE = re.compile(r"([ugoa]*)((?:[-+=][rwxXst]*)+)")
_PUBLIC = re.compile(r"/etc/(passwd|group|nsswitch\.conf|shells|fstab|ld\.so\.\w+)")
_SETUID = re.compile(r"/(usr/)?s?bin/(sudo|su|passwd|mount|umount|newgrp|pkexec)")
_PROGRAM = re.compile(r"/(usr/)?(s?bin|lib\S*)/.*")
_PRIVATE = re.compile(r"/etc/(shadow|gshadow|sudoers|krb5\.keytab|munge/munge\.key|ssh/ssh_host_\w+key)")
_MODE = re.compile(r"[0-7]{1,4}|[ugoa]*[-+=].*")


def permissions(words: tuple[str, ...], call: Call) -> Iterator[Hit]:
    """Judge a ``chmod``."""
    rest = [word for word in words[1:] if word != "--" and not re.fullmatch(r"-[Rvcf]+|--\w[\w-]*", word)]
    deep = any(re.fullmatch(r"-[vcf]*R[vcfR]*|--recursive", word) for word in words[1:])
    reference = any(word.startswith("--reference") for word in words)
    mode, targets = ("", rest) if reference else ("".join(rest[:1]), rest[1:])
    for target in targets:
        for path, condition in readings(target, call.cwd):
            if deep:
                if what := whole_tree(path) if path else "something with all below it":
                    shown = Found(
                        f"changes owner or mode of {what}" + (f" ({path})" if path else ""), condition
                    )
                    yield "ownership", ", ".join(filter(None, shown))
            elif path:
                yield from _set(mode, path, condition)


def _set(mode: str, path: str, condition: str) -> Iterator[Hit]:
    if _MODE.fullmatch(mode) and any(harms(mode, one) for one in _taken(path)):
        shown = "~, the login directory" if path == "~" else path
        reason = f"sets {mode} on {shown}, which keeps people or sshd out, or lets others in"
        yield "ownership", f"{reason}, {condition}" if condition else reason


def _taken(path: str) -> list[str]:
    """What a path takes, as far as it is known by name; all of a folder is as the folder itself."""
    return [*concrete(path), *([posixpath.dirname(path)] if posixpath.basename(path) == "*" else [])]


def folders(words: tuple[str, ...], call: Call) -> Iterator[Hit]:
    """``install -d -m``, which sets the mode of folders that are there already, too (install(1))."""
    line = read_line(words)
    if line.values("-d/--directory") and not line.changes_nothing:
        for mode in line.values("-m/--mode"):
            for target in line.operands:
                for path, condition in readings(target, call.cwd):
                    yield from _set(mode, path, condition) if path else ()


def lists(words: tuple[str, ...], call: Call) -> Iterator[Hit]:
    """``setfacl -m u::…``: its entries without a name are the mode (setfacl(1), acl(5))."""
    line = read_line(words)
    entries = [entry for value in line.values("-m/--modify/--set") for entry in value.split(",")]
    found = (re.fullmatch(r"([ugo])\w*::([rwxX-]*)", entry) for entry in entries)
    mode = ",".join(f"{entry[1]}={entry[2].replace('-', '')}" for entry in found if entry)
    if mode and not line.changes_nothing:
        for target in line.operands:
            for path, condition in readings(target, call.cwd):
                yield from _set(mode, path, condition) if path else ()


def harms(mode: str, path: str) -> bool:
    """Whether this mode may not be on this path."""
    here = path.rstrip("/") or "/"
    home = bool(re.fullmatch(r"~[\w.-]*|/home/[^/]+|/root", here))
    ssh_folder = here.endswith("/.ssh")
    named = login_file(here)
    folder = not named and not home and not ssh_folder and bool(needed(here) or mounted(here))
    if not (home or ssh_folder or named or folder) or here in ("/tmp", "/var/tmp"):  # noqa: S108 - made for all
        return False
    takes, gives = _changes(mode)
    if gives & 0o022:
        return True
    if home or ssh_folder:
        return bool(takes & 0o500)
    if folder:
        return bool(takes & 0o555)
    if _PROGRAM.fullmatch(here):
        return bool(takes & 0o111) or (bool(_SETUID.fullmatch(here)) and bool(takes & 0o4000))
    if _PUBLIC.fullmatch(here):
        return bool(takes & 0o444)
    if _PRIVATE.fullmatch(here) and gives & 0o004:
        return True
    return bool(takes & 0o400)


def _changes(mode: str) -> tuple[int, int]:
    """The bits which a mode takes away, and those which it gives."""
    if mode.isdecimal():
        bits = int(mode, 8)
        return 0o7777 & ~bits, bits
    takes = gives = 0
    for who, actions in _CLAUSE.findall(mode):
        mask = 0
        for letter, bits in (("u", 0o700), ("g", 0o070), ("o", 0o007)):
            if letter in who or "a" in who or not who:
                mask |= bits
        for action, letters in re.findall(r"([-+=])([rwxXst]*)", actions):
            bits = sum({"r": 0o444, "w": 0o222, "x": 0o111}.get(letter, 0) for letter in set(letters)) & mask
            bits |= 0o111 & mask if "X" in letters and action != "-" else 0
            bits |= 0o4000 if "s" in letters and ("u" in who or "a" in who or not who) else 0
            takes |= bits if action == "-" else mask & ~bits if action == "=" else 0
            gives |= bits if action in "+=" else 0
    return takes, gives
