"""The short help, the whole one and the topics: texts, and how wide they are."""

import os

TYPE_CHECKING = False  # as in typing; nothing is imported for a text
if TYPE_CHECKING:
    from collections.abc import Sequence
    from typing import TextIO

USAGE = "usage: stentor [--fleet DIR] COMMAND ...\n"
GLOBAL_OPTIONS = """\
options:
  -f, --fleet DIR   the fleet directory (else $STENTOR_FLEET, or found upward)
  -h, --help        this help; 'stentor COMMAND --help' has examples
  -V, --version     the version
"""
START = "start here: stentor tour   (ten steps; nothing of yours is touched)\n"


def overview() -> str:
    """The short help: daily commands a line each, the others by name; it fits a screen of 24 lines."""
    from stentor.cli.table import DAILY, sections

    others = [f"  {name:<8} {', '.join(names)}" for name, names in sections().items() if name != DAILY]
    more = "more: stentor COMMAND --help, stentor help all, stentor help topics\n"
    return "\n".join([USAGE, *_listed(DAILY), "", *others, "", more + START])


def whole() -> str:
    """``stentor help all``: every command by section, a line each, the options and the topics."""
    from stentor.cli.table import sections

    lines = [USAGE, "Run commands and roll out changes on many machines over ssh.\n"]
    for section in sections():
        lines += [*_listed(section), ""]
    return "\n".join([*lines, *_topics(), "", GLOBAL_OPTIONS, START])


def _topics() -> list[str]:
    from stentor.cli.topics import TOPICS

    longest = max(map(len, TOPICS))
    return ["topics:", *(f"  {name:<{longest}}  {title}" for name, (title, _) in TOPICS.items())]


def _listed(section: str) -> list[str]:
    from stentor.cli.table import COMMANDS, sections

    longest = max(map(len, COMMANDS))
    names = sections()[section]
    return [f"{section}:", *(f"  {name:<{longest}}  {COMMANDS[name].summary}" for name in names)]


def of(words: "Sequence[str]") -> str | None:
    """Return what ``stentor help WORDS`` prints, or None where it is a command's own help."""
    if not words:
        return overview()
    from stentor.cli.topics import TOPICS

    if words[0] == "all":
        return whole()
    if words[0] == "topics":
        return "\n".join(_topics()) + "\n"
    name = "-".join(words)  # "help exit codes" is what one types
    if name in TOPICS:
        title, text = TOPICS[name]
        return f"{name}: {title}\n\n{text}"
    return None


def show(text: str, stream: "TextIO") -> None:
    """Write it as wide as the stream's terminal."""
    width = width_of(stream)
    if any(len(line) > width for line in text.split("\n")):
        from stentor.render.wrap import page

        text = page(text, width)
    stream.write(text)


def width_of(stream: "TextIO") -> int:
    """Return the columns for help: those of ``COLUMNS``, else the terminal's, else 80."""
    columns = os.environ.get("COLUMNS", "")
    if columns.isdecimal() and int(columns) > 0:
        return int(columns)
    try:
        return os.get_terminal_size(stream.fileno()).columns or 80
    except (OSError, ValueError):
        return 80
