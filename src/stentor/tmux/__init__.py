"""tmux over nodes: one pane a node, guarded synchronised input, every node's own sessions.

What is run is decided by pure modules as lists of tmux commands (``command``, ``layout``, ``plan``,
``sync``, ``line``) and run by a thin one (``server``). ``pane.sh`` is the program of a pane.
"""
