# ruff: noqa: E501 - faults, and files to break
"""Mutates fleet files until the reader breaks: ``python -m tests.fuzz.fleet_file [SECONDS] [SEED]``.

A case is wrong when anything but a fleet or faults comes of it, when it takes more than two seconds, or
when the faults do not say where. The property tests grow inputs from nothing; this one breaks real files.
"""

from __future__ import annotations

import random
import sys
import time
from collections.abc import Iterator
from pathlib import Path

from stentor.fleet.check import Source, check
from stentor.fleet.document import MAX_BYTES

FIXTURES = Path(__file__).parents[1] / "fixtures" / "ssot"
SLOW = 2.0

PIECES = [
    b"\t", b"\0", b"\r\n", b"\xef\xbb\xbf", b"\xff", b"\xc2\x85", b"\xe2\x80\xa8", b"\xf0\x9f\x92\xa9", b"&a ", b"*a",
    b"<<: *a", b"!!other/tag ", b"!!binary ", b"? ", b"- ", b": ", b"{", b"}", b"[", b"]", b"'", b'"', b"|\n",
    b">-\n", b"---\n", b"...\n", b"%YAML 1.1\n", b"%TAG ! !\n", b"[1-10001]", b"[1-3", b"@all!", b"@self", b"~", b"0x",
    b"1e999", b"-", b"#", b"[" * 60, b"{a: " * 60, b"9" * 400, b"a" * 5000, b"&a [*a]", b"nodes", b"null", b"\x1b[2J", b"\\u0000",
]  # fmt: skip


def mutated(data: bytes, chance: random.Random) -> bytes:
    """One file with a few faults."""
    for _ in range(chance.choice((1, 1, 2, 3, 8))):
        here, there = sorted((chance.randint(0, len(data)), chance.randint(0, len(data))))
        kind = chance.randrange(6)
        if kind == 0:
            data = data[:here] + chance.choice(PIECES) + data[here:]
        elif kind == 1:
            data = data[:here] + data[here + chance.randint(1, 8) :]
        elif kind == 2:
            data = data[:here] + bytes([chance.randrange(256)]) + data[here + 1 :]
        elif kind == 3:
            data = data[:there] + data[here : min(there, here + 200)] * chance.randint(1, 4) + data[there:]
        elif kind == 4:
            lines = data.splitlines(keepends=True)
            chance.shuffle(lines)
            data = b"".join(lines)
        else:
            data = data[:here]
    return data


def wrong(kind: str, data: bytes) -> str:
    """Why this case is wrong; empty when it is not."""
    begun = time.perf_counter()
    try:
        result = check([Source(kind, f"{kind}.yaml", data)], "/fleet")
    except Exception as error:
        return f"{type(error).__name__}: {error}"
    seconds = time.perf_counter() - begun
    if seconds > SLOW:
        return f"took {seconds:.1f} s"
    if kind == "nodes" and (result.fleet is None) != bool(result.faults):
        return "neither a fleet nor faults"
    for fault in result.faults:
        if not fault.what.isprintable() or not fault.what or fault.line < 0 or fault.column < 0:
            return f"a fault which cannot be shown: {fault!r}"
    return ""


def cases(chance: random.Random) -> Iterator[tuple[str, bytes]]:
    """Broken files, without end; faults add up over the generations."""
    seeds = {name: [(FIXTURES / f"{name}.yaml").read_bytes()] for name in ("nodes", "services")}
    seeds["nodes"].append(
        b"defaults: &d {user: me, jump: gw, vars: {a: 1}}\nnodes:\n  gw: {<<: *d, jump: }\n  node[1-40]: {alias: 'n[1-40]', "
        b"address: '10.0.0.[1-40]', groups: [big]}\ngroups: {g: '@big!n[3-5]', h: ['@g', gw]}\nssh: {local: false}\n"
        b"rollout: {canary: gw, waves: '1,25%', groups: {g: {pause: 3s}}}\njournal: {keep: 90d, max_size: 64k}\n"
    )
    seeds["policy"] = [b"rollout: {canary: a, pause: 3}\njournal: {}\n"]
    while True:
        kind = chance.choice(("nodes", "nodes", "nodes", "policy", "services"))
        data = mutated(chance.choice(seeds[kind]), chance)
        if len(seeds[kind]) < 200 and chance.random() < 0.05:
            seeds[kind].append(data)
        yield kind, data[: MAX_BYTES + 10]


def main(seconds: float = 30.0, seed: int | None = None, most: int | None = None) -> int:
    """Run for a time, or for a number of cases; return how many were wrong."""
    seed = random.SystemRandom().randrange(1 << 32) if seed is None else seed
    bad = count = 0
    ends = time.monotonic() + seconds
    for count, (kind, data) in enumerate(cases(random.Random(seed)), 1):
        why = wrong(kind, data)
        if why:
            bad += 1
            print(f"{kind}: {why}\n  {data[:2000]!r}")
        if time.monotonic() > ends or count == most:
            break
    print(f"{count} files, {bad} wrong (seed {seed})")
    return bad


if __name__ == "__main__":
    given = sys.argv[1:]
    sys.exit(1 if main(float(given[0]) if given else 30.0, int(given[1]) if len(given) > 1 else None) else 0)
