"""The edge of the importers: from a source's name and a path to settled nodes and groups."""

from __future__ import annotations

import glob
import os
from collections.abc import Mapping, Sequence

from stentor.errors import FleetError
from stentor.fleet.importers.found import Found, settle
from stentor.opening import regular

SYSTEM_HOSTS = "/etc/hosts"
SYSTEM_ANSIBLE = "/etc/ansible/ansible.cfg"
_LEVELS = 2  # folders above an inventory in which its ansible.cfg may be: inventories/production/hosts
MOST_BYTES = 16 * 1024 * 1024


def import_all(sources: Sequence[tuple[str, str]], environ: Mapping[str, str]) -> Found:
    """Read several sources as one fleet; the first decides.

    Args:
        sources: each ``ssh-config``, ``ansible``, ``hosts``, ``clustershell`` or ``genders``, and a path.
        environ: for ``HOME``.

    Raises:
        FleetError: one cannot be read, or has no nodes.
    """
    from stentor.fleet.importers.merge import merge

    found = [(f"{source} {path}", _found(source, path, environ)) for source, path in sources]
    return settle(merge(found))


def _found(source: str, path: str, environ: Mapping[str, str]) -> Found:
    path = os.path.abspath(path)
    is_folder = os.path.isdir(path)
    if is_folder and source in ("ssh-config", "hosts", "genders"):
        raise FleetError("it is a directory", where=path, hint=f"'--from {source}' reads a file")
    try:
        found = _read(source, path, environ, is_folder)
    except UnicodeDecodeError:
        raise FleetError("it is not text in UTF-8", where=path) from None
    except OSError as error:
        raise FleetError(f"it cannot be read: {error.strerror or error}", where=path) from None
    settled = settle(found)
    if not settled.nodes:
        said = f" ({settled.left[0]})" if settled.left else ""
        raise FleetError(f"there are no nodes in it{said}", where=path)
    return found


def _read(source: str, path: str, environ: Mapping[str, str], is_folder: bool) -> Found:
    if source == "ssh-config":
        from stentor.fleet.importers.ssh_config import read_ssh_config

        home = environ.get("HOME") or os.path.expanduser("~")
        return read_ssh_config(path, read_text, read_listed, home=home)
    if source == "ansible":
        from stentor.fleet.importers.ansible import read_ansible
        from stentor.fleet.importers.ansible_config import config_of

        folder = path if is_folder else os.path.dirname(path)
        path_of_config = _ansible_config(folder, environ)
        config = config_of(path_of_config, read_text(path_of_config) if path_of_config else "", environ)
        playbooks = _playbooks(folder)
        return read_ansible(
            path, read_text, read_listed, is_folder=is_folder, config=config, playbooks=playbooks
        )
    if source == "clustershell":
        from stentor.fleet.importers.clustershell import read_clustershell

        return read_clustershell(path, read_text, read_listed, is_folder=is_folder)
    if source == "genders":
        from stentor.fleet.importers.genders import read_genders

        return read_genders(path, read_text)
    from stentor.fleet.importers.hosts import read_hosts

    return read_hosts(path, read_text, system=SYSTEM_HOSTS)


def _ansible_config(folder: str, environ: Mapping[str, str]) -> str:
    """The ``ansible.cfg`` that counts for an inventory in a folder; empty where there is none.

    Ansible looks at ``ANSIBLE_CONFIG``, into the working directory, the home directory and /etc. An inventory
    is often imported from elsewhere than Ansible is run, so what lies around it counts before the last two.
    """
    named = os.path.expanduser(environ.get("ANSIBLE_CONFIG", ""))
    paths = [os.path.join(named, "ansible.cfg") if os.path.isdir(named) else named]
    paths += [config_beside(os.getcwd(), 0), config_beside(folder, _LEVELS)]
    paths += [os.path.join(environ.get("HOME") or os.path.expanduser("~"), ".ansible.cfg"), SYSTEM_ANSIBLE]
    return next((path for path in paths if path and os.path.isfile(path)), "")


def _playbooks(folder: str) -> str:
    """The folder of the playbooks for an inventory in a folder; empty where there is none.

    To Ansible it is where the playbook lies, and the working directory for a single module. An inventory is
    often imported from elsewhere, so the ``ansible.cfg`` around it tells before the working directory does.
    """
    here = os.path.realpath(os.getcwd())
    config = config_beside(folder, _LEVELS)
    if config:
        return os.path.dirname(config)
    return here if os.path.realpath(folder).startswith(here.rstrip("/") + "/") else ""


def config_beside(folder: str, levels: int) -> str:
    """The ``ansible.cfg`` in a folder, or in one above it; empty where there is none.

    A folder that everybody may write to is passed over, as Ansible does.

    Args:
        folder: an absolute path.
        levels: how many folders above it count.
    """
    for _ in range(levels + 1):
        path = os.path.join(folder, "ansible.cfg")
        if os.path.isfile(path) and not os.stat(folder).st_mode & 0o002:
            return path
        folder = os.path.dirname(folder)
    return ""


def read_text(path: str) -> str:
    """The text of a file; a comment may hold any bytes."""
    with open(path, "rb", opener=regular) as file:
        data = file.read(MOST_BYTES + 1)
    if len(data) > MOST_BYTES:
        raise OSError(f"{path} is larger than {MOST_BYTES >> 20} MB")
    data = data.removeprefix(b"\xef\xbb\xbf")
    try:
        return data.decode()
    except UnicodeDecodeError:
        lines = (b"" if line.startswith((b"#", b";")) else line for line in data.split(b"\n"))
        return b"\n".join(lines).decode()


def read_listed(pattern: str) -> list[str]:
    """The files which a pattern matches, or the folders where it ends in a slash."""
    wanted = os.path.isdir if pattern.endswith("/") else os.path.isfile
    return sorted(path for path in glob.glob(pattern) if wanted(path))
