"""Kernel namespaces for practice nodes: a program of its own, run with ``python -I -S``.

``namespaces.py enter MARKER SPEC``: become a node, as the JSON file SPEC says: own users, mounts,
hostname and processes; stay as its first process, which waits for the dead.
``namespaces.py fill PID PATH``: put a full file system in the place of PATH, in the node of process PID.
``namespaces.py lock PID PATH``: make PATH read-only there. ``unfill`` and ``unlock`` take it back.

Calls and flags: unshare(2), setns(2), mount(2), mount_setattr(2), ioctl_ns(2), user_namespaces(7).
Python has no function for them before 3.12, hence ctypes.
"""

from __future__ import annotations

import contextlib
import ctypes
import fcntl
import json
import os
import shutil
import socket
import sys
from typing import Any

NEWNS, NEWUTS, NEWIPC, NEWUSER, NEWPID = 0x20000, 0x4000000, 0x8000000, 0x10000000, 0x20000000
RDONLY, NOSUID, NODEV, NOEXEC, REMOUNT, BIND, REC, PRIVATE = 1, 2, 4, 8, 32, 4096, 16384, 1 << 18
KEPT = {"ST_NOSUID": NOSUID, "ST_NODEV": NODEV, "ST_NOEXEC": NOEXEC}
KEPT |= {"ST_NOATIME": 1024, "ST_NODIRATIME": 2048, "ST_RELATIME": 1 << 21}
DETACH = 2
NS_GET_USERNS = 0xB701
SYS_MOUNT_SETATTR, AT_FDCWD, AT_RECURSIVE, ATTR_RDONLY = 442, -100, 0x8000, 1
DEVICES = ("null", "zero", "full", "random", "urandom", "tty")
# A full disk still has what was on it, and nothing more; a little room is left for nothing at all.
SPARE = 64 * 1024

_libc = ctypes.CDLL(None, use_errno=True)


def _check(result: int, what: str) -> None:
    if result != 0:
        number = ctypes.get_errno()
        raise OSError(number, f"{what}: {os.strerror(number)}")


def _mount(source: str, target: str, kind: str = "", flags: int = 0, data: str = "") -> None:
    words = [word.encode() or None for word in (source, target, kind)]
    result = _libc.mount(*words, ctypes.c_ulong(flags), data.encode() or None)
    _check(result, f"mount {target}")


def _unmount(target: str) -> None:
    _check(_libc.umount2(target.encode(), DETACH), f"umount {target}")


def _read_only_everywhere() -> None:
    attributes = (ctypes.c_uint64 * 4)(ATTR_RDONLY, 0, 0, 0)
    result = _libc.syscall(
        SYS_MOUNT_SETATTR, AT_FDCWD, b"/", AT_RECURSIVE, ctypes.byref(attributes), ctypes.sizeof(attributes)
    )
    _check(result, "mount_setattr /")


def _new_users(inner: int, outer_user: int, outer_group: int) -> None:
    _check(_libc.unshare(NEWUSER), "unshare users")
    _map_users(inner, outer_user, outer_group)


def _map_users(inner: int, outer_user: int, outer_group: int) -> None:
    for name, text in (
        ("setgroups", "deny"),
        ("uid_map", f"{inner} {outer_user} 1"),
        ("gid_map", f"{inner} {outer_group} 1"),
    ):
        with open(f"/proc/self/{name}", "w") as file:
            file.write(text)


def enter(spec: dict[str, Any]) -> int:
    """Become a node; returns when its first process ends."""
    user, group = os.getuid(), os.getgid()
    _check(_libc.unshare(NEWUSER | NEWNS | NEWUTS | NEWIPC | NEWPID), "unshare")
    _map_users(0, user, group)
    socket.sethostname(spec["hostname"])
    child = os.fork()
    if child:
        return os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
    _furnish(spec)
    child = os.fork()
    if child == 0:
        _new_users(spec["uid"], 0, 0)
        os.chdir("/")
        os.execve(spec["command"][0], spec["command"], {"PATH": "/usr/bin:/bin"})
    while True:
        # As the first process it is everybody's heir: the dead are waited for here.
        pid, status = os.wait()
        if pid == child:
            return os.waitstatus_to_exitcode(status)


def _furnish(spec: dict[str, Any]) -> None:
    """Mount what the node sees. Sources are opened first, since their places may soon be covered."""
    _mount("", "/", flags=REC | PRIVATE)
    handles = {source: os.open(source, os.O_PATH) for _, source, _ in spec["binds"]}
    etc = os.open("/etc", os.O_PATH)
    devices = {name: os.open(f"/dev/{name}", os.O_PATH) for name in DEVICES}
    _read_only_everywhere()
    for path in spec["empty"]:
        _mount("tmpfs", path, "tmpfs", NOSUID | NODEV, "mode=755" if path == "/run" else "mode=1777")
    _devices(devices)
    if spec["etc"]:
        _bind(etc, spec["machine_etc"], writable=False)
        _mount("tmpfs", "/etc", "tmpfs", NOSUID | NODEV, "mode=755")
        for name, link in spec["etc"].items():
            os.symlink(link, f"/etc/{name}")
    for target, source, writable in spec["binds"]:
        _bind(handles[source], target, writable)
    if spec["etc"]:
        _set_read_only("/etc", True)
    # The handles are reached by the old /proc, so the new one comes last.
    _mount("proc", "/proc", "proc", NOSUID | NODEV | NOEXEC)
    with open("/run/boot_id", "w") as file:
        file.write(spec["boot_id"])
    _mount("/run/boot_id", "/proc/sys/kernel/random/boot_id", flags=BIND)


