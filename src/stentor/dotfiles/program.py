"""The node's program as it is sent: facts, checks and a bundle in front, ``node.sh`` behind.

It goes over the session's standard input into the shell's memory and is gone when the session
ends; only while a change is pending does the node keep a copy, to find the way back by itself.
"""

from __future__ import annotations

import base64
import shlex
from collections.abc import Sequence
from importlib.resources import files

COMMAND = "sh -c 'p=$(cat); eval \"$p\"' stentor"
STATE = ".local/state/stentor/dotfiles"


def node_program() -> str:
    """Return the text of ``node.sh``."""
    return files("stentor.dotfiles").joinpath("node.sh").read_text(encoding="utf-8")


def compose(*, facts: str = "", checks: Sequence[str] = (), bundle: str | None = None) -> str:
    """Return the program with what belongs to one node in front.

    Args:
        facts: JSON on one line, as chezmoi's data.
        checks: the policy's commands, for the verb ``shells``.
        bundle: path of a git bundle that goes along.
    """
    front = ["#!/bin/sh"]
    if facts:
        front.append(f"STENTOR_FACTS={shlex.quote(facts)}")
    if checks:
        front.append(f"STENTOR_CHECKS={shlex.quote(chr(10).join(checks))}")
    if bundle:
        with open(bundle, "rb") as file:
            front.append(f"STENTOR_BUNDLE={base64.b64encode(file.read()).decode('ascii')}")
    return "\n".join([*front, node_program()])


def command(verb: str, *words: str, **options: str) -> str:
    """Return the command line for a node's login shell, whatever shell that is.

    Args:
        verb: of ``node.sh``.
        words: what the verb takes besides.
        options: ``key=value`` words; empty values are left out.
    """
    pairs = [f"{name}={value}" for name, value in options.items() if value]
    return " ".join([COMMAND, verb, *(shlex.quote(word) for word in (*pairs, *words))])


def typed(verb: str, **options: str) -> str:
    """Return the line that is typed into a login shell to run the copy kept by a pending change."""
    pairs = [shlex.quote(f"{name}={value}") for name, value in options.items()]
    return " ".join(["sh", f"~/{STATE}/pending/program", verb, *pairs])
