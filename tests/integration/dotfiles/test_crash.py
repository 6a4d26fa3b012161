"""The crash matrix: the node's program is killed around every step, and the node is found whole again.

Each case: a change is begun (or undone, confirmed, rolled back), the program is killed with -9 right
after one of its steps, and then one of the ways back comes: a reboot with the check at boot, the
next contact after a reboot, or the next contact after the deadline. What must hold then: wholly
on the new revision and confirmed, or byte for byte as before; chezmoi's status clean; no lock, no
process and no half of anything left.
"""

from __future__ import annotations

import fcntl
import os
import random
import shutil
import signal
import subprocess
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from stentor.dotfiles import program
from tests.integration.dotfiles import steps
from tests.integration.dotfiles.practice import (
    FACTS,
    LINUX,
    SHELLS,
    START,
    Home,
    Manifest,
    bsd_userland,
    lowest_chezmoi,
    newest_chezmoi,
)
from tests.integration.dotfiles.steps import ADOPT, CONFIGURED, CONFIRM, ROLLBACK, UNDO, at_step
from tests.support import need_root

BEGIN = tuple(step for step in steps.BEGIN if step != CONFIGURED)
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

    def __init__(
        self,
        folder: str,
        chezmoi: str,
        prepare: Callable[[str], None] = lambda home: None,
        path: str = LINUX,
    ) -> None:
        self.home = Home(folder, chezmoi=chezmoi, path=path)
        prepare(self.home.home)
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
        # A change that waits, as after a power cut: whoever was to end it is dead.
        assert self.home.begin(self.new, op="crash").code == 0
        self.home.kill_all()
        self.waiting = os.path.join(folder, "waiting")
        shutil.copytree(self.home.home, self.waiting, symlinks=True)
        self._fill(self.pristine)
        self.home.begin(self.new, op="trial")
        self.home.confirm("trial")
        self.home.run("settle", op="trial")
        self.after = self.home.manifest()
        self.changed = os.path.join(folder, "changed")
        shutil.copytree(self.home.home, self.changed, symlinks=True)
        assert self.before != self.after

    def fresh(self, shell: str, *, at: str = "before") -> Home:
        self.home.kill_all()
        self._fill({"before": self.pristine, "waiting": self.waiting, "after": self.changed}[at])
        self.home.write(self.home.boot, "first-boot\n")
        self.home.shell = shell
        return self.home

    def _fill(self, chosen: str) -> None:
        for entry in os.scandir(self.home.home):  # the folder itself may be a mount
            shutil.rmtree(entry) if entry.is_dir(follow_symlinks=False) else os.unlink(entry)
        shutil.copytree(chosen, self.home.home, symlinks=True, dirs_exist_ok=True)

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
        with open(home.state("lock")) as lock:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        source = home.git("rev-parse", "HEAD", cwd=os.path.join(home.home, ".local/share/chezmoi"))
        assert source == applied
        assert home.chezmoi("status") == ""
        # A deadline that had just been started when its starter was killed says its name only now.
        deadline = time.monotonic() + 45
        while (left := home.processes()) and time.monotonic() < deadline:
            time.sleep(0.05)
            home.kill_sleepers_of_nobody()
        assert left == [], home.commands()


def difference(found: Manifest, before: Manifest, after: Manifest) -> str:
    lines = []
    for key in sorted({*found, *before, *after}):
        if found.get(key) != before.get(key) or found.get(key) != after.get(key):
            lines.append(f"{key}: found {found.get(key)}, before {before.get(key)}, after {after.get(key)}")
    return "\n".join(lines)


def killed_at(step: str, *, told: bool = True) -> str:
    """The program, with a kill -9 of itself right after this step: after it is told, or before."""
    return at_step(program.compose(facts=FACTS), step, "kill -9 $$", told=told)


def killed_text(text: str, step: str) -> str:
    """The same for a program with other facts."""
    return at_step(text, step, "kill -9 $$")


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

    def __init__(self, playground: Path) -> None:
        self.playground = playground
        self.made: dict[str, World] = {}

    def of(self, chezmoi: str, *, bsd: bool = False) -> World:
        name = f"{'bsd' if bsd else 'world'}-{os.path.basename(chezmoi)}"
        if name not in self.made:
            folder = self.playground / name
            folder.mkdir()
            path = bsd_userland(str(folder / "bin")) if bsd else LINUX
            self.made[name] = World(str(folder), chezmoi, path=path)
        return self.made[name]


