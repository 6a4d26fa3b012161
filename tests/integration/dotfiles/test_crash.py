"""The crash matrix: the node's program is killed at every step, and the node is found whole again.

Each case: a change is begun (or undone, confirmed, rolled back), the program is killed with -9 right
after one of its steps, and then one of the ways back comes: a reboot with the check at boot, the
next contact after a reboot, or the next contact after the deadline. What must hold then: wholly
on the new revision and confirmed, or byte for byte as before; chezmoi's status clean; no lock, no
process and no half of anything left.
"""

from __future__ import annotations

import os
import random
import re
import shutil
import signal
import subprocess
import time
from collections.abc import Iterator

import pytest

from stentor.dotfiles import program
from tests.integration.dotfiles.practice import FACTS, SHELLS, START, Home, Manifest, chezmois, some_chezmoi

STEPS = re.findall(r"^\s+step ([a-z-]+)$", program.node_program(), re.MULTILINE)
UNDO = (
    "rolling",
    "undo-stopped",
    "undo-state",
    "undo-new",
    "undo-files",
    "undo-folders",
    "undone",
    "concluding",
    "concluded",
)
BEGIN = (
    "prepared",
    "fetched",
    "checked-out",
    "snapshotted",
    "written",
    "armed",
    "published",
    "boot-armed",
    "performed",
    "waiting",
)
CONFIRM = ("confirmed", "concluding", "concluded")
ROLLBACK = ("prepared", "snapshotted", "written", "armed", "published", "boot-armed", "performed", "waiting")
WAYS_BACK = ("boot", "contact after a reboot", "contact after the deadline")

OLD = {
    "dot_zshrc": "export A=1\n",
    "dot_config/tool/settings.tmpl": "{{ .stentor.alias }} one\n",
    "dot_config/tool/exact_plugins/a": "a\n",
    "dot_link": "a file\n",
    ".chezmoiignore": "README.md\n",
    "README.md": "mine\n",
}
NEW = {
    "dot_zshrc": "export A=2\n",
    "dot_config/tool/settings.tmpl": "{{ .stentor.alias }} two\n",
    "dot_config/tool/exact_plugins/a": None,
    "dot_config/tool/exact_plugins/b": "b\n",
    "dot_config/fresh/deep/file": "new\n",
    "dot_link": None,
    "symlink_dot_link": ".zshrc\n",
    "executable_dot_run": "#!/bin/sh\n",
    ".chezmoiremove": ".unwanted\n",
}


class World:
    """One prepared home, put back as it was between the cases of a worker."""

    def __init__(self, folder: str, chezmoi: str) -> None:
        self.home = Home(folder, chezmoi=chezmoi)
        self.old = self.home.commit(OLD)
        self.home.clone()
        self.home.write(os.path.join(self.home.home, ".unwanted"), "goes\n")
        self.home.write(os.path.join(self.home.home, ".untouched"), "stays\n", 0o600)
        assert self.home.begin(self.old, op="first").code == 0
        assert self.home.confirm("first").code == 0
        assert self.home.run("settle", op="first").all("state") == ["confirmed"]
        self.new = self.home.commit(NEW)
        self.before = self.home.manifest()
        self.pristine = os.path.join(folder, "pristine")
        shutil.copytree(self.home.home, self.pristine, symlinks=True)
        self.home.begin(self.new, op="trial")
        self.home.confirm("trial")
        self.home.run("settle", op="trial")
        self.after = self.home.manifest()
        self.changed = os.path.join(folder, "changed")
        shutil.copytree(self.home.home, self.changed, symlinks=True)
        assert self.before != self.after

    def fresh(self, shell: str, *, at: str = "before") -> Home:
        self.home.kill_all()
        shutil.rmtree(self.home.home)
        shutil.copytree(self.pristine if at == "before" else self.changed, self.home.home, symlinks=True)
        self.home.write(self.home.boot, "first-boot\n")
        self.home.shell = shell
        return self.home

    def assert_whole(self, *, allowed: tuple[str, ...]) -> None:
        home = self.home
        found = home.manifest()
        which = "before" if found == self.before else "after" if found == self.after else "neither"
        assert which in allowed, difference(found, self.before, self.after)
        applied = self.old if which == "before" else self.new
        with open(home.state("applied")) as file:
            assert file.read().split()[0] == applied
        assert not os.path.exists(home.state("pending"))
        assert not os.path.exists(home.state("new"))
        lock = subprocess.run(["flock", "-n", home.state("lock"), "true"])
        assert lock.returncode == 0
        source = home.git("rev-parse", "HEAD", cwd=os.path.join(home.home, ".local/share/chezmoi"))
        assert source == applied
        assert home.chezmoi("status") == ""
        deadline = time.monotonic() + 5
        while home.processes() and time.monotonic() < deadline:
            time.sleep(0.05)
        assert home.processes() == []


def difference(found: Manifest, before: Manifest, after: Manifest) -> str:
    lines = []
    for key in sorted({*found, *before, *after}):
        if found.get(key) != before.get(key) or found.get(key) != after.get(key):
            lines.append(f"{key}: found {found.get(key)}, before {before.get(key)}, after {after.get(key)}")
    return "\n".join(lines)


def killed_at(step: str) -> str:
    """The program, with a kill -9 of itself right after this step."""
    return killed_text(program.compose(facts=FACTS), step)


def killed_text(text: str, step: str) -> str:
    """The same for a program with other facts."""
    plain = 'step() { say "step $1"; }'
    assert plain in text
    return text.replace(plain, f'step() {{ say "step $1"; [ "$1" != {step} ] || kill -9 $$; }}')


