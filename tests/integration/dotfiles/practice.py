"""A practice home: a real git remote, a clone, a home folder, chezmoi and the node's program; no ssh."""

from __future__ import annotations

import contextlib
import os
import re
import shutil
import signal
import stat
import subprocess
import time
from collections.abc import Mapping
from typing import NamedTuple

from stentor.dotfiles import program
from stentor.lab import processes
from tests.support import ROOT, lacking, need

SHELLS = {"dash": ["dash"], "bash": ["bash", "--posix"], "busybox": ["busybox", "sh"]}
START = 'p=$(cat); eval "$p"'
STATE = ".local/state/stentor"
LINUX = "/usr/local/bin:/usr/bin:/bin"
Manifest = dict[str, tuple[str, int, bytes]]  # path -> kind, mode, contents
FACTS = '{"stentor": {"alias": "one", "role": "gpu"}}'


def bsd_userland(folder: str) -> str:
    """Make a PATH like that of macOS: no flock, timeout or setsid, a perl, bsdtar, and no program of GNU's.

    What POSIX wants is busybox's, which knows few options; what busybox lacks of it comes from the system.
    """
    need("busybox", "bsdtar", "perl")
    os.makedirs(folder)
    applets = subprocess.run(["busybox", "--list"], capture_output=True, text=True, check=True).stdout.split()
    for name in {*applets} - {"flock", "timeout", "setsid", "tar", "ps", "sh", "ash"}:
        os.symlink(_found("busybox"), os.path.join(folder, name))
    for name in ("cksum", "comm", "git", "perl", "ps", "sh", "script", "ssh", "ssh-keygen"):
        os.symlink(_found(name), os.path.join(folder, name))
    os.symlink(_found("bsdtar"), os.path.join(folder, "tar"))
    return folder


def _found(name: str) -> str:
    path = shutil.which(name, path=LINUX)
    assert path, name
    return path


def chezmois() -> list[str]:
    """The real chezmois for tests, the lowest first: what ``make tools`` built, else the installed one.

    ``STENTOR_TEST_CHEZMOI`` names a folder with other ``chezmoi-VERSION`` programs.
    """
    folder = os.environ.get("STENTOR_TEST_CHEZMOI") or os.path.join(ROOT, ".venv/tools")
    found = []
    if os.path.isdir(folder):
        names = [name for name in os.listdir(folder) if name.startswith("chezmoi-")]
        found = [os.path.join(folder, name) for name in sorted(names, key=_by_version)]
    installed = shutil.which("chezmoi")
    return found or ([installed] if installed else [])


def _by_version(name: str) -> list[int]:
    return [int(number) for number in re.findall(r"\d+", name)]


def newest_chezmoi() -> str:
    """The newest; without any the test is skipped, and fails in CI."""
    found = chezmois()
    if not found:
        lacking("no chezmoi: 'make tools' builds them")
    return found[-1]


def lowest_chezmoi() -> str:
    """The lowest supported; where there is only one, that has been tried enough."""
    found = chezmois()
    if len(found) < 2:
        lacking("no second chezmoi: 'make tools' builds them")
    return found[0]


class Answer(NamedTuple):
    """What the node's program said."""

    code: int
    lines: list[str]
    stderr: str

    def all(self, key: str) -> list[str]:
        """The texts of the lines with this key."""
        return [line[len(key) + 1 :] for line in self.lines if line.startswith(key + " ")]


