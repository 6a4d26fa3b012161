"""A practice fleet of real sshds on this machine, and ways to break it.

``plan`` says what it consists of, without effects; ``backends`` keep its nodes apart, ``faults`` break them;
``start`` starts a lab, ``lab`` is one that runs. The files of ``inside`` run in the nodes.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from stentor.lab.lab import Lab, NodeStatus
    from stentor.lab.start import open_lab, up

__all__ = ["Lab", "NodeStatus", "open_lab", "up"]


def __getattr__(name: str) -> Any:
    """Import what is public on first use: help lists the faults, and needs nothing else of the lab."""
    if name not in __all__:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    from stentor.lab import lab, start

    return getattr(lab, name, None) or getattr(start, name)
