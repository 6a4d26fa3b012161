"""Gateways of the tree: what they have, and what they lack installed."""
