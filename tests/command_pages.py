"""The pages of docs/commands: what ``--help`` prints, word for word; ``make transcripts`` writes them."""

from __future__ import annotations

import io
import re
from contextlib import redirect_stderr, redirect_stdout
from pathlib import Path

from stentor.cli.help import GLOBAL_OPTIONS, USAGE
from stentor.cli.main import main
from stentor.cli.table import COMMANDS, sections
from tests.parsers import table

DOCS = Path(__file__).parents[1] / "docs"
FOLDER = DOCS / "commands"

# The page that explains a command, where it has another name than the command.
EXPLAINED = {
    "ansible": "playbooks.md#one-module",
    "check": "fleet-file.md#checking",
    "completion": "getting-started.md#your-own-fleet",
    "diff": "history.md",
    "fetch": "copy.md#fetch-files-from-nodes",
    "gateway": "gateways.md",
    "hook": "hooks.md",
    "init": "fleet-edit.md#a-new-file",
    "masters": "switching.md#from-clush",
    "node": "fleet-edit.md#add-edit-and-retire-nodes",
    "nodes": "fleet-file.md#what-is-in-it",
    "playbook": "playbooks.md",
    "reap": "history.md#when-things-go-wrong",
    "reboot": "power.md#reboot",
    "rerun": "history.md#repeat-only-a-part",
    "schema": "fleet-file.md#in-editors",
    "shell-init": "tmux.md#the-old-names",
    "show": "history.md",
    "shutdown": "power.md#shutdown",
    "ssh": "tools/ssh.md",
    "tour": "getting-started.md#ten-steps",
    "uninstall": "install.md#remove",
    "wake": "power.md#wake",
}


def said(words: list[str]) -> tuple[str, str, int]:
    """What comes on stdout and stderr for these words, and the exit code."""
    out, err = io.StringIO(), io.StringIO()
    with redirect_stdout(out), redirect_stderr(err):
        code = main(words)
    return out.getvalue(), err.getvalue(), code


def page(name: str) -> str:
    """The page of a command, or the ``index`` of all; ``COLUMNS`` says how wide its lines are."""
    return _index() if name == "index" else _command(name)


def _index() -> str:
    lines = [
        "# Commands\n",
        "All options of every command, as `stentor COMMAND --help` prints them.\n",
        f"```text\n{USAGE}\n{GLOBAL_OPTIONS}```\n",
    ]
    for section, names in sections().items():
        rows = [f"| [`{name}`]({name}.md) | {COMMANDS[name].summary} |" for name in names]
        lines += [f"## {section.capitalize()}\n", "| command | |\n|---|---|", *rows, ""]
    return "\n".join(lines)


def _command(name: str) -> str:
    path, _, anchor = EXPLAINED.get(name, f"{name}.md").partition("#")
    title = re.match("# (.*)", (DOCS / path).read_text(encoding="utf-8"))
    assert title, path
    lines = [f"# stentor {name}\n", f"Explained in: [{title[1]}](../{path}{anchor and '#'}{anchor})\n"]
    for place in [name, *sorted(place for place in table() if place.startswith(f"{name} "))]:
        help_text, errors, code = said([*place.split(), "--help"])
        assert not errors and not code, place
        if place != name:
            lines.append(f"## stentor {place}\n")
        lines.append(f"```text\n{help_text.rstrip()}\n```\n")
    return "\n".join(lines)
