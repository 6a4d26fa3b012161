"""The tree of errors: faults of stentor or its user.

A node that fails is not an error: it is an outcome (:mod:`stentor.outcome`).

* ``StentorError``: the root; carries message, place, hint and exit code
    * ``UsageError``: the command line asks for something which does not exist
    * ``FleetError``: the fleet directory cannot be read or has faults
    * ``SelectorError``: an expression names no such nodes
    * ``ProgramMissing``: ssh, tmux, git, … is not installed
    * ``Refused``: stentor refuses to act (a guard, a lock, no terminal to ask on)
    * ``NodesFailed``: asked for by ``Report.raise_on_error()``, never raised by the core
"""

from __future__ import annotations


class StentorError(Exception):
    """What happened, where, and what to do next.

    Args:
        message: one sentence, without a full stop at the end.
        where: ``file:line:column`` or a node's alias; empty when there is no place.
        hint: what the user can do next; a sentence, or empty.
    """

    exit_code = 70

    def __init__(self, message: str, *, where: str = "", hint: str = "") -> None:
        super().__init__(message)
        self.message = message
        self.where = where
        self.hint = hint

    def __str__(self) -> str:
        place = f"{self.where}: " if self.where else ""
        return f"{place}{self.message}"


class UsageError(StentorError):
    """The command line asks for something which does not exist."""

    exit_code = 2


_MISTAKES = (
    "ENOENT",
    "ENOTDIR",
    "EISDIR",
    "EACCES",
    "EPERM",
    "EROFS",
    "ENAMETOOLONG",
    "ELOOP",
    "EEXIST",
    "EINVAL",  # no file at all
    "ENXIO",  # a pipe without another end
)


def of_path(error: OSError, what: str, where: str, hint: str = "") -> StentorError:
    """Return the error for a path which the user named: a usage error, unless the disk or so is at fault.

    Args:
        what: could not be done.
    """
    import errno

    kind = UsageError if errno.errorcode.get(error.errno or 0) in _MISTAKES else StentorError
    return kind(f"{what}: {error.strerror or error}", where=where, hint=hint)


class FleetError(StentorError):
    """The fleet directory cannot be read, or has faults."""

    exit_code = 3


class SelectorError(StentorError):
    """An expression names no such nodes."""

    exit_code = 2


class ProgramMissing(StentorError):  # noqa: N818 - reads as what happened
    """A program that stentor starts is not installed here."""

    exit_code = 69


class Refused(StentorError):  # noqa: N818 - reads as what happened
    """Stentor refuses to act; the hint says what would change that."""

    exit_code = 6


class NodesFailed(StentorError):  # noqa: N818 - reads as what happened
    """At least one node's outcome was not ok, and the caller asked for an exception."""

    exit_code = 1


def filled(text: str, what: str, hint: str = "a variable that is not set?") -> str:
    """Return a text that must say something: a command, a selector, a path, a name.

    Raises:
        UsageError: it is empty.
    """
    if not text.strip():
        raise UsageError(f"{what} is empty", hint=hint)
    return text


class Terminated(KeyboardInterrupt):
    """SIGTERM or SIGHUP came: what is under way ends as at Ctrl-C, and the program ends with it."""
