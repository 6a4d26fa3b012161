"""The commit at which a fleet directory is, for the journal."""

from __future__ import annotations

import os
from contextlib import suppress


def revision(directory: str) -> str:
    """Return the commit which a directory's repository is at, without starting git; empty if there is none.

    See gitrepository-layout(5): ``HEAD`` holds a commit or names a reference, which is a file or
    a line of ``packed-refs``; in a linked work tree ``.git`` is a file which says where to look.
    """
    try:
        git = _git_directory(directory)
        if not git:
            return ""
        head = _read(os.path.join(git, "HEAD")).strip()
        if not head.startswith("ref: "):
            return head
        name = head.removeprefix("ref: ")
        with suppress(OSError):
            git = os.path.join(git, _read(os.path.join(git, "commondir")).strip())
        try:
            return _read(os.path.join(git, name)).strip()
        except OSError:
            packed = (line.split() for line in _read(os.path.join(git, "packed-refs")).splitlines())
            return next((words[0] for words in packed if len(words) == 2 and words[1] == name), "")
    except (OSError, UnicodeDecodeError):
        return ""


def _git_directory(directory: str) -> str:
    place = os.path.abspath(directory)
    while True:
        git = os.path.join(place, ".git")
        if os.path.isdir(git):
            return git
        if os.path.isfile(git):
            return os.path.join(place, _read(git).strip().removeprefix("gitdir: "))
        parent = os.path.dirname(place)
        if parent == place:
            return ""
        place = parent


def _read(path: str) -> str:
    with open(path, encoding="utf-8") as file:
        return file.read()
