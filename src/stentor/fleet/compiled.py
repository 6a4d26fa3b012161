"""The compiled copy: the checked fleet as JSON in the user's cache, so that a start need not read YAML.

It holds the very bytes it was made from. It is used only while the files still hold the same bytes, so
it can never be stale; whatever is wrong with it, the files are read instead.
"""

from __future__ import annotations

import os
from collections.abc import Mapping

from stentor.fleet.model import Fleet, Node
from stentor.fleet.policy import from_plain, to_plain

MOST = 50  # copies, of so many fleets
FORMAT = 3  # to be raised when the copy's form or meaning changes, or when a check becomes stricter

Texts = Mapping[str, bytes]
"""Kind of file (``nodes``, ``policy``) to its bytes; a file which is not there is not in it."""


def path_for(root: str, environ: Mapping[str, str]) -> str | None:
    """Where the copy of this fleet is kept; None when there is no home to keep it in."""
    base = environ.get("XDG_CACHE_HOME", "")
    if not os.path.isabs(base):
        home = environ.get("HOME", "")
        if not os.path.isabs(home):
            return None
        base = os.path.join(home, ".cache")
    from binascii import crc32

    # The number only keeps equal endings apart; the copy itself says whose it is.
    number = crc32(root.encode("utf-8", "surrogateescape"))
    ending = root[-40:].replace("/", "%")
    return os.path.join(base, "stentor", f"fleet{ending}-{number:08x}.json")


def read(path: str, root: str, texts: Texts) -> Fleet | None:
    """Return the fleet if the copy is whole, ours and made from exactly these bytes; else None."""
    try:
        descriptor = os.open(path, os.O_RDONLY | os.O_CLOEXEC | os.O_NOFOLLOW | os.O_NONBLOCK)
        with open(descriptor, "rb") as file:
            status = os.fstat(descriptor)
            if status.st_uid != os.geteuid() or status.st_mode & 0o022:
                return None  # somebody else could have written it
            content = file.read()
        import json

        copy = json.loads(content)
        if copy["format"] != [FORMAT, *Node._fields] or copy["root"] != root:
            return None
        if {kind: text.encode() for kind, text in copy["texts"].items()} != dict(texts):
            return None
        return _unpacked(copy)
    except (OSError, ValueError, LookupError, TypeError, AttributeError, RecursionError):
        return None


def write(path: str, fleet: Fleet, texts: Texts) -> None:
    """Keep a copy; a cache that cannot be written is none of the user's troubles."""
    import json

    folder = os.path.dirname(path)
    temporary = f"{path}.{os.getpid()}"
    try:
        content = json.dumps(
            {
                "format": [FORMAT, *Node._fields],
                "root": fleet.root,
                "texts": {kind: data.decode() for kind, data in texts.items()},
                "nodes": list(fleet.nodes.values()),
                "groups": fleet.groups,
                "ssh_config": fleet.ssh_config,
                "policy": to_plain(fleet.policy),
            },
            ensure_ascii=False,
        ).encode()
        os.makedirs(folder, mode=0o700, exist_ok=True)
        descriptor = os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW, 0o600)
        try:
            with open(descriptor, "wb") as file:
                file.write(content)
            os.replace(temporary, path)
        except BaseException:
            os.unlink(temporary)
            raise
        _tidy(folder)
    except (OSError, ValueError, TypeError, RecursionError):
        return


def _tidy(folder: str) -> None:
    """Practice fleets come and go: of all copies only the latest are kept."""
    with os.scandir(folder) as entries:
        copies = [entry for entry in entries if entry.name.startswith("fleet")]
    copies.sort(key=lambda entry: entry.stat(follow_symlinks=False).st_mtime)
    for entry in copies[:-MOST]:
        os.unlink(entry.path)


def _unpacked(copy: Mapping[str, object]) -> Fleet:
    """Build the fleet anew; raises what ``read`` catches when the copy is damaged."""
    nodes: dict[str, Node] = {}
    for row in copy["nodes"]:  # type: ignore[attr-defined]  # a wrong shape is caught by read
        node = Node._make(row)
        nodes[node.alias] = node._replace(addresses=tuple(node.addresses), requires=tuple(node.requires))
    groups = {name: tuple(aliases) for name, aliases in copy["groups"].items()}  # type: ignore[attr-defined]
    ssh_config, policy, root = copy["ssh_config"], from_plain(copy["policy"]), copy["root"]
    if not isinstance(root, str) or not isinstance(ssh_config, str | None):
        raise TypeError("not a copy of a fleet")
    return Fleet(root, nodes, groups, ssh_config, policy)