def _bind(handle: int, target: str, writable: bool) -> None:
    source = f"/proc/self/fd/{handle}"
    if not os.path.lexists(target):
        if os.path.isdir(source):
            os.makedirs(target)
        else:
            os.makedirs(os.path.dirname(target), exist_ok=True)
            os.close(os.open(target, os.O_CREAT | os.O_WRONLY))
    _mount(source, target, flags=BIND | REC)
    _set_read_only(target, not writable)


def _set_read_only(path: str, wanted: bool) -> None:
    """Change one mount; the flags which it already has may not be dropped, so they are said again."""
    now = os.statvfs(path).f_flag
    kept = sum(flag for name, flag in KEPT.items() if now & getattr(os, name))
    _mount("", path, flags=REMOUNT | BIND | kept | (RDONLY if wanted else 0))


def _devices(devices: dict[str, int]) -> None:
    _mount("tmpfs", "/dev", "tmpfs", NOSUID, "mode=755")
    for name, handle in devices.items():
        _bind(handle, f"/dev/{name}", writable=True)
    for name in ("pts", "shm"):
        os.mkdir(f"/dev/{name}")
    _mount("devpts", "/dev/pts", "devpts", NOSUID | NOEXEC, "newinstance,ptmxmode=0666,mode=620")
    _mount("tmpfs", "/dev/shm", "tmpfs", NOSUID | NODEV, "mode=1777")  # noqa: S108 - the node's own
    for name, target in (
        ("ptmx", "pts/ptmx"),
        ("fd", "/proc/self/fd"),
        ("stdin", "/proc/self/fd/0"),
        ("stdout", "/proc/self/fd/1"),
        ("stderr", "/proc/self/fd/2"),
    ):
        os.symlink(target, f"/dev/{name}")


def _visit(pid: int) -> None:
    """Join the mounts of a process, with the power which their owner has over them."""
    mounts = os.open(f"/proc/{pid}/ns/mnt", os.O_RDONLY)
    users = fcntl.ioctl(mounts, NS_GET_USERNS)
    # The users of a full node are the machine's own, and nobody may join where he is.
    if not os.path.samestat(os.fstat(users), os.stat("/proc/self/ns/user")):
        _check(_libc.setns(users, NEWUSER), "setns users")
    _check(_libc.setns(mounts, NEWNS), "setns mounts")


def fill(path: str) -> None:
    """Put a file system there which holds what ``path`` held, and has no room left."""
    # /mnt is empty in every node; the new file system is made there and bound in one step.
    _mount("tmpfs", "/mnt", "tmpfs", NOSUID | NODEV, "mode=755")
    # Sockets and pipes cannot be copied, and nobody misses them.
    with contextlib.suppress(shutil.Error):
        shutil.copytree(path, "/mnt", symlinks=True, dirs_exist_ok=True)
    shutil.copystat(path, "/mnt")
    _keep_owners(path, "/mnt")
    now = os.statvfs("/mnt")
    used = (now.f_blocks - now.f_bfree) * now.f_frsize
    _mount("", "/mnt", flags=REMOUNT | NOSUID | NODEV, data=f"size={used + SPARE}")
    with open("/mnt/.filler", "wb", buffering=0) as file:
        while True:
            try:
                file.write(bytes(4096))
            except OSError:
                break
    # Not MS_MOVE, which a full node's shared mounts refuse.
    _mount("/mnt", path, flags=BIND)
    _unmount("/mnt")


def _keep_owners(source: str, copy: str) -> None:
    """Let each part of the copy belong to whom the original belongs to; in a full node that is not us."""
    for folder, names, files in os.walk(source):
        for path in (folder, *(os.path.join(folder, name) for name in (*names, *files))):
            with contextlib.suppress(OSError):
                owner = os.lstat(path)
                os.lchown(copy + path.removeprefix(source), owner.st_uid, owner.st_gid)


def main(words: list[str]) -> int:
    """Do what the first word says."""
    verb = words[0]
    if verb == "enter":
        with open(words[2]) as file:
            spec = json.load(file)
        return enter(spec)
    pid, path = int(words[1]), words[2]
    _visit(pid)
    if verb == "fill":
        fill(path)
    elif verb == "unfill":
        _unmount(path)
    else:
        _set_read_only(path, verb == "lock")
    return 0


if __name__ == "__main__":
    try:
        sys.exit(main(sys.argv[1:]))
    except OSError as error:
        sys.exit(str(error))
