"""One command a file: its options, the call it makes, what shows the result."""
