"""Checksums as the nodes' programs say them: SHA-256, and POSIX cksum where there is nothing else."""

from __future__ import annotations

import hashlib
import zlib
from collections.abc import Iterable
from typing import IO

STRONG = ("sha256sum", "shasum", "openssl")

_REVERSED = bytes(int(f"{byte:08b}"[::-1], 2) for byte in range(256))


class Cksum:
    """The CRC of POSIX ``cksum``.

    It takes the bits of each byte the other way round than zlib's, begins with zeros, and counts the
    length in (POSIX.1-2017, cksum, "CRC algorithm"); so zlib can compute it from reversed bytes.
    """

    def __init__(self) -> None:
        self._crc = 0xFFFFFFFF  # zlib turns it over: a register of zeros
        self._length = 0

    def update(self, data: bytes) -> None:
        """Take more bytes."""
        self._crc = zlib.crc32(data.translate(_REVERSED), self._crc)
        self._length += len(data)

    def hexdigest(self) -> str:
        """Return the checksum as cksum prints it, which is decimal."""
        length = self._length.to_bytes((self._length.bit_length() + 7) // 8, "little")
        crc = zlib.crc32(length.translate(_REVERSED), self._crc)
        return str(int(f"{crc:032b}"[::-1], 2))


def digests(blocks: Iterable[bytes], *, weak: bool = False) -> tuple[str, str]:
    """Return SHA-256, and cksum's sum if ``weak``, of the same bytes in one pass."""
    strong, crc = hashlib.sha256(), Cksum()
    for block in blocks:
        strong.update(block)
        if weak:
            crc.update(block)
    return strong.hexdigest(), crc.hexdigest() if weak else ""


class Sink:
    """Writes to a file, and computes the checksums of what is written.

    Args:
        file: takes the bytes.
        weak: compute cksum's sum too.
    """

    def __init__(self, file: IO[bytes], *, weak: bool = False) -> None:
        self.size = 0  # bytes so far
        self._file = file
        self._strong = hashlib.sha256()
        self._crc = Cksum() if weak else None

    def write(self, data: bytes) -> None:
        """Take more bytes."""
        self._strong.update(data)
        if self._crc:
            self._crc.update(data)
        self.size += len(data)
        self._file.write(data)

    def digests(self) -> tuple[str, str]:
        """Return SHA-256, and cksum's sum, which is empty if it was not computed."""
        return self._strong.hexdigest(), self._crc.hexdigest() if self._crc else ""
