"""Find the fleet directory and read it, from the compiled copy where that is provably current."""

from __future__ import annotations

from collections.abc import Mapping

from stentor.fleet.model import Fleet


def load(path: str | None, *, environ: Mapping[str, str], cwd: str) -> Fleet:
    """Read the fleet.

    Args:
        path: what ``--fleet`` says; None to look in ``STENTOR_FLEET``, upward from ``cwd``, then
            in the user's configuration directory.
        environ: the environment.
        cwd: the working directory.

    Raises:
        FleetError: not found, unreadable, or faulty (names the first faults).
    """
    raise NotImplementedError
