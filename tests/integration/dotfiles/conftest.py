"""Practice nodes with chezmoi, and an operator's clone of dotfiles."""

from __future__ import annotations

import contextlib
import os
import pty
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest

from stentor import lab as labs
from tests.integration.dotfiles.practice import Manifest, manifest, newest_chezmoi

FIRST = {
    "dot_zshrc": "export GOOD=1\n",
    "dot_bashrc": "export GOOD=1\n",
    "dot_config/who.tmpl": "{{ .stentor.alias }} {{ .stentor.role }} {{ .chezmoi.hostname }}\n",
    ".chezmoiignore": "README.md\n",
    "README.md": "dotfiles\n",
}


SHELLS = ("zsh", "prtr=bash", "drtr=dash", "zrtr=bash")


# The command line as it is, but before it first calls this method it stands still until the file is gone.
_STANDING = """
import pathlib, sys, time
from stentor.cli.main import main
from stentor.dotfiles.change import DotfilesChange

stood = pathlib.Path(sys.argv.pop(1))
name = sys.argv.pop(1)
method = getattr(DotfilesChange, name)

def stand(*words):
    setattr(DotfilesChange, name, method)
    stood.touch()
    while stood.exists():
        time.sleep(0.05)
    return method(*words)

setattr(DotfilesChange, name, stand)
sys.exit(main())
"""


def kill_at(method: str, environ: Mapping[str, str], *words: str, by: int = signal.SIGKILL) -> None:
    """Run stentor until it calls a method of ``DotfilesChange``, and send it a signal there.

    Args:
        method: its name.
        environ: of the program; ``PYTHONPATH`` may lead to another version.
        words: the command line.
        by: the signal; it may survive it, and is waited for.
    """
    stood = Path(environ["HOME"]) / "stood"
    process = subprocess.Popen(
        [sys.executable, "-c", _STANDING, str(stood), method, *words],
        env=dict(environ),
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
    )
    end = time.monotonic() + 60
    while not stood.exists():
        assert process.poll() is None and time.monotonic() < end, process.communicate()[1]
        time.sleep(0.05)
    process.send_signal(by)
    stood.unlink()
    process.wait(60)
    assert process.stderr
    process.stderr.close()


@pytest.fixture(scope="session")
def mixed(playground: Path) -> Iterator[labs.Lab]:
    """Five nodes with zsh, bash and dash as login shells."""
    lab = labs.up(playground / "mixed", all_up=True, shells=SHELLS)
    try:
        yield lab
    finally:
        lab.down()


@pytest.fixture
def lab(mixed: labs.Lab) -> Iterator[labs.Lab]:
    """In place of the usual five."""
    yield mixed
    mixed.reset()


