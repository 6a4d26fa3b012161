"""Is a node truly back? Its boot id tells; a login alone may still be the old system's last one."""

from __future__ import annotations

# The kernel's boot id, and the start of process 1, which tells for containers what the former does for
# machines. macOS has a boot session's id.
BOOT_ID = (
    "{ cat /proc/sys/kernel/random/boot_id && cut -d' ' -f22 /proc/1/stat; } 2>/dev/null"
    " || sysctl -n kern.bootsessionuuid 2>/dev/null || sysctl -n kern.boottime"
)


def reboot(sudo: str) -> str:
    """Return the command which reboots a node a second after it has answered."""
    return _later(f"{sudo}shutdown -r now || {sudo}reboot", sudo)


def shutdown(sudo: str) -> str:
    """Return the command which shuts a node down a second after it has answered."""
    return _later(f"{sudo}shutdown -h now || {sudo}poweroff", sudo)


def _later(what: str, sudo: str) -> str:
    """Answer first, then act; where sudo is needed it is tried whether we may before we say yes."""
    from stentor.fanout.script import quote

    tried = f"{sudo}true || exit 77\n" if sudo else ""
    script = f"{tried}(sleep 1; {what}) </dev/null >/dev/null 2>&1 &\necho going"
    return "sh -c " + quote(script)


def is_back(before: str, now: str | None) -> bool:
    """Whether the system that answers is another one than before."""
    return bool(now) and now != before
