"""Dotfiles by chezmoi and git: rolled out like a release, reverted by the node where no login proves them.

``sh/dotfiles/`` is the node's side of one change; ``program`` makes a session of it, ``visit`` runs it on
many nodes, ``answer`` parses what it says. ``plan`` decides, ``inspect`` and ``status`` only look, ``change``
is what the rollout carries out.
"""
