from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from stentor.probe.facts import GUARDED, Disk, Facts, parse

DEBIAN = b"""\
stentor_probe=1
now=1795487959
disk_home=Filesystem     1024-blocks     Used Available Capacity Mounted on
disk_home=tmpfs                16384    16384         0     100% /home/node
disk_home_done=1
tmux=/usr/bin/tmux
disk_root=Filesystem     1024-blocks     Used Available Capacity Mounted on
disk_root=/dev/vda         264212084 16287872  79213392      18% /
disk_root_done=1
home_writable=no
home_writable_done=1
who=crtr     pts/0        2026-11-24 02:35 (10.0.0.1)
who=crtr     pts/1        2026-11-24 02:36 (10.0.0.1)
who=root     tty1         2026-11-24 02:36
who_done=1
chezmoi=/home/crtr/bin/chezmoi
chezmoi_version=chezmoi version v2.52.1, commit 1a2b3c, built at 2024-07-30T12:00:00Z
chezmoi_version_done=1
uname=Linux 6.1.0-18-amd64 x86_64
os_release=PRETTY_NAME="Debian GNU/Linux 12 (bookworm)"
os_release=NAME="Debian GNU/Linux"
os_release=VERSION_ID="12"
os_release=ID=debian
debian_version=12.11
uptime=1716.66 2846.07
load=0.60 1.60 1.13 2/101 2237
meminfo=MemTotal:       24683656 kB
meminfo=MemFree:        23442296 kB
meminfo=MemAvailable:   24193968 kB
meminfo=Buffers:           13508 kB
meminfo=Cached:           656048 kB
tmux_session=main
tmux_session=a=b
tmux_session_done=1
cores=2
stentor_probe_end=1
"""

MACOS = b"""\
stentor_probe=1
now=1700003600
disk_root=Filesystem     1024-blocks     Used Available Capacity  Mounted on
disk_root=/dev/disk3s1s1   482797652 10034424 231461188       5%    /
disk_root_done=1
disk_home=Filesystem     1024-blocks     Used Available Capacity  Mounted on
disk_home=map auto_home            0        0         0     100%    /System/Volumes/Data/home
disk_home_done=1
home_writable=yes
home_writable_done=1
who_done=1
uname=Darwin 23.1.0 arm64
boottime={ sec = 1700000000, usec = 311521 } Tue Nov 14 22:13:20 2023
load={ 1.86 1.92 2.11 }
cores=8
memory_bytes=17179869184
sw_vers=ProductName:            macOS
sw_vers=ProductVersion:         14.1
sw_vers=BuildVersion:           23B74
sw_vers_done=1
vm_stat=Mach Virtual Memory Statistics: (page size of 16384 bytes)
vm_stat=Pages free:                               10000.
vm_stat=Pages wired down:                         100000.
vm_stat=Anonymous pages:                          300000.
vm_stat=Pages occupied by compressor:             100000.
vm_stat_done=1
stentor_probe_end=1
"""


def test_debian() -> None:
    facts = parse(DEBIAN)
    assert facts == Facts(
        os="Debian 12.11",
        kernel="6.1.0-18-amd64",
        arch="x86_64",
        uptime=1716.66,
        load=0.60,
        cores=2,
        memory_used=(24683656 - 24193968) * 1024,
        memory_total=24683656 * 1024,
        root=Disk("/", 16287872 * 1024, 264212084 * 1024, 18),
        home=Disk("/home/node", 16384 * 1024, 16384 * 1024, 100),
        home_writable=False,
        users=("crtr", "root"),
        chezmoi="2.52.1",
        tmux=2,
        clock=1795487959,
        hung=(),
        complete=True,
    )
    assert facts.load_per_core == 0.3
    assert facts.memory_percent == 2
    assert facts.fullest == facts.home


def test_macos() -> None:
    facts = parse(MACOS)
    assert (facts.os, facts.kernel, facts.arch) == ("macOS 14.1", "23.1.0", "arm64")
    assert (facts.uptime, facts.load, facts.cores) == (3600.0, 1.86, 8)
    assert (facts.memory_used, facts.memory_total) == (500000 * 16384, 17179869184)
    assert facts.root and facts.root.percent == 5
    assert facts.home and facts.home.mount == "/System/Volumes/Data/home"
    assert (facts.chezmoi, facts.tmux, facts.users) == (None, None, ())


