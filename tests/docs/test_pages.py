"""README and docs are run: every command shown, in real shells, on practice nodes."""

from __future__ import annotations

import glob
import os
import shlex
import subprocess
import sys
from collections.abc import Callable
from typing import Any

import pytest

from tests.docs import walk
from tests.docs.pages import Block, Command, blocks, missing, plain
from tests.support import ROOT

PAGES = [
    "README.md",
    *sorted(os.path.relpath(p, ROOT) for p in glob.glob(f"{ROOT}/docs/**/*.md", recursive=True)),
]

WALK = "docs/dotfiles-walk.md"  # some ten rollouts, so it may take longer
REMOTE = "https://github.com/you/dotfiles.git"


def read(page: str) -> list[Block]:
    with open(f"{ROOT}/{page}", encoding="utf-8") as file:
        return blocks(file.read())


def having(language: str) -> list[str]:
    return [page for page in PAGES if any(block.language == language for block in read(page))]


@pytest.fixture
def world(
    make_lab: Callable[..., Any], environ: dict[str, str], request: pytest.FixtureRequest
) -> dict[str, str]:
    """A HOME of its own, and a practice fleet of five with two down; for the walk, dotfiles too.

    What a page names as the remote of the dotfiles is a repository here.
    """
    walks = request.node.callspec.params.get("page") == WALK
    lab = make_lab()
    environ = {**environ, "STENTOR_FLEET": str(lab.fleet_dir), "COLUMNS": "100"}
    remote = f"{environ['HOME']}/remote"
    subprocess.run(["git", "init", "-q", "-b", "main", remote], env=environ, check=True)
    name = ["-c", "user.name=n", "-c", "user.email=n@example.org"]
    commit = ["git", *name, "commit", "-q", "--allow-empty", "-m", "first"]
    subprocess.run(commit, cwd=remote, env=environ, check=True)
    environ |= {
        "GIT_CONFIG_COUNT": "1",
        "GIT_CONFIG_KEY_0": f"url.{remote}.insteadOf",
        "GIT_CONFIG_VALUE_0": REMOTE,
    }
    return walk.prepare(lab, environ) if walks else environ


@pytest.mark.timeout(320)
@pytest.mark.parametrize("page", having("console"))
def test_console(page: str, world: dict[str, str]) -> None:
    """All blocks of a page run in one shell, one after the other, as a reader would type them."""
    commands: list[Command] = []
    script = "set +e\n"
    for block in read(page):
        if block.language != "console" or block.excluded:
            continue
        for command in block.commands():
            if not block.compared:
                command = command._replace(shown=())
            mark = f"\x01{len(commands)}"
            # On a file descriptor of its own, so that a command's redirections leave it alone.
            script += (
                f"{{ eval {shlex.quote(command.typed)}\n}} </dev/null 2>&1; printf '\\n{mark} %d\\n' $?\n"
            )
            commands.append(command)
    limit = 300 if page == WALK else 110
    done = subprocess.run(
        ["bash", "-c", script], env=world, cwd=world["HOME"], capture_output=True, text=True, timeout=limit
    )
    rest, wrong = done.stdout, []
    for number, command in enumerate(commands):
        said, found, rest = rest.partition(f"\n\x01{number} ")
        assert found, f"{page}:{command.line}: the shell ended before: {command.typed}\n{said}\n{done.stderr}"
        code, _, rest = rest.partition("\n")
        lost = missing(command.shown, said)
        if int(code) != command.code or lost:
            expected = f"exit code {command.code}" + (
                f" and the line {lost!r} ({plain(lost)!r})" if lost else ""
            )
            wrong.append(
                f"{page}:{command.line}: $ {command.typed}\nwants {expected}; exit code {code}:\n{said}"
            )
    assert not wrong, "\n\n".join(wrong)


@pytest.mark.parametrize("page", having("python"))
def test_python(page: str, world: dict[str, str]) -> None:
    """All Python of a page is one program."""
    program = "\n".join(b.text for b in read(page) if b.language == "python" and not b.excluded)
    done = subprocess.run(
        [sys.executable, "-W", "error", "-c", program],
        env=world,
        cwd=world["HOME"],
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0, done.stderr


def test_no_command_hides_from_being_run() -> None:
    """A stentor command is shown in a console block; what is not run says why (see tests/docs/pages.py)."""
    hidden = [
        f"{page}:{block.line}: {line}"
        for page in PAGES
        if not page.startswith("docs/commands/")  # what the parser prints
        for block in read(page)
        if block.language in ("sh", "bash", "shell", "text") and not block.excluded
        for line in block.text.splitlines()
        if line.lstrip("$ ").startswith("stentor ")
    ]
    assert hidden == []


def test_reading() -> None:
    """The reader itself: continuation, output, remarks, indentation."""
    first = "<!-- exits 4 -->\n```console\n$ a \\\n  b\nout 1\n...\n$ c\n```\n"
    text = f"# Title\n\n{first}\n- x\n\n  ```sh\n  d\n  ```\n"
    console, sh = blocks(text)
    assert [command.typed for command in console.commands()] == ["a \\\n  b", "c"]
    assert console.commands()[0].shown == ("out 1", "...")
    assert [command.code for command in console.commands()] == [0, 4]
    assert (sh.language, sh.text) == ("sh", "d\n")
    assert missing(("up  12 ms", "...", "down"), "first\nup   3.5 ms\nsecond\ndown\n") == ""
    assert missing(("b", "a"), "a\nb\n") == "a"
