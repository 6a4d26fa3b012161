"""Only ``render`` draws: the command line passes on what the terminal can show, and knows nothing of it."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

import stentor
import stentor.cli

CLI = Path(stentor.cli.__file__).parent
DRAWS = re.compile(r"stentor\.render\.(style|table)\b|textwrap|(?i:colou?r|width|paint)")

PASSED_ON = {
    "context.py": "measures the terminal",
    "dispatch.py": "has control characters of an error shown",
    "habits.py": "names NO_COLOR to who types an option for it",
    "commands/shell/loop.py": "hands the width to the page of its own help",
    "help.py": "measures the terminal for texts of help",
    "parser.py": "argparse formats help by itself, and is told how wide",
    "run_display.py": "--color",
    "run_options.py": "--color",
    "topics.py": "the topic of what is printed",
}


@pytest.mark.parametrize("path", sorted(CLI.rglob("*.py")), ids=lambda path: str(path.relative_to(CLI)))
def test_the_command_line_does_not_draw(path: Path) -> None:
    drawn = [line for line in path.read_text().splitlines() if DRAWS.search(line)]
    assert bool(drawn) == (str(path.relative_to(CLI)) in PASSED_ON), drawn


def test_one_module_breaks_texts() -> None:
    sources = Path(stentor.__file__).parent.rglob("*.py")
    assert [path.name for path in sources if re.search(r"\btextwrap\b", path.read_text())] == []
