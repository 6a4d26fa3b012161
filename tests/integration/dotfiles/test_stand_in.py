"""The stand-in does what real ones do, with what it covers: the same output, the same files."""

from __future__ import annotations

import json
import os
import re
import subprocess
import tarfile
from collections.abc import Iterator, Mapping
from io import BytesIO
from pathlib import Path
from typing import NamedTuple

import pytest

from tests.integration.dotfiles.practice import STAND_IN, Manifest, chezmois, manifest, real_chezmoi

SOURCE = {
    ".chezmoiignore": "README.md\nnotes\n",
    ".chezmoiremove": ".unwanted\n",
    "README.md": "mine\n",
    "dot_config/exact_plugins/a": "a\n",
    "dot_config/notes": "not ignored: only the top's is\n",
    "dot_config/who.tmpl": "{{ .stentor.alias }} of {{.stentor.role}}\n",
    "dot_zshrc": "one\n",
    "executable_dot_run": "#!/bin/sh\n",
    "notes": "ignored\n",
    "private_dot_ssh/private_config": "k\n",
    "run_after_last.sh": "#!/bin/sh\necho last >>ran\n",
    "run_once_first.sh": "#!/bin/sh\necho once >>ran\n",
    "run_onchange_before_early.sh.tmpl": "#!/bin/sh\necho early {{ .stentor.alias }} >>ran\n",
    "symlink_dot_link": ".zshrc\n",
}


class Both(NamedTuple):
    """What came of a command."""

    code: int
    stdout: bytes
    stderr: str


class Side:
    """A home folder and a source of its own, both at names of the same length."""

    def __init__(self, folder: Path, program: str) -> None:
        self.program, self.home, self.source = program, folder / "home", folder / "source"
        self.home.mkdir(parents=True)
        self.write(SOURCE)
        (folder / "facts.json").write_text('{"stentor": {"alias": "one", "role": "gpu"}}')
        self.facts = folder / "facts.json"

    def write(self, files: Mapping[str, str | None]) -> None:
        """Write into the source (None removes)."""
        for name, text in files.items():
            path = self.source / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.unlink() if text is None else path.write_text(text)

    def __call__(self, *words: str) -> Both:
        environment = {"HOME": str(self.home), "PATH": os.defpath, "USER": "n"}
        common = ["--source", str(self.source), "--destination", str(self.home), "--no-tty", "--color=off"]
        facts = ["--override-data-file", str(self.facts), "--no-pager"]
        done = subprocess.run(
            [self.program, *common, *facts, *words],
            env=environment,
            cwd=self.home,
            stdin=subprocess.DEVNULL,
            capture_output=True,
        )
        here = str(self.home.parent)
        said = done.stderr.decode().replace(here, "")
        return Both(done.returncode, done.stdout.replace(here.encode(), b""), said)

    def tree(self) -> Manifest:
        """All files but the state, whose form is each one's own."""
        return manifest(str(self.home), skip=(".config/chezmoi/chezmoistate.boltdb",))


class Pair:
    """A real one and the stand-in, told the same."""

    def __init__(self, real: Side, ours: Side) -> None:
        self.real, self.ours = real, ours

    def same(self, *words: str) -> bytes:
        """Both say the same, with the same code; return it."""
        real, ours = self.real(*words), self.ours(*words)
        assert (ours.code, ours.stdout.decode()) == (real.code, real.stdout.decode()), (words, real, ours)
        assert bool(ours.stderr) == bool(real.stderr), (words, real, ours)
        return ours.stdout

    def write(self, files: Mapping[str, str | None]) -> None:
        """The same in both sources."""
        self.real.write(files)
        self.ours.write(files)

    def touch(self, name: str, text: str | None) -> None:
        """The same in both homes, as a person on the node would."""
        for side in (self.real, self.ours):
            (side.home / name).unlink() if text is None else (side.home / name).write_text(text)

    def look(self) -> None:
        """Everything that is asked without writing."""
        self.same("status", "--refresh-externals=never")
        self.same("status", "--exclude=scripts")
        self.same("managed", "--exclude=scripts", "--refresh-externals=never")
        self.same("managed", "--include=externals")
        self.same("managed", "-0")
        assert self.plus_and_minus(self.real) == self.plus_and_minus(self.ours)
        assert self.entries(self.real) == self.entries(self.ours)

    @staticmethod
    def plus_and_minus(side: Side) -> set[str]:
        """The difference without git's lines about modes and hashes, and without repetition.

        A real one shows a file that becomes a link, or the other way round, twice.
        """
        said = side("diff", "--use-builtin-diff", "--refresh-externals=never").stdout.decode()
        return {line for line in said.splitlines() if re.match(r"[-+](?![-+])", line)}

    @staticmethod
    def entries(side: Side) -> object:
        """What each one remembers."""
        return json.loads(side("state", "get-bucket", "--bucket=entryState").stdout)

    def apply(self, *words: str) -> None:
        """Both do it, and the same files come of it."""
        self.same(*words, "apply")
        assert self.real.tree() == self.ours.tree()


