"""Facts of a node from what ``sh/probe.sh`` printed on it.

A probe can come back cut off, mixed with the words of a talkative ``.bashrc``, or from a system
nobody has thought of: every fact can be missing, and nothing that a node says is an error here.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import NamedTuple

from stentor.digits import whole

BEGIN = "stentor_probe=1"
END = "stentor_probe_end"
GUARDED = {
    "disk_root": "df of /",
    "disk_home": "df of the home directory",
    "home_writable": "a look at the home directory",
    "who": "who",
    "chezmoi_version": "chezmoi --version",
    "tmux_session": "tmux list-sessions",
    "sw_vers": "sw_vers",
    "vm_stat": "vm_stat",
}

_SAID = re.compile(r"^([a-z_]+)=(.*)$")
# Filesystem 1024-blocks Used Available Capacity Mounted on; the first may have spaces (macOS).
_DF = re.compile(r"^(.+?)\s+(\d+)\s+(\d+)\s+(-?\d+)\s+(\d+)%\s+(/.*)$")
_NUMBER = re.compile(r"\d+(?:\.\d+)?")


class Disk(NamedTuple):
    """One file system."""

    mount: str  # where it is mounted
    used: int  # bytes
    total: int  # bytes, those reserved for root included
    percent: int  # how full it is for an ordinary user, as ``df`` says


class Facts(NamedTuple):
    """What one node is and how it fares. None: not known."""

    os: str | None = None  # ``Debian 12.11``, ``Alpine 3.20.3``, ``macOS 14.1``
    kernel: str | None = None  # the release, ``6.1.0-18-amd64``
    arch: str | None = None  # as ``uname -m`` says
    uptime: float | None = None  # seconds
    load: float | None = None  # the last minute's average of processes that run or want to
    cores: int | None = None  # processors
    memory_used: int | None = None  # bytes which programs hold, caches not counted
    memory_total: int | None = None  # bytes
    root: Disk | None = None  # the file system of ``/``
    home: Disk | None = None  # the file system of the home directory
    home_writable: bool | None = None  # whether the login may write there
    users: tuple[str, ...] | None = None  # who is logged in, each name once
    # Its version; an empty string when it is there and does not say; None when it is not there.
    chezmoi: str | None = None
    tmux: int | None = None  # how many sessions of tmux; None when there is no tmux
    clock: int | None = None  # seconds since 1970, as the node believes
    hung: tuple[str, ...] = ()  # what did not answer in time, as words for people
    complete: bool = False  # whether the probe came to its end

    @property
    def load_per_core(self) -> float | None:
        """1.0: every core has exactly as much to do as it can."""
        return self.load / self.cores if self.load is not None and self.cores else None

    @property
    def memory_percent(self) -> int | None:
        """How much of the memory programs hold."""
        if self.memory_used is None or not self.memory_total:
            return None
        return min(100, round(100 * self.memory_used / self.memory_total))

    @property
    def fullest(self) -> Disk | None:
        """The fuller one of the two file systems; ``/`` if they are equal or the same."""
        disks = [disk for disk in (self.root, self.home) if disk]
        return max(disks, key=lambda disk: disk.percent) if disks else None


def parse(output: bytes) -> Facts:
    """Read the lines of ``sh/probe.sh``.

    Args:
        output: standard output of the session, whatever it is.

    Returns:
        What could be understood of it.
    """
    said = read_said(output, BEGIN, _SAID)
    system, kernel, arch = _uname(first(said, "uname"))
    used, total = _memory(said, system)
    return Facts(
        os=_os(said, system),
        kernel=kernel,
        arch=arch,
        uptime=_uptime(said),
        load=_number(first(said, "load")),
        cores=whole(first(said, "cores")) or None,
        memory_used=used,
        memory_total=total,
        root=_disk(said, "disk_root"),
        home=_disk(said, "disk_home"),
        home_writable={"yes": True, "no": False}.get(first(said, "home_writable")),
        users=_users(said),
        chezmoi=_chezmoi(said),
        tmux=len(said.get("tmux_session", [])) if "tmux" in said and "tmux_session_done" in said else None,
        clock=whole(first(said, "now")),
        hung=_hung(said),
        complete=END in said,
    )


def read_said(output: bytes, begin: str, form: re.Pattern[str]) -> dict[str, list[str]]:
    """Return what a probe's program said behind the line with which it begins, by its keys."""
    lines = [line.rstrip("\r") for line in output.decode("utf-8", "replace").split("\n")]
    if begin not in lines:
        return {}
    said: dict[str, list[str]] = {}
    # The last one: what came before may be the echo of a shell that shows what it reads.
    for line in lines[len(lines) - 1 - lines[::-1].index(begin) :]:
        match = form.match(line)
        if match:
            said.setdefault(match[1], []).append(_harmless(match[2]))
    return said


def _harmless(text: str) -> str:
    """Without characters that could steer the terminal on which this will be shown."""
    return "".join(c if c.isprintable() else " " if c == "\t" else "?" for c in text)[:1000]


