"""Is a node truly back? Its boot id tells; a login alone may still be the old system's last one."""

from __future__ import annotations

from stentor import sh

BOOT_ID = sh.command(sh.join("boot", call="system_id"))
"""The command which tells one start of the system from another."""


FORBIDDEN = 77
"""The exit code where this user may not."""


def reboot(sudo: str) -> str:
    """Return the command which reboots a node a second after it has answered."""
    return _later(f"{sudo}shutdown -r now || {sudo}reboot", sudo)


def shutdown(sudo: str) -> str:
    """Return the command which shuts a node down a second after it has answered."""
    return _later(f"{sudo}shutdown -h now || {sudo}poweroff", sudo)


def _later(what: str, sudo: str) -> str:
    """Answer first, then act; where sudo is needed it is tried whether we may before we say yes."""
    tried = f"{sudo}true || exit {FORBIDDEN}\n" if sudo else ""
    script = f"{tried}(sleep 1; {what}) </dev/null >/dev/null 2>&1 &\necho going"
    return sh.command(script)


def is_back(before: str, now: str | None) -> bool:
    """Whether the system that answers is another one than before."""
    return bool(now) and now != before
