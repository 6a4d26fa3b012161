"""The edge of the importers: from a source's name and a path to settled nodes and groups."""

from __future__ import annotations

import glob
import os
from collections.abc import Mapping

from stentor.errors import FleetError
from stentor.fleet.importers.found import Found, settle

SOURCES = ("ssh-config", "ansible", "hosts", "clustershell")
MOST_BYTES = 16 * 1024 * 1024


def import_from(source: str, path: str, environ: Mapping[str, str]) -> Found:
    """Read another tool's files.

    Args:
        source: one of ``SOURCES``.
        path: the file or folder.
        environ: for ``HOME``.

    Raises:
        FleetError: it cannot be read, or has no nodes.
    """
    path = os.path.abspath(path)
    is_folder = os.path.isdir(path)
    if is_folder and source in ("ssh-config", "hosts"):
        raise FleetError("it is a directory", where=path, hint=f"'--from {source}' reads a file")
    try:
        found = settle(_read(source, path, environ, is_folder))
    except UnicodeDecodeError:
        raise FleetError("it is not text in UTF-8", where=path) from None
    except OSError as error:
        raise FleetError(f"it cannot be read: {error.strerror or error}", where=path) from None
    if not found.nodes:
        said = f" ({found.left[0]})" if found.left else ""
        raise FleetError(f"there are no nodes in it{said}", where=path)
    return found


def _read(source: str, path: str, environ: Mapping[str, str], is_folder: bool) -> Found:
    if source == "ssh-config":
        from stentor.fleet.importers.ssh_config import read_ssh_config

        home = environ.get("HOME") or os.path.expanduser("~")
        return read_ssh_config(path, _text, _listed, home=home)
    if source == "ansible":
        from stentor.fleet.importers.ansible import read_ansible

        return read_ansible(path, _text, _listed, is_folder=is_folder)
    if source == "clustershell":
        from stentor.fleet.importers.clustershell import read_clustershell

        return read_clustershell(path, _text, _listed, is_folder=is_folder)
    from stentor.fleet.importers.hosts import read_hosts

    return read_hosts(path, _text)


def _text(path: str) -> str:
    with open(path, "rb") as file:
        data = file.read(MOST_BYTES + 1)
    if len(data) > MOST_BYTES:
        raise OSError(f"{path} is larger than {MOST_BYTES >> 20} MB")
    return data.removeprefix(b"\xef\xbb\xbf").decode()


def _listed(pattern: str) -> list[str]:
    return sorted(path for path in glob.glob(pattern) if os.path.isfile(path))
