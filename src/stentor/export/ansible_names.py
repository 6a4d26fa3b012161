"""Which names a variable of a host may have in Ansible."""

from __future__ import annotations

import re

# What Ansible sets itself for every host, in some play or role: a variable of the same name vanishes
# without a word.
RESERVED = frozenset(
    [
        "ansible_async_path",
        "ansible_check_mode",
        "ansible_collection_name",
        "ansible_config_file",
        "ansible_current_hosts",
        "ansible_dependent_role_names",
        "ansible_diff_mode",
        "ansible_facts",
        "ansible_failed_hosts",
        "ansible_forks",
        "ansible_inventory_sources",
        "ansible_limit",
        "ansible_parent_role_names",
        "ansible_parent_role_paths",
        "ansible_play_batch",
        "ansible_play_hosts",
        "ansible_play_hosts_all",
        "ansible_play_name",
        "ansible_play_role_names",
        "ansible_playbook_python",
        "ansible_role_name",
        "ansible_role_names",
        "ansible_run_tags",
        "ansible_search_path",
        "ansible_skip_tags",
        "ansible_verbosity",
        "ansible_version",
        "environment",
        "group_names",
        "groups",
        "hostvars",
        "inventory_dir",
        "inventory_file",
        "inventory_hostname",
        "inventory_hostname_short",
        "omit",
        "play_hosts",
        "playbook_dir",
        "role_name",
        "role_names",
        "role_path",
        "role_uuid",
        "vars",
    ]
)
_NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_]*\Z", re.ASCII)
_TEMPLATE_WORDS = frozenset(["False", "None", "True", "false", "none", "not", "true"])


def why_no_variable(name: str) -> str:
    """Why a variable of the fleet file is none in Ansible; empty where it is one."""
    if name in RESERVED:
        return "Ansible sets a variable of this name itself"
    if name.startswith("stentor_"):
        return "the names that begin with stentor_ are used by stentor"
    if not _NAME.match(name) or name in _TEMPLATE_WORDS:
        return "is no name of a variable in Ansible, which takes letters, digits and '_'"
    return ""
