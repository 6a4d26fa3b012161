"""The node's program is killed between two of its commands where no step of the crash matrix is.

Above all while the clone moves: its submodules have moved and are on no branch yet; and where a step is done
more than once: the matrix kills at the first time, which is the home's, and not at the clone's.
"""

from __future__ import annotations

import os
import re
import shutil
import signal
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from stentor.dotfiles import program
from tests.integration.dotfiles.practice import FACTS, Home
from tests.integration.dotfiles.steps import PLAIN, UNDO
from tests.integration.dotfiles.test_crash import WAYS_BACK, come_back
from tests.parity import Parity, Side, differences

pytestmark = pytest.mark.integration

CLONE = ".local/share/chezmoi"
CONFIG = "[protocol.file]\nallow = always\n[advice]\ndetachedHead = false\n"
MADE = """
for n in deep lib; do git init -q -b main "$n"; done
(cd deep; echo 1 >p; git add .; git commit -qm 1)
(cd lib; echo 1 >p; git submodule --quiet add "$PWD/../deep" deep; git add .; git commit -qm 1)
cd work; git submodule --quiet add "$PWD/../lib" dot_lib; git commit -qm lib
"""
MOVED = """
(cd deep; echo 2 >p; git commit -qam 2)
(cd lib; git -C deep pull -q origin main; echo 2 >p; git commit -qam 2)
cd work; git -C dot_lib pull -q origin main; git -C dot_lib submodule --quiet update --init
"""
# Where the node's program is cut: what is there, and the kill in its place beside it.
DIES = 'kill -9 $(cat "$P/begin") $$'
UPDATES = '  clone_git "$@" >/dev/null 2>>"$scratch/move.err" || return 1\n'
MOVES = {
    "the revision is there, the branch is not moved": ("    [ -z \"$head\" ] || keep_head\n", "{0}    DIE\n"),
    "the branch is moved": ("  follow_upstream\n", "  DIE\n{0}"),
    "the tracking branch is moved": ("&& submodules_follow\n", "&& DIE && submodules_follow\n"),
    "branches of the submodules are known": (UPDATES, "  DIE\n{0}"),
    "submodules are moved and on no branch": (UPDATES, "{0}  DIE\n"),
    "one submodule is on its branch": ('-B "$_on" || return 1\n', "{0}    DIE\n"),
    "all submodules are on their branches": (
        "  [ -z \"$git_dir\" ] || back_on_branches\n", "{0}  DIE\n",
    ),
}  # fmt: skip
MAKES = {
    "an empty repository": ("  clone_git config submodule.active .\n", "  DIE\n{0}"),
    "it has the revision, and no files": ("  clone_git checkout -q -f --no-recurse", "  DIE\n{0}"),
    "it has files, and is not in its place": ("  top=${_new%.part}\n  { [ ! -d", "  DIE\n{0}"),
    "it is in its place, without submodules": ("&& submodules_follow\n", "&& DIE && submodules_follow\n"),
}
DECIDES = {
    "it is noted as applied": ('    forgive "$_rev"\n', "    DIE\n{0}"),
    "what was needed is removed": ('  if [ -f "$P/withdrawn" ]; then\n    mv "$P"', "  DIE\n{0}"),
}
REVERTS = {
    "the home is put back, the clone is not": ('restore "$P/home" && ', "{0}DIE && "),
    "it is not yet noted as undone": ('  mv "$P/rolling" "$P/undone"\n', "  DIE\n{0}"),
}
TWICE = tuple(step for step in UNDO if step.startswith("undo-") and step != "undo-stopped")


def cut(place: tuple[str, str], dies: str = DIES) -> str:
    there, becomes = place
    text = program.compose(facts=FACTS)
    assert text.count(there) == 1, there
    return text.replace(there, becomes.format(there).replace("DIE", dies))


def cut_at_second(step: str) -> str:
    text = program.compose(facts=FACTS)
    assert PLAIN in text
    counted = f'[ "$1" != {step} ] || {{ [ -z "${{once-}}" ] || kill -9 $$; once=yes; }}'
    return text.replace(PLAIN, f'step() {{ say "step $1"; {counted}; }}')


def text_for(home: Home, script: str, at: str) -> None:
    subprocess.run(["sh", "-euc", script], cwd=at, env=home.environment, check=True)


