"""The way through a jump host, in the arguments which Ansible hands to ssh."""

from __future__ import annotations

import shlex

# Options of `ssh` inside a ProxyCommand which change nothing of where it leads.
_IDLE = frozenset({"-q", "-a", "-A", "-x", "-T"})


def jump_of(arguments: str) -> tuple[str, bool]:
    """Find the jump host in ``ansible_ssh_common_args``.

    ``-J gate``, ``-o ProxyJump=gate`` and ``-o ProxyCommand="ssh -W %h:%p -q me@gate"`` say the same.

    Returns:
        What ``ssh -J`` takes, or nothing; and whether that is all that the arguments say.
    """
    try:
        words = shlex.split(arguments)
    except ValueError:
        return "", False
    jump, everything = "", True
    while words:
        word = words.pop(0)
        if word in ("-J", "-o") and words:
            word += words.pop(0)
        option = word[2:].strip()
        name, _, value = option.replace("=", " ", 1).partition(" ")
        if word.startswith("-J"):
            jump = jump or option
        elif word.startswith("-o") and name.lower() == "proxyjump":
            jump = jump or value.strip()
        elif word.startswith("-o") and name.lower() == "proxycommand":
            through, all_of_it = _through(value.strip())
            jump = jump or through
            everything = everything and all_of_it
        else:
            everything = False
    return jump, everything


def _through(command: str) -> tuple[str, bool]:
    """``ssh -W %h:%p -p 2222 me@gate`` as ``me@gate:2222``; and whether nothing of it is lost."""
    try:
        words = shlex.split(command)
    except ValueError:
        return "", False
    if not words or words.pop(0).rpartition("/")[2] != "ssh":
        return "", False
    user = port = host = ""
    led = False
    everything = True
    while words:
        word = words.pop(0)
        value = words.pop(0) if word in ("-W", "-p", "-l", "-o", "-F", "-i", "-J") and words else ""
        if word == "-W":
            led = value.replace("[", "").replace("]", "") == "%h:%p"
        elif word == "-p":
            port = value
        elif word == "-l":
            user = value
        elif not word.startswith("-") and not host:
            host = word
        elif word not in _IDLE and word != "--":
            everything = False
    if not host or not led:
        return "", False
    name = f"{user}@{host}" if user else host
    return f"{name}:{port}" if port else name, everything
