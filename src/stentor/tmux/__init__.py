"""tmux over nodes: one pane a node, guarded synchronised input, every node's own sessions.

``command``, ``layout``, ``plan``, ``sync`` and ``line`` build lists of tmux commands; ``server`` runs
them. ``pane.sh`` is the program of a pane.
"""