class Modules:
    """A node whose clone has a submodule with another one in it; somebody has put both on a branch."""

    def __init__(self, folder: Path) -> None:
        home = self.home = Home(str(folder))
        home.signers = os.path.join(home.folder, "gitconfig")
        home.write(home.signers, CONFIG)
        text_for(home, MADE, home.folder)
        first = home.commit({"dot_x": "1\n"})
        self.parity = Parity(home)
        self.bare = self._kept("bare")
        home.chezmoi("init", "--apply", self.parity.url)
        here = os.path.join(home.home, CLONE)
        text_for(home, "git submodule --quiet foreach --recursive git checkout -q -B main", here)
        assert home.begin(first, op="first", remote=self.parity.url).code == 0
        home.run("settle", op="first")
        text_for(home, MOVED, home.folder)
        self.new = home.commit({"dot_x": "2\n"})
        self.before = self._kept("before")
        assert home.begin(self.new, op="crash", remote=self.parity.url).all("begun") == ["crash"]
        home.kill_all()
        self.waiting = self._kept("waiting")
        assert home.confirm("crash").all("state") == ["confirmed"]
        self.after = self._kept("after")
        assert "refs/heads/main" in self.after[1].clone["their branches"]
        assert self.before[1].clone["submodules"] != self.after[1].clone["submodules"]

    def _kept(self, name: str) -> tuple[str, Side]:
        place = os.path.join(self.home.folder, f"kept-{name}")
        subprocess.run(["cp", "-a", self.home.home, place], check=True)
        return place, self.parity.side()

    def at(self, state: tuple[str, Side]) -> Home:
        self.home.kill_all()
        shutil.rmtree(self.home.home)
        subprocess.run(["cp", "-a", state[0], self.home.home], check=True)
        self.home.write(self.home.boot, "first-boot\n")
        return self.home

    def begin(self, text: str) -> Any:
        return self.home.begin(self.new, op="crash", remote=self.parity.url, text=text)

    def assert_is(self, state: tuple[str, Side]) -> None:
        assert [*differences(self.parity.side(), state[1])] == []
        for name in ("pending", "new"):
            assert not os.path.exists(self.home.state(name))
        assert not os.path.exists(os.path.join(self.home.home, f"{CLONE}.part"))
        self.home.kill_all()


@pytest.fixture(scope="module")
def modules(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Modules]:
    made = Modules(tmp_path_factory.mktemp("between"))
    yield made
    made.home.kill_all()


def turn(name: str) -> str:
    return WAYS_BACK[len(name) % len(WAYS_BACK)]


@pytest.mark.parametrize("where", MOVES)
def test_killed_while_the_clone_moves(modules: Modules, where: str) -> None:
    home = modules.at(modules.before)
    answer = modules.begin(cut(MOVES[where]))
    assert (answer.code, answer.lines[-1]) == (-signal.SIGKILL, "step published"), answer
    come_back(home, turn(where))
    modules.assert_is(modules.before)


@pytest.mark.parametrize("where", MAKES)
def test_killed_while_the_clone_is_made(modules: Modules, where: str) -> None:
    home = modules.at(modules.bare)
    answer = modules.begin(cut(MAKES[where]))
    assert (answer.code, answer.lines[-1]) == (-signal.SIGKILL, "step published"), answer
    come_back(home, turn(where))
    modules.assert_is(modules.bare)


@pytest.mark.parametrize("verb", ["confirm", "keep"])
@pytest.mark.parametrize("where", DECIDES)
def test_killed_while_the_decision_is_noted(modules: Modules, where: str, verb: str) -> None:
    home = modules.at(modules.waiting)
    answer = home.run(verb, op="crash", token="t", text=cut(DECIDES[where], "kill -9 $$"))
    assert answer.code == -signal.SIGKILL, answer
    come_back(home, turn(where + verb))
    modules.assert_is(modules.after)


@pytest.mark.parametrize("where", REVERTS)
def test_killed_between_the_parts_of_a_revert(modules: Modules, where: str) -> None:
    home = modules.at(modules.waiting)
    answer = home.run("revert", op="crash", text=cut(REVERTS[where], "kill -9 $$"))
    assert answer.code == -signal.SIGKILL, answer
    come_back(home, "boot")
    modules.assert_is(modules.before)


@pytest.mark.parametrize("step", TWICE)
def test_killed_while_the_clone_is_put_back(modules: Modules, step: str) -> None:
    home = modules.at(modules.waiting)
    answer = home.run("revert", op="crash", text=cut_at_second(step))
    assert answer.code == -signal.SIGKILL, answer
    assert len(re.findall(rf"(?m)^step {step}$", "\n".join(answer.lines))) == 2
    come_back(home, "boot")
    modules.assert_is(modules.before)
