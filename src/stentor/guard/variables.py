"""Variables whose value programs run: ``GIT_SSH_COMMAND=…``, ``PAGER=…``, ``TAR_OPTIONS=…``.

They are read wherever a line sets them: before a command, for ``env`` and ``sudo``, and alone, since what the
login has exported stays exported. Which programs look at them, the line need not say.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence

from stentor.guard.calls import Inner
from stentor.guard.tools import rows
from stentor.guard.words import MARKS, unknown

HOST = " host true"
"""What stands behind a remote shell when it is run: a host and a command."""
_MARKS = re.compile(f"[{MARKS}]")
_BAR = re.compile(r"^\|+-?")
# names | the line that a program makes of the value (empty: the value itself) | source
ROWS = """
GIT_SSH_COMMAND GIT_SSH GIT_PROXY_COMMAND RSYNC_RSH CVS_RSH SVN_SSH BORG_RSH | {} host true | git(1),
  rsync(1), cvs(1), borgbackup.readthedocs.io: environment variables; Subversion: config
RSYNC_CONNECT_PROG GIT_EXTERNAL_DIFF GIT_ASKPASS SSH_ASKPASS SUDO_ASKPASS BORG_PASSCOMMAND
  RESTIC_PASSWORD_COMMAND PROMPT_COMMAND | | rsync(1), git(1), ssh(1), sudo(8), restic: manual, bash(1)
PAGER GIT_PAGER MANPAGER SYSTEMD_PAGER PSQL_PAGER | | git(1), man(1), systemctl(1), psql(1)
EDITOR VISUAL GIT_EDITOR GIT_SEQUENCE_EDITOR SUDO_EDITOR SYSTEMD_EDITOR KUBE_EDITOR PSQL_EDITOR | | git(1),
  crontab(1), sudo(8), systemctl(1), kubectl edit, psql(1)
LESSOPEN LESSCLOSE | | less(1), "INPUT PREPROCESSOR"; bars and dashes before the command are no part of it
TAR_OPTIONS | tar {} | GNU tar manual, "TAR_OPTIONS"
BASH_ENV | . {} | bash(1): expanded, and read as a file
"""
_FORMS = {name: form or "{}" for names, form, _source in rows(ROWS) for name in names.split()}
NAMES = frozenset(_FORMS)
"""The variables that are read."""


def in_assignments(words: Sequence[str], rests: Sequence[Sequence[str]]) -> list[Inner]:
    """Return what the variables hold which ``env`` or ``sudo`` set.

    Args:
        words: all of the command.
        rests: what may be the command that it runs, with its words.
    """
    own = words[1 : len(words) - max(map(len, rests), default=0)]
    said = (word.partition("=") for word in own)
    return texts(_FORMS[name].replace("{}", _BAR.sub("", value)) for name, _, value in said if name in _FORMS)


def texts(lines: Iterable[str]) -> list[Inner]:
    """Return lines that a program runs as text; not those of which the line does not say the first word."""
    given = [line for line in dict.fromkeys(lines) if line.strip()]
    return [Inner(text=_said(line)) for line in given if not unknown(line.split()[0])]


def _said(text: str) -> str:
    """The text without what the line does not say, which may be empty; between options it is a value."""
    return _MARKS.sub("x" if text.endswith(HOST) else "", text)
