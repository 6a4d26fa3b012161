"""What a node is: its reachability level, and the facts of `stentor status`."""
