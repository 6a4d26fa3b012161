"""Render a node's dotfiles without the node: for nodes that are down, and before a push.

chezmoi renders them with the fleet's facts in place of the node's own. What a template asks the machine
itself (a program's output, a file) is answered by this machine, so the result is marked as assumed.
"""

from __future__ import annotations

import io
import os
import shutil
import tarfile
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from difflib import unified_diff
from typing import NamedTuple

from stentor import programs
from stentor.dotfiles.facts import Known, assumed_json
from stentor.dotfiles.git import beside, git
from stentor.fleet.model import Fleet, Node


class Rendered(NamedTuple):
    """A node's targets as they would be.

    Attributes:
        files: path to contents; links as ``-> target``, folders not at all.
        problem: why it cannot be rendered; empty if it can.
    """

    files: Mapping[str, bytes]
    problem: str = ""


def need_chezmoi(environ: Mapping[str, str]) -> None:
    """Check that chezmoi is installed here.

    Raises:
        ProgramMissing: it is not.
    """
    if not shutil.which("chezmoi", path=environ.get("PATH")):
        raise programs.missing("chezmoi")


@contextmanager
def checked_out(clone: str, tree: str, environ: Mapping[str, str], *, remote: str = "") -> Iterator[str]:
    """Return a temporary folder with the files of a commit or tree; the clone is only read.

    Args:
        clone: has the commit or tree.
        tree: a commit or tree.
        environ: the environment.
        remote: a commit that the clone lacks is fetched from here, into a temporary repository.
    """
    folder = tempfile.mkdtemp(prefix="stentor-")
    try:
        index = {**environ, "GIT_INDEX_FILE": os.path.join(folder, "index")}
        place = os.path.join(folder, "tree")
        os.mkdir(place)
        if remote and not (clone and git(clone, "cat-file", "-t", tree, environ=environ, check=False)):
            clone = beside(clone, os.path.join(folder, "fetched.git"), environ)
            git(clone, "fetch", "-q", remote, "+refs/heads/*:refs/heads/*", environ=environ)
        git(clone or None, "read-tree", tree, environ=index)
        git(clone, "checkout-index", "-a", "-f", environ={**index, "GIT_WORK_TREE": place})
        yield place
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def render(
    fleet: Fleet, node: Node, tree: str, environ: Mapping[str, str], known: Known | None = None
) -> Rendered:
    """Render all targets of a checked-out tree as this node would have them.

    Args:
        fleet: where the facts come from.
        node: for whom.
        tree: from :func:`checked_out`.
        environ: the environment; the user's own chezmoi configuration is left out.
        known: the facts of the nodes.
    """
    need_chezmoi(environ)
    with tempfile.TemporaryDirectory(prefix="stentor-") as home:
        facts = os.path.join(home, "facts.json")
        with open(facts, "w", encoding="utf-8") as file:
            file.write(assumed_json(fleet, node, known))
        inner = {k: v for k, v in environ.items() if not k.startswith("XDG_")} | {"HOME": home}
        common = ["chezmoi", "--source", tree, "--destination", home, "--no-tty", "--color=off"]
        config = _config(common, home, inner)
        if config.problem:
            return config
        words = ["--override-data-file", facts, "archive", "--format=tar", "--exclude=externals,scripts"]
        # In our session, since what a template calls may ask for a password.
        done = programs.run([*common, *words], inner, session=False)
        if done.code:
            return Rendered({}, _last(done.error_text, tree))
        return Rendered(_unpacked(done.stdout))


def _config(common: list[str], home: str, environ: Mapping[str, str]) -> Rendered:
    done = programs.run([*common, "init", "--promptDefaults"], environ, cwd=home, session=False)
    return Rendered({}, _last(done.error_text, common[2]) if done.code else "")


def _last(stderr: str, tree: str) -> str:
    lines = [line for line in stderr.splitlines() if "warning:" not in line]
    return (lines[-1] if lines else "chezmoi failed").removeprefix("chezmoi: ").replace(f"{tree}/", "")


def _unpacked(data: bytes) -> dict[str, bytes]:
    files: dict[str, bytes] = {}
    with tarfile.open(fileobj=io.BytesIO(data)) as archive:
        for member in archive:
            if member.issym():
                files[member.name] = b"-> " + member.linkname.encode()
            elif member.isfile():
                opened = archive.extractfile(member)
                files[member.name] = opened.read() if opened else b""
    return files


def difference(old: Mapping[str, bytes], new: Mapping[str, bytes]) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Compare two renderings.

    Returns:
        The changes, as chezmoi's status writes them, and the lines of the unified difference.
    """
    changes: list[str] = []
    lines: list[str] = []
    for path in sorted({*old, *new}):
        before, after = old.get(path), new.get(path)
        if before == after or after is None:
            continue  # chezmoi leaves alone what is no longer in the source
        changes.append(f" {'A' if before is None else 'M'} {path}")
        texts = [(side or b"").decode("utf-8", "replace").splitlines() for side in (before, after)]
        name = "/dev/null" if before is None else f"a/{path}"
        lines += unified_diff(texts[0], texts[1], name, f"b/{path}", lineterm="")
    return tuple(changes), tuple(lines)
