"""Members as an Ansible playbook: what ``stentor bootstrap`` does, in modules of ansible-core.

It is for whoever would rather run Ansible. What the fleet says is never a template there: texts with a brace
are marked ``!unsafe``.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from stentor.export.yaml_text import quoted, value
from stentor.fleet.member import Member

Task = dict[str, Any]

_HEAD = """\
---
# Made by 'stentor bootstrap --print'. As root on machines that have nothing yet:
#   ansible-playbook -i inventory.yaml -k -e ansible_user=root FILE
# (-k asks for the password). Where an account with sudo is there: -e ansible_user=NAME -b -K.
"""
_LONGEST = 160  # columns, for ansible-lint


class _Template(str):
    """A text that Ansible fills in, or one of ours; with line ends it is written on as many lines."""

    __slots__ = ()


_PYTHON = _Template("""\
if ! command -v python3 >/dev/null || ! python3 -c 'import apt' 2>/dev/null; then
apt-get -qq update; DEBIAN_FRONTEND=noninteractive apt-get -qq -y --no-install-recommends install
python3 python3-apt && echo stentor-installed; fi""")
_CLOCK = _Template("""\
for unit in systemd-timesyncd chrony ntpsec ntp openntpd;
do systemctl is-enabled --quiet "$unit" 2>/dev/null && exit 0; done; exit 1""")
_LOGIN = _Template("""\
{{ ['ssh', '-o', 'BatchMode=yes', '-o', 'ControlPath=none', '-p', (ansible_port | default(22) | string)]
+ ((ansible_ssh_common_args | default('')) | split)
+ ['-l', member_user, (ansible_host | default(inventory_hostname)), 'true'] }}""")


def playbook(members: Sequence[Member]) -> str:
    """Return the playbook: a play for each member."""
    lines = "".join("".join(_play(member)) for member in members).splitlines()
    return _HEAD + "".join(f"{_noted(line)}\n" for line in lines)


def _noted(line: str) -> str:
    """A long public key, say, cannot be written on two lines."""
    return f"{line}  # noqa: yaml[line-length]" if len(line) > _LONGEST else line


def _play(member: Member) -> Iterator[str]:
    yield f"- name: {_text(f'Make a member of {member.alias}')}\n"
    yield f"  hosts: {_text(member.alias)}\n"
    yield "  gather_facts: false\n"
    yield f"  vars:\n    member_user: {_text(member.user)}\n"
    yield "  tasks:\n"
    first = ""
    for task in _tasks(member):
        yield first
        yield from _block(task, "    - ", "      ")
        first = "\n"
    if member.sshd:
        yield "\n  handlers:\n"
        module = {"name": "ssh", "state": "reloaded"}
        yield from _block(_task("Reload sshd", "systemd_service", module), "    - ", "      ")


def _block(data: Mapping[str, Any], first: str, rest: str) -> Iterator[str]:
    lead = first
    for key, one in data.items():
        if isinstance(one, dict) and one:
            yield f"{lead}{key}:\n"
            yield from _block(one, rest + "  ", rest + "  ")
        elif isinstance(one, (list, tuple)):
            yield f"{lead}{key}:\n"
            yield from (f"{rest}  - {value(entry, _text)}\n" for entry in one)
        elif isinstance(one, _Template) and "\n" in one:
            yield f"{lead}{key}: >-\n"
            yield from (f"{rest}  {line}\n" for line in one.splitlines())
        else:
            yield f"{lead}{key}: {value(one, _text)}\n"
        lead = rest


def _text(text: str) -> str:
    if not isinstance(text, _Template) and any(mark in text for mark in ("{{", "{%", "{#")):
        return f"!unsafe {quoted(text)}"
    return quoted(text)


def _task(name: str, module: str, arguments: Mapping[str, Any], **more: Any) -> Task:
    return {"name": name, f"ansible.builtin.{module}": dict(arguments), **more}


def _tasks(member: Member) -> Iterator[Task]:
    yield {
        "name": "Install what Ansible itself needs",
        "ansible.builtin.raw": _PYTHON,
        "register": "member_python",
        "changed_when": _Template("'stentor-installed' in member_python.stdout"),
    }
    names = [*dict.fromkeys((*member.packages, *(package for _, package in member.commands)))]
    yield _task(
        "Install packages",
        "apt",
        {"name": names, "state": "present", "install_recommends": False, "cache_valid_time": 86400},
    )
    if not member.is_root:
        yield from _account(member)
    yield from _keys(member)
    if member.sudoers:
        yield _task(
            "Allow sudo",
            "copy",
            {
                "content": f"{member.sudoers}\n",
                "dest": "/etc/sudoers.d/90-stentor",
                "owner": "root",
                "group": "root",
                "mode": "0440",
                "validate": "visudo -cf %s",
            },
        )
    yield from _system(member)
    yield from _dotfiles(member)
    yield from _entrance(member)


def _account(member: Member) -> Iterator[Task]:
    if member.groups:
        yield _task("Make groups", "group", {"name": _Template("{{ item }}")}, loop=[*member.groups])
    account: dict[str, Any] = {"name": _Template("{{ member_user }}"), "password": "*"}
    account["update_password"] = "on_create"  # noqa: S105 - no secret
    if member.shell:
        account["shell"] = member.shell
    if member.groups:
        account |= {"groups": [*member.groups], "append": True}
    yield _task("Make the account", "user", account)


def _keys(member: Member) -> Iterator[Task]:
    owner = {"owner": member.user, "group": member.user}
    folder = f"~{member.user}/.ssh"
    yield _task(
        "Make the folder for keys", "file", {"path": folder, "state": "directory", "mode": "0700", **owner}
    )
    yield _task(
        "Let the keys log in",
        "lineinfile",
        {
            "path": f"{folder}/authorized_keys",
            "line": _Template("{{ item }}"),
            "create": True,
            "mode": "0600",
            **owner,
        },
        loop=[*member.keys],
    )


def _system(member: Member) -> Iterator[Task]:
    if member.hostname:
        yield _task("Set the host name", "hostname", {"name": member.hostname})
        full = f"{member.fqdn} " if member.fqdn and member.fqdn != member.hostname else ""
        yield _task(
            "Resolve the host name",
            "lineinfile",
            {
                "path": "/etc/hosts",
                "regexp": r"^127\.0\.1\.1\s",
                "line": f"127.0.1.1 {full}{member.hostname}",
            },
        )
    if member.timezone:
        link = {"src": f"/usr/share/zoneinfo/{member.timezone}", "dest": "/etc/localtime", "state": "link"}
        yield _task("Set the time zone", "file", {**link, "force": True})
        yield _task(
            "Name the time zone",
            "copy",
            {"content": f"{member.timezone}\n", "dest": "/etc/timezone", "mode": "0644"},
        )
    if member.time_sync:
        yield from _clock()
    if member.linger:
        words = ["loginctl", "enable-linger", member.user]
        creates = f"/var/lib/systemd/linger/{member.user}"
        yield _task("Let services go on without a login", "command", {"argv": words, "creates": creates})
    for name in member.mounts:
        # A question first, which a check asks too, so that what is mounted is left alone.
        asked = {"argv": ["mountpoint", "-q", name]}
        quiet = {"changed_when": False, "failed_when": False, "check_mode": False}
        yield _task("Ask what is mounted", "command", asked, register="member_mounted", **quiet)
        when = _Template("member_mounted.rc != 0")
        yield _task("Mount by /etc/fstab", "command", {"argv": ["mount", name]}, changed_when=True, when=when)
    for name in member.services:
        started = {"name": name, "state": "started", "enabled": True}
        yield _task("Start a service", "systemd_service", started)


def _clock() -> Iterator[Task]:
    yield _task(
        "Look what sets the clock",
        "shell",
        {"cmd": _CLOCK},
        register="member_clock",
        changed_when=False,
        failed_when=False,
        check_mode=False,
    )
    when = _Template("member_clock.rc != 0")
    unit = {"name": "systemd-timesyncd", "state": "present", "install_recommends": False}
    yield _task("Install what sets the clock", "apt", unit, when=when)
    enabled = {"name": "systemd-timesyncd", "state": "started", "enabled": True}
    yield _task("Start what sets the clock", "systemd_service", enabled, when=when)


def _dotfiles(member: Member) -> Iterator[Task]:
    if member.chezmoi_url:
        look = {"argv": ["runuser", "--login", member.user, "--command", "command -v chezmoi"]}
        yield _task(
            "Look for chezmoi",
            "command",
            look,
            register="member_chezmoi",
            changed_when=False,
            failed_when=False,
            check_mode=False,
        )
        yield _task(
            "Ask for the architecture",
            "command",
            {"argv": ["dpkg", "--print-architecture"]},
            register="member_architecture",
            changed_when=False,
            check_mode=False,
        )
        yield _task(
            "Install chezmoi",
            "get_url",
            {
                "url": _Template("{{ member_url | replace('{arch}', member_architecture.stdout) }}"),
                "checksum": _Template("sha256:{{ member_digests[member_architecture.stdout] }}"),
                "dest": "/usr/local/bin/chezmoi",
                "mode": "0755",
            },
            when=_Template("member_chezmoi.rc != 0"),
            vars={"member_url": member.chezmoi_url, "member_digests": dict(member.chezmoi_sha256)},
        )
    if member.first_apply and member.repository:
        words = ["runuser", "--user", member.user, "--", "env", "--chdir", _Template("{{ member_home }}")]
        words += [_Template("HOME={{ member_home }}"), "chezmoi", "init", "--apply"]
        words += ["--branch", member.branch, "--", member.repository]
        home = "/root" if member.is_root else f"/home/{member.user}"
        yield _task(
            "Apply the dotfiles for the first time",
            "command",
            {"argv": words, "creates": f"{home}/.local/share/chezmoi/.git"},
            vars={"member_home": home},
        )


def _entrance(member: Member) -> Iterator[Task]:
    """The proof first: nothing is closed unless a new login works."""
    yield _task(
        "Prove the new login",
        "command",
        {"argv": _LOGIN},
        delegate_to="localhost",
        become=False,
        changed_when=False,
    )
    if member.sshd:
        yield _task(
            "Close other ways in",
            "copy",
            {
                "content": "".join(f"{line}\n" for line in member.sshd),
                "dest": "/etc/ssh/sshd_config.d/00-stentor.conf",
                "mode": "0644",
                "validate": "sshd -t -f %s",
            },
            notify="Reload sshd",
        )
