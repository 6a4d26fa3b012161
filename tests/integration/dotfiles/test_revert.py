"""A revert puts back what the change touched, and nothing else; what it cannot put back is named."""

from __future__ import annotations

import errno
import os
import struct
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from stentor.dotfiles import program
from tests.integration.dotfiles.practice import FACTS, Home
from tests.integration.dotfiles.steps import at_step
from tests.support import lacking

FIRST = {"dot_x": "1\n", "dot_same": "same\n", "dot_other": "other\n", "dot_d/a": "a\n"}


class Node(Home):
    """A home with a first revision."""

    def path(self, name: str) -> str:
        return os.path.join(self.home, name)

    def confirmed(self, op: str, rev: str, **options: str) -> None:
        assert self.begin(rev, op=op, remote=self.remote, **options).all("begun") == [op]
        assert self.confirm(op).code == 0
        self.run("settle", op=op)


@pytest.fixture
def node(tmp_path: Path) -> Iterator[Node]:
    node = Node(str(tmp_path))
    node.confirmed("first", node.commit(FIRST))
    yield node
    node.kill_all()


def test_what_the_change_left_alone_is_left_alone(node: Node) -> None:
    os.link(node.path(".same"), node.path("linked"))
    os.utime(node.path(".same"), ns=(1, 1_000_000_001))
    assert node.begin(node.commit({"dot_x": "2\n"}), op="second").code == 0
    node.write(node.path(".other"), "edited meanwhile\n")
    before = os.stat(node.path(".same"))
    assert node.run("revert", op="second").all("state") == ["reverted"]
    after = os.stat(node.path(".same"))
    assert (after.st_ino, after.st_nlink, after.st_mtime_ns) == (before.st_ino, 2, 1_000_000_001)
    assert node.manifest()[".other"][2] == b"edited meanwhile\n"
    assert node.manifest()[".x"][2] == b"1\n"


PROGRAMS = (
    "mv",
    "cp",
    "rm",
    "mkdir",
    "chmod",
    "rmdir",
    "ls",
    "cksum",
    "tar",
    "grep",
    "sed",
    "awk",
    "sort",
    "git",
)


def test_no_program_is_started_for_each_file(node: Node) -> None:
    """Of a thousand files that a change has made others, neither a rollback, its plan nor a revert."""
    log = os.path.join(node.folder, "started")
    counting = "".join(f'{name}() {{ echo {name} >>{log}; command {name} "$@"; }}\n' for name in PROGRAMS)
    text = counting + program.compose(facts=FACTS)
    names = [f"dot_many/{number // 100}/{number}" for number in range(1000)]
    node.confirmed("many", node.commit(dict.fromkeys(names, "1\n")))
    before = node.manifest()
    rev = node.commit(dict.fromkeys(names, "2\n"))
    Path(log).write_text("")
    node.confirmed("two", rev, text=text)
    sums = Path(log).read_text().splitlines().count("cksum")
    changed = node.manifest()
    for verb, op in (("preview_rollback", ""), ("rollback", "back"), ("revert", "back")):
        Path(log).write_text("")
        answer = node.run(verb, op=op, token="t", text=text)
        assert answer.code == 0, answer
        started = Path(log).read_text().splitlines()
        assert 10 < len(started) < 400, verb
        # Each file is read no more often than for the change itself.
        assert verb == "preview_rollback" or 6 < started.count("cksum") <= sums + 3, (verb, sums)
        if verb == "preview_rollback":
            assert len(answer.all("change")) == 1000
        assert node.manifest() == (before if verb == "rollback" else changed)


# What setfacl -m u:12345:r writes for a file of mode 644
ACCESS = struct.pack(
    "<I" + 5 * "HHI", 2, 1, 6, -1 & 0xFFFFFFFF, 2, 4, 12345, 4, 4, -1 & 0xFFFFFFFF, 16, 4, -1 & 0xFFFFFFFF,
    32, 4, -1 & 0xFFFFFFFF,
)  # fmt: skip
ATTRIBUTES = {"user.mine": b"kept", "system.posix_acl_access": ACCESS}


def test_attributes_and_access_lists_come_back(node: Node) -> None:
    if b"GNU tar" not in subprocess.run(["tar", "--version"], capture_output=True, check=False).stdout:
        lacking("GNU tar, which alone keeps them")
    names = [node.path(".same"), node.path(".x")]
    for name in names:
        for key, value in ATTRIBUTES.items():
            try:
                os.setxattr(name, key, value)
            except OSError as error:
                if error.errno != errno.ENOTSUP:
                    raise
                lacking(f"{key} on this file system")
    assert node.begin(node.commit({"dot_x": "2\n"}), op="second").code == 0
    assert not os.listxattr(node.path(".x")), "chezmoi makes a new file"
    assert node.run("revert", op="second").all("state") == ["reverted"]
    for name in names:
        assert {key: os.getxattr(name, key) for key in os.listxattr(name)} == ATTRIBUTES, name
    assert node.manifest()[".x"][2] == b"1\n"