def first(said: Mapping[str, Sequence[str]], key: str) -> str:
    """Return the first that was said with this key, or nothing."""
    return said[key][0] if said.get(key) else ""


def _number(text: str) -> float | None:
    match = _NUMBER.search(text)
    return float(match[0]) if match and len(match[0]) < 25 else None


def _uname(text: str) -> tuple[str, str | None, str | None]:
    words = text.split()
    if len(words) < 3:
        return (words[0] if words else ""), None, None
    return words[0], words[1], words[-1]


def release_of(said: Mapping[str, Sequence[str]]) -> dict[str, str]:
    """Return what os-release(5) says of a system, or ``sw_vers`` of macOS."""
    found: dict[str, str] = {}
    for name, sign in (("os_release", "="), ("sw_vers", ":")):
        for line in said.get(name, ()):
            key, _, value = line.partition(sign)
            found[key] = value.strip().strip("\"'")
    return found


def _os(said: dict[str, list[str]], system: str) -> str | None:
    release = release_of(said)
    if "ProductName" in release:
        name = release["ProductName"].replace("Mac OS X", "macOS")
        return f"{name} {release.get('ProductVersion', '')}".strip()
    name = release.get("NAME", "")
    if not name:
        return release.get("PRETTY_NAME") or system or None
    name = re.sub(r"( GNU)?/?\s?Linux$", "", name.removesuffix(" OS")).strip() or name
    version = release.get("VERSION_ID", "")
    point = first(said, "debian_version")
    # Debian's own file has the point release; Debian's children have their parent's number there.
    if release.get("ID") == "debian" and point[:1].isdecimal():
        version = point
    return f"{name} {version}".strip()


def _uptime(said: dict[str, list[str]]) -> float | None:
    if "uptime" in said:
        return _number(first(said, "uptime"))
    # { sec = 1700000000, usec = 0 } Tue Nov 14 …
    boot = re.search(r"sec = (\d{1,12})\b", first(said, "boottime"))
    now = whole(first(said, "now"))
    return float(max(0, now - int(boot[1]))) if boot and now is not None else None


def _memory(said: dict[str, list[str]], system: str) -> tuple[int | None, int | None]:
    sizes: dict[str, int] = {}
    for line in said.get("meminfo", []):
        key, _, value = line.partition(":")
        size = whole(value.removesuffix("kB"))
        if size is not None:
            sizes[key] = size * 1024
    if "MemTotal" in sizes:
        total = sizes["MemTotal"]
        # MemAvailable came with Linux 3.14; before it, the caches are the best estimate.
        free = sizes.get("MemAvailable", sum(sizes.get(k, 0) for k in ("MemFree", "Buffers", "Cached")))
        return max(0, total - free), total
    total_bytes = whole(first(said, "memory_bytes"))
    return (_mac_memory(said) if system == "Darwin" else None), total_bytes


def _mac_memory(said: dict[str, list[str]]) -> int | None:
    """What programs hold, as Activity Monitor counts: anonymous, wired and compressed pages."""
    lines = said.get("vm_stat", [])
    page = re.search(r"page size of (\d{1,9}) bytes", lines[0]) if lines else None
    if not page:
        return None
    pages: dict[str, int] = {}
    for line in lines[1:]:
        key, _, value = line.partition(":")
        count = whole(value.strip().rstrip("."))
        if count is not None:
            pages[key.strip('"')] = count
    held = ("Anonymous pages", "Pages wired down", "Pages occupied by compressor")
    if not all(key in pages for key in held):
        return None
    return sum(pages[key] for key in held) * int(page[1])


def _disk(said: dict[str, list[str]], key: str) -> Disk | None:
    for line in said.get(key, []):
        match = _DF.match(line)
        if match and max(len(match[2]), len(match[3]), len(match[5])) < 20:
            return Disk(match[6], int(match[3]) * 1024, int(match[2]) * 1024, int(match[5]))
    return None


def _users(said: dict[str, list[str]]) -> tuple[str, ...] | None:
    if "who_done" not in said:
        return None
    names = [line.split()[0] for line in said.get("who", []) if line.split()]
    # busybox has a heading: USER TTY IDLE TIME HOST
    return tuple(dict.fromkeys(name for name in names if name != "USER"))


def _chezmoi(said: dict[str, list[str]]) -> str | None:
    if "chezmoi" not in said:
        return None
    match = re.search(r"\bv?(\d+\.\d+[\w.+-]*)", first(said, "chezmoi_version"))
    return match[1] if match else ""


def _hung(said: dict[str, list[str]]) -> tuple[str, ...]:
    if END not in said:
        return ()
    expected = ["disk_root", "disk_home", "home_writable"]
    expected += ["chezmoi_version"] if "chezmoi" in said else []
    expected += ["tmux_session"] if "tmux" in said else []
    return tuple(GUARDED[key] for key in expected if f"{key}_done" not in said)
