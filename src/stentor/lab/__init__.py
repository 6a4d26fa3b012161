"""A practice fleet of real sshds on this machine."""

from stentor.lab.lab import Lab, NodeStatus
from stentor.lab.start import open_lab, up

__all__ = ["Lab", "NodeStatus", "open_lab", "up"]