@pytest.fixture(scope="session")
def worlds(playground: Path) -> Iterator[Worlds]:
    worlds = Worlds(playground)
    yield worlds
    for world in worlds.made.values():
        world.home.kill_all()


@pytest.fixture
def world(worlds: Worlds) -> World:
    return worlds.of(newest_chezmoi())


def test_every_step_is_in_the_matrix() -> None:
    assert {*steps.BEGIN, *ADOPT, *UNDO, *CONFIRM, *ROLLBACK} == steps.ALL
    assert (BEGIN[0], BEGIN[-1], UNDO[0], CONFIRM[-1]) == ("prepared", "waiting", "rolling", "concluded")


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
    world = worlds.of(lowest_chezmoi())
    home = world.fresh("dash")
    assert home.begin(world.new, op="crash", text=killed_at(step)).code == -signal.SIGKILL
    come_back(home, "boot")
    world.assert_whole(allowed=("before",))


ON_BSD = [("begin", step) for step in BEGIN] + [("revert", step) for step in UNDO]
ON_BSD += [("confirm", step) for step in CONFIRM]


@pytest.mark.parametrize(("verb", "step"), ON_BSD)
def test_killed_where_the_programs_are_those_of_macos(worlds: Worlds, verb: str, step: str) -> None:
    world = worlds.of(newest_chezmoi(), bsd=True)
    home = world.fresh("bash", at="before" if verb == "begin" else "waiting")
    if verb == "begin":
        answer = home.begin(world.new, op="crash", text=killed_at(step))
    else:
        answer = home.run(verb, op="crash", token="t", text=killed_at(step))
    assert answer.code == -signal.SIGKILL, answer
    come_back(home, WAYS_BACK[len(step) % len(WAYS_BACK)])
    world.assert_whole(allowed=("before",) if verb in ("begin", "revert") else ("after",))


@pytest.mark.parametrize("way", WAYS_BACK[:2])
@pytest.mark.parametrize("shell", SHELLS)
@pytest.mark.parametrize("step", UNDO)
def test_killed_while_undoing(world: World, step: str, shell: str, way: str) -> None:
    home = world.fresh(shell, at="waiting")
    answer = home.run("revert", op="crash", text=killed_at(step))
    assert answer.code == -signal.SIGKILL
    come_back(home, way)
    world.assert_whole(allowed=("before",))


@pytest.mark.parametrize("way", WAYS_BACK)
@pytest.mark.parametrize("shell", SHELLS)
@pytest.mark.parametrize("step", CONFIRM)
def test_killed_while_confirming(world: World, step: str, shell: str, way: str) -> None:
    home = world.fresh(shell, at="waiting")
    answer = home.run("confirm", op="crash", token="t", text=killed_at(step))
    assert answer.code == -signal.SIGKILL
    come_back(home, way)
    world.assert_whole(allowed=("after",))


@pytest.mark.parametrize("shell", SHELLS)
@pytest.mark.parametrize("step", CONFIRM[1:])
def test_killed_while_cleaning_up_after_a_killed_confirmation(world: World, step: str, shell: str) -> None:
    home = world.fresh(shell, at="waiting")
    assert home.run("confirm", op="crash", token="t", text=killed_at(CONFIRM[0])).code == -signal.SIGKILL
    assert home.run("settle", op="crash", text=killed_at(step)).code == -signal.SIGKILL
    come_back(home, "boot")
    world.assert_whole(allowed=("after",))


def test_a_list_of_what_was_changed_outlives_a_kill(world: World) -> None:
    """Of two lists one was shortened: what the change left alone must not count as made by it."""
    home = world.fresh("dash", at="waiting")
    text = program.compose(facts=FACTS)
    shortened = 'mv -f "$_slim/before.part" "$_slim/before"'
    assert shortened in text and "SMALL=512" in text
    text = text.replace("SMALL=512", "SMALL=0")  # of a small snapshot nothing is dropped
    killed = text.replace(shortened, f"{shortened}; kill -KILL $$")
    assert home.run("confirm", op="crash", token="t", text=killed).code == -signal.SIGKILL
    assert home.run("settle", op="crash", text=text).all("state") == ["confirmed"]
    world.assert_whole(allowed=("after",))
    for side in ("home", "clone"):
        lists = [Path(home.state(f"history/crash/{side}/{name}")).read_text() for name in ("before", "after")]
        was, became = ({*one.splitlines()} for one in lists)
        assert was | became and not was & became, (side, lists)
    assert home.run("rollback", op="back", token="t", window="60", limit="60").all("begun") == ["back"]
    assert home.confirm("back").code == 0
    world.assert_whole(allowed=("before",))


