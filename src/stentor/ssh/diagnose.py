"""From what ``ssh`` says when a login fails to an outcome's kind, reason and hint.

The messages are those of OpenSSH 8.4 to 10; ssh does not translate them.
"""

from __future__ import annotations

import re

from stentor.outcome import Kind
from stentor.ssh import hostkey_texts
from stentor.ssh.hostkey_texts import REASONS
from stentor.typed import NamedTuple

_ANSI = re.compile(r"\x1b\[[0-9;]*m")


class Diagnosis(NamedTuple):
    """Why a login failed."""

    kind: Kind
    reason: str
    hint: str


# The control socket is on this machine: no fault of the node's.
_NO_ROOM = re.compile(
    r"(?:unix_listener|muxserver_listen): .* (/.*)/[^/]+: (No space left on device|Disk quota exceeded)"
)

# In this order: a changed key also ends with "Host key verification failed".
_RULES: tuple[tuple[str, Kind, str], ...] = (
    (
        r"REMOTE HOST IDENTIFICATION HAS CHANGED|REVOKED HOST KEY",
        "host-key-changed",
        REASONS["host-key-changed"],
    ),
    (
        r"No \S+ host key is known for|Host key verification failed|authenticity of host",
        "host-key-unknown",
        REASONS["host-key-unknown"],
    ),
    (r"Could not resolve hostname (\S+?):?(?:\s|$)", "unresolved", "no address for the name {1}"),
    (r"Permission denied \(([^)]*)\)", "denied", "permission denied (the server offers {1})"),
    (r"Too many authentication failures", "denied", "the agent offered more keys than the server allows"),
    (
        r"Permission denied|account is currently not available|booting up|nologin",
        "denied",
        "permission denied",
    ),
    (r"timed out during banner exchange", "no-banner", "the port is open, but no SSH banner came"),
    (r"invalid format|Exceeded MAX_PRE_BANNER", "no-banner", "what answers there does not speak SSH"),
    (r"Connection refused", "refused", "connection refused: the node answers, its SSH port is closed"),
    (r"Connection timed out|Operation timed out", "unreachable", "no answer in {seconds} s"),
    (r"No route to host|Network is unreachable|Host is down", "unreachable", "no route to it"),
    (
        r"Connection reset|Connection closed|Broken pipe|closed by remote host|kex_exchange_identification",
        "no-banner",
        "closed before a login: too many logins at once, or the server has a fault",
    ),
    (r"Unable to negotiate|no matching .* found", "denied", "no common algorithm with the server"),
    (r"Bad owner or permissions", "denied", "ssh rejects its own configuration"),
)


# What ssh says when that which it connects through (a jump host, a ProxyCommand) has ended.
_THROUGH = "UNKNOWN port 65535"
_NOT_THE_CAUSE = re.compile(rf"{_THROUGH}|kex_exchange_identification|stdio forwarding failed")
# What a jump host says of its own attempt to reach the node.
_BEYOND = re.compile(r"open failed: (?:connect failed: )?(.+)")


_COMPLAINT = re.compile(r"(.+?):? line (\d+): (.+)")


class Complaint(NamedTuple):
    """What ssh rejects in its configuration."""

    file: str  # as ssh names it; ``command-line`` for an option
    line: int  # from 1; 0 for an option
    what: str  # ssh's words

    @property
    def shown(self) -> str:
        """In a line."""
        return f"{self.file}:{self.line}: {self.what}"


def complaints(said: str) -> list[Complaint]:
    """Return what ssh rejects in its configuration, by what it wrote; nothing if it goes on all the same.

    Args:
        said: its standard error, perhaps with that of ``-v`` and with the settings of ``-G``.
    """
    if not re.search(r": terminating, \d+ bad configuration options?", said):
        return []
    found, before = [], ""
    for line in said.splitlines():
        if line.startswith(("debug", "OpenSSH_")):
            continue
        if match := _COMPLAINT.fullmatch(line.strip()):
            what = f"{match[3]} ({before})" if before else match[3]
            found.append(Complaint(match[1], int(match[2]), what))
            before = ""
        else:
            before = line.strip()  # "Unsupported Match attribute x": its place is in the next line
    return found