@pytest.mark.parametrize(
    ("lines", "expected"),
    [
        ('NAME="Alpine Linux"|ID=alpine|VERSION_ID=3.20.3', "Alpine 3.20.3"),
        ('NAME="Ubuntu"|ID=ubuntu|VERSION_ID="24.04"', "Ubuntu 24.04"),
        ('NAME="Fedora Linux"|ID=fedora|VERSION_ID=40', "Fedora 40"),
        ("NAME='Arch Linux'|ID=arch", "Arch"),
        ('PRETTY_NAME="Something odd"', "Something odd"),
        ('NAME="Linux"|VERSION_ID=1', "Linux 1"),
        ("", "Linux"),
    ],
)
def test_names_of_systems(lines: str, expected: str) -> None:
    said = "stentor_probe=1\nuname=Linux 6.6 x\n" + "".join(f"os_release={x}\n" for x in lines.split("|"))
    assert parse(said.encode()).os == expected


def test_a_child_of_debian_keeps_its_own_version() -> None:
    said = b"stentor_probe=1\nos_release=NAME=Ubuntu\nos_release=ID=ubuntu\nos_release=VERSION_ID=24.04\n"
    said += b"debian_version=trixie/sid\n"
    assert parse(said).os == "Ubuntu 24.04"


def test_old_kernels_have_no_memavailable() -> None:
    said = b"stentor_probe=1\nmeminfo=MemTotal: 100 kB\nmeminfo=MemFree: 20 kB\n"
    said += b"meminfo=Buffers: 5 kB\nmeminfo=Cached: 15 kB\n"
    assert parse(said).memory_used == 60 * 1024


def test_a_talkative_bashrc_is_not_heard() -> None:
    assert parse(b"Welcome!\nuptime=9\nstentor_probe=2\n\r\n" + DEBIAN) == parse(DEBIAN)
    assert parse(DEBIAN.replace(b"\n", b"\r\n")) == parse(DEBIAN)


def test_what_did_not_answer_is_named() -> None:
    said = DEBIAN.replace(b"disk_root_done=1\n", b"").replace(b"tmux_session_done=1\n", b"")
    assert parse(said).hung == ("df of /", "tmux list-sessions")
    assert parse(said).tmux is None


@given(st.integers(0, DEBIAN.count(b"\n")))
def test_cut_off_after_any_line(count: int) -> None:
    """What is told is the truth or nothing, except for what is made of several lines."""
    whole, cut = parse(DEBIAN), parse(b"".join(DEBIAN.splitlines(keepends=True)[:count]))
    assert cut.complete == (count == DEBIAN.count(b"\n"))
    for name in set(Facts._fields) - {"os", "memory_used", "hung", "complete", "chezmoi"}:
        assert getattr(cut, name) in (None, getattr(whole, name)), name


@given(st.integers(0, len(DEBIAN)))
def test_cut_off_anywhere(length: int) -> None:
    assert parse(DEBIAN[:length]).kernel in (None, "6.1.0-18-amd64")


KEYS = ["now", "uname", "os_release", "debian_version", "uptime", "load", "meminfo", "cores", "boottime"]
KEYS += [
    "memory_bytes",
    "chezmoi",
    "tmux",
    *GUARDED,
    *(f"{key}_done" for key in GUARDED),
    "stentor_probe_end",
]


@given(
    st.lists(
        st.tuples(
            st.sampled_from(KEYS), st.text() | st.from_regex(r"[A-Za-z ]{0,12}:? ?\d{0,40}( kB|%|\.)? ?/?")
        )
    )
)
def test_no_values_break_it_and_none_can_steer_the_terminal(lines: list[tuple[str, str]]) -> None:
    said = "stentor_probe=1\n" + "".join(f"{key}={value}\n" for key, value in lines)
    facts = parse(said.encode("utf-8", "surrogatepass"))
    for text in (facts.os, facts.kernel, facts.arch, facts.chezmoi, *(facts.users or ())):
        assert text is None or text.isprintable()
    assert facts.memory_percent is None or 0 <= facts.memory_percent <= 100
    assert facts.fullest is None or facts.fullest.mount.isprintable()


@given(st.binary())
def test_any_bytes(output: bytes) -> None:
    assert parse(output) == Facts() or b"stentor_probe=1" in output