# Each step with each shell and each revert, but not with all pairs of the two.
TURNS = [
    (step, list(SHELLS)[(turn + number) % len(SHELLS)], way)
    for number, step in enumerate(ROLLBACK)
    for turn, way in enumerate(WAYS_BACK)
]


@pytest.mark.parametrize(("step", "shell", "way"), TURNS)
def test_killed_while_rolling_back(world: World, step: str, shell: str, way: str) -> None:
    home = world.fresh(shell, at="after")
    answer = home.run("rollback", op="crash", token="t", text=killed_at(step))
    assert answer.code == -signal.SIGKILL
    come_back(home, way)
    world.assert_whole(allowed=("after",))


def times(folder: str) -> dict[str, int]:
    """When each file and folder in it was written last, our own state among them."""
    return {path: os.lstat(path).st_mtime_ns for path, _, _ in os.walk(folder)} | {
        place: os.lstat(place).st_mtime_ns
        for path, _, names in os.walk(folder)
        for place in (os.path.join(path, name) for name in names)
    }


@pytest.mark.parametrize("shell", SHELLS)
def test_a_look_at_a_rollback_writes_nothing(world: World, shell: str) -> None:
    home = world.fresh(shell, at="after")
    before = times(home.home)
    answer = home.run("preview_rollback")
    assert answer.code == 0, answer
    assert times(home.home) == before
    assert set(answer.all("change")) == {
        " M .zshrc",
        " M .config/tool/settings",
        " A .config/tool/plugins/a",
        " D .config/tool/plugins/b",
        " D .config/fresh/deep/file",
        " M .link",
        " D .run",
        " A .unwanted",
    }
    diff = answer.all("diff")
    assert [line for line in diff if line[:2] in ("-e", "+e")] == ["-export A=2", "+export A=1"]
    assert {"--- a/.zshrc", "+++ b/.zshrc", "-one two", "+one one", "+goes"} <= set(diff)
    assert not answer.all("conflict")


STEPS_OF = [*(("begin", step) for step in BEGIN), *(("rollback", step) for step in ROLLBACK)]
STEPS_OF += [*(("revert", step) for step in UNDO), *(("confirm", step) for step in CONFIRM)]


@pytest.mark.parametrize(("verb", "step"), STEPS_OF)
def test_killed_before_a_step_is_told(world: World, verb: str, step: str) -> None:
    home = world.fresh("dash", at="after" if verb == "rollback" else "before")
    if verb not in ("begin", "rollback"):
        assert home.begin(world.new, op="crash").code == 0
    text = killed_at(step, told=False)
    options = {"rev": world.new} if verb == "begin" else {}
    answer = home.run(verb, op="crash", token="t", text=text, **options)
    assert answer.code == -signal.SIGKILL
    assert f"step {step}" not in answer.lines
    come_back(home, "boot")
    world.assert_whole(allowed=("before",) if verb in ("begin", "revert") else ("after",))


@pytest.mark.parametrize("shell", SHELLS)
@pytest.mark.parametrize("step", BEGIN)
def test_nobody_listens_any_more(world: World, step: str, shell: str) -> None:
    """The controller dies after it has read a step: the node's next word goes nowhere."""
    home = world.fresh(shell)
    words = ["begin", "op=crash", f"rev={world.new}", "token=t", "limit=30", "window=30"]
    process = subprocess.Popen(
        [*SHELLS[shell], "-c", START, "stentor", *words],
        env=home.environment,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        start_new_session=True,
    )
    assert process.stdin is not None
    assert process.stdout is not None
    process.stdin.write(program.compose(facts=FACTS).encode())
    process.stdin.close()
    for line in process.stdout:
        if line == f"step {step}\n".encode():
            break
    process.stdout.close()
    process.wait(30)
    come_back(home, "contact after a reboot")
    world.assert_whole(allowed=("before",))


