"""What is to hold on one node: files, and the commands which bring them into effect.

A service, the gateway and the DNS are items alike. The node's program (``sh/services``) writes the files,
runs the commands, and puts everything back when one of them fails or when it is told to.
"""

from __future__ import annotations

from collections.abc import Sequence
from hashlib import sha256

from stentor.typed import NamedTuple


class NodeFile(NamedTuple):
    """A file as it is to be on a node."""

    path: str  # absolute
    data: bytes | None  # its contents; None where no such file is to be
    mode: str = "644"  # octal digits
    owner: str = ""  # ``USER`` or ``USER:GROUP``; empty for who writes it
    secret: bool = False  # its contents are never shown

    @property
    def digest(self) -> str:
        """SHA-256 of its contents; empty where no such file is to be."""
        return "" if self.data is None else sha256(self.data).hexdigest()


class Text(NamedTuple):
    """A text within the containers of a compose project that is no file of the node's."""

    project: str  # of compose
    part: str  # the service of the compose file
    path: str  # within the container
    digest: str  # SHA-256 of what is to be there


class Effect(NamedTuple):
    """What changed files lead to, for people."""

    paths: frozenset[str]  # which files
    text: str  # what is done then


class Item(NamedTuple):
    """Something that is to hold on a node.

    The commands are lines of POSIX sh that run as root and may use the functions of ``sh/services``. A
    command that fails says why in its last line on standard error.
    """

    name: str  # a service's; ``gateway`` or ``dns`` for these
    kind: str  # ``systemd``, ``compose``, ``container``, ``gateway`` or ``dns``
    files: Sequence[NodeFile] = ()  # what is put there
    # Made where they are missing: path, mode, owner (the latter two may be empty).
    folders: Sequence[tuple[str, str, str]] = ()
    texts: Sequence[Text] = ()  # what containers must have within, besides files of the node that are mounted
    # What changed files lead to, where the programs of the node do not say so themselves.
    effects: Sequence[Effect] = ()
    require: str = ""  # fails, with the reason, where a program is missing that is needed
    # Runs once the files are written, before anything is started; fails if they are not valid.
    validate: str = ""
    # Prints nothing; notes in ``$kept`` (a folder) what ``undo`` has to know. Before any change.
    keep: str = ""
    # Brings files and state into effect; ``$changed`` has the paths that were changed, a line each.
    apply: str = ""
    # Succeeds where ``apply`` has nothing to do apart from files that changed; prints a line for each thing
    # that it would do.
    current: str = ""
    fits: str = ""  # fails, with the reason, where what ``apply`` would do cannot come about; for a preview
    prove: str = ""  # succeeds if it works; runs after ``settle`` seconds
    undo: str = ""  # brings the files, which are as before by then, into effect again; has ``$kept``
    drop: str = ""  # throws away what was kept for ``undo``, when the change stands
    settle: float = 0.0  # seconds
    stays: bool = False  # it is a service, and something of it is there afterwards
    unit: str = ""  # of systemd, that it is about; or empty
    image: str = ""  # of docker, that it is about; or empty
