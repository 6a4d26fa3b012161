"""What ``stentor export ansible`` wrote of a node beside Ansible's own variables: read back as it was."""

from __future__ import annotations

from typing import Any

_PREFIX = "stentor_"
_FIELDS = {
    "role": "role",
    "arch": "arch",
    "phase": "phase",
    "state": "state",
    "requires": "requires",
    "addresses": "address",
    "user": "user",
    "port": "port",
    "jump": "jump",
    "gateway": "gateway",
    "mac": "mac",
    "migrated": "migrated",
}


def take_ours(variables: dict[str, Any]) -> tuple[str, dict[str, Any]] | None:
    """Take our variables out of a host's.

    Returns:
        The full name (empty: the host's own name) and fields as in ``nodes.yaml``, with those of its
        ``vars`` that are no variables there; None if there are none.
    """
    said = {key: variables.pop(key) for key in [*variables] if key.startswith(_PREFIX)}
    if not said:
        return None
    fields = {
        field: said[_PREFIX + key] for key, field in _FIELDS.items() if said.get(_PREFIX + key) is not None
    }
    own = said.get("stentor_vars")
    fields["vars"] = own if isinstance(own, dict) else {}
    for key in fields["vars"]:
        variables.pop(key, None)
    if "address" in fields:
        variables.pop("ansible_host", None)
    if "jump" in fields:
        variables.pop("ansible_ssh_common_args", None)  # the same, written out
    if said.get("stentor_local"):
        variables.pop("ansible_connection", None)
    return str(said.get("stentor_name", "")), fields
