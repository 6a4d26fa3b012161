"""Results to a terminal or to JSON Lines: the only place which knows colour and width."""
