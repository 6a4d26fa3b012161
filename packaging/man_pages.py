"""Man pages from the parser, so that they say what --help says: ``stentor.1`` and one a command."""

from __future__ import annotations

import argparse
import re
import sys
from pathlib import Path

from argparse_manpage.manpage import Manpage

from stentor import __version__
from stentor.cli.dispatch import Parser, parser_for
from stentor.cli.table import COMMANDS
from stentor.cli.topics import TOPICS


def literal(text: str) -> str:
    """Return text that roff shows line by line, as it is."""
    lines = text.replace("\\", "\\e").splitlines()
    # A full stop or a quote at the beginning would be a request.
    return ".nf\n" + "\n".join("\\&" + line for line in lines) + "\n.fi"


def page(parser: argparse.ArgumentParser, summary: str, sections: dict[str, str]) -> str:
    """Return one man page.

    Args:
        parser: of the command; its epilog is left out.
        summary: for NAME.
        sections: texts by their heading, shown as they are, behind the options.
    """
    parser.epilog = None
    name = parser.prog.replace(" ", "-")
    parser._manpage = [  # type: ignore[attr-defined]  # how the library is told of more
        {"heading": heading, "content": literal(text)} for heading, text in sections.items()
    ]
    manual = Manpage(parser)
    manual.prog, manual.description = name, summary
    manual.source, manual.manual = f"stentor {__version__}", "Stentor"
    # A sentence that was broken before "..." is no request of roff's.
    text = re.sub(r"(?m)^(?=\.\.\.)", r"\\&", str(manual))
    return re.sub(rf" (?={parser.prog} \[options\])", "\n.br\n", text)  # each way to call it has a line


def pages() -> dict[str, str]:
    """Return every man page by the name of its file."""
    top = Parser(prog="stentor", description="Run commands and roll out changes on many machines over ssh.")
    top.add_argument("-f", "--fleet", metavar="DIR", help="the fleet directory (else found upward from here)")
    top.add_argument("-V", "--version", action="store_true", help="the version")
    top.add_argument("command", metavar="COMMAND", help="one of those below")
    listed = "\n".join(f"stentor-{name}(1)  {command.summary}" for name, command in COMMANDS.items())
    topics = {name.replace("-", " "): text for name, (_, text) in TOPICS.items()}
    found = {
        "stentor.1": page(
            top, "run commands and roll out changes on many machines over ssh", {"commands": listed, **topics}
        )
    }
    for name, command in COMMANDS.items():
        parser, module = parser_for(name)
        found[f"stentor-{name}.1"] = page(parser, command.summary, {"examples": module.EXAMPLES.strip()})
    return found


def write(folder: Path) -> None:
    """Write all of them into a folder, which is made."""
    folder.mkdir(parents=True, exist_ok=True)
    for name, text in pages().items():
        (folder / name).write_text(text, encoding="utf-8")


if __name__ == "__main__":
    write(Path(sys.argv[1]))
