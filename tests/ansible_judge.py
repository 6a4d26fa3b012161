"""What Ansible itself makes of inventories: one process for many, as its start takes half a second.

Reads an inventory and a folder of playbooks a line and writes a line of JSON each: hosts with their
variables, and groups with their hosts.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import warnings
from importlib import import_module
from pathlib import Path
from typing import Any

# What Ansible adds to each host, whatever the inventory says.
MAGIC = {
    "inventory_hostname", "inventory_hostname_short", "group_names", "inventory_dir", "inventory_file",
    "playbook_dir", "groups", "omit", "ansible_playbook_python", "ansible_version", "ansible_check_mode",
    "ansible_diff_mode", "ansible_forks", "ansible_inventory_sources", "ansible_verbosity",
    "ansible_run_tags", "ansible_skip_tags", "ansible_config_file", "ansible_facts", "ansible_limit",
}  # fmt: skip


class Judge:
    """Ansible in a process of its own, with no configuration of the user's.

    Args:
        folder: for what Ansible keeps.
    """

    def __init__(self, folder: Path) -> None:
        (folder / "ansible.cfg").write_text("[defaults]\n")
        environ = {
            **{name: value for name, value in os.environ.items() if not name.startswith("ANSIBLE_")},
            "ANSIBLE_CONFIG": str(folder / "ansible.cfg"),
            "ANSIBLE_HOME": str(folder / "home"),
            "LC_ALL": "C.UTF-8",
        }
        # -P: the folder of this file, in which there is another ansible.py, is not looked in.
        self._process = subprocess.Popen(
            [sys.executable, "-P", __file__],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            text=True,
            env=environ,
        )

    def read(self, path: Path, playbooks: Path | None = None) -> dict[str, Any]:
        """What it makes of an inventory; ``error`` if it makes nothing of it."""
        assert self._process.stdin
        assert self._process.stdout
        self._process.stdin.write(f"{path}\0{playbooks or path.parent}\n")
        self._process.stdin.flush()
        return dict(json.loads(self._process.stdout.readline()))

    def close(self) -> None:
        """End it."""
        self._process.communicate(timeout=30)


def plain(value: Any) -> Any:
    """A value of Ansible's without the tags that Ansible puts to it."""
    if isinstance(value, dict):
        return {str(key): plain(inner) for key, inner in value.items()}
    if isinstance(value, (list, tuple)):
        return [plain(inner) for inner in value]
    if value is None or isinstance(value, (bool, int, float)):
        return value
    return value.isoformat() if hasattr(value, "isoformat") else str(value)


def read(path: str, playbooks: str) -> dict[str, Any]:
    """What Ansible makes of an inventory, for a play of a folder."""
    cached = import_module("ansible.plugins.vars.host_group_vars")
    for cache in (cached.FOUND, cached.NAK, cached.CANONICAL_PATHS):
        cache.clear()
    loader = import_module("ansible.parsing.dataloader").DataLoader()
    loader.set_basedir(playbooks)
    inventory = import_module("ansible.inventory.manager").InventoryManager(loader=loader, sources=[path])
    manager = import_module("ansible.vars.manager").VariableManager(loader=loader, inventory=inventory)
    hosts = {}
    for name, host in inventory.hosts.items():
        said = manager.get_vars(host=host, include_hostvars=False, stage="all")
        hosts[str(name)] = {str(key): plain(value) for key, value in said.items() if key not in MAGIC}
    groups = {
        str(name): sorted(str(host) for host in group.get_hosts()) for name, group in inventory.groups.items()
    }
    return {"hosts": hosts, "groups": groups}


def main() -> None:
    """Answer until there is no more question."""
    warnings.simplefilter("ignore")
    for line in sys.stdin:
        try:
            said = read(*line.rstrip("\n").split("\0"))
        except Exception as error:  # whatever ends Ansible is its answer
            said = {"error": f"{type(error).__name__}: {error}"}
        sys.stdout.write(json.dumps(said) + "\n")
        sys.stdout.flush()


if __name__ == "__main__":
    main()
