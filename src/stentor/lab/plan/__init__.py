"""What a practice fleet consists of: nodes, addresses, files and command lines. Nothing here has effects."""