class Home:
    """A node's account, without the node."""

    def __init__(
        self, folder: str, *, shell: str = "dash", chezmoi: str | None = None, path: str = LINUX
    ) -> None:
        self.folder = folder
        self.search = path
        self.shell = shell
        self.home = os.path.join(folder, "home")
        self.remote = os.path.join(folder, "remote.git")
        self.work = os.path.join(folder, "work")
        self.tools = os.path.join(folder, "tools")
        self.boot = os.path.join(folder, "boot_id")
        self.signers = "/dev/null"  # git's global configuration
        self.extra: dict[str, str] = {}  # variables besides
        os.makedirs(self.home)
        os.makedirs(self.tools)
        os.symlink(chezmoi or newest_chezmoi(), os.path.join(self.tools, "chezmoi"))
        self.write(self.boot, "first-boot\n")
        self.git("init", "-q", "--bare", "-b", "main", self.remote, cwd=folder)
        self.git("init", "-q", "-b", "main", self.work, cwd=folder)
        self.git("remote", "add", "origin", self.remote)

    @property
    def environment(self) -> dict[str, str]:
        return {
            "HOME": self.home,
            "PATH": f"{self.tools}:{self.search}",
            "USER": "practice",
            "SHELL": "/bin/sh",
            "STENTOR_BOOT_ID": self.boot,
            "GIT_CONFIG_GLOBAL": self.signers,
            "GIT_AUTHOR_NAME": "n",
            "GIT_AUTHOR_EMAIL": "n@example.org",
            "GIT_COMMITTER_NAME": "n",
            "GIT_COMMITTER_EMAIL": "n@example.org",
            # For less work: no samples of hooks in a clone, no collector of garbage in chezmoi.
            "GIT_TEMPLATE_DIR": "",
            "GOGC": "off",
            **self.extra,
        }

    def git(self, *words: str, cwd: str | None = None) -> str:
        done = subprocess.run(
            ["git", *words], cwd=cwd or self.work, env=self.environment, capture_output=True, text=True
        )
        assert done.returncode == 0, (words, done.stderr)
        return done.stdout.strip()

    def write(self, path: str, text: str, mode: int = 0o644) -> None:
        os.makedirs(os.path.dirname(path), exist_ok=True)
        with open(path, "w") as file:
            file.write(text)
        os.chmod(path, mode)

    def commit(self, files: Mapping[str, str | None]) -> str:
        """Commit and push these files of the dotfiles (None removes one); return the revision."""
        for name, text in files.items():
            path = os.path.join(self.work, name)
            if text is None:
                self.git("rm", "-q", "-r", name)
            else:
                self.write(path, text)
        self.git("add", "-A")
        self.git("commit", "-q", "--allow-empty", "-m", "change")
        self.git("push", "-q", "origin", "main")
        return self.git("rev-parse", "HEAD")

    def clone(self) -> None:
        """Give the node its clone, as ``chezmoi init`` does."""
        self.git("clone", "-q", self.remote, os.path.join(self.home, ".local/share/chezmoi"), cwd=self.folder)

    def chezmoi(self, *words: str) -> str:
        facts = os.path.join(self.folder, "facts.json")
        self.write(facts, FACTS)
        done = subprocess.run(
            ["chezmoi", "--override-data-file", facts, "--no-tty", *words],
            env=self.environment,
            executable=os.path.join(self.tools, "chezmoi"),
            capture_output=True,
            text=True,
            stdin=subprocess.DEVNULL,
        )
        assert done.returncode == 0, done.stderr
        return done.stdout

    def run(self, verb: str, *words: str, text: str | None = None, **options: str) -> Answer:
        """Run a verb of the node's program as a session would."""
        arguments = [f"{name}={option}" for name, option in options.items()]
        command = [*SHELLS[self.shell], "-c", START, "stentor", verb, *arguments, *words]
        done = subprocess.run(
            command,
            executable=shutil.which(command[0]),
            input=text or program.compose(facts=FACTS, verb=verb),
            env=self.environment,
            capture_output=True,
            text=True,
            errors="surrogateescape",  # a difference may show a file of any encoding
            timeout=300,
            start_new_session=True,
        )
        return Answer(done.returncode, done.stdout.splitlines(), done.stderr)

    def begin(self, rev: str, *, op: str = "op1", text: str | None = None, **options: str) -> Answer:
        options = {"window": "60", "limit": "60", "token": "t", "branch": "main", **options}
        return self.run("begin", op=op, rev=rev, text=text, **options)

    def confirm(self, op: str = "op1") -> Answer:
        return self.run("confirm", op=op, token="t")

    def manifest(self) -> Manifest:
        """All that is in the home folder, apart from what is Stentor's own and git's objects."""
        return manifest(self.home)

    def state(self, name: str) -> str:
        return os.path.join(self.home, STATE, "dotfiles", name)

    def reboot(self) -> None:
        """As after a power cut: no process of this account lives, and the kernel has a new boot id."""
        self.kill_all()
        self.write(self.boot, "second-boot\n")

    def kill_sleepers_of_nobody(self) -> None:
        """End deadlines of a change killed before it was published: they would find nothing to undo."""
        for pid in self.processes():
            with contextlib.suppress(OSError), open(f"/proc/{pid}/cmdline", "rb") as file:
                words = file.read().split(b"\0")
                if b"wait" in words and not os.path.exists(self.state("pending")):
                    os.killpg(pid, signal.SIGKILL)

    def processes(self) -> list[int]:
        """Processes whose environment names this home."""
        found = []
        wanted = f"HOME={self.home}".encode()
        for name in os.listdir("/proc"):
            if name.isdigit() and int(name) != os.getpid():
                with contextlib.suppress(OSError):
                    if wanted in processes.content(int(name), "environ").split(b"\0"):
                        found.append(int(name))
        return found

    def commands(self) -> list[str]:
        """The command line of each of these processes: what a failed test shows."""
        found = []
        for pid in self.processes():
            with contextlib.suppress(OSError), open(f"/proc/{pid}/cmdline", "rb") as file:
                found.append(f"{pid} {os.fsdecode(file.read())[-200:]!r}")
        return found

    def kill_all(self) -> None:
        for _ in range(50):
            found = self.processes()
            if not found:
                return
            for pid in found:
                try:
                    os.kill(pid, signal.SIGKILL)
                except OSError:
                    continue
            time.sleep(0.02)
        raise AssertionError(f"processes that do not end: {found}")


def manifest(home: str, *, skip: tuple[str, ...] = ()) -> Manifest:
    """All that is in a home folder, apart from what is Stentor's own and git's objects."""
    found: Manifest = {}
    for base, folders, files in os.walk(home):
        relative = os.path.relpath(base, home)
        unseen = (STATE, *skip)
        folders[:] = [
            name
            for name in folders
            if name != ".git" and os.path.join(relative, name).removeprefix("./") not in unseen
        ]
        for name in [*folders, *files]:
            path = os.path.join(base, name)
            status = os.lstat(path)
            key = os.path.relpath(path, home)
            if key in (".local", ".local/state", *skip):
                continue
            if stat.S_ISLNK(status.st_mode):
                found[key] = ("link", 0, os.readlink(path).encode())
            elif stat.S_ISDIR(status.st_mode):
                found[key] = ("folder", status.st_mode & 0o7777, b"")
            elif stat.S_ISREG(status.st_mode):
                with open(path, "rb") as file:
                    found[key] = ("file", status.st_mode & 0o7777, file.read())
    return found
