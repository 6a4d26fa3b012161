"""One node: how far it can be reached, its master, its sessions."""
