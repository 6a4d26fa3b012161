"""What a machine is to be as a member of the fleet: an account, its keys, packages, time, dotfiles."""

from __future__ import annotations

from collections.abc import Sequence

from stentor.errors import FleetError
from stentor.fleet.model import Fleet, Node
from stentor.fleet.needs import needs
from stentor.fleet.policy.joining import Bootstrap, BootstrapPart
from stentor.fleet.remote_address import split
from stentor.typed import Any, NamedTuple

BASE = ("ca-certificates", "curl", "git", "openssh-server", "python3", "sudo")
"""What stentor, its dotfiles and Ansible need on a node."""

_ADDED_UP = ("keys", "packages", "account_groups")
_SHELLS = {"sh": "/bin/sh", "bash": "/bin/bash", "dash": "/bin/dash"}  # others are in /usr/bin
_KEY_KINDS = ("ssh-ed25519", "ssh-rsa", "ecdsa-sha2-", "sk-ssh-", "sk-ecdsa-")


class Member(NamedTuple):
    """What a machine is to be."""

    alias: str  # of the node
    fqdn: str  # its full name where it has a dot; else empty
    user: str  # whose account it is that logs in
    keys: tuple[str, ...]  # public keys that log in, each a line
    shell: str  # the path of the login shell; empty leaves it
    groups: tuple[str, ...]  # of the system
    sudo: str  # ``nopasswd``, ``password`` or ``none``
    packages: tuple[str, ...]  # that are installed
    commands: tuple[tuple[str, str], ...]  # that must be found, each with the package that gives it
    mounts: tuple[str, ...]  # file systems of ``/etc/fstab`` that must be mounted
    services: tuple[str, ...]  # that must run
    timezone: str  # empty leaves it
    time_sync: bool  # whether the clock is set by NTP
    hostname: str  # empty leaves it
    linger: bool  # whether the account's services run while nobody is logged in
    chezmoi_url: str  # of the program; empty where it is not to be fetched
    chezmoi_sha256: tuple[tuple[str, str], ...]  # architecture to SHA-256
    first_apply: bool  # whether the dotfiles are applied for the first time
    repository: str  # of the dotfiles, without a login in its address; empty where the policy names none
    branch: str  # of it
    root_login: str  # ``keep``, ``keys`` or ``no``
    password_login: str  # ``keep`` or ``no``

    @property
    def is_root(self) -> bool:
        """Whether the fleet logs in as root: then there is no account to make."""
        return self.user == "root"

    @property
    def sudoers(self) -> str:
        """The line for sudo; empty for none."""
        tag = {"nopasswd": "NOPASSWD: ", "password": ""}.get(self.sudo)
        return "" if tag is None or self.is_root else f"{self.user} ALL=(ALL:ALL) {tag}ALL"

    @property
    def sshd(self) -> tuple[str, ...]:
        """The lines of sshd_config that close other ways in; none where they stay."""
        lines = {"keys": ("PermitRootLogin prohibit-password",), "no": ("PermitRootLogin no",)}
        closed: tuple[str, ...] = lines.get(self.root_login, ())
        if self.password_login == "no":  # noqa: S105 - no secret
            closed += ("PasswordAuthentication no", "KbdInteractiveAuthentication no")
        return closed


def part_for(fleet: Fleet, node: Node) -> BootstrapPart:
    """Return what the policy says for a node: lists of its groups add up, of other keys the last holds."""
    section: Bootstrap = fleet.policy.bootstrap
    said: dict[str, Any] = {name: value for name, value in section.__dict__.items() if name != "groups"}
    for name, part in section.groups.items():
        if node.alias not in fleet.groups.get(name, ()):
            continue
        for key, value in part.__dict__.items():
            before = said.get(key, ()) if key in _ADDED_UP else ()
            said[key] = tuple(dict.fromkeys((*before, *value))) if key in _ADDED_UP else value
    return BootstrapPart(**said)


