"""``stentor copy`` and ``fetch`` with this machine as the node."""

from __future__ import annotations

import json
import os
import subprocess
from pathlib import Path
from typing import Any

import pytest

from stentor.testing import FakeNodes, Reply
from tests.practice import Practice, Ran
from tests.support import need


class Bench:
    """The command line, and a node whose home is a folder of the test."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch, folder: Path) -> None:
        self.practice = Practice(monkeypatch)
        self.practice.local = "crtr"
        self.home = folder / "home"
        self.here = folder / "here"
        self.home.mkdir()
        self.here.mkdir()

    def run(self, *words: str) -> Ran:
        return self.practice.run(*words, environ={"HOME": str(self.home), "PATH": os.environ["PATH"]})

    def lines(self, *words: str) -> list[dict[str, Any]]:
        return [json.loads(line) for line in self.run(*words, "--json").text.splitlines()]


@pytest.fixture
def bench(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Bench:
    return Bench(monkeypatch, tmp_path)


# ---- copy ----


def test_copy_sends_a_file_under_a_new_name_once(bench: Bench) -> None:
    (bench.here / "motd").write_text("hello\n")
    words = ("copy", "crtr", str(bench.here / "motd"), str(bench.home / "motd.new"))
    assert bench.run(*words).code == 0
    assert (bench.home / "motd.new").read_text() == "hello\n"
    (record,) = [line for line in bench.lines(*words) if line["type"] == "copy"]
    assert record["files"] == 0


def test_copy_sends_several_files_into_a_directory(bench: Bench) -> None:
    for name in ("a", "b"):
        (bench.here / name).write_text(name)
    assert (
        bench.run("copy", "crtr", str(bench.here / "a"), str(bench.here / "b"), f"{bench.home}/new/").code
        == 0
    )
    assert sorted(os.listdir(bench.home / "new")) == ["a", "b"]


def tree(folder: Path) -> list[str]:
    return sorted(f"{path.relative_to(folder)}{'/' if path.is_dir() else ''}" for path in folder.rglob("*"))


@pytest.mark.parametrize("there", ["nothing", "folder"])
@pytest.mark.parametrize("files", [[], ["x"], ["p", "q"], ["sub/x"]])
@pytest.mark.parametrize("slash", ["/", ""])
def test_a_folder_stays_a_folder_as_with_rsync(
    bench: Bench, files: list[str], slash: str, there: str
) -> None:
    need("rsync")
    source = bench.here / "site"
    source.mkdir(0o750)
    for name in files:
        (source / name).parent.mkdir(exist_ok=True)
        (source / name).write_text(name)
    for place in (bench.home, bench.here / "expected"):
        (place / ("new" if there == "folder" else ".")).mkdir(exist_ok=True, parents=True)
    subprocess.run(["rsync", "-a", f"{source}{slash}", f"{bench.here}/expected/new"], check=True)
    words = ("copy", "crtr", f"{source}{slash}", f"{bench.home}/new")
    assert bench.run(*words).code == 0
    expected = tree(bench.here / "expected" / "new")
    if (files, slash, there) == ([], "", "nothing"):
        expected = ["site/"]  # rsync renames an empty folder, and puts any other into a new one
    assert tree(bench.home / "new") == expected
    (record,) = [line for line in bench.lines(*words) if line["type"] == "copy"]
    assert record["how"] == "nothing"


@pytest.mark.parametrize("files", [[], ["x"], ["p", "q"]])
def test_a_folder_never_replaces_a_file(bench: Bench, files: list[str]) -> None:
    source = bench.here / "site"
    source.mkdir()
    for name in files:
        (source / name).write_text(name)
    (bench.home / "new").write_text("mine")
    ran = bench.run("copy", "crtr", f"{source}/", f"{bench.home}/new")
    assert (ran.code, (bench.home / "new").read_text()) == (1, "mine")
    assert f"{bench.home}/new is a file, and no directory" in ran.said
    (bench.home / "into").mkdir()
    (bench.home / "into" / "site").write_text("mine")
    ran = bench.run("copy", "crtr", str(source), f"{bench.home}/into")
    assert (ran.code, (bench.home / "into" / "site").read_text()) == (1, "mine")
    assert "site is no directory there" in ran.said


def test_a_file_never_replaces_a_folder(bench: Bench) -> None:
    (bench.here / "x").write_text("x")
    (bench.home / "x").mkdir()
    ran = bench.run("copy", "crtr", str(bench.here / "x"), f"{bench.home}/")
    assert (ran.code, (bench.home / "x").is_dir()) == (1, True)
    assert "x is a directory there" in ran.said
    ran = bench.run("copy", "crtr", str(bench.here / "x"), f"{bench.home}/x")
    assert (ran.code, tree(bench.home / "x")) == (0, ["x"])


def test_copy_previews_what_each_node_lacks(bench: Bench) -> None:
    for number in range(25):
        (bench.here / f"f{number:02}").write_text("x")
    ran = bench.run("copy", "-n", "crtr", f"{bench.here}/", f"{bench.home}/site")
    assert ran.code == 0
    assert ran.text.startswith("crtr: ")
    assert "  'f19'\n  and 5 more\n" in ran.text
    assert not (bench.home / "site").exists()
    lines = bench.lines("copy", "-n", "crtr", f"{bench.here}/", f"{bench.home}/site")
    (record,) = [line for line in lines if line["type"] == "copy"]
    assert len(record["names"]) == 25


def test_copy_preview_says_why_a_node_has_no_answer(bench: Bench) -> None:
    bench.practice.local = ""
    bench.practice.nodes = FakeNodes({"prtr": Reply(kind="unreachable", reason="no answer in 5 s")})
    (bench.here / "a").write_text("a")
    ran = bench.run("copy", "-n", "--waves", "1", "prtr", str(bench.here / "a"), "/tmp/")
    assert (ran.code, ran.text) == (4, "prtr: no answer in 5 s\n")
    assert "wave 1 of 1" in ran.said


def test_copy_without_a_destination_is_an_error(bench: Bench) -> None:
    assert bench.run("copy", "crtr", "a").code == 2


# ---- fetch ----


def test_fetch_gives_each_node_a_folder(bench: Bench) -> None:
    (bench.home / "logs").mkdir()
    (bench.home / "logs" / "today").write_text("all is well\n")
    assert bench.run("fetch", "crtr", "~/logs", str(bench.here / "got")).code == 0
    assert (bench.here / "got" / "crtr" / "logs" / "today").read_text() == "all is well\n"


def test_fetch_takes_several_sources_and_patterns(bench: Bench) -> None:
    for name in ("a 1.log", "b.log", "c.txt", "[x].log", "in/d.log", "in/e.log", "on/d.log"):
        (bench.home / name).parent.mkdir(exist_ok=True)
        (bench.home / name).write_text(name)
    got = bench.here / "got"
    assert bench.run("fetch", "crtr", "~/c.txt", "~/*1.log", "~/[x].log", "~/*/d.log", str(got)).code == 0
    assert tree(got / "crtr") == ["[x].log", "a 1.log", "c.txt", "in/", "in/d.log", "on/", "on/d.log"]
    ran = bench.run("fetch", "-n", "crtr", "~/c.txt", "~/in/*", str(got))
    assert ran.text.startswith("crtr: 3 files, about ")
    ran = bench.run("fetch", "crtr", "~/c.txt", "~/none*", str(got))
    assert (ran.code, "there is no ~/none*" in ran.said) == (1, True)


def test_fetch_follows_a_link_that_is_named(bench: Bench) -> None:
    (bench.home / "real").mkdir()
    (bench.home / "real" / "x").write_text("x")
    (bench.home / "real" / "out").symlink_to("/etc/hostname")
    (bench.home / "file").symlink_to("real/x")
    (bench.home / "folder").symlink_to("real")
    got = bench.here / "got"
    ran = bench.run("fetch", "crtr", "~/fi*", "~/folder", str(got))
    assert ran.code == 0
    assert (got / "crtr" / "file").read_text() == "x"
    assert not (got / "crtr" / "file").is_symlink()
    assert tree(got / "crtr" / "folder") == ["x"]
    assert ran.said.count("left out") == 1  # a link inside of a folder that leads out


def test_fetch_refuses_two_sources_of_one_name(bench: Bench) -> None:
    for folder in ("a", "b"):
        (bench.home / folder).mkdir()
        (bench.home / folder / "hosts").write_text(folder)
    got = bench.here / "got"
    ran = bench.run("fetch", "crtr", "~/a/hosts", "~/b/hosts", str(got))
    assert ran.code == 1
    assert "two sources would both be hosts" in ran.said
    assert (got / "crtr" / "hosts").read_text() == "a"


def test_home_that_this_shell_expanded_is_the_nodes(bench: Bench) -> None:
    bench.practice.local = ""
    bench.practice.nodes = FakeNodes(lambda *_: Reply(b"3 12\n"))
    ran = bench.run("fetch", "-n", "prtr", f"{bench.home}/logs", "got")
    assert (ran.code, ran.text) == (0, "prtr: 3 files, about 12 kB\n")
    assert 'folder="$HOME"' in bench.practice.nodes.commands[0][1]
    assert str(bench.home) not in bench.practice.nodes.commands[0][1]


def test_fetch_preview_says_how_much_each_node_has(bench: Bench) -> None:
    (bench.home / "a").write_text("x")
    assert bench.run("fetch", "-n", "crtr", "~/a", "got").text.startswith("crtr: 1 files, about ")
    missing = bench.run("fetch", "-n", "crtr", "~/none", "got")
    assert missing.code == 1
    (record,) = [line for line in bench.lines("fetch", "-n", "crtr", "~/a", "got") if line.get("node")]
    assert (record["node"], record["files"]) == ("crtr", 1)