def test_what_a_killed_program_left_goes_with_the_change(node: Node) -> None:
    assert node.begin(node.commit({"dot_x": "2\n"}), op="second").code == 0
    ended = subprocess.Popen(["true"])
    ended.wait()
    left, living = (
        node.path(f".local/state/stentor/dotfiles/stand-in.{pid}") for pid in (ended.pid, os.getpid())
    )
    os.mkdir(left)
    os.mkdir(living)
    assert node.run("revert", op="second").all("state") == ["reverted"]
    assert (os.path.exists(left), os.path.exists(living)) == (False, True)


def test_a_file_that_cannot_be_put_back_is_named_and_one_can_go_on(node: Node) -> None:
    second = node.commit({"dot_x": "2\n", "dot_d/a": "b\n"})
    assert node.begin(second, op="second").code == 0
    os.unlink(node.path(".x"))
    node.write(node.path(".x/mine"), "a folder in its place\n")
    answer = node.run("revert", op="second")
    assert (answer.all("state"), answer.all("left")) == (["reverted"], [node.path(".x")])
    assert node.manifest()[".d/a"][2] == b"a\n"
    assert node.manifest()[".x/mine"][2] == b"a folder in its place\n"
    assert node.run("revert", op="second").all("left") == [node.path(".x")], "it can be asked for again"
    os.unlink(node.path(".x/mine"))
    os.rmdir(node.path(".x"))
    node.confirmed("third", second, again="yes", take="edited,existing")
    assert node.chezmoi("status") == ""


def test_a_rollback_that_cannot_put_a_file_back_names_it_and_changes_nothing(node: Node) -> None:
    node.confirmed("second", node.commit({"dot_x": "2\n", "dot_d/a": "b\n"}))
    os.unlink(node.path(".x"))
    node.write(node.path(".x/mine"), "a folder in its place\n")
    before = node.manifest()
    answer = node.run("rollback", op="back", token="t", take="edited")
    why = f"back the snapshots could not be put back: {node.path('.x')} "
    assert (answer.code, answer.all("begun"), answer.all("reverted")) == (1, [], [why]), answer
    assert (node.manifest(), os.path.exists(node.state("pending"))) == (before, False)
    os.unlink(node.path(".x/mine"))
    os.rmdir(node.path(".x"))
    assert node.run("rollback", op="again", token="t", take="edited").all("begun") == ["again"]
    assert node.manifest()[".x"][2] == b"1\n"


LINK, FOLDER = {"symlink_dot_l": ".other.d\n"}, {"dot_l/a": "of the folder\n"}


@pytest.mark.parametrize(("first", "then"), [(LINK, FOLDER), (FOLDER, LINK)], ids=["to folder", "to link"])
@pytest.mark.parametrize("same", [True, False])
def test_what_stands_behind_a_link_is_left_alone(
    node: Node, first: dict[str, str], then: dict[str, str], same: bool
) -> None:
    """Though it is named as what the change touches, and the revert is killed and done again."""
    node.write(node.path(".other.d/a"), FOLDER["dot_l/a"] if same else "of a person\n")
    node.confirmed("second", node.commit(first))
    before = node.manifest()
    rev = node.commit({**dict.fromkeys(first), **then})
    killing = at_step(program.compose(facts=FACTS), "undo-files", "kill -9 $$")
    for number, text in enumerate((None, killing)):
        options = {"op": f"op{number}", "remote": node.remote, "again": "yes", "take": "existing"}
        assert node.begin(rev, **options).all("begun") == [options["op"]]
        node.run("revert", op=options["op"], text=text)
        answer = node.run("revert", op=options["op"])
        assert (answer.all("left"), node.manifest()) == ([], before), answer
    node.confirmed("third", rev, again="yes", take="existing")
    assert node.run("rollback", op="back", token="t").code == 0
    assert node.manifest() == before


def test_the_state_before_the_first_change_can_be_gone_back_to(tmp_path: Path) -> None:
    """On a node that was set up with chezmoi by hand."""
    node = Node(str(tmp_path))
    by_hand = node.commit(FIRST)
    node.chezmoi("init", "--apply", f"file://{node.remote}")
    before = node.manifest()
    for number in (2, 3):
        node.confirmed(f"op{number}", node.commit({"dot_x": f"{number}\n"}))
    assert node.run("rollback", op="back", to=by_hand[:10], token="t").code == 0
    assert node.confirm("back").code == 0
    node.run("settle", op="back")
    assert node.manifest() == before
    assert node.git("rev-parse", "HEAD", cwd=node.path(".local/share/chezmoi")) == by_hand
    assert node.run("status").all("applied")[0].split()[0] == by_hand
    node.kill_all()


