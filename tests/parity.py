"""Rolls a repository of dotfiles out beside chezmoi alone on a twin, and compares what came of both.

``python -m tests.parity REPOSITORY ...`` does so with real repositories (paths or URLs of git), each in a
sandbox without a network where bubblewrap is installed. The tests do it with small ones.

Both have the same home folder, one after the other, so that every path is the same. Compared are the home
(files, modes, links), the clone (branch, commit, status, upstream, submodules) and chezmoi's state; after the
first revision, after a second one, after that on a node which was set up with chezmoi by hand, on one whose
user has edited what is managed, and after each rollback.
"""

from __future__ import annotations

import argparse
import json
import os
import re
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Sequence
from typing import Any, NamedTuple

from stentor.dotfiles import program
from tests.integration.dotfiles.practice import FACTS, Home, Manifest

_CLONE = ".local/share/chezmoi"
_OURS = (".local/state/stentor", ".config/chezmoi/chezmoistate.boltdb")
_BRANCH = "git symbolic-ref -q HEAD || echo detached"
_LEFT_OUT = {
    "scripts": re.compile(r"(^|/)(run_[^/]*|\.chezmoiscripts/.*)$"),
    "externals": re.compile(r"(^|/)\.chezmoiexternals?(\.[a-z]+(\.tmpl)?|/.*)$"),
    "encrypted": re.compile(r"(^|/)[^/]*encrypted_[^/]*(/.*)?$"),
}


class Side(NamedTuple):
    """What a home is after a step."""

    files: Manifest
    clone: dict[str, str]
    state: dict[str, Any]


class Difference(NamedTuple):
    """What differs from the twin after a step."""

    step: str
    what: str


