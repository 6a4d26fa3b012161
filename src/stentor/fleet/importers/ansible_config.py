"""What ``ansible.cfg`` and Ansible's environment variables say of how hosts are reached."""

from __future__ import annotations

import configparser
from collections.abc import Mapping
from typing import NamedTuple

# The variable that has the same meaning, and beats it; section, key and environment variable.
_KEYS = (
    ("ansible_user", "defaults", "remote_user", "ANSIBLE_REMOTE_USER"),
    ("ansible_port", "defaults", "remote_port", "ANSIBLE_REMOTE_PORT"),
    ("ansible_connection", "defaults", "transport", "ANSIBLE_TRANSPORT"),
    ("ansible_ssh_private_key_file", "defaults", "private_key_file", "ANSIBLE_PRIVATE_KEY_FILE"),
    ("ansible_ssh_args", "ssh_connection", "ssh_args", "ANSIBLE_SSH_ARGS"),
    ("ansible_ssh_common_args", "ssh_connection", "ssh_common_args", "ANSIBLE_SSH_COMMON_ARGS"),
    ("ansible_ssh_extra_args", "ssh_connection", "ssh_extra_args", "ANSIBLE_SSH_EXTRA_ARGS"),
)


class Config(NamedTuple):
    """Settings that hold for a host whose variables say nothing else."""

    variables: Mapping[str, str] = {}  # the settings, by the names of the variables with the same meaning
    places: Mapping[str, str] = {}  # variable to where it is set
    fault: tuple[str, str] | None = None  # the file that was not read, and why; or None


def config_of(path: str, text: str, environ: Mapping[str, str]) -> Config:
    """Return the settings.

    Args:
        path: the ``ansible.cfg`` that counts; empty where there is none.
        environ: Ansible's variables.
    """
    parser = configparser.ConfigParser(inline_comment_prefixes=(";",))
    fault = None
    try:
        parser.read_string(text)
    except configparser.Error as error:
        fault = (path, f"is no configuration of Ansible's: {str(error).splitlines()[0]}")
        parser.clear()
    variables: dict[str, str] = {}
    places: dict[str, str] = {}
    for variable, section, key, name in _KEYS:
        said = (
            environ[name] if name in environ else _unquoted(parser.get(section, key, raw=True, fallback=""))
        )
        if said:
            variables[variable] = said
            places[variable] = name if name in environ else path
    return Config(variables, places, fault)


def _unquoted(value: str) -> str:
    quoted = len(value) > 1 and value[0] == value[-1] and value[0] in "\"'"
    return value[1:-1] if quoted else value