@pytest.mark.parametrize("way", WAYS_BACK)
@pytest.mark.parametrize("step", ADOPT)
def test_killed_while_adopting(world: World, step: str, way: str) -> None:
    """Nothing differs, so no login is at stake: the revision counts from the rename on."""
    home = world.fresh("dash")
    new = [name for name in NEW if name not in OLD and os.path.exists(os.path.join(home.work, name))]
    same = home.commit({**OLD, "README.md": f"{step} {way}\n", **dict.fromkeys(new)})
    answer = home.begin(same, op="crash", text=killed_at(step))
    assert answer.lines[-1] == f"step {step}"
    come_back(home, way)
    assert home.manifest() == {**world.before, **source_files(home)}
    with open(home.state("applied")) as file:
        assert file.read().split()[0] == same
    assert not os.path.exists(home.state("pending"))


def source_files(home: Home) -> Manifest:
    clone = ".local/share/chezmoi"
    return {key: value for key, value in home.manifest().items() if key.startswith(clone)}


@pytest.mark.parametrize("way", WAYS_BACK)
def test_killed_when_the_config_was_made_anew(world: World, way: str) -> None:
    home = world.fresh("dash")
    template = ".chezmoi.toml.tmpl"
    revision = home.commit(
        {template: f"[data]\n  way = {way!r}\n".replace("'", '"'), "dot_zshrc": "{{ .way }}"}
    )
    try:
        answer = home.begin(revision, op="crash", text=killed_at(CONFIGURED), reinit="yes")
        assert answer.lines[-1] == f"step {CONFIGURED}"
        come_back(home, way)
        world.assert_whole(allowed=("before",))
    finally:
        home.commit({template: None})


def test_killed_while_a_file_is_half_written(world: World, tmp_path: Path) -> None:
    """chezmoi's half of a file must not stay in the home, wherever TMPDIR is (/tmp is often a tmpfs)."""
    home = world.fresh("dash")
    places = (str(tmp_path), "/dev/shm", "/tmp")
    elsewhere = next(place for place in places if os.stat(place).st_dev != os.stat(home.home).st_dev)
    revision = home.commit({"dot_big": "x" * 40_000_000})
    words = ["begin", "op=crash", f"rev={revision}", "token=t", "limit=60", "window=60"]
    process = subprocess.Popen(
        [*SHELLS["dash"], "-c", START, "stentor", *words],
        env={**home.environment, "TMPDIR": elsewhere},
        stdin=subprocess.PIPE,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        start_new_session=True,
    )
    assert process.stdin is not None
    process.stdin.write(program.compose(facts=FACTS).encode())
    process.stdin.close()
    deadline = time.monotonic() + 60
    while process.poll() is None and time.monotonic() < deadline:
        folders = [folder for folder in (home.home, home.state("pending/tmp")) if os.path.isdir(folder)]
        if any(name.startswith((".big", "..big")) for folder in folders for name in os.listdir(folder)):
            break
    home.kill_all()
    process.wait()
    try:
        come_back(home, "boot")
        world.assert_whole(allowed=("before",))
    finally:
        home.commit({"dot_big": None})


FAULTS = {
    # Twice what the small file system holds, and no more should it not be there.
    "full disk": 'dd if=/dev/zero of="$HOME/.local/state/stentor/filler" bs=4k count=4096 2>/dev/null',
    # A mount of its own on top: one with files open for writing cannot be made read-only.
    "read-only home": 'mount --bind "$HOME" "$HOME" && mount -o remount,bind,ro "$HOME"',
}


