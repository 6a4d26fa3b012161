"""Libraries which only some commands want: what to type where one is missing."""

from __future__ import annotations

import os
import shlex
import sys
from collections.abc import Sequence

from stentor.errors import ProgramMissing


def lacking(what: str, extra: str) -> ProgramMissing:
    """Make the error of a command whose library is not installed.

    Args:
        what: what cannot be done, the beginning of the sentence (``stentor top``).
        extra: the name under which this project's own package asks for the library.
    """
    from importlib.metadata import requires
    from importlib.util import find_spec

    end = f"extra == '{extra}'"
    requirements = [line for line in requires("stentor") or () if line.replace('"', "'").endswith(end)]
    wanted = [line.partition(";")[0].strip() for line in requirements]
    return ProgramMissing(
        f"{what} needs {' '.join(wanted)}, which is not installed",
        hint=command(wanted, sys.prefix, sys.executable, has_pip=find_spec("pip") is not None),
    )


def command(requirements: Sequence[str], prefix: str, python: str, *, has_pip: bool) -> str:
    """Say how libraries get into the environment that stentor runs in.

    Args:
        requirements: as pip reads them.
        prefix: the environment's folder (``sys.prefix``).
        has_pip: whether pip is in there; tools of uv are made without.
    """
    if prefix.split(os.sep)[-3:-1] == ["pipx", "venvs"]:
        words = ["pipx", "inject", "stentor", *requirements]
    elif has_pip:
        words = [python, "-m", "pip", "install", *requirements]
    else:
        words = ["uv", "pip", "install", "--python", python, *requirements]
    return shlex.join(words)
