"""What is to hold on one node: files, and the commands which bring them into effect.

A service, the gateway and the DNS are items alike. The node's program (``sh/services``) writes the files,
runs the commands, and puts everything back when one of them fails or when it is told to.
"""

from __future__ import annotations

from collections.abc import Sequence
from hashlib import sha256

from stentor.typed import NamedTuple


class NodeFile(NamedTuple):
    """A file as it is to be on a node.

    Attributes:
        path: absolute.
        data: its contents; None where no such file is to be.
        mode: octal digits.
        owner: ``USER`` or ``USER:GROUP``; empty for who writes it.
        secret: its contents are never shown.
    """

    path: str
    data: bytes | None
    mode: str = "644"
    owner: str = ""
    secret: bool = False

    @property
    def digest(self) -> str:
        """SHA-256 of its contents; empty where no such file is to be."""
        return "" if self.data is None else sha256(self.data).hexdigest()


class Text(NamedTuple):
    """A text within the containers of a compose project that is no file of the node's.

    Attributes:
        project: of compose.
        part: the service of the compose file.
        path: within the container.
        digest: SHA-256 of what is to be there.
    """

    project: str
    part: str
    path: str
    digest: str


class Effect(NamedTuple):
    """What changed files lead to, for people.

    Attributes:
        paths: which files.
        text: what is done then.
    """

    paths: frozenset[str]
    text: str


class Item(NamedTuple):
    """Something that is to hold on a node.

    The commands are lines of POSIX sh that run as root and may use the functions of ``sh/services``. A
    command that fails says why in its last line on standard error.

    Attributes:
        name: a service's; ``gateway`` or ``dns`` for these.
        kind: ``systemd``, ``compose``, ``container``, ``gateway`` or ``dns``.
        files: what is put there.
        folders: made where they are missing: path, mode, owner (the latter two may be empty).
        texts: what containers must have within, besides files of the node that are mounted.
        effects: what changed files lead to, where the programs of the node do not say so themselves.
        require: fails, with the reason, where a program is missing that is needed.
        validate: runs once the files are written, before anything is started; fails if they are not valid.
        keep: prints nothing; notes in ``$kept`` (a folder) what ``undo`` has to know. Before any change.
        apply: brings files and state into effect; ``$changed`` has the paths that were changed, a line each.
        current: succeeds where ``apply`` has nothing to do apart from files that changed; prints a line
            for each thing that it would do.
        fits: fails, with the reason, where what ``apply`` would do cannot come about; for a preview.
        prove: succeeds if it works; runs after ``settle`` seconds.
        undo: brings the files, which are as before by then, into effect again; has ``$kept``.
        drop: throws away what was kept for ``undo``, when the change stands.
        settle: seconds.
        stays: it is a service, and something of it is there afterwards.
        unit: of systemd, that it is about; or empty.
        image: of docker, that it is about; or empty.
    """

    name: str
    kind: str
    files: Sequence[NodeFile] = ()
    folders: Sequence[tuple[str, str, str]] = ()
    texts: Sequence[Text] = ()
    effects: Sequence[Effect] = ()
    require: str = ""
    validate: str = ""
    keep: str = ""
    apply: str = ""
    current: str = ""
    fits: str = ""
    prove: str = ""
    undo: str = ""
    drop: str = ""
    settle: float = 0.0
    stays: bool = False
    unit: str = ""
    image: str = ""
