"""Measurements against the peers: `make bench`."""
