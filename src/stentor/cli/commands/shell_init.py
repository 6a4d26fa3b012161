"""``stentor shell-init``: the old commands' names as shell functions."""

from __future__ import annotations

import argparse

from stentor import shells
from stentor.cli.context import Context
from stentor.cli.dispatch import Parser
from stentor.cli.document import add_output, write_script

EXAMPLES = """
stentor shell-init bash -o ~/.config/stentor/init.bash         once; and in ~/.bashrc:
source ~/.config/stentor/init.bash
stentor shell-init zsh -o ~/.config/stentor/init.zsh           once; and in ~/.zshrc, after compinit:
source ~/.config/stentor/init.zsh
stentor shell-init fish -o ~/.config/fish/conf.d/stentor.fish  once
"""


def configure(parser: Parser) -> None:
    parser.add_argument("shell", choices=shells.WITH_INIT, help="the shell to write for")
    add_output(parser)


def handle(arguments: argparse.Namespace, context: Context) -> int:
    from stentor.export.texts import script

    return write_script(arguments, context, script(arguments.shell))
