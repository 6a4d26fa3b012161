"""``python -m stentor``."""

from stentor.cli.main import program

if __name__ == "__main__":
    program()
