"""A node as ``#cloud-config`` user-data: on its first boot it becomes what ``stentor bootstrap`` makes of it.

One file is one node's. Texts are always quoted, and a command is a list of words, which no shell reads again.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from stentor.errors import UsageError
from stentor.export.view import Made, View, unsaid
from stentor.export.yaml_text import value
from stentor.fleet.member import Member
from stentor.sh.quoting import quoted

_FIRST = "#cloud-config"
_FETCH = """\
command -v chezmoi >/dev/null && exit 0
case $(dpkg --print-architecture) in
{cases}
  *) echo "no SHA-256 of chezmoi is known for this architecture" >&2; exit 1 ;;
esac
url=$(printf %s "$1" | sed "s/{{arch}}/$(dpkg --print-architecture)/g")
cd /usr/local/bin && curl -fsSL --retry 2 -o .chezmoi.part "$url" || exit 1
echo "$sum  .chezmoi.part" | sha256sum -c - || {{ rm -f .chezmoi.part; exit 1; }}
chmod 755 .chezmoi.part && mv .chezmoi.part chezmoi
"""
# sshd lets nobody in whose shell is not there, and without a network its package was not installed.
_SHELL = 'if [ -x "$1" ]; then usermod --shell "$1" -- "$2"; else echo "there is no shell $1" >&2; exit 1; fi'
_APPLY = 'cd && [ -e .local/share/chezmoi/.git ] || exec chezmoi init --apply --branch "$1" -- "$2"'


def make(view: View) -> Made:
    """Return the user-data of one node; of several a file for each, named like the node.

    Raises:
        UsageError: it goes into one file, and there are several nodes.
    """
    files = {alias: "".join(_lines(one)) for alias, one in view.members.items()}
    left = unsaid(
        view, "name", "user", "requires", "groups", "addresses", "port", "jump", "state", "mac", "role"
    )
    if len(files) > 1 and not view.options.get("folder"):
        raise UsageError(
            f"user-data is for one node, and {len(files)} are selected",
            hint="name one, or a folder, where each gets a file: -w FOLDER/",
        )
    # Only root reads it on the node, and here it has no secret; but it need not be read by all.
    return Made(
        next(iter(files.values()), ""), list(left), 0o600, _FIRST, files if view.options.get("folder") else {}
    )


def _lines(member: Member) -> Iterator[str]:
    for key, data in _config(member).items():
        if not isinstance(data, list) or not data or key == "packages":
            yield f"{key}: {value(data)}\n"
            continue
        yield f"{key}:\n"
        for entry in data:
            if isinstance(entry, dict):
                first, *rest = (f"{name}: {value(one)}\n" for name, one in entry.items())
                yield f"  - {first}" + "".join(f"    {line}" for line in rest)
            else:
                yield f"  - {value(entry)}\n"


def _config(member: Member) -> dict[str, Any]:
    """Return the data of the file, in its order."""
    found: dict[str, Any] = {}
    if member.hostname:
        found["hostname"] = member.hostname
        if member.fqdn:
            found["fqdn"] = member.fqdn
        found["manage_etc_hosts"] = True
    else:
        found["preserve_hostname"] = True
    if member.timezone:
        found["timezone"] = member.timezone
    if member.time_sync:
        found["ntp"] = {"enabled": True}
    found["users"] = [_user(member)]
    if member.is_root or member.root_login == "no":
        found["disable_root"] = not member.is_root
    if member.password_login == "no":  # noqa: S105 - no secret
        found["ssh_pwauth"] = False
    found["package_update"] = True
    found["packages"] = [*dict.fromkeys((*member.packages, *(package for _, package in member.commands)))]
    if member.sshd:
        text = "".join(f"{line}\n" for line in member.sshd)
        path = "/etc/ssh/sshd_config.d/00-stentor.conf"
        found["write_files"] = [{"path": path, "permissions": "0644", "content": text}]
    if commands := [*_commands(member)]:
        found["runcmd"] = commands
    return found


def _user(member: Member) -> dict[str, Any]:
    user: dict[str, Any] = {"name": member.user, "ssh_authorized_keys": [*member.keys]}
    if member.is_root:
        return user
    if member.groups:
        user["groups"] = [*member.groups]
    # Another shell is a package first, which is installed later than accounts are made.
    user["shell"] = "/bin/bash"
    user["lock_passwd"] = True
    if member.sudoers:
        user["sudo"] = member.sudoers.partition(" ")[2]
    return user


def _commands(member: Member) -> Iterator[list[str]]:
    if member.shell:
        yield ["sh", "-c", _SHELL, "sh", member.shell, member.user]
    if member.linger:
        yield ["loginctl", "enable-linger", member.user]
    for mount in member.mounts:
        yield ["sh", "-c", 'mountpoint -q "$1" || mount "$1"', "sh", mount]
    for service in member.services:
        yield ["systemctl", "enable", "--now", service]
    if member.chezmoi_url:
        cases = "\n".join(f"  {arch}) sum={digest} ;;" for arch, digest in member.chezmoi_sha256)
        yield ["sh", "-c", _FETCH.format(cases=cases), "sh", member.chezmoi_url]
    if member.first_apply and member.repository:
        words = ["sh", "-c", _APPLY, "sh", member.branch, member.repository]
        yield ["runuser", "--login", member.user, "--command", quoted(words)]
    if member.sshd:
        yield ["systemctl", "reload", "ssh"]
