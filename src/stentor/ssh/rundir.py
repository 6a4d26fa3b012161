"""The private folder where a fleet's masters listen, and what is cached of its targets.

``$XDG_RUNTIME_DIR/stentor`` or ``/tmp/stentor-UID``, with a folder a fleet in it. Nobody but the user may
enter it: who can connect to a master has the user's login on that node.
"""

from __future__ import annotations

import marshal
import os
import stat
import sys
import time
from binascii import crc32
from collections.abc import Iterable, Mapping

from stentor.errors import Refused
from stentor.opening import regular
from stentor.ssh.target import Target
from stentor.typed import Any

# sun_path has 108 bytes (104 on macOS), one for its end; a slash and a name are 41 long, and a master
# adds 17 for its temporary name.
_LONGEST = (104 if sys.platform == "darwin" else 108) - 1 - 41 - 17
_VERSION = 4
_MATCH = r"\s*match[\s=]"


def run_directory(environ: Mapping[str, str], root: str) -> str:
    """Return the folder for a fleet's control sockets, made with mode 0700 if need be.

    Args:
        environ: the environment (``XDG_RUNTIME_DIR``).
        root: the fleet directory, which tells fleets apart.

    Raises:
        Refused: somebody else owns the folder, or others may enter it.
    """
    user = os.geteuid()
    base = environ.get("XDG_RUNTIME_DIR", "")
    base = f"{base}/stentor" if base and os.path.isdir(base) else f"/tmp/stentor-{user}"  # noqa: S108 - checked below
    name = f"{crc32(root.encode()):08x}"
    if len(base) + 1 + len(name) > _LONGEST:
        base = f"/tmp/stentor-{user}"  # noqa: S108 - a socket's path is short, or it is none
    for folder in (base, f"{base}/{name}"):
        try:
            os.mkdir(folder, 0o700)
        except FileExistsError:
            pass
        except OSError as error:
            raise Refused(
                f"cannot make {folder}: {error.strerror}",
                hint="set XDG_RUNTIME_DIR to a folder of your own that has free space",
            ) from error
        found = os.lstat(folder)
        if not stat.S_ISDIR(found.st_mode) or found.st_uid != user or found.st_mode & 0o077:
            raise Refused(
                f"{folder} is not a folder that only you may enter",
                hint=f"find out who made it, then remove it: ls -ld {folder}",
            )
    return f"{base}/{name}"


