"""What a node is: the rung it can be reached at, and the facts of `stentor status`."""
