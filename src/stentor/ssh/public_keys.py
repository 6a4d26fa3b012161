"""The user's own public keys: those that ssh would offer to a node."""

from __future__ import annotations

import os
from collections.abc import Mapping

from stentor import programs
from stentor.errors import StentorError
from stentor.fleet.model import Fleet, Node
from stentor.opening import regular
from stentor.ssh.target import config_argv


def own_public_keys(fleet: Fleet, node: Node, environ: Mapping[str, str]) -> list[str]:
    """Return the lines of the ``.pub`` files beside ssh's identities; without one, of what the agent has."""
    home, found = environ.get("HOME", ""), []
    for line in programs.run(config_argv(fleet, node), environ).text.splitlines():
        key, _, path = line.partition(" ")
        if key != "identityfile":
            continue
        path = home + path[1:] if path.startswith("~/") else path
        try:
            with open(f"{path}.pub", encoding="utf-8", opener=regular) as file:
                found.append(file.readline().strip())
        except (OSError, UnicodeDecodeError):
            continue
    if found or "SSH_AUTH_SOCK" not in environ:
        return list(dict.fromkeys(filter(None, found)))
    try:
        said = programs.run(["ssh-add", "-L"], environ)
    except StentorError:
        return []
    return said.text.splitlines() if said.code == 0 else []


def read_public_key(text: str, root: str, environ: Mapping[str, str]) -> str:
    """Return a key that the fleet file names: the text itself, or the first line of its file.

    Args:
        text: a line of an authorized_keys file, or a path.
        root: of the fleet, where a relative path begins.
        environ: for the home directory.

    Raises:
        OSError: the file cannot be read.
    """
    if " " in text.strip() and not text.startswith(("/", "~", ".")):
        return text
    path = environ.get("HOME", "") + text[1:] if text.startswith("~/") else os.path.join(root, text)
    with open(path, encoding="utf-8", errors="replace", opener=regular) as file:
        return file.readline().strip()