class Parity:
    """One home, which is chezmoi's first and then Stentor's.

    Args:
        home: with a remote.
        effects: files that scripts write, which no rollback takes away.
        prompts: options of ``chezmoi init`` that answer what the config template asks.
        edits: go on where the user has edited what the first revision manages, too.

    Attributes:
        reached: what the home was after each apply of Stentor's.
    """

    def __init__(
        self, home: Home, *, effects: Sequence[str] = (), prompts: Sequence[str] = (), edits: bool = False
    ) -> None:
        self.home = home
        self.edits = edits
        self.prompts = prompts
        self._program = program.compose(facts=FACTS, prompts=prompts)
        self.effects = effects
        self.reached: dict[str, Side] = {}
        self.found: list[Difference] = []
        self.url = (
            f"file://{home.remote}"  # a clone of a path has all objects of it, also those not asked for
        )
        self._saved = os.path.join(home.folder, "saved")
        os.mkdir(self._saved)

    def compare(self, first: str, second: str) -> list[Difference]:
        """Go through both revisions; return what differs."""
        self._save("bare")
        bare = self.side()
        self._point(first)
        if problem := self._chezmoi("init", "--apply", "--promptDefaults", *self.prompts, self.url):
            return self._refused("init", first, problem)
        one = self.side()
        self._save("by hand")
        self._point(second)
        if problem := self._chezmoi("update"):
            return self._refused("update", second, problem, at="by hand")
        two = self.side()
        self._load("bare")
        self._point(first)
        self._apply("first", first, one)
        before = self.side()
        self._point(second)
        self._apply("second", second, two)
        self._back("back", "second", before)
        self._back("back to nothing", "first", bare)
        self._load("by hand")
        self._apply("by-hand", second, two)
        self._back("back by hand", "by-hand", one)
        return self._compare_edited(second) if self.edits else self.found

    def _compare_edited(self, rev: str) -> list[Difference]:
        self._load("by hand")
        self._edit()
        edited = self.side()
        self._save("edited")
        if problem := self._chezmoi("update"):
            return self._refused("update of edits", rev, problem, at="edited")
        wanted = self.side()
        self._load("edited")
        self._apply("edited", rev, wanted, take="edited,existing")
        self._back("back to edits", "edited", edited)
        return self.found

    def _edit(self) -> None:
        """Edit what is managed, in each way that a user may."""
        said = self._run(
            "managed", "--include=files,symlinks", "--path-style=absolute", "--nul-path-separator"
        )
        for number, path in enumerate(said.stdout.split("\0")[:-1]):
            way = number % 5 if os.path.lexists(path) else None
            if way == 0 and not os.path.islink(path):
                os.chmod(path, os.stat(path).st_mode | 0o200)
                with open(path, "a") as file:
                    file.write("edited\n")
            elif way == 1 and not os.path.islink(path):
                os.chmod(path, os.stat(path).st_mode ^ 0o110)
            elif way in (2, 3):
                os.unlink(path)
                if way == 3:
                    os.symlink("elsewhere", path)

    def compare_update(self, first: str, second: str, *init: str, script: str = "") -> list[Difference]:
        """Go from one revision to the other on a node that was set up by hand; return what differs.

        Args:
            init: options of ``chezmoi init``.
            script: what is done in the clone before the second revision, by sh.
        """
        self._point(first)
        problem = self._chezmoi("init", "--apply", *init, self.url)
        assert not problem, problem
        place = os.path.join(self.home.home, _CLONE)
        subprocess.run(["sh", "-euc", script], cwd=place, env=self.home.environment, check=True)
        one = self.side()
        self._save("by hand")
        self._point(second)
        problem = self._chezmoi("update")
        assert not problem, problem
        two = self.side()
        self._load("by hand")
        self._apply("by-hand", second, two)
        self._back("back by hand", "by-hand", one)
        return self.found

    def side(self) -> Side:
        """What the home is now."""
        home = self.home
        files = {path: entry for path, entry in home.manifest().items() if not path.startswith(_OURS)}
        for folder in (".config/chezmoi", ".config", ".cache/chezmoi", ".cache", ".local/share"):
            if not any(path.startswith(f"{folder}/") for path in files):
                files.pop(folder, None)
        files = {path: entry for path, entry in files.items() if not path.startswith(".cache")}
        return Side(files, self._clone(), self._state())

    def _clone(self) -> dict[str, str]:
        place = os.path.join(self.home.home, _CLONE)
        if not os.path.isdir(place):
            return {}
        asked = {
            "head": ("rev-parse", "HEAD"),
            "branch": ("symbolic-ref", "-q", "HEAD"),
            "status": ("status", "--porcelain=v2", "--branch", "--ignored"),
            "submodules": ("submodule", "status", "--recursive"),
            "their branches": ("submodule", "--quiet", "foreach", "--recursive", _BRANCH),
        }
        return {name: self._git(place, *words) for name, words in asked.items()}

    def _git(self, place: str, *words: str) -> str:
        done = subprocess.run(
            ["git", *words], cwd=place, env=self.home.environment, capture_output=True, text=True
        )
        return done.stdout.strip()

    def _state(self) -> dict[str, Any]:
        done = self._run("state", "dump", "--format", "json")
        state: dict[str, Any] = json.loads(done.stdout or "{}")
        for bucket in state.values():
            for entry in bucket.values():
                if isinstance(entry, dict):
                    entry.pop("runAt", None)
        return {name: bucket for name, bucket in state.items() if bucket}

    def _run(self, *words: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            ["chezmoi", "--no-tty", "--no-pager", *words],
            env=self.home.environment,
            executable=os.path.join(self.home.tools, "chezmoi"),
            capture_output=True,
            text=True,
            stdin=subprocess.DEVNULL,
        )

    def _chezmoi(self, *words: str) -> str:
        """Run chezmoi alone; return what it failed with."""
        done = self._run("--force", *words)
        return "" if done.returncode == 0 else (done.stderr.strip().splitlines() or ["failed"])[-1]

    def _refused(self, step: str, rev: str, problem: str, at: str = "bare") -> list[Difference]:
        """What chezmoi itself cannot do must be refused, with nothing changed."""
        self._load(at)
        before = self.side()
        taken = {"take": "edited,existing"} if at == "edited" else {}
        answer = self.home.begin(rev, op="refused", remote=self.url, text=self._program, **taken)
        if answer.code == 0:
            self.found.append(Difference(step, f"chezmoi alone fails, and Stentor does not: {problem}"))
        self._compare(f"{step} refused", before)
        return [*self.found, Difference("chezmoi", f"{step} fails: {problem}")]

    def _apply(self, op: str, rev: str, wanted: Side, take: str = "") -> None:
        home = self.home
        before = self.side()
        taken = {"take": take} if take else {}
        plan = home.run("plan", rev=rev, remote=self.url, branch="main", text=self._program, **taken)
        if plan.code:
            self.found.append(Difference(f"{op}: plan", _said(plan.lines)))
        self._compare(f"{op}: plan", before)
        answer = home.begin(rev, op=op, remote=self.url, text=self._program, **taken)
        if "unchanged" not in answer.lines:
            if answer.code:
                self.found.append(Difference(op, _said(answer.lines)))
                self._compare(f"{op} refused", before)
                return
            home.confirm(op)
            home.run("settle", op=op)
        planned = {line for line in plan.lines if line.startswith("change ")}
        done = {line for line in answer.lines if line.startswith("change ")}
        if planned != done:
            self.found.append(Difference(f"{op}: plan", f"said other changes: {sorted(planned ^ done)[:5]}"))
        self.reached[op] = self._compare(op, wanted)

    def _back(self, step: str, op: str, wanted: Side) -> None:
        answer = self.home.run("rollback", op=step.replace(" ", "-"), to=op, token="t")
        if answer.code:
            self.found.append(Difference(step, _said(answer.lines)))
            return
        self.home.confirm(step.replace(" ", "-"))
        self.home.run("settle", op=step.replace(" ", "-"))
        self._compare(step, wanted, without=self.effects)

    def _compare(self, step: str, wanted: Side, *, without: Sequence[str] = ()) -> Side:
        side = self.side()
        left = {path: entry for path, entry in side.files.items() if path not in without}
        meant = {path: entry for path, entry in wanted.files.items() if path not in without}
        texts = differences(side._replace(files=left), wanted._replace(files=meant))
        self.found += [Difference(step, text) for text in texts]
        return side

    def _point(self, rev: str) -> None:
        self.home.git("update-ref", "refs/heads/main", rev, cwd=self.home.remote)

    def _save(self, name: str) -> None:
        shutil.copytree(self.home.home, os.path.join(self._saved, name), symlinks=True)

    def _load(self, name: str) -> None:
        self.home.kill_all()
        subprocess.run(["chmod", "-R", "u+rwX", self.home.home], check=True)
        shutil.rmtree(self.home.home)
        subprocess.run(["cp", "-a", os.path.join(self._saved, name), self.home.home], check=True)