class Known:
    """What ``ssh -G`` said of each node, as long as no configuration file has changed.

    It spares a warm run one process a node. Provably current: every file which ssh read, and the
    folder of every include, is compared by time, size and inode. A configuration with
    ``Match exec`` (or another condition on the moment) is never remembered. Whose a control path is, stays
    known in any case, for as long as a master listens there.
    """

    def __init__(self, directory: str) -> None:
        self.directory = directory
        self._path = f"{directory}/targets"
        self._targets: dict[str, tuple[str, Target]] = {}
        self._files: dict[str, list[int]] = {}
        self._names: dict[str, str] = {}  # control path to alias
        self._changed = False
        self._keep = True
        self._began = time.time_ns()
        self._read()

    def _read(self) -> None:
        data = self._on_disk()
        self._names = data.get("names", {})
        try:
            if any(stamp(path) != before for path, before in data["files"].items()):
                return
            self._targets = {
                alias: (words, Target(*fields)) for alias, (words, *fields) in data["targets"].items()
            }
            self._files = data["files"]
        except (ValueError, TypeError, KeyError, AttributeError):
            return  # nothing remembered, or damaged: ssh is asked again

    def _on_disk(self) -> dict[str, Any]:
        try:
            with open(self._path, "rb") as file:
                # marshal takes any bytes for what they seem to be, and may ask for all memory there is.
                checksum, content = file.read(4), file.read()
            if checksum != _checksum(content):
                return {}
            data = marshal.loads(content)  # noqa: S302 - nobody else can write there
            good = data["version"] == _VERSION and isinstance(data["names"], dict)
        except (OSError, EOFError, ValueError, TypeError, KeyError):
            return {}
        return data if good else {}

    def get(self, alias: str, words: Iterable[str]) -> Target | None:
        """Return what is known of a node which is reached by these words, or None."""
        found = self._targets.get(alias)
        return found[1] if found and found[0] == "\0".join(words) else None

    def put(self, alias: str, words: Iterable[str], target: Target) -> None:
        """Remember a target."""
        self._targets[alias] = ("\0".join(words), self._without_shared_path(target))
        self._names[target.control] = alias
        self._changed = True

    def learn(
        self, alias: str, words: list[str], target: Target, files: Iterable[str], *, steady: bool
    ) -> Target:
        """Remember a target that ssh was just asked for, and return it as it can be used.

        Args:
            words: by which ssh reaches it.
            files: on which that rests.
            steady: see :meth:`rests_on`.
        """
        # Without -F, files which ssh would read if they were there.
        self.rests_on([*files, *([] if "-F" in words[:1] else _usual_files())], steady=steady)
        self.put(alias, words, target)
        return self._targets[alias][1]

    def _without_shared_path(self, target: Target) -> Target:
        """Return the target without the user's own control path where another endpoint has the same one."""
        for alias, (words, other) in self._targets.items() if target.own_control else ():
            if other.own_control == target.own_control and other.control != target.control:
                self._targets[alias] = words, other._replace(own_control="")
                target = target._replace(own_control="")
        return target

    def rests_on(self, files: Iterable[str], *, steady: bool = True) -> None:
        """Note what targets rest on.

        Args:
            files: the configuration files, and folders of patterns.
            steady: whether the targets hold until one of them changes; else they are not remembered.
        """
        self._keep = self._keep and steady
        for path in files:
            if path not in self._files:
                self._files[path] = found = stamp(path)
                # What has changed just now may be newer than what ssh read.
                changing = bool(found) and found[0] >= self._began
                self._keep = self._keep and not changing and not _depends_on_the_moment(path)

    def aliases(self) -> dict[str, str]:
        """Return the alias for each control path, of other login names and earlier configurations, too."""
        return self._names

    def save(self) -> None:
        """Write down what is new; a full disk is no reason to fail, ssh is asked again then."""
        if not self._changed:
            return
        targets = self._targets if self._keep else {}
        names = {target.control: alias for alias, (_, target) in targets.items()}
        before = self._on_disk()
        # Another stentor may have written meanwhile; what no master listens at any more is forgotten.
        for path, alias in {**before.get("names", {}), **self._names}.items():
            if path not in names and os.path.exists(path):
                names[path] = alias
        data: dict[str, Any] = {
            "version": _VERSION,
            "files": self._files if self._keep else {},
            "targets": {alias: [words, *target] for alias, (words, target) in targets.items()},
            "names": names,
        }
        if not self._keep and data == before:
            return
        from stentor.atomic_write import replacing  # seldom

        try:
            content = marshal.dumps(data)
            with replacing(self._path, mode=0o600, durable=False) as file:
                file.write(_checksum(content) + content)
        except OSError:
            return
        self._changed = False


def _checksum(content: bytes) -> bytes:
    return crc32(content).to_bytes(4, "big")


def _usual_files() -> list[str]:
    """The configuration files of this user, whose home is to ssh what the system says, and not HOME."""
    import pwd

    try:
        home = pwd.getpwuid(os.getuid()).pw_dir
    except KeyError:
        home = os.path.expanduser("~")
    return [f"{home}/.ssh/config", "/etc/ssh/ssh_config"]


def stamp(path: str) -> list[int]:
    """Return time, size and inode of a file, nothing where there is none: what tells a changed one."""
    try:
        found = os.stat(path)
    except OSError:
        return []
    return [found.st_mtime_ns, found.st_size, found.st_ino]


def _depends_on_the_moment(path: str) -> bool:
    import re  # not at every start

    return any(
        re.match(_MATCH, line, re.IGNORECASE)
        and any(word in line.lower() for word in ("exec", "localnetwork", "sessiontype", "command"))
        for line in path_text(path).splitlines()
    )


def path_text(path: str, most: int = -1) -> str:
    """Return a file's text, at most so many letters; nothing for a folder, or for what cannot be read."""
    try:
        with open(path, encoding="utf-8", errors="replace", opener=regular) as file:
            return file.read(most)
    except OSError:
        return ""