class Dotfiles:
    """The operator's side: a clone, a way to commit, and the command."""

    def __init__(self, lab: labs.Lab, stentor: Any, environ: dict[str, str]) -> None:
        self.lab = lab
        self.environ = environ
        self.stentor = stentor
        self.clone = Path(environ["HOME"]) / "dotfiles"
        self.git("init", "-q", "-b", "main", str(self.clone), cwd=Path(environ["HOME"]))
        tools = Path(environ["HOME"]) / "tools"
        tools.mkdir()
        (tools / "chezmoi").symlink_to(newest_chezmoi())
        environ["PATH"] = f"{tools}:{environ['PATH']}"
        for alias in lab.nodes:
            self.install(alias)

    def install(self, alias: str) -> None:
        place = self.lab.home(alias) / ".local" / "bin"
        place.mkdir(parents=True, exist_ok=True)
        # One file for all nodes of all tests: it has forty megabytes.
        kept = self.lab.directory.parent / "chezmoi"
        if not kept.exists():
            shutil.copy(newest_chezmoi(), kept)
        os.link(kept, place / "chezmoi")

    def git(self, *words: str, cwd: Path | None = None) -> str:
        done = subprocess.run(
            ["git", "-c", "user.name=n", "-c", "user.email=n@example.org", *words],
            cwd=cwd or self.clone,
            env=self.environ,
            capture_output=True,
            text=True,
        )
        assert done.returncode == 0, (words, done.stderr)
        return done.stdout.strip()

    def commit(self, files: Mapping[str, str | None], at: str = "") -> str:
        """Commit these files (None removes one), at a time if the revision must be the same again."""
        for name, text in files.items():
            path = self.clone / name
            if text is None:
                self.git("rm", "-q", "-r", name)
            else:
                path.parent.mkdir(parents=True, exist_ok=True)
                path.write_text(text)
        self.git("add", "-A")
        if at:
            self.environ |= {"GIT_AUTHOR_DATE": at, "GIT_COMMITTER_DATE": at}
        self.git("commit", "-q", "--allow-empty", "-m", "change")
        self.environ.pop("GIT_AUTHOR_DATE", None)
        self.environ.pop("GIT_COMMITTER_DATE", None)
        return self.git("rev-parse", "HEAD")

    def __call__(self, verb: str, *words: str, **options: Any) -> Any:
        extra = ["--source", str(self.clone), "--via", "push"]
        if verb == "status":
            extra = extra[:2]
        if verb in ("rollback", "confirm", "revert", "timer"):
            extra = []
        return self.stentor("dotfiles", verb, *words, *extra, **options)

    def asked(self, *words: str, answers: Iterator[Callable[[], bytes]]) -> tuple[int, str]:
        """Run a verb at a terminal where questions are answered; return the exit code and what was said."""
        ours, theirs = pty.openpty()
        process = subprocess.Popen(
            [sys.executable, "-m", "stentor", "dotfiles", *words, "--source", str(self.clone)],
            env={name: text for name, text in self.environ.items() if name != "CI"},
            stdin=theirs,
            stdout=subprocess.DEVNULL,
            stderr=theirs,
        )
        os.close(theirs)
        said = b""
        with contextlib.suppress(OSError):  # the terminal is gone with its last user
            while data := os.read(ours, 65536):
                said += data
                if said.endswith(b"[y/N] "):
                    os.write(ours, next(answers)())
        os.close(ours)
        return process.wait(60), said.decode()

    def start(self, *nodes: str) -> str:
        """Bring every node, or those named, to a first revision; return it.

        A node goes through it once; what came of it is unpacked into its new home ever after.
        """
        rev = self.commit(FIRST, at="2026-01-01T00:00:00Z")
        kept = {alias: self._kept(alias, rev) for alias in nodes or self.lab.nodes}
        anew = [alias for alias, tar in kept.items() if not tar.exists()]
        if anew:
            said = self("apply", ",".join(anew), "--yes", "--overwrite", "existing")
            assert said.code == 0, said
        for alias, tar in kept.items():
            home = str(self.lab.home(alias))
            if alias in anew:
                tar.parent.mkdir(exist_ok=True)
                # Programs and keys are each home's own.
                own = [f"--exclude=./{name}" for name in (".local/bin", ".ssh", "dotfiles.git")]
                words = ["-cf", str(tar), *own, "."]
            else:
                words = ["-xpf", str(tar)]
            subprocess.run(["tar", "--numeric-owner", "-C", home, *words], check=True)
        return rev

    def _kept(self, alias: str, rev: str) -> Path:
        """Where a node's home after the first revision is kept: beside the lab, for as long as that lives."""
        return self.lab.directory.parent / f"{self.lab.directory.name}-kept" / f"{alias}-{rev[:10]}.tar"

    def manifest(self, alias: str) -> Manifest:
        return manifest(str(self.lab.home(alias)), skip=(".local/bin", ".cache", ".ssh", ".zcompdump"))

    def clean(self, alias: str) -> bool:
        """Whether nothing is pending there, chezmoi's status is empty, and one can log in."""
        said = self.lab.run(
            alias,
            "cd; S=.local/state/stentor/dotfiles; ! test -e $S/pending && ! test -e $S/new && "
            ".local/bin/chezmoi status --override-data-file $S/facts.json --no-tty && echo logged in",
        )
        return bool(said.stdout == "logged in\n")

    def read(self, alias: str, path: str) -> str:
        return (self.lab.home(alias) / path).read_text()


@pytest.fixture
def dotfiles(lab: labs.Lab, stentor: Any, environ: dict[str, str]) -> Dotfiles:
    return Dotfiles(lab, stentor, environ)
