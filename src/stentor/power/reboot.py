"""Is a node truly back? Its boot id tells; a login alone may still be the old system's last one."""

from __future__ import annotations

from stentor import sh

BOOT_ID = sh.command(sh.join("boot", call="system_id"))
"""The command which tells one start of the system from another."""


FORBIDDEN = 77
"""The exit code where this user may not."""


REBOOT = "shutdown -r now"
"""What is said of a reboot where the policy names no command of its own."""

SHUTDOWN = "shutdown -h now"
"""The same of a shutdown."""


def reboot() -> str:
    """Return the command which reboots a node a second after it has answered."""
    return _as_root(REBOOT, "reboot")


def shutdown() -> str:
    """Return the command which shuts a node down a second after it has answered."""
    return _as_root(SHUTDOWN, "poweroff")


def _as_root(what: str, other: str) -> str:
    """Answer first, then act; where sudo is needed it is tried whether we may before we say yes."""

    def later(sudo: str) -> str:
        tried = f"{sudo}true || exit {FORBIDDEN}\n" if sudo else ""
        return f"{tried}(sleep 1; {sudo}{what} || {sudo}{other}) </dev/null >/dev/null 2>&1 &\necho going"

    return sh.command(f'if [ "$(id -u)" = 0 ]; then\n{later("")}\nelse\n{later("sudo -n ")}\nfi')


def is_back(before: str, now: str | None) -> bool:
    """Whether the system that answers is another one than before."""
    return bool(now) and now != before
