"""What a machine is asked to become: the steps in their order, for people and for the node's program."""

from __future__ import annotations

from stentor import sh
from stentor.fleet.member import Member
from stentor.operation import node_answer
from stentor.typed import NamedTuple

HEADER = "stentor-bootstrap 1 "
CLOSE_SECONDS = 120
"""After that long a node opens what it has closed, unless a new login was proved."""

_AFTER_PROOF = ("dotfiles", "entrance")


class Item(NamedTuple):
    """A step: its name for programs (``sh/bootstrap``), and what it brings about, for people."""

    name: str
    text: str


def steps(member: Member) -> tuple[Item, ...]:
    """Return what is done on the node for this member, in order."""
    keys = f"{len(member.keys)} public key{'s' if len(member.keys) != 1 else ''}"
    closed = "; ".join(member.sshd)
    packages = dict.fromkeys((*member.packages, *(package for _, package in member.commands)))
    found = [
        ("packages", f"packages: {' '.join(packages)}"),
        ("account", f"account {member.user}, with a home directory and without a password"),
        ("groups", f"groups of {member.user}: {' '.join(member.groups)}"),
        ("shell", f"login shell of {member.user}: {member.shell}"),
        ("keys", f"{keys} may log in as {member.user}"),
        ("sudo", f"sudo: {member.sudoers}"),
        ("hostname", f"host name: {member.hostname}"),
        ("timezone", f"time zone: {member.timezone}"),
        ("clock", "the clock is set by NTP"),
        ("linger", f"services of {member.user} run while nobody is logged in"),
        ("mounts", f"mounted, by /etc/fstab: {' '.join(member.mounts)}"),
        ("services", f"services that run: {' '.join(member.services)}"),
        ("chezmoi", "the program chezmoi"),
        ("dotfiles", "first apply of the dotfiles"),
        ("entrance", f"after a new login is proved: {closed}"),
    ]
    wanted = {
        "account": not member.is_root,
        "groups": bool(member.groups),
        "shell": bool(member.shell),
        "sudo": bool(member.sudoers),
        "hostname": bool(member.hostname),
        "timezone": bool(member.timezone),
        "clock": member.time_sync,
        "linger": member.linger,
        "mounts": bool(member.mounts),
        "services": bool(member.services),
        "chezmoi": bool(member.chezmoi_url),
        "dotfiles": member.first_apply,
        "entrance": bool(member.sshd),
    }
    return tuple(Item(name, text) for name, text in found if wanted.get(name, True))


def compose(member: Member, names: tuple[str, ...] | None = None) -> str:
    """Return the program for a node; it is read from standard input.

    Args:
        names: of the steps; None for all but those which follow the proof of a login.
    """
    if names is None:
        names = tuple(item.name for item in steps(member) if item.name not in _AFTER_PROOF)
    front = sh.assign(
        steps=" ".join(names),
        user=member.user,
        shell=member.shell,
        groups=" ".join(member.groups),
        keys="\n".join(member.keys),
        sudoers=member.sudoers,
        packages=" ".join(member.packages),
        commands=" ".join(f"{name}:{package}" for name, package in member.commands),
        mounts=" ".join(member.mounts),
        services=" ".join(member.services),
        hostname=member.hostname,
        fqdn=member.fqdn if member.fqdn != member.hostname else "",
        timezone=member.timezone,
        chezmoi_url=member.chezmoi_url,
        chezmoi_sha256=" ".join(f"{arch}:{digest}" for arch, digest in member.chezmoi_sha256),
        sshd="\n".join(member.sshd),
        wait=str(CLOSE_SECONDS),
    )
    # The program is the shell's standard input: what it starts must not read it.
    return sh.join("bootstrap/main", front=front, call='bootstrap_main "$@" </dev/null')


class Answer(NamedTuple):
    """What the program has said."""

    want: tuple[tuple[str, str], ...]  # steps that are to be done, each with what the node says of it
    did: tuple[str, ...]  # steps that were done now
    failed: tuple[str, str]  # the step that failed, and why; empty if none
    code: int | None  # its exit code; None where it has not come to its end


def parse(said: bytes) -> Answer | None:
    """Read what the program said; None where it never began."""
    found = node_answer.read(said, HEADER)
    if found is None:
        return None
    pairs = [(key, *text.partition(" ")[::2]) for key, text in found.pairs]
    failed = [(step, why.strip()) for key, step, why in pairs if key == "failed"]
    return Answer(
        tuple((step, detail.strip()) for key, step, detail in pairs if key == "want"),
        tuple(step for key, step, _ in pairs if key == "did"),
        failed[-1] if failed else ("", ""),
        found.code,
    )
