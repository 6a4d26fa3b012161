"""The section of the policy about what 'stentor bootstrap' makes of a machine."""

from __future__ import annotations

from stentor.fleet.policy.section import Section

TYPE_CHECKING = False  # importing typing takes longer than all of the policy
if TYPE_CHECKING:
    from collections.abc import Mapping
    from typing import Literal

AccountGroup = str
Digest = str  # SHA-256, 64 hexadecimal digits
GroupName = str
Lines = tuple[str, ...]  # written as one or a list
Program = str
TimeZone = str
Url = str


class BootstrapPart(Section):
    """What a machine is given when it becomes a member of the fleet.

    Attributes:
        keys: public keys that log in as the node's user: each a line of an authorized_keys file, or the path
            of a .pub file from the fleet directory; without it your own that ssh would use.
        shell: the login shell of the account; empty leaves the one that is there.
        account_groups: groups of the system of which the account is a member.
        sudo: whether the account becomes root without a password, with its own, or not at all.
        packages: packages that are installed besides those that stentor needs.
        timezone: the time zone; empty leaves the one that is there.
        time_sync: whether the clock is set by NTP.
        hostname: whether the host name is the node's alias or its full name, or stays as it is.
        linger: whether the account's services run while nobody is logged in.
        chezmoi_url: where a program chezmoi is fetched, for machines that have none; {arch} becomes amd64,
            arm64, ...
        chezmoi_sha256: the SHA-256 of that program, by architecture.
        dotfiles: whether the dotfiles are applied for the first time.
        root_login: whether root logs in by ssh once the new login is proved: as before, by a key alone, or
            not at all.
        password_login: whether passwords log in by ssh once the new login is proved.
    """

    keys: Lines = ()
    shell: Program = ""
    account_groups: tuple[AccountGroup, ...] = ()
    sudo: Literal["nopasswd", "password", "none"] = "nopasswd"
    packages: tuple[Program, ...] = ()
    timezone: TimeZone = ""
    time_sync: bool = True
    hostname: Literal["alias", "name", "keep"] = "alias"
    linger: bool = True
    chezmoi_url: Url = ""
    chezmoi_sha256: Mapping[str, Digest] = {}
    dotfiles: bool = True
    root_login: Literal["keep", "keys", "no"] = "keep"
    password_login: Literal["keep", "no"] = "keep"  # noqa: S105 - no secret


class Bootstrap(BootstrapPart):
    """What a machine is given when it becomes a member of the fleet.

    Attributes:
        groups: the same per group; lists add up, of other keys the last group's value holds.
    """

    groups: Mapping[GroupName, BootstrapPart] = {}
