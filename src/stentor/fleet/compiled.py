"""The compiled copy: the checked fleet in the user's cache, opened in place of reading YAML.

It holds the very bytes that it was made from, and is used only while the files hold the same bytes, so it
can never be stale. A checksum covers the rest of it; if anything is wrong, the files are read instead.

    line with the format | lengths and checksum | head | columns, rows, groups, policy | the files' bytes

The head, the rows and the policy are data of :mod:`marshal`, which is built into Python. Nothing is decoded
before the checksum has been compared, nor if another user could have written the file.
"""

from __future__ import annotations

import marshal
import os
from collections.abc import Mapping

from stentor.fleet.model import Fleet, Node
from stentor.fleet.policy import from_plain, to_plain
from stentor.fleet.stored import Groups, Nodes, load
from stentor.typed import Any

MOST = 50  # copies, of so many fleets
FORMAT = 6  # to be raised when the copy's form or meaning changes, or when a check becomes stricter

FIRST = b"stentor fleet %d\n" % FORMAT
_WIDTH = 4  # bytes of each length, and of the checksum
_HEADER = len(FIRST) + 3 * _WIDTH

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
    return os.path.join(base, "stentor", f"fleet{ending}-{number:08x}.bin")


def read(path: str, root: str, texts: Texts) -> Fleet | None:
    """Return the fleet if the copy is whole, ours and made from exactly these bytes; else None."""
    try:
        descriptor = os.open(path, os.O_RDONLY | os.O_CLOEXEC | os.O_NOFOLLOW | os.O_NONBLOCK)
        with open(descriptor, "rb") as file:
            status = os.fstat(descriptor)
            if status.st_uid != os.geteuid() or status.st_mode & 0o022:
                return None  # somebody else could have written it
            content = file.read()
        return decode(content, root, texts)
    except (OSError, ValueError, EOFError, LookupError, TypeError):
        return None


def write(path: str, fleet: Fleet, texts: Texts) -> None:
    """Keep a copy; a cache that cannot be written is none of the user's troubles."""
    from stentor.atomic_write import replacing

    folder = os.path.dirname(path)
    try:
        content = encode(fleet, texts)
        os.makedirs(folder, mode=0o700, exist_ok=True)
        with replacing(path, mode=0o600, durable=False) as file:
            file.write(content)
        _tidy(folder)
    except (OSError, ValueError, OverflowError):
        return


def _tidy(folder: str) -> None:
    """Practice fleets come and go: of all copies only the latest are kept."""
    with os.scandir(folder) as entries:
        copies = [entry for entry in entries if entry.name.startswith("fleet")]
    copies.sort(key=lambda entry: entry.stat(follow_symlinks=False).st_mtime)
    for entry in copies[:-MOST]:
        os.unlink(entry.path)


def encode(fleet: Fleet, texts: Texts) -> bytes:
    """Return the bytes of a copy.

    Raises:
        ValueError: the fleet holds what is not plain data.
        OverflowError: it is too large for the form.
    """
    table, members = Groups.store(fleet.groups, tuple(fleet.nodes))
    parts = [*Nodes.store(fleet.nodes), members, marshal.dumps(to_plain(fleet.policy))]
    head = marshal.dumps(
        {
            "fields": Node._fields,
            "root": fleet.root,
            "ssh_config": fleet.ssh_config,
            "texts": {kind: len(data) for kind, data in texts.items()},
            "groups": table,
            "parts": [len(part) for part in parts],
        }
    )
    body = head + b"".join(parts)
    lengths = b"".join(len(data).to_bytes(_WIDTH, "little") for data in (head, body))
    return b"".join((FIRST, lengths, _checksum(lengths, body), body, *texts.values()))


def decode(content: bytes, root: str, texts: Texts) -> Fleet | None:
    """Return the fleet of a copy; None if it is damaged, or was not made from these files."""
    if not content.startswith(FIRST) or len(content) < _HEADER:
        return None
    lengths = content[len(FIRST) : _HEADER - _WIDTH]
    head_length, body_length = (int.from_bytes(lengths[at : at + _WIDTH], "little") for at in (0, _WIDTH))
    body = memoryview(content)[_HEADER : _HEADER + body_length]
    if _checksum(lengths, body) != content[_HEADER - _WIDTH : _HEADER]:
        return None
    head: dict[str, Any] = load(body[:head_length])
    if head["fields"] != Node._fields or head["root"] != root:
        return None
    if not _same_texts(content, _HEADER + body_length, head["texts"], texts):
        return None
    parts, begin = [], head_length
    for length in head["parts"]:
        parts.append(bytes(body[begin : begin + length]))
        begin += length
    *columns, members, policy = parts
    nodes = Nodes(*columns)
    return Fleet(
        root, nodes, Groups(nodes, head["groups"], members), head["ssh_config"], from_plain(load(policy))
    )


def _same_texts(content: bytes, begin: int, lengths: Mapping[str, int], texts: Texts) -> bool:
    """Whether the files hold the bytes that the copy was made from."""
    if lengths != {kind: len(data) for kind, data in texts.items()}:
        return False
    for kind, length in lengths.items():
        if not content.startswith(texts[kind], begin):
            return False
        begin += length
    return begin == len(content)


def _checksum(lengths: bytes, body: bytes | memoryview) -> bytes:
    from binascii import crc32

    return crc32(body, crc32(lengths)).to_bytes(_WIDTH, "little")
