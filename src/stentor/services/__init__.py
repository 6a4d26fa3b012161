"""Services on nodes: their state, what a change would do, the change itself, and its proof."""