def member(fleet: Fleet, node: Node, keys: Sequence[str]) -> Member:
    """Return what a node is to be.

    Args:
        keys: public keys that log in, each a line of an authorized_keys file.

    Raises:
        FleetError: the fleet does not say as whom it logs in, no key is known, or what it says does not go
            together.
    """
    part, wanted = part_for(fleet, node), needs(fleet, node)
    if fault := _fault(node, keys, part):
        raise FleetError(fault[0], where=node.alias, hint=fault[1])
    shell = _SHELLS.get(part.shell, f"/usr/bin/{part.shell}" if part.shell else "")
    names = [*BASE, *part.packages, *(need.name for need in wanted if need.kind == "package")]
    names += ["tzdata"] if part.timezone else []
    names += [part.shell] if part.shell and part.shell not in _SHELLS else []
    names += ["dbus-user-session", "libpam-systemd"] if part.linger else []
    commands = [(need.name, need.package or need.name) for need in wanted if need.kind == "command"]
    if part.chezmoi_url:
        commands = [(name, package) for name, package in commands if name != "chezmoi"]
    return Member(
        alias=node.alias,
        fqdn=node.name if "." in node.name else "",
        user=node.user or "",
        keys=tuple(keys),
        shell=shell,
        groups=() if node.user == "root" else part.account_groups,
        sudo=part.sudo,
        packages=tuple(dict.fromkeys(names)),
        commands=tuple(commands),
        mounts=tuple(need.name for need in wanted if need.kind == "mount"),
        services=tuple(need.name for need in wanted if need.kind == "service"),
        timezone=part.timezone,
        time_sync=part.time_sync,
        hostname={"alias": node.alias, "name": node.name}.get(part.hostname, ""),
        linger=part.linger and node.user != "root",
        chezmoi_url=part.chezmoi_url,
        chezmoi_sha256=tuple(part.chezmoi_sha256.items()),
        first_apply=part.dotfiles and bool(fleet.policy.dotfiles),
        repository=split(fleet.policy.dotfiles.remote).plain,
        branch=fleet.policy.dotfiles.branch,
        root_login=part.root_login,
        password_login=part.password_login,
    )


def _fault(node: Node, keys: Sequence[str], part: BootstrapPart) -> tuple[str, str] | None:
    """Return what is wrong, with a hint; None if the node can be made a member."""
    if not node.user:
        return "the fleet does not say as whom it logs in", f"stentor node edit {node.alias} user=NAME"
    if not keys:
        hint = "name one: bootstrap: {keys: [~/.ssh/id_ed25519.pub]}, or make one with ssh-keygen"
        return "no public key is known that is to log in", hint
    if node.user == "root" and part.root_login == "no":
        hint = "give the node another user, or write 'root_login: keys'"
        return "'root_login: no' would close the fleet's own login", hint
    if part.root_login == "no" and part.sudo == "none" and not part.account_groups:
        hint = "write 'sudo: nopasswd' or 'sudo: password', or 'root_login: keys'"
        return "'root_login: no' with 'sudo: none' would leave nobody who can become root", hint
    if part.chezmoi_url and not part.chezmoi_sha256:
        hint = "add the file's SHA-256 by architecture: chezmoi_sha256: {amd64: DIGEST}"
        return "'chezmoi_url' has no 'chezmoi_sha256', so what it gives would be refused", hint
    return None


def public_key(text: str, where: str) -> str:
    """Return a public key as a line of an authorized_keys file.

    Args:
        text: the line, as a ``.pub`` file has it.
        where: from where it is, for the message.

    Raises:
        FleetError: it is none; a private key above all.
    """
    words = text.strip().split(None, 2)
    if "\n" in text.strip() or len(words) < 2 or not words[0].startswith(_KEY_KINDS):
        raise FleetError("is no public key", where=where, hint="the one of the file that ends with .pub")
    return " ".join(words)