def come_back(home: Home, way: str) -> None:
    if way == "contact after the deadline":
        if os.path.isdir(home.state("pending")):
            home.write(home.state("pending/until"), "0\n")
    else:
        home.reboot()
    if way == "boot":
        home.run("boot")
    for _ in range(100):
        if not home.run("settle", op="x").all("refused"):
            break
        time.sleep(0.05)  # a child of the killed program may hold the lock for some milliseconds more
    home.kill_sleepers_of_nobody()


class Worlds:
    """One world for each chezmoi, made when it is first needed by a worker."""

    def __init__(self, factory: pytest.TempPathFactory) -> None:
        self.factory = factory
        self.made: dict[str, World] = {}

    def of(self, chezmoi: str) -> World:
        if chezmoi not in self.made:
            self.made[chezmoi] = World(str(self.factory.mktemp("world")), chezmoi)
        return self.made[chezmoi]


@pytest.fixture(scope="session")
def worlds(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Worlds]:
    worlds = Worlds(tmp_path_factory)
    yield worlds
    for world in worlds.made.values():
        world.home.kill_all()


@pytest.fixture
def world(worlds: Worlds) -> World:
    return worlds.of(some_chezmoi())


def test_every_step_is_in_the_matrix() -> None:
    covered = {*UNDO, *BEGIN, *CONFIRM, *ROLLBACK, "adopted", "configured"}
    assert set(STEPS) == covered


@pytest.mark.parametrize("way", WAYS_BACK)
@pytest.mark.parametrize("shell", SHELLS)
@pytest.mark.parametrize("step", BEGIN)
def test_killed_while_beginning(world: World, step: str, shell: str, way: str) -> None:
    home = world.fresh(shell)
    answer = home.begin(world.new, op="crash", text=killed_at(step))
    assert answer.code == -signal.SIGKILL
    assert answer.lines[-1] == f"step {step}"
    come_back(home, way)
    world.assert_whole(allowed=("before",))


@pytest.mark.parametrize("step", BEGIN)
def test_killed_while_beginning_with_the_lowest_chezmoi(worlds: Worlds, step: str) -> None:
    if len(chezmois()) < 2:
        pytest.skip("one chezmoi is enough for a machine of yours: the matrix has run with it")
    world = worlds.of(chezmois()[0])
    home = world.fresh("dash")
    assert home.begin(world.new, op="crash", text=killed_at(step)).code == -signal.SIGKILL
    come_back(home, "boot")
    world.assert_whole(allowed=("before",))


@pytest.mark.parametrize("way", WAYS_BACK[:2])
@pytest.mark.parametrize("shell", SHELLS)
@pytest.mark.parametrize("step", UNDO)
def test_killed_while_undoing(world: World, step: str, shell: str, way: str) -> None:
    home = world.fresh(shell)
    assert home.begin(world.new, op="crash").code == 0
    answer = home.run("revert", op="crash", text=killed_at(step))
    assert answer.code == -signal.SIGKILL
    come_back(home, way)
    world.assert_whole(allowed=("before",))


@pytest.mark.parametrize("way", WAYS_BACK)
@pytest.mark.parametrize("shell", SHELLS)
@pytest.mark.parametrize("step", CONFIRM)
def test_killed_while_confirming(world: World, step: str, shell: str, way: str) -> None:
    home = world.fresh(shell)
    assert home.begin(world.new, op="crash").code == 0
    verb = "confirm" if step == "confirmed" else "settle"
    if verb == "settle":
        assert home.confirm("crash").code == 0
    answer = home.run(verb, op="crash", token="t", text=killed_at(step))
    assert answer.code == -signal.SIGKILL
    come_back(home, way)
    world.assert_whole(allowed=("after",))


@pytest.mark.parametrize("way", WAYS_BACK)
@pytest.mark.parametrize("shell", SHELLS)
@pytest.mark.parametrize("step", ROLLBACK)
def test_killed_while_rolling_back(world: World, step: str, shell: str, way: str) -> None:
    home = world.fresh(shell, at="after")
    answer = home.run("rollback", op="crash", token="t", text=killed_at(step))
    assert answer.code == -signal.SIGKILL
    come_back(home, way)
    world.assert_whole(allowed=("after",))


@pytest.mark.parametrize("seed", range(30))
@pytest.mark.parametrize("whole_group", [True, False], ids=["with its children", "alone"])
def test_killed_at_any_moment(world: World, seed: int, whole_group: bool) -> None:
    """Not at a step but after some milliseconds, wherever that is; chezmoi may live on."""
    chance = random.Random(seed)
    home = world.fresh(chance.choice(list(SHELLS)))
    process = subprocess.Popen(
        [
            *SHELLS[home.shell],
            "-c",
            START,
            "stentor",
            "begin",
            "op=crash",
            f"rev={world.new}",
            "token=t",
            "limit=30",
        ],
        env=home.environment,
        stdin=subprocess.PIPE,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        start_new_session=True,
    )
    assert process.stdin is not None
    process.stdin.write(program.compose(facts=FACTS).encode())
    process.stdin.close()
    time.sleep(chance.uniform(0, 0.3))
    if whole_group:
        os.killpg(process.pid, signal.SIGKILL)
    else:
        process.kill()
    process.wait()
    come_back(home, chance.choice(WAYS_BACK))
    world.assert_whole(allowed=("before",))
