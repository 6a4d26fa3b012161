"""Dotfiles by chezmoi and git: rolled out like a release, taken back like a mistake.

``sh/dotfiles/`` is the node's side of one change; ``program`` makes a session of it; ``answer`` reads
what it says. ``decide`` and ``merge`` are decisions, ``change`` is what the rollout drives.
"""