def differences(found: Side, wanted: Side) -> Iterator[str]:
    """What is not the same, a line each."""
    for name, one, other in zip(Side._fields, found, wanted, strict=True):
        assert isinstance(one, dict)
        assert isinstance(other, dict)
        keys = sorted(key for key in {*one, *other} if one.get(key) != other.get(key))
        for key in keys[:5]:
            yield f"{name} {key}: {str(one.get(key))[:200]}, wanted {str(other.get(key))[:200]}"
        if len(keys) > 5:
            yield f"{name}: and {len(keys) - 5} more"


def _said(lines: Sequence[str]) -> str:
    telling = [line for line in lines if line.startswith(("refused ", "failed ", "reverted ", "stderr "))]
    return "; ".join(telling[:4]) or (lines[-1] if lines else "nothing")


def prepare(home: Home, repository: str, options: argparse.Namespace) -> tuple[str, str, dict[str, int]]:
    """Take two revisions of a real repository over, without what needs a network, keys or another system.

    Returns:
        Both revisions, and how many files of each kind were left out.
    """
    source = os.path.join(home.folder, "source")
    home.git("clone", "-q", "--bare", repository, source, cwd=home.folder)
    left: dict[str, int] = {}
    commits = home.git("rev-list", "--first-parent", f"-{options.back + 1}", "HEAD", cwd=source).split()
    made = ""
    revs = []
    for commit in (commits[-1], commits[0]):
        index = {**home.environment, "GIT_INDEX_FILE": os.path.join(home.folder, "index")}

        def git(*words: str, stdin: str = "", environ: dict[str, str] = index) -> str:
            done = subprocess.run(
                ["git", *words],
                cwd=source,
                env=environ,
                input=stdin,
                capture_output=True,
                text=True,
                check=True,
            )
            return done.stdout.strip()

        git("read-tree", commit)
        gone = []
        listed = [line for line in git("ls-files", "-s", "-z").split("\0") if line]
        shas = "".join(f"{line.split()[1]}\n" for line in listed if not line.startswith("160000"))
        missing = {line.split()[0] for line in git("cat-file", "--batch-check", stdin=shas).splitlines()
                   if line.endswith(" missing")}  # fmt: skip
        for line in listed:
            mode, _, path = line.partition(" ")[0], *line.partition("\t")[1:]
            kind = next((k for k, one in _LEFT_OUT.items() if k not in options.keep and one.search(path)), "")
            if options.without and re.search(options.without, path):
                kind = "named"
            if mode == "160000" or path == ".gitmodules":
                kind = "submodules"
            if line.split()[1] in missing:
                kind = "absent"  # from a copy of a repository without its largest files
            if kind:
                gone.append(path)
                left[kind] = left.get(kind, 0) + (commit == commits[0])
        git("update-index", "-z", "--index-info", stdin="".join(f"0 {'0' * 40}\t{path}\0" for path in gone))
        tree = git("write-tree")
        made = git("commit-tree", "-m", "taken over", *(["-p", made] if made else []), tree)
        revs.append(made)
    home.git("push", "-q", "-f", home.remote, f"{made}:refs/heads/main", cwd=source)
    return revs[0], revs[1], {kind: count for kind, count in left.items() if count}


