"""``stentor copy`` and ``fetch`` with this machine as the node."""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Any

import pytest

from stentor.testing import FakeNodes, Reply
from tests.practice import Practice, Ran


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