@pytest.fixture(scope="module")
def small_world(tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    """A world whose home is a small file system of its own."""
    need_root()

    def mount(home: str) -> None:
        done = subprocess.run(["mount", "-t", "tmpfs", "-o", "size=8m", "tmpfs", home], capture_output=True)
        if done.returncode:
            pytest.skip("nothing can be mounted here")

    world = World(str(tmp_path_factory.mktemp("small")), newest_chezmoi(), mount)
    yield world
    world.home.kill_all()
    subprocess.run(["umount", "-l", world.home.home], check=True)


@pytest.mark.parametrize("fault", FAULTS)
@pytest.mark.parametrize("step", BEGIN)
def test_the_home_cannot_be_written_from_a_step_on(small_world: World, step: str, fault: str) -> None:
    home = small_world.fresh("dash")
    assert os.path.ismount(home.home)
    text = at_step(program.compose(facts=FACTS), step, f"{{ {FAULTS[fault]} || :; }}")
    answer = home.begin(small_world.new, op="crash", text=text)
    if fault == "read-only home":
        subprocess.run(["umount", "-l", home.home], check=True)  # a sleeper may hold its program open
    filler = os.path.join(home.home, ".local/state/stentor/filler")
    if os.path.exists(filler):
        os.unlink(filler)
    if step in ("performed", "waiting"):
        assert answer.all("begun") == ["crash"] or answer.code == 1
    elif answer.code == 0:
        assert fault == "full disk"  # what it needed was reserved, or already there
    else:
        told = [*answer.all("failed"), *answer.all("refused"), *answer.all("reverted")]
        assert told, answer
    come_back(home, "contact after a reboot")
    small_world.assert_whole(allowed=("before",))


@pytest.mark.parametrize(
    ("harm", "step"),
    [
        ('mv -f "$@" "$_to/${_below#./}/"', "performed"),
        ('rm -f "$@" 2>/dev/null', "performed"),
        ('undo "the node went down before it was confirmed"', "performed"),
        ('disarm "$N"; rm -rf "$N"', "clone-kept"),
    ],
    ids=["files stay", "new files stay", "nobody looks", "half a change stays"],
)
def test_the_matrix_can_fail(world: World, harm: str, step: str) -> None:
    """With a fault in the revert, the same look at a node finds it."""
    home = world.fresh("dash")
    text = program.compose(facts=FACTS)
    assert harm in text
    text = text.replace(harm, ":")
    home.begin(world.new, op="crash", text=at_step(text, step, "kill -9 $$"))
    home.reboot()
    home.run("settle", op="x", text=text)
    with pytest.raises(AssertionError):
        world.assert_whole(allowed=("before",))
    shutil.rmtree(home.state(""), ignore_errors=True)


# What an older one does with an option that it lacks: the real one, asked for one that it lacks.
LACKS = 'case $* in *--override-data-file*) set -- "--override-data-fil" "$@" ;; esac'


@pytest.mark.parametrize(
    ("version", "lacks", "refused"),
    [
        ("v2.65.2", LACKS, ["old chezmoi 2.65.2 has no --override-data-fil; 2.66 or later has"]),
        ("v2.65.2", ":", []),
        ("v2.69.4", ":", []),
        ("dev", ":", ["missing chezmoi does not say its version"]),
        ("v2.70.5", ":", []),
        ("v3.0.0", ":", []),
    ],
    ids=["unable", "able", "able too", "unknown", "lowest tried", "newer"],
)
def test_an_old_chezmoi_is_asked_what_it_can_do(
    tmp_path: Path, version: str, lacks: str, refused: list[str]
) -> None:
    home = Home(str(tmp_path))
    rev = home.commit({"dot_zshrc": "export A=1\n"})
    home.clone()
    tool = os.path.join(home.tools, "chezmoi")
    real = os.readlink(tool)
    os.unlink(tool)
    says = f'[ "$*" != --version ] || {{ echo "chezmoi version {version}"; exit; }}'
    asked = f'case $* in *execute-template*) echo asked >>"{home.folder}/asked" ;; esac'
    home.write(tool, f'#!/bin/sh\n{says}\n{asked}\n{lacks}\nexec {real} "$@"\n', 0o755)
    status = home.run("status")
    assert status.all("stderr") == [text.removeprefix("old chezmoi ") for text in refused if version != "dev"]
    assert not os.path.exists(f"{home.folder}/asked")
    for verb in ("plan", "begin"):
        answer = home.run(verb, op="o", rev=rev, remote=home.remote, token="t")
        assert answer.all("refused") == refused, answer
    asks = version.startswith("v2.6")
    assert os.path.exists(f"{home.folder}/asked") == asks
    home.kill_all()


def test_a_name_with_a_line_break(tmp_path: Path) -> None:
    home = Home(str(tmp_path))
    rev = home.commit({"dot_two\nlines": "x\n"})
    for verb in ("plan", "begin"):
        answer = home.run(verb, op="o", rev=rev, remote=home.remote, token="t")
        assert answer.all("refused") == ["name a target's name has a line break in it"], answer
    assert not os.path.exists(home.state("pending"))


def test_a_name_with_a_line_break_in_what_chezmoi_ignores(tmp_path: Path) -> None:
    home = Home(str(tmp_path))
    odd = {"notes/two\nlines": "x\n", "notes/a\\n": "x\n", ".chezmoiignore": "notes\n"}
    rev = home.commit({**odd, "dot_x": "1\n"})
    assert home.run("plan", rev=rev, remote=home.remote).all("change") == [" A .x"]
    assert home.begin(rev, op="bare", remote=home.remote).all("begun") == ["bare"]
    home.confirm("bare")
    home.run("settle", op="bare")
    rev = home.commit({"dot_x": "2\n", "notes/a\\n": "y\n"})
    before = home.manifest()
    assert home.begin(rev, op="unmoved").all("begun") == ["unmoved"]
    assert home.run("revert", op="unmoved").all("state") == ["reverted"]
    assert home.manifest() == before
    # A snapshot could not put this one back.
    for files in ({"notes/two\nlines": "y\n"}, {"notes/two\nlines": None}):
        rev = home.commit(files)
        for verb in ("plan", "begin"):
            answer = home.run(verb, op="moved", rev=rev, token="t")
            said = "name a file of the source that the change moves has a line break in its name"
            assert answer.all("refused") == [said], answer
    assert home.manifest() == before
    home.kill_all()


@pytest.mark.parametrize("shell", SHELLS)
def test_a_folder_in_the_place_of_a_link(tmp_path: Path, shell: str) -> None:
    """What lies behind the link is no file of this home; the link itself comes back."""
    home = Home(str(tmp_path), shell=shell)
    outside = os.path.join(home.home, "outside")
    first = home.commit({"symlink_dot_link": f"{outside}\n"})
    home.clone()
    home.write(os.path.join(outside, "file"), "mine\n")
    assert home.begin(first, op="first").code == 0
    assert home.confirm("first").code == 0
    home.run("settle", op="first")
    before = home.manifest()
    second = home.commit({"symlink_dot_link": None, "dot_link/file": "new\n"})
    assert home.begin(second, op="second", take="existing").all("begun") == ["second"]
    assert home.run("revert", op="second").all("state") == ["reverted"]
    assert home.manifest() == before
    assert not os.path.exists(home.state("pending"))
    home.kill_all()


SIGNED = """
cd "$HOME" && ssh-keygen -q -t ed25519 -N '' -f mine && ssh-keygen -q -t ed25519 -N '' -f stranger
echo "n@example.org $(cat mine.pub)" >signers
git config --global gpg.format ssh && git config --global gpg.ssh.allowedSignersFile "$HOME/signers"
"""


def test_a_signed_commit_is_wanted(tmp_path: Path) -> None:
    home = Home(str(tmp_path))
    environment = {**home.environment, "GIT_CONFIG_GLOBAL": os.path.join(home.home, ".gitconfig")}
    subprocess.run(["sh", "-c", SIGNED], env=environment, check=True)
    first = home.commit({"dot_zshrc": "export A=1\n"})
    home.clone()
    home.signers = environment["GIT_CONFIG_GLOBAL"]

    def sign(key: str) -> str:
        with open(os.path.join(home.work, "dot_zshrc"), "a") as file:
            file.write(f"# {key}\n")
        config = ["-c", f"user.signingkey={home.home}/{key}", "-c", "gpg.format=ssh"]
        home.git(*config, "commit", "-q", "-a", "-S", "-m", key)
        home.git("push", "-q", "origin", "main")
        return home.git("rev-parse", "HEAD")

    for rev in (first, sign("stranger")):
        refused = home.begin(rev, signed="yes")
        assert refused.code == 3
        assert refused.all("refused") == [f"unsigned {rev} has no good signature on this node"]
        assert not os.path.exists(home.state("pending"))
    assert home.begin(sign("mine"), signed="yes").code == 0
    assert home.confirm().all("state") == ["confirmed"]
    home.kill_all()


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


def test_the_programs_of_macos_are_used_and_the_deadline_comes(worlds: Worlds) -> None:
    world = worlds.of(newest_chezmoi(), bsd=True)
    home = world.fresh("bash")
    show = "command -v setsid timeout flock; tar --version; command -v sed"
    said = subprocess.run(["/bin/sh", "-c", show], env=home.environment, capture_output=True, text=True)
    assert said.stdout.startswith("bsdtar "), said.stdout
    assert said.stdout.endswith(f"{home.search}/sed\n")
    answer = home.begin(world.new, op="late", window="2")
    assert answer.code == 0, answer
    assert answer.all("deadline")[-1] == "2 process"
    end = time.monotonic() + 60
    while os.path.exists(home.state("pending")) and time.monotonic() < end:
        time.sleep(0.1)
    world.assert_whole(allowed=("before",))
