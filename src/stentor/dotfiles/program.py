"""The node's program as it is sent: facts, checks and a bundle in front, the node's side behind.

It goes over the session's standard input into the shell's memory and is gone when the session
ends; only while a change is pending does the node keep a copy, to revert by itself.
"""

from __future__ import annotations

import base64
from collections.abc import Sequence
from functools import cache

from stentor import sh
from stentor.sh.quoting import quote_any

COMMAND = "sh -c 'p=$(cat); eval \"$p\"' stentor"
STATE = sh.STATE + "/dotfiles"
ALONE = ("plan", "status")  # verbs with a program of their own: they are asked most often, and change nothing


@cache
def node_program(verb: str = "") -> str:
    """Return the node's side without what belongs to one node; less where it is for one verb alone."""
    if verb in ALONE:
        return sh.join("dotfiles/options", f"dotfiles/{verb}", call='alone "$@"')
    return sh.join("dotfiles/main", call='main "$@"')


def compose(
    *,
    facts: str = "",
    checks: Sequence[str] = (),
    prompts: Sequence[str] = (),
    bundle: str | None = None,
    remote: str = "",
    verb: str = "",
) -> str:
    """Return the program with what belongs to one node in front.

    Args:
        facts: JSON on one line, as chezmoi's data.
        checks: the policy's commands, which the proof runs.
        prompts: options which answer the prompts of a config template.
        bundle: path of a git bundle that goes along.
        remote: where the revision is fetched from. Not an option, which a list of processes would show: the
            address may hold a password.
        verb: the only one which the program is for; empty for all.
    """
    front = ["#!/bin/sh"]
    if remote:
        front.append(sh.assign(STENTOR_GIVEN_REMOTE=remote).rstrip())
    if facts:
        front.append(sh.assign(STENTOR_FACTS=facts).rstrip())
    if checks:
        front.append(sh.assign(STENTOR_CHECKS="\n".join(checks)).rstrip())
    if prompts:
        front.append(sh.assign(STENTOR_PROMPTS="\n".join(prompts)).rstrip())
    if bundle:
        with open(bundle, "rb") as file:
            front.append(f"STENTOR_BUNDLE={base64.b64encode(file.read()).decode('ascii')}")
    return "\n".join([*front, node_program(verb)])


def command(verb: str, *words: str, **options: str) -> str:
    """Return the command line for a node's login shell, whatever shell that is.

    Args:
        verb: of ``sh/dotfiles/main.sh``.
        words: what the verb takes besides.
        options: ``key=value`` words; empty values are left out.
    """
    pairs = [f"{name}={value}" for name, value in options.items() if value]
    return " ".join([COMMAND, verb, *(quote_any(word) for word in (*pairs, *words))])


def kept(verb: str, **options: str) -> str:
    """Return the command line which runs the copy kept by a pending change."""
    pairs = [quote_any(f"{name}={value}") for name, value in options.items()]
    return " ".join(["sh", f"~/{STATE}/pending/program", verb, *pairs])