def test_a_node_without_a_change_has_nothing_to_go_back_to(tmp_path: Path) -> None:
    node = Node(str(tmp_path))
    node.commit(FIRST)
    node.clone()
    before = node.manifest()
    for verb in ("preview_rollback", "rollback"):
        answer = node.run(verb, op="back", token="t")
        said = ["no-change this node has kept no change that could be undone"]
        assert (answer.code, answer.all("refused")) == (3, said), answer
    assert node.manifest() == before


@pytest.mark.parametrize("root", ["", "home/"])
@pytest.mark.parametrize("moves", [True, False])
def test_edits_of_the_clone_that_are_overwritten_are_told_and_come_back(
    node: Node, root: str, moves: bool
) -> None:
    """Also where the revision changes other files alone, or none, and outside of the dotfiles."""
    files = {f"{root}dot_x": "1\n", f"{root}dot_y": "1\n", "notes": "1\n", ".chezmoiroot": f"{root}\n"}
    rev = node.commit(files)
    node.confirmed("one", rev)
    clone = node.path(".local/share/chezmoi")
    for name in (f"{root}dot_y", "notes", f"{root}dot_staged"):
        node.write(os.path.join(clone, name), "edited\n")
    node.git("add", f"{root}dot_staged", cwd=clone)
    before = node.manifest(), node.git("status", "--porcelain", cwd=clone)
    if moves:
        rev = node.commit({f"{root}dot_x": "2\n"})
    answer = node.begin(rev, op="two", take="source,existing")
    assert answer.code == 0, answer
    assert {f"source {root}dot_y", f"source {root}dot_staged", "source notes"} <= {*answer.all("conflict")}
    assert node.git("status", "--porcelain", cwd=clone) == ""
    assert Path(node.path(".y")).read_text() == "1\n"
    if "unchanged" in answer.lines:
        assert node.run("rollback", op="back", to="two", token="t").code == 0
    else:
        assert node.run("revert", op="two").all("state") == ["reverted"]
    assert (node.manifest(), node.git("status", "--porcelain", cwd=clone)) == before


def test_a_refusal_after_the_move_brings_the_clone_back(node: Node) -> None:
    """And the revision does not count as one that was tried."""
    second = node.commit({"dot_x": None, "dot_x.tmpl": "{{ .nothing }}\n", "dot_y": "y\n"})
    before = node.manifest()
    answer = node.begin(second, op="second")
    assert (answer.code, answer.all("refused")) == (
        3,
        [f"render chezmoi cannot render {second} on this node"],
    )
    assert node.manifest() == before
    assert not os.path.exists(node.state("pending"))
    assert not os.path.exists(node.state("history/second"))
    assert node.run("plan", rev=second).all("tried") == []
    node.confirmed("third", node.commit({"dot_x.tmpl": "3\n"}))


@pytest.mark.parametrize(
    ("decided", "asked"),
    [
        ("armed", "revert op=second why=the node went down before it was confirmed"),
        ("confirmed", "settle op=second"),
    ],
)
def test_what_an_older_stentor_has_begun_is_ended_by_its_own_program(
    node: Node, decided: str, asked: str
) -> None:
    assert node.begin(node.commit({"dot_x": "2\n"}), op="second").code == 0
    node.reboot()
    os.unlink(node.state("pending/format"))
    os.rename(node.state("pending/armed"), node.state(f"pending/{decided}"))
    left = 'echo "$@" >~/asked; mv ~/.local/state/stentor/dotfiles/pending ~/gone\n'
    node.write(node.state("pending/program"), left)
    node.run("settle", op="x")
    with open(node.path("asked")) as file:
        assert file.read() == f"{asked}\n"
    assert node.manifest()[".x"][2] == b"2\n", "nothing of it is touched by this one"


def test_a_deadline_that_came_before_there_was_anything_to_undo_ends_the_change(node: Node) -> None:
    """As where a disk takes longer to sync than the whole change may take."""
    before = node.manifest()
    text = at_step(program.compose(facts=FACTS), "armed", "sleep 4")
    said = node.begin(node.commit({"dot_x": "2\n"}), op="second", text=text, limit="2", window="1")
    assert (said.code, said.all("begun")) == (1, [])
    assert [line.split()[0] for line in said.all("failed")] in (["expired"], ["deadline"])
    assert node.manifest() == before
    assert not os.path.exists(node.state("pending"))