@pytest.fixture(params=[0, -1], ids=["lowest", "newest"])
def pair(tmp_path: Path, request: pytest.FixtureRequest) -> Iterator[Pair]:
    real_chezmoi()
    found = chezmois()
    if request.param == 0 and len(found) < 2:
        pytest.skip("only one real chezmoi is here")
    old = os.umask(0o022)
    yield Pair(Side(tmp_path / "real", found[request.param]), Side(tmp_path / "ours", STAND_IN))
    os.umask(old)


def test_the_first_time(pair: Pair) -> None:
    pair.touch(".unwanted", "old\n")
    pair.touch(".zshrc", "mine\n")
    pair.look()
    pair.apply("--force")
    pair.look()
    assert b" R last.sh" in pair.same("status")
    pair.apply("--force")


def test_drift_and_conflicts(pair: Pair) -> None:
    pair.apply("--force")
    pair.touch(".zshrc", "edited\n")
    pair.touch(".link", None)
    pair.touch(".config/plugins/b", "b\n")
    for side in (pair.real, pair.ours):
        (side.home / ".run").chmod(0o644)
        (side.home / ".ssh").chmod(0o755)
    pair.look()
    pair.write({"dot_zshrc": "edited\n"})  # the same edit arrives by the source: no conflict
    pair.look()
    pair.write({"dot_zshrc": "two\n"})
    pair.look()
    pair.apply("--force")
    pair.look()


def test_kinds_that_change(pair: Pair) -> None:
    pair.apply("--force")
    pair.write({"symlink_dot_link": None, "dot_link": "a file\n", "dot_zshrc": None, "dot_new/deep/x": "x\n"})
    pair.write(
        {"run_onchange_before_early.sh.tmpl": "#!/bin/sh\necho again >>ran\n", "dot_config/who.tmpl": None}
    )
    pair.look()
    pair.apply("--force")
    pair.look()


def test_what_fails(pair: Pair) -> None:
    pair.write({"run_after_last.sh": "#!/bin/sh\nexit 3\n"})
    assert (
        pair.real("--force", "apply").stderr
        == pair.ours("--force", "apply").stderr
        == "chezmoi: last.sh: exit status 3\n"
    )
    assert pair.real.tree() == pair.ours.tree()
    pair.write({"dot_config/who.tmpl": "{{ .stentor.nothing.here }}\n"})
    for words in (("status",), ("diff",), ("--force", "apply"), ("archive", "--format=tar")):
        real, ours = pair.real(*words), pair.ours(*words)
        assert real.code == ours.code == 1
        assert "who.tmpl" in real.stderr
        assert "who.tmpl" in ours.stderr


def test_archive_and_templates(pair: Pair) -> None:
    members = []
    for side in (pair.real, pair.ours):
        data = side("archive", "--format=tar", "--exclude=externals,scripts").stdout
        with tarfile.open(fileobj=BytesIO(data)) as tar:
            members.append(
                [(m.name, m.mode & 0o777 * (not m.issym()), m.type, m.linkname, m.size) for m in tar]
            )
    assert members[0] == members[1]
    assert pair.same("execute-template", "{{ .chezmoi.workingTree }}").endswith(b"/source")
    pair.same("init", "--promptDefaults")


def test_what_the_stand_in_does_not_cover_is_an_error(tmp_path: Path) -> None:
    ours = Side(tmp_path / "ours", STAND_IN)
    ours.write({"dot_zshrc.tmpl": "{{ if true }}x{{ end }}\n"})
    assert "only looks up values" in ours("status").stderr
    ours.write({"dot_zshrc.tmpl": None, ".chezmoiexternal.toml": '[".tool"]\n'})
    assert ours("status").code == 1
    assert ours("update").code == 1