def is_silent_about_the_way(stderr: str) -> bool:
    """Whether the way to the node ended and nothing says why: a master that stays hides its proxy's words."""
    return _THROUGH in stderr and "timed out" not in stderr and not _said_on_the_way(stderr)


def _said_on_the_way(text: str) -> str:
    return "\n".join(line for line in text.splitlines() if line.strip() and not _NOT_THE_CAUSE.search(line))


def diagnose(stderr: str, *, login: str, alias: str, seconds: float, behind: str = "") -> Diagnosis:
    """Say why ``ssh`` did not log in.

    Args:
        stderr: all that ssh wrote there.
        login: the command line which a person can type to see for themselves.
        seconds: what the connect timeout was.
        behind: what the node is reached through, where it is not reached directly.
    """
    text = _ANSI.sub("", stderr)
    if rejected := complaints(text):
        reason = f"ssh rejects its own configuration: {rejected[0].shown}"
        return Diagnosis("denied", reason, hint_for("denied", login, alias))
    if match := _NO_ROOM.search(text):
        return no_room(match[1], match[2])
    if behind and _THROUGH in text:
        return _on_the_way(text, login=login, alias=alias, seconds=seconds, behind=behind)
    for pattern, kind, reason in _RULES:
        match = re.search(pattern, text)
        if match is None:
            continue
        for number, group in enumerate(match.groups(), 1):
            reason = reason.replace(f"{{{number}}}", group or "")
        return Diagnosis(kind, reason.replace("{seconds}", f"{seconds:g}"), hint_for(kind, login, alias))
    last = next((line.strip() for line in reversed(text.splitlines()) if line.strip()), "ssh gave no reason")
    return Diagnosis("denied", last, hint_for("denied", login, alias))


def _on_the_way(text: str, *, login: str, alias: str, seconds: float, behind: str) -> Diagnosis:
    """Tell a gateway's failure from that of the node behind it."""
    if "timed out" in text:
        hint = f"how far the way there goes: stentor ping {alias}"
        return Diagnosis("unreachable", f"behind {behind}: no answer in {seconds:g} s", hint)
    beyond = _BEYOND.search(text)
    if beyond and "prohibited" in beyond[1]:
        return Diagnosis(
            "denied", f"behind {behind}, which lets no connection through", hint_for("denied", login, alias)
        )
    if beyond and ("Name or service" in beyond[1] or "resolution" in beyond[1]):
        return Diagnosis(
            "unresolved", f"{behind} finds no address for it", hint_for("unresolved", login, alias)
        )
    if beyond:
        return diagnose(beyond[1], login=login, alias=alias, seconds=seconds)
    said = _said_on_the_way(text)
    if not said:
        return Diagnosis(
            "no-banner", f"behind {behind}: closed before a login", hint_for("denied", login, alias)
        )
    found = diagnose(said, login=login, alias=behind, seconds=seconds)
    return found._replace(reason=f"behind {behind}: {found.reason}")


def no_room(folder: str, why: str) -> Diagnosis:
    """Say that this machine's folder for control sockets takes no more files."""
    hint = f"free some space (df -i {folder}), or set XDG_RUNTIME_DIR to a folder of your own"
    return Diagnosis(
        "failed", f"no space for the connection's socket in {folder} on this machine: {why}", hint
    )


def hint_for(kind: str, login: str, alias: str) -> str:
    """Return the next step; empty where there is only waiting."""
    if kind == "denied":
        return f"see ssh's own messages: {login}"
    if kind == "unresolved":
        return "give the node an address in nodes.yaml, or a HostName in ssh_config"
    return hostkey_texts.hint(kind, alias)
