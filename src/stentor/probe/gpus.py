"""Graphics processors of a node, from the lines which nvidia-smi gave to ``sh/probe.sh``.

The format is that of ``nvidia-smi --query-gpu=... --format=csv,noheader,nounits``: a line each,
percent and MiB, ``[N/A]`` where the card does not tell.
"""

from __future__ import annotations

from typing import NamedTuple

from stentor.digits import whole

ASKED = {"STENTOR_PROBE_GPUS": "1"}
"""The environment in which the probe asks nvidia-smi, which can take a second."""

_MOST = 64


class Gpu(NamedTuple):
    """One card. None: it does not say."""

    busy: int | None  # percent of the time at work
    used: int | None  # bytes of its memory
    total: int | None  # bytes of its memory


def parse(output: bytes) -> tuple[Gpu, ...]:
    """Read the probe's output, whatever else is in it."""
    found: list[Gpu] = []
    for line in output.decode("utf-8", "replace").splitlines():
        if line.startswith("gpu=") and len(found) < _MOST:
            values = [whole(word, 11) for word in line[4:].split(",")]
            if len(values) == 3 and any(value is not None for value in values):
                busy, used, total = values
                found.append(Gpu(busy, used and used << 20, total and total << 20))
    return tuple(found)
