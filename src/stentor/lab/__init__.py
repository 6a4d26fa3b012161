"""A practice fleet of real sshds on this machine."""

from stentor.lab.lab import Lab, NodeStatus, open_lab, up

__all__ = ["Lab", "NodeStatus", "open_lab", "up"]