def try_one(repository: str, options: argparse.Namespace) -> dict[str, Any]:
    """Return what came of one real repository."""
    folder = tempfile.mkdtemp(prefix="parity-")
    home = Home(folder)
    home.signers = os.path.join(folder, "gitconfig")
    home.write(home.signers, "[user]\nname = n\nemail = n@example.org\n")
    for stub in options.stub:
        name, _, text = stub.partition("=")
        home.write(os.path.join(home.tools, name), f"#!/bin/sh\n{text}\n", 0o755)
        # A login must find it, too.
        home.write(os.path.join(home.home, ".profile"), f"PATH={home.tools}:$PATH\n")
    try:
        first, second, left = prepare(home, repository, options)
        found = Parity(home, prompts=options.prompt, edits=options.edits).compare(first, second)
        files = len(home.git("ls-tree", "-r", "--name-only", second, cwd=home.remote).splitlines())
        return {"repository": repository, "files": files, "left_out": left, "differences": found}
    finally:
        home.kill_all()
        shutil.rmtree(folder, ignore_errors=True)


def sandboxed(arguments: Sequence[str], repository: str) -> int:
    """Run this again, with nothing to write to but a temporary folder, and no network."""
    words = [
        "bwrap",
        "--unshare-all",
        "--ro-bind",
        "/",
        "/",
        "--dev",
        "/dev",
        "--proc",
        "/proc",
        "--tmpfs",
        "/tmp",
    ]
    words += ["--die-with-parent", "--ro-bind", repository, "/tmp/repository"]
    return subprocess.run(
        [*words, sys.executable, "-m", "tests.parity", *arguments, "/tmp/repository"]
    ).returncode


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m tests.parity", description=__doc__)
    parser.add_argument("repository", nargs="+", help="a git repository, by path or URL")
    parser.add_argument("--keep", action="append", default=[], choices=[*_LEFT_OUT])
    parser.add_argument("--back", type=int, default=20, help="the first revision is so many commits back")
    parser.add_argument(
        "--prompt",
        action="append",
        default=[],
        help="--prompt=--promptString=TEXT=ANSWER, as for 'chezmoi init'",
    )
    parser.add_argument("--without", default="", help="a regular expression of further files to leave out")
    parser.add_argument(
        "--stub", action="append", default=[], help="NAME=TEXT, a program for its templates: lines of sh"
    )
    parser.add_argument("--edits", action="store_true", help="also where the user has edited what is managed")
    parser.add_argument("--no-sandbox", action="store_true")
    parser.add_argument("--name", default="")
    options = parser.parse_args()
    worst = 0
    for repository in options.repository:
        if not options.no_sandbox and shutil.which("bwrap") and os.path.isdir(repository):
            inner = ["--no-sandbox", "--back", str(options.back), "--name", repository]
            inner += [f"--keep={kind}" for kind in options.keep]
            inner += [f"--prompt={text}" for text in options.prompt]
            inner += [f"--stub={text}" for text in options.stub]
            inner += [f"--without={options.without}", *(["--edits"] if options.edits else [])]
            worst |= sandboxed(inner, os.path.abspath(repository))
            continue
        result = try_one(repository, options)
        left = ", ".join(f"{count} {kind}" for kind, count in result["left_out"].items()) or "nothing"
        ours = [one for one in result["differences"] if one.step != "chezmoi"]
        alone = "; ".join(one.what for one in result["differences"] if one.step == "chezmoi")
        verdict = "DIFFERS" if ours else f"same ({alone})" if alone else "same"
        print(
            f"{options.name or repository}: {verdict}; {result['files']} files, left out: {left}", flush=True
        )
        for one in ours:
            print(f"    {one.step}: {one.what}")
        worst |= bool(ours)
    return worst


if __name__ == "__main__":
    sys.exit(main())
