"""The command line: one command a file, found through the literal table in ``main``."""
