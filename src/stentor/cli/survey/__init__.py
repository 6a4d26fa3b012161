"""Surveys: what a command looks at on every node, once or again and again (``ping``, ``status``)."""
