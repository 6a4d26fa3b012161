"""Render a node's dotfiles without the node: for nodes that are down, and before a push.

chezmoi renders them with the fleet's facts in place of the node's own. What a template asks the machine
itself (a program's output, a file) is answered by this machine, so the result is marked as assumed. Hooks and
scripts of the repository never run here, and what is encrypted is left out: the keys are the nodes'.
"""

from __future__ import annotations

import glob
import io
import json
import os
import shutil
import tarfile
import tomllib
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from difflib import unified_diff
from typing import Any, NamedTuple

import yaml

from stentor import programs, scratch
from stentor.dotfiles import prompts
from stentor.dotfiles.facts import Known, assumed_json
from stentor.dotfiles.git import beside, git, words
from stentor.fleet.model import Fleet, Node
from stentor.opening import regular


class Rendered(NamedTuple):
    """A node's targets as they would be."""

    files: Mapping[str, bytes]  # path to contents; links as ``-> target``, folders not at all
    problem: str = ""  # why it cannot be rendered; empty if it can
    unanswered: tuple[str, ...] = ()  # texts of prompts to which no answer of the node is known


class Answers(NamedTuple):
    """What is known of a node's answers to the prompts of its config template."""

    data: Mapping[str, Any] = {}  # of its config, as the node last told them; ``prompt*Once`` looks there
    given: Mapping[str, str] = {}  # on the command line, by the prompt's text


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
        remote: a commit that the clone lacks is fetched from here, into a temporary repository.
    """
    with scratch.folder() as folder:
        index = {**environ, "GIT_INDEX_FILE": os.path.join(folder, "index")}
        place = os.path.join(folder, "tree")
        os.mkdir(place)
        if remote and not (clone and git(clone, "cat-file", "-t", tree, environ=environ, check=False)):
            clone = beside(clone, os.path.join(folder, "fetched.git"), environ)
            with words(remote) as (address, options):
                git(clone, *options, "fetch", "-q", address, "+refs/heads/*:refs/heads/*", environ=environ)
        git(clone or None, "read-tree", tree, environ=index)
        git(clone, "checkout-index", "-a", "-f", environ={**index, "GIT_WORK_TREE": place})
        yield place


def render(
    fleet: Fleet,
    node: Node,
    tree: str,
    environ: Mapping[str, str],
    known: Known | None = None,
    answers: Answers = Answers(),  # noqa: B008 - it cannot be changed
) -> Rendered:
    """Render all targets of a checked-out tree as this node would have them.

    Args:
        fleet: where the facts come from.
        tree: from :func:`checked_out`.
        environ: the environment; the user's own chezmoi configuration is left out.
        answers: the node's, to the prompts of its config template.
    """
    need_chezmoi(environ)
    with scratch.folder() as home:
        facts = os.path.join(home, "facts.json")
        with open(facts, "w", encoding="utf-8") as file:
            file.write(assumed_json(fleet, node, known))
        inner = {k: v for k, v in environ.items() if not k.startswith("XDG_")} | {"HOME": home}
        common = ["chezmoi", "--source", tree, "--destination", home, "--no-tty", "--color=off"]
        common += ["--override-data-file", facts]
        words, problem, unanswered = _config(common, node, tree, home, inner, answers)
        if problem:
            return Rendered({}, problem)
        words += ["archive", "--format=tar", "--exclude=externals,scripts,encrypted"]
        # In our session, since what a template calls may ask for a password.
        done = programs.run([*common, *words], inner, session=False)
        if done.code:
            return Rendered({}, _last(done.error_text, tree))
        return Rendered(_unpacked(done.stdout), unanswered=unanswered)


def _config(
    common: list[str], node: Node, tree: str, home: str, environ: Mapping[str, str], answers: Answers
) -> tuple[list[str], str, tuple[str, ...]]:
    """Make the config of the tree's template, without its hooks.

    Returns:
        chezmoi's option, a problem, and the prompts that have no answer.
    """
    template = _template(tree)
    earlier = os.path.join(home, "earlier.json")
    with open(earlier, "w", encoding="utf-8") as written:
        json.dump({"data": answers.data}, written)
    if not template:
        return ["--config", earlier], "", ()
    # 'chezmoi init' would run its hooks. A prompt gets its default, else its own text.
    kind = os.path.basename(template).removeprefix(".chezmoi.").removesuffix(".tmpl")
    stripped = os.path.join(home, "config.json")
    with open(template, "rb", opener=regular) as file:
        text = file.read()
    words = ["--config", earlier, "execute-template", "--init"]
    words += prompts.options(node.variables, answers.given)
    done = programs.run([*common, *words], environ, stdin=text or b"\n", cwd=home, session=False)
    if done.code:
        return [], _last(done.error_text, tree), ()
    try:
        # JSON is YAML.
        config = tomllib.loads(done.text) if kind == "toml" else yaml.safe_load(done.text) or {}
        kept = {key: value for key, value in config.items() if key not in _NOT_HERE}
        kept["data"] = kept.get("data") or {}  # without any, chezmoi 2.66 and 2.67 take no facts
    except (AttributeError, ValueError, yaml.YAMLError) as error:
        return [], f"the config made of {os.path.basename(template)}: {error}", ()
    with open(stripped, "w", encoding="utf-8") as written:
        json.dump(kept, written, default=str)
    told = {**dict(node.variables), **answers.given}
    return ["--config", stripped], "", prompts.unanswered(text.decode("utf-8", "replace"), told, answers.data)


# Of a config: what would run something here, and where chezmoi lies when it is rendered.
_NOT_HERE = frozenset({"hooks", "textConv", "sourceDir", "workingTree", "destDir", "persistentState"})


def _template(tree: str) -> str:
    root = tree
    path = os.path.join(tree, ".chezmoiroot")
    with suppress(OSError), open(path, encoding="utf-8", opener=regular) as file:
        root = os.path.join(tree, file.read().strip())
    found = glob.glob(os.path.join(glob.escape(root), ".chezmoi.*.tmpl"))
    return min(found, default="")


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
