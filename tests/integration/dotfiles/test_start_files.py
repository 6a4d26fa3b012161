"""A plan starts a login to know its environment: what the start files write there is thrown away."""

from __future__ import annotations

import os
import re
import signal
import subprocess
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from stentor.dotfiles import program
from tests.integration.dotfiles.practice import FACTS, SHELLS, START, Home
from tests.support import light_folder, need
from tests.watching import watching

pytestmark = pytest.mark.integration

WRITES = """export MINE=of-the-login
date >>~/logins.log
mkdir -p ~/.cache/prompt && date >~/.cache/prompt/now
rm -f ~/used-once
cd && echo >beside
"""


@pytest.fixture(params=["bash", "exec zsh"])
def home(request: pytest.FixtureRequest, tmp_path: Path) -> Home:
    """A node whose shells write at every login, with a change to be planned that shows their environment."""
    home = Home(str(tmp_path))
    home.extra["SHELL"] = "/bin/bash"
    home.write(f"{home.home}/.bash_profile", ". ~/.bashrc\n")
    more = "case $- in *i*) exec zsh ;; esac\n" if request.param == "exec zsh" else ""
    home.write(f"{home.home}/.bashrc", WRITES + more)
    home.write(f"{home.home}/.zshrc", WRITES)
    for name in ("logins.log", "used-once"):
        home.write(f"{home.home}/{name}", "of before\n")
    home.commit({"dot_one": "1\n"})
    home.clone()
    home.commit({"dot_mine.tmpl": '{{ env "MINE" }}\n'})
    return home


def entries(home: Home) -> dict[str, tuple[int, int, int]]:
    """Each file and folder of the home: inode, size, and when it was changed."""
    found = {}
    for base, folders, files in os.walk(home.home):
        for name in (".", *folders, *files):
            status = os.lstat(os.path.join(base, name))
            found[os.path.join(base, name)] = (status.st_ino, status.st_size, status.st_ctime_ns)
    return found


def head(home: Home) -> str:
    return home.git("rev-parse", "HEAD")


@pytest.mark.parametrize("sh", SHELLS)
def test_a_plan_touches_nothing_of_the_home(home: Home, sh: str) -> None:
    need("unshare", "zsh")
    home.shell = sh
    before = entries(home)
    with watching(home.home, f"{home.home}/.local/share/chezmoi") as seen:
        answer = home.run("plan", rev=head(home), branch="main")
    assert answer.lines[-1] == "end 0", answer
    assert "diff +of-the-login" in answer.lines
    assert answer.all("warning") == []
    assert seen == []
    assert entries(home) == before
    home.kill_all()


def test_where_no_layer_is_to_be_had_the_plan_says_so_once(home: Home) -> None:
    text = re.sub(r"unshare (?=-|\$)", "false ", program.compose(facts=FACTS))
    answer = home.run("plan", rev=head(home), branch="main", text=text)
    assert answer.lines[-1] == "end 0", answer
    assert "diff +of-the-login" in answer.lines
    said = [line for line in answer.all("warning") if "what the start files write" in line]
    assert len(said) == 1, answer
    assert len((Path(home.home) / "logins.log").read_text().splitlines()) > 1
    home.kill_all()


@pytest.fixture
def temporary() -> Iterator[Path]:
    """A folder for temporary files with a short name: sockets are made below it."""
    with tempfile.TemporaryDirectory(prefix="s-", dir=light_folder()) as folder:
        yield Path(folder)


@pytest.mark.parametrize("killed", ["TERM", "INT", "HUP", "KILL"])
def test_a_plan_that_is_killed_in_its_login_leaves_the_home_as_it_was(
    home: Home, temporary: Path, killed: str
) -> None:
    with open(f"{home.home}/.bashrc", "a") as file:
        file.write(f"echo >{home.folder}/came-so-far\nsleep 300\n")
    with open(f"{home.home}/.zshrc", "a") as file:
        file.write(f"echo >{home.folder}/came-so-far\nsleep 300\n")
    home.extra["TMPDIR"] = str(temporary)
    before = entries(home)
    process = subprocess.Popen(
        ["sh", "-c", START, "stentor", "plan", f"rev={head(home)}", "branch=main"],
        stdin=subprocess.PIPE,
        stdout=subprocess.DEVNULL,
        env=home.environment,
        start_new_session=True,
    )
    assert process.stdin is not None
    process.stdin.write(program.compose(facts=FACTS).encode())
    process.stdin.close()
    while not os.path.exists(f"{home.folder}/came-so-far"):
        assert process.poll() is None
        time.sleep(0.02)
    os.killpg(process.pid, getattr(signal, f"SIG{killed}"))
    process.wait(60)
    while killed != "KILL" and home.processes():
        time.sleep(0.02)  # the last one may be on its way out
    home.kill_all()
    assert entries(home) == before
    assert killed == "KILL" or list(temporary.iterdir()) == []
