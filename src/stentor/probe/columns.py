"""How a node's facts are written in the columns of a table."""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

from stentor.probe.facts import Facts

# From where on a value is worth a look, and from where on it is bad.
LOAD = (1.0, 2.0)
MEMORY = (85, 95)
DISK = (85, 95)


def style(value: float | None, limits: tuple[float, float]) -> str:
    """``""``, ``"warning"`` or ``"bad"``."""
    if value is None or value < limits[0]:
        return ""
    return "warning" if value < limits[1] else "bad"


def span(seconds: float, units: int = 2) -> str:
    """A length of time in its largest units: ``12d 3h``, ``3h 20m``, ``5m``, ``40s``."""
    left = int(seconds)
    parts: list[tuple[int, str]] = []
    for size, letter in ((86400, "d"), (3600, "h"), (60, "m"), (1, "s")):
        if left >= size or parts:
            parts.append((left // size, letter))
            left %= size
    shown = [f"{count}{letter}" for count, letter in parts[:units] if count]
    if parts and parts[0][1] == "m":  # minutes are exact enough
        shown = shown[:1]
    return " ".join(shown) or "0s"


def size(number: int) -> str:
    """Bytes in the largest binary unit, with three digits: ``512M``, ``3.1G``, ``252G``."""
    value = float(number)
    for unit in ("B", "K", "M", "G", "T", "P"):
        if value < 999.5 or unit == "P":
            return f"{value:.1f}{unit}" if value < 9.95 and unit not in "BK" else f"{value:.0f}{unit}"
        value /= 1024
    return ""  # not reached


class Field(NamedTuple):
    """One cell: its text, and its style of ``render.style.STYLES``."""

    text: str
    style: str = ""


Writer = Callable[[Facts], Field]


def _known(value: object, text: str, style: str = "") -> Field:
    return Field("?", "quiet") if value is None else Field(text, style)


def _load(facts: Facts) -> Field:
    load = facts.load_per_core
    return _known(load, f"{load or 0:.2f}", style(load, LOAD))


def _memory(facts: Facts) -> Field:
    percent = facts.memory_percent
    if percent is None and facts.memory_total is not None:
        return Field(f"of {size(facts.memory_total)}", "quiet")
    return _known(percent, f"{percent}%", style(percent, MEMORY))


def _memory_long(facts: Facts) -> Field:
    short = _memory(facts)
    if facts.memory_used is None or facts.memory_total is None:
        return short
    return short._replace(text=f"{size(facts.memory_used)} of {size(facts.memory_total)}")


def _disk(facts: Facts) -> Field:
    disk = facts.fullest
    if disk is None:
        hung = any(what.startswith("df of") for what in facts.hung)
        return Field("hung", "bad") if hung else Field("?", "quiet")
    return Field(f"{disk.percent}%", style(disk.percent, DISK))


def _disk_long(facts: Facts) -> Field:
    short, disk = _disk(facts), facts.fullest
    return short._replace(text=f"{short.text} of {size(disk.total)}") if disk else short


def _chezmoi(facts: Facts) -> Field:
    if facts.chezmoi is None:
        return Field("-", "quiet")
    return Field(facts.chezmoi or "yes")


class Aspect(NamedTuple):
    """One column: its title, whether it is a number, and how a node's facts are written in it."""

    title: str
    right: bool
    write: Writer


_OS = Aspect("OS", False, lambda facts: _known(facts.os, facts.os or ""))
_KERNEL = Aspect("KERNEL", False, lambda facts: _known(facts.kernel, facts.kernel or ""))
_KERNEL_NUMBER = _KERNEL._replace(
    write=lambda facts: _known(facts.kernel, (facts.kernel or "").split("-")[0])
)
_ARCH = Aspect("ARCH", False, lambda facts: _known(facts.arch, facts.arch or ""))
_UPTIME = Aspect("UPTIME", True, lambda facts: _known(facts.uptime, span(facts.uptime or 0)))
_UP = Aspect("UP", True, lambda facts: _known(facts.uptime, span(facts.uptime or 0, 1)))
_LOAD = Aspect("LOAD/CORE", True, _load)
_MEM = Aspect("MEM", True, _memory)
_DISK = Aspect("DISK", True, _disk)
_REST = (
    Aspect("USERS", True, lambda facts: _known(facts.users, str(len(facts.users or ())))),
    Aspect("CHEZMOI", False, _chezmoi),
    Aspect("TMUX", True, lambda facts: Field("-", "quiet") if facts.tmux is None else Field(str(facts.tmux))),
)
_WIDE = (_MEM._replace(title="MEMORY", write=_memory_long), _DISK._replace(write=_disk_long))
# From the widest to the narrowest; the first that fits is drawn. The last fits into 80 columns
# with aliases of up to seven letters.
LAYOUTS: tuple[tuple[Aspect, ...], ...] = (
    (_OS, _KERNEL, _ARCH, _UPTIME, _LOAD, *_WIDE, *_REST),
    (_OS, _KERNEL, _UPTIME, _LOAD, _MEM, _DISK, *_REST),
    (_OS, _KERNEL_NUMBER, _UP, _LOAD._replace(title="LOAD"), _MEM, _DISK, *_REST),
)
