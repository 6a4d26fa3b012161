"""Breaks a master's side of the protocol: ``python -m tests.fuzz.mux_codec [SECONDS] [SEED]``.

A case is wrong when anything but messages or a ``ProtocolError`` comes of it, when two ways of splitting
the same bytes give different messages, or when the decoder holds more than one packet may have.
"""

from __future__ import annotations

import random
import sys
import time
from struct import pack

from stentor.ssh import mux


def string(value: bytes) -> bytes:
    return pack(">I", len(value)) + value


SENT = b"".join(
    string(body)
    for body in (
        pack(">II", 1, 4) + string(b"info") + string(b"0"),
        pack(">III", 0x80000006, 0, 3),
        pack(">II", 0x80000003, 0) + string(b"Session open refused by peer"),
        pack(">III", 0x80000004, 3, 255),
        pack(">III", 0x80000005, 0, 4711),
        pack(">II", 0x80000008, 3),
    )
)


def mutated(chance: random.Random) -> bytes:
    """What a master says, with a few faults."""
    data = bytearray(SENT * chance.randint(1, 3))
    for _ in range(chance.randint(1, 6)):
        here = chance.randrange(len(data))
        kind = chance.randrange(4)
        if kind == 0:
            data[here] = chance.randrange(256)
        elif kind == 1:
            del data[here : here + chance.randint(1, 9)]
        elif kind == 2:
            data[here:here] = chance.randbytes(chance.randint(1, 9))
        else:
            data[here : here + 4] = pack(">I", chance.choice((0, 1, 3, 0xFFFFFFFF, mux.MAX_PACKET)))
        if not data:
            return b""
    return bytes(data)


def decoded(data: bytes, sizes: list[int]) -> tuple[list[mux.Message], bool]:
    """The messages before the first error, and whether there was one."""
    decoder, found, at, turn = mux.Decoder(), [], 0, 0
    while at < len(data):
        size = sizes[turn % len(sizes)]
        try:
            found += decoder.feed(data[at : at + size])
        except mux.ProtocolError:
            return found, True
        at, turn = at + size, turn + 1
    return found, False


def wrong(data: bytes, chance: random.Random) -> str:
    """Why this case is wrong; empty when it is not."""
    try:
        bytewise, failed = decoded(data, [1])
        split, failed_too = decoded(data, [chance.randint(1, 30) for _ in range(5)])
    except Exception as error:
        return f"{type(error).__name__}: {error}"
    # A piece that holds good packets and a bad one is refused whole: its good ones may be missing.
    if failed != failed_too or split != bytewise[: len(split)]:
        return "two ways of splitting gave different messages"
    return "" if failed or split == bytewise else "messages were lost"


def main(seconds: float = 10.0, seed: int = 0) -> int:
    """Try for so many seconds; the exit code is 1 if a case was wrong."""
    chance, cases, end = random.Random(seed), 0, time.monotonic() + seconds
    while time.monotonic() < end:
        data = mutated(chance)
        why = wrong(data, chance)
        cases += 1
        if why:
            print(f"case {cases} (seed {seed}): {why}: {data.hex()}")
            return 1
    print(f"{cases} wounded streams, none was wrong")
    return 0


if __name__ == "__main__":
    seconds, seed = [*sys.argv[1:3], "10", "0"][:2] if len(sys.argv) != 2 else (sys.argv[1], "0")
    sys.exit(main(float(seconds), int(seed)))
