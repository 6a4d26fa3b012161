"""Archives of tests."""

import io
import tarfile


def add(into: tarfile.TarFile, name: str, data: bytes | None = b"", **more: object) -> None:
    """Add a file, or a folder where ``data`` is None; ``more`` are fields of its header."""
    item = tarfile.TarInfo(name)
    item.mtime, item.mode = 1_000_000_000, 0o644
    if data is None:
        item.type = tarfile.DIRTYPE
    else:
        item.size = len(data)
    for key, value in more.items():
        setattr(item, key, value)
    into.addfile(item, io.BytesIO(data or b""))
