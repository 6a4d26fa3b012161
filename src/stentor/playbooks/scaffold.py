"""The files of ``stentor init --ansible``: a first layout for playbooks, which is the user's from then on."""

from __future__ import annotations

import os
import re
from collections.abc import Collection

_FOLDER = os.path.join(os.path.dirname(os.path.abspath(__file__)), "layout")
_FILES = (
    "ansible.cfg",
    "group_vars/all.yml",
    "group_vars/gpu.yml",
    "playbooks/cluster.yml",
    "playbooks/dotfiles.yml",
    "playbooks/services.yml",
)
_GROUP = "gpu"
_PART = re.compile(r"^# BEGIN gpu\n(.*?)^# END gpu\n", re.DOTALL | re.MULTILINE)


def files(groups: Collection[str], repository: str = "") -> dict[str, str]:
    """Return path to text of every file but the inventory.

    Args:
        groups: of the fleet; what is for a group that it has not is left out, since a play for nobody is an
            error.
        repository: of the dotfiles; empty if it is not known.
    """
    found = {}
    for path in _FILES:
        with open(os.path.join(_FOLDER, path), encoding="utf-8") as file:
            text = file.read()
        if path.endswith(f"{_GROUP}.yml") and _GROUP not in groups:
            continue
        text = _PART.sub(r"\1" if _GROUP in groups else "", text)
        if path.endswith("all.yml") and repository:
            from json import dumps

            text = text.replace('dotfiles_repository: ""', f"dotfiles_repository: {dumps(repository)}")
        found[path] = text
    return found
