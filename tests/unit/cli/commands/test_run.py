from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Literal

import pytest

from stentor.cli.dispatch import parser_for
from stentor.fanout.task import Task
from stentor.outcome import Kind
from stentor.testing import FakeNodes, Reply

from ....practice import Practice


@pytest.fixture
def practice(monkeypatch: pytest.MonkeyPatch) -> Practice:
    return Practice(monkeypatch)


def test_all_words_after_the_selector_are_the_command(practice: Practice) -> None:
    practice.run("run", "-b", "crtr", "ls", "-l", "--all", "|", "wc")
    practice.run("run", "crtr", "--", "ls", "--", "-b")
    practice.run("run", "crtr", "echo", "a  b")
    assert practice.nodes.commands == [
        ("crtr", "ls -l --all | wc"),
        ("crtr", "ls -- -b"),
        ("crtr", "echo a  b"),
    ]


def test_one_node_is_shown_raw_and_several_with_prefixes(practice: Practice) -> None:
    practice.nodes = FakeNodes(lambda alias, command: Reply(b"\xff no newline", b"oh\n"))
    alone = practice.run("run", "crtr", "x")
    assert (alone.stdout, alone.stderr) == (b"\xff no newline", b"oh\n")
    several = practice.run("run", "--quiet", "@gpu", "x")
    assert several.stdout == b"prtr: \xff no newline\ndrtr: \xff no newline\n"
    assert several.stderr == b"prtr: oh\ndrtr: oh\n"


def test_on_a_terminal_what_is_quick_is_merged(practice: Practice) -> None:
    practice.nodes = FakeNodes(lambda alias, command: Reply(b"6\n"))
    ran = practice.run("run", "@gpu", "x", terminal=True, environ={"NO_COLOR": "1"})
    assert ran.text == "---------------\nprtr,drtr (2)\n---------------\n6\n"
    assert re.search(r"^2 ok in [0-9.]+ s\n$", ran.said, re.MULTILINE)
    assert "\x1b" not in ran.text + ran.said


def test_a_script_comes_by_standard_input_with_quoted_arguments(practice: Practice, tmp_path: Path) -> None:
    script = tmp_path / "x.sh"
    script.write_text("#!/bin/bash -e\necho $1\n")
    practice.run("run", "-s", str(script), "crtr", "two words", "--fast")
    (task,) = practice.nodes.tasks
    assert task.command == "/bin/bash -e -s -- 'two words' --fast"
    assert task.stdin and task.stdin != str(script)  # with a line before it, by which a loss is seen


def own_input(task: Task) -> bytes:
    """What the command reads: before it comes the line by which a loss is seen."""
    assert task.path is not None
    line, _, rest = Path(task.path).read_bytes().partition(b"\n")
    assert line.startswith(b"stentor-")
    return rest


def test_a_script_from_standard_input(practice: Practice) -> None:
    seen = []

    def answer(alias: str, command: str) -> Reply:
        if command:
            seen.append(own_input(practice.nodes.tasks[-1]))
        return Reply()

    practice.nodes = FakeNodes(answer)
    practice.run("run", "--yes-really", "2", "-s", "-", "@gpu", stdin=b"#!/usr/bin/python3\nprint(1)\n")
    assert seen == [b"#!/usr/bin/python3\nprint(1)\n"] * 2
    assert practice.nodes.commands[0] == ("prtr", "/usr/bin/python3 -")


def test_standard_input_is_kept_for_every_node_and_gone_afterwards(
    practice: Practice, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    seen = []

    def answer(alias: str, command: str) -> Reply:
        if command:
            seen.append(own_input(practice.nodes.tasks[-1]))
        return Reply()

    practice.nodes = FakeNodes(answer)
    practice.run("run", "--stdin", "@gpu", "cat", stdin=b"\xff\x00" * 100_000)
    assert seen == [b"\xff\x00" * 100_000] * 2
    assert os.listdir(tmp_path) == []


def test_standard_input_is_not_touched_unless_asked(practice: Practice) -> None:
    practice.run("run", "@gpu", "cat", stdin=b"of a loop around us")
    assert [task.stdin for task in practice.nodes.tasks] == [None, None]


def test_environment(practice: Practice) -> None:
    practice.run("run", "-e", "A=1=2", "--env", "HERE", "crtr", "env", environ={"HERE": "x"})
    assert practice.nodes.tasks[0].environment == {"A": "1=2", "HERE": "x"}
    refused = practice.run("run", "-e", "MISSING", "crtr", "env")
    assert (refused.code, refused.text) == (2, "")
    assert "no such variable" in refused.said


def test_nodes_can_be_left_out(practice: Practice) -> None:
    practice.run("run", "-x", "drtr,@pseudo", "@all", "x")
    assert [alias for alias, _ in practice.nodes.commands] == ["crtr", "prtr"]


def test_a_dry_run_runs_nothing(practice: Practice) -> None:
    ran = practice.run("run", "--dry-run", "@pseudo", "rm", "-rf", "/")
    assert practice.nodes.tasks == []
    assert ran.text == ("NODE  HOW          STATE\ntrtr  a fake node\nzrtr  a fake node  expected down\n")
    assert "would run on 2 nodes: rm -rf /" in ran.said


@pytest.mark.parametrize(
    ("kind", "code", "plain", "largest"),
    [("", 0, 0, 0), ("", 3, 1, 3), ("unreachable", 0, 4, 255), ("lost", 0, 1, 255)],
)
def test_exit_codes(
    practice: Practice, kind: Kind | Literal[""], code: int, plain: int, largest: int
) -> None:
    practice.nodes = FakeNodes({"prtr": Reply(code=code, kind=kind)})
    assert practice.run("run", "@gpu", "x").code == plain
    assert practice.run("run", "-S", "@gpu", "x").code == largest


def test_pick_takes_so_many_by_chance(practice: Practice) -> None:
    for _ in range(40):  # the other one never comes in one of 2 ** 39 runs
        assert practice.run("run", "--pick", "1", "@gpu", "x").code == 0
    assert {alias for alias, _ in practice.nodes.commands} == {"prtr", "drtr"}
    assert len(practice.nodes.commands) == 40
    practice.run("run", "--pick", "9", "@gpu", "y")
    assert practice.nodes.commands[40:] == [("prtr", "y"), ("drtr", "y")]


def test_each_exclusion_counts(practice: Practice) -> None:
    assert practice.run("run", "-x", "crtr", "-x", "@pseudo", "--exclude=drtr", "@all", "x").code == 0
    assert practice.nodes.commands == [("prtr", "x")]


def test_a_dry_run_with_a_terminal_runs_nothing(practice: Practice, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(os, "execvpe", lambda *_: pytest.fail("it was run"))
    ran = practice.run("run", "--dry-run", "--tty", "crtr", "reboot", terminal=True)
    assert (ran.code, practice.nodes.tasks) == (0, [])
    assert "would run on 1 node: reboot" in ran.said


def test_output_dir(practice: Practice, tmp_path: Path) -> None:
    practice.nodes = FakeNodes({"prtr": Reply(b"out", b"err")})
    practice.run("run", "-o", str(tmp_path / "o"), "@gpu", "x")
    files = {path.name: path.read_bytes() for path in (tmp_path / "o").iterdir()}
    assert files == {"prtr.out": b"out", "prtr.err": b"err", "drtr.out": b"", "drtr.err": b""}


def test_sudo_takes_a_user_behind_an_equals_sign_only() -> None:
    parser = parser_for("run")[0]
    bare, named = (parser.parse([option, "@all", "id", "-u"]) for option in ("--sudo", "--sudo=www"))
    assert (bare.sudo, bare.selector, bare.words) == ("root", "@all", ["id", "-u"])
    assert (named.sudo, named.selector, named.words) == ("www", "@all", ["id", "-u"])


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (["@all"], "no command is given"),
        (["--sudo", "nobody", "crtr", "true"], "stentor run --sudo=nobody crtr true"),
        (
            ["--script", "@all", "hello.sh", "a"],
            "the script comes first: stentor run --script hello.sh @all a",
        ),
        (["-s", "crtr,drtr", "hello.sh"], "stentor run --script hello.sh crtr,drtr"),
        ([], "required"),
        (["-w", "node[1-4]", "uptime"], "stentor run [options] node[1-4] COMMAND..."),
        (["-g", "gpu", "uptime"], "stentor run [options] @gpu COMMAND..."),
        (["-b", "-a", "uptime"], "stentor run [options] @all COMMAND..."),
        (["-X", "gpu", "@all", "uptime"], "--exclude @gpu SELECTOR"),
        (["-c", "/etc/hosts"], "stentor copy SELECTOR FILE... DESTINATION"),
        (["--rcopy", "/etc/hosts"], "stentor fetch SELECTOR FILE... DESTINATION"),
        (["-bP", "@all", "uptime"], "progress is shown by itself"),
        (["-aB", "uptime"], "stentor run [options] @all COMMAND..."),
        (["--all", "uptime"], "stentor run [options] @all COMMAND..."),
        (["--group=gpu", "uptime"], "stentor run [options] @gpu COMMAND..."),
        (["--fanout", "4", "@all", "uptime"], "it is -f N or --window N here"),
        (["--command_timeout=4", "@all", "uptime"], "it is -u 4 or --timeout 4 here"),
        (["-m", "sudo", "@all", "uptime"], "is --sudo here"),
        (["-R", "ssh", "@all", "uptime"], "it is always ssh"),
        (["-k", "@all", "uptime"], "--fail-fast"),
        (["--pick", "0", "@all", "uptime"], "must be at least 1"),
        (["--outdir=x", "@all", "uptime"], "--output-dir x"),
        (["-o", "Port=22", "@all", "uptime"], "looks like an option of ssh"),
        (["-o", "-p 22", "@all", "uptime"], "options of ssh belong into ssh_config"),
        (["-o-p22", "@all", "uptime"], "looks like an option of ssh"),
        (["-o", "-p22", "@all", "uptime"], "-o is --output-dir here"),
        (["-o", "StrictHostKeyChecking no", "@all", "uptime"], "looks like an option of ssh"),
        (["-s", "slurm", "-a", "uptime"], "stentor run [options] @all COMMAND..."),
        (["-s", "slurm", "@all", "uptime"], "-s is --script here"),
        (["-n", "@all", "uptime"], "standard input is sent only with -i or --stdin"),
        (["-nw", "@all", "uptime"], "standard input is sent only with -i or --stdin"),
        (["-r", "@all", "uptime"], "-r is --retries here"),
        (["-br", "@all", "uptime"], "-r is --retries here"),
        (["-u", "root", "@all", "uptime"], "the login name is -l NAME"),
        (["-p", "@all", "uptime"], "keep times and modes"),
        (["-E", "epoll", "@all", "uptime"], "a setting of clush"),
        (["-K", "@all", "uptime"], "it is --sudo here"),
        (["--version"], "stentor --version"),
        (["--hostfile", "/no/such", "uptime"], "cannot read the nodes"),
        (["--hostfile", "/dev/zero", "uptime"], "it is a device, not a file or a pipe"),
        (["--xyzzy", "@all", "x"], "unrecognized arguments: --xyzzy"),
        (["-b", "--diff", "@all", "x"], "--diff and another view (gather) at once"),
        (["--mask", "--stream", "@all", "x"], "--mask is for comparing"),
        (["--stdin", "--script", "x", "@all"], "--stdin cannot be used"),
        (["--script", "/no/such/file", "@all"], "cannot read the script"),
        (["--script", "/bin", "@all"], "cannot read the script"),
        (["--script", "/dev/zero", "@all"], "it is a device, not a file or a pipe"),
        (["--script", "/bin/true", "@all"], "is a program, not a script"),
        (["--tty", "@all", "x"], "--tty is for one node"),
        (["--tty", "crtr", "x"], "needs a terminal"),
        (["--tty", "--dry-run", "@all", "x"], "--tty is for one node"),
        (["--tty", "-u", "5", "crtr", "x"], "--tty cannot be combined with --timeout"),
        (["-u", "soon", "@all", "x"], "invalid duration 'soon'"),
        (["-f", "many", "@all", "x"], "invalid number 'many'; nodes are named without an option"),
        (["--window", "-1", "@all", "x"], "invalid number '-1': must be a whole number, 0 or more"),
        (["-e", "1X=2", "@all", "x"], "not a valid name for an environment variable"),
        (["-x", "@all", "@all", "x"], "no node is selected"),
        (["@all", ""], "the command is empty"),
        (["@all", " ", ""], "the command is empty"),
        (["crtr", "-b", "uptime"], "options come before the selector"),
        (["crtr", "--forks", "5", "uptime"], "it is -f 5 or --window 5 here"),
        (["crtr", "--limit=drtr", "uptime"], "SELECTOR&drtr"),
        (["--limit", "drtr", "uptime"], "SELECTOR&NODES"),
    ],
)
def test_what_makes_no_sense_is_refused_before_anything_is_done(
    practice: Practice, words: list[str], message: str
) -> None:
    ran = practice.run("run", *words)
    assert ran.code in (2, 6)
    assert message in ran.said
    assert "Traceback" not in ran.said
    assert practice.nodes.tasks == []
    assert ran.text == ""


def test_a_letters_other_meaning_is_told_only_where_the_letter_was_typed(practice: Practice) -> None:
    assert "the login name is -l NAME" in practice.run("run", "-u", "soon", "@all", "x").said
    for words in (["--timeout", "soon"], ["--timeout=soon"], ["--retries", "-1"]):
        said = practice.run("run", *words, "@all", "x").said
        assert "is --" not in said
        assert "hint: see 'stentor run --help'" in said


def test_a_command_which_begins_with_a_dash_stands_behind_two(practice: Practice) -> None:
    assert practice.run("run", "--", "crtr", "--", "-x").code == 0
    assert practice.nodes.commands == [("crtr", "-x")]


def test_every_option_has_its_line_in_the_table_for_clush_users() -> None:
    root = Path(__file__).parents[4]
    page = (root / "docs" / "switching.md").read_text()
    from stentor.cli.dispatch import parser_for

    actions = parser_for("run")[0]._actions
    options = {word for action in actions for word in action.option_strings if word.startswith("--")}
    assert {word for word in options if f"`{word}" not in page and f", {word}" not in page} == set()


def test_a_node_that_missed_a_change_of_the_dotfiles_is_named(practice: Practice) -> None:
    from stentor import journal
    from stentor.fleet.policy.sections import Journal as Policy

    book = journal.open({"XDG_STATE_HOME": practice.state}, Policy(), "/fleet")
    book.remember("/fleet", "prtr", "dotfiles-missed", {"rev": "1" * 40, "since": 0.0})
    book.remember("/fleet", "drtr", "dotfiles-missed", {})
    book.leave()
    said = practice.run("run", "crtr,drtr", "true").said
    assert "missed" not in said
    said = practice.run("run", "crtr,prtr,drtr", "true").said
    assert "stentor: prtr: missed a change of the dotfiles; run 'stentor dotfiles catch-up prtr'\n" in said


HOSTS = "crtr prtr,drtr\n# none\n  trtr   # comment: zrtr\n\n@gpu\tcrtr\n"


def test_hosts_of_a_file_are_read_as_clush_does(practice: Practice, tmp_path: Path) -> None:
    path = tmp_path / "hosts"
    path.write_text(HOSTS)
    ran = practice.run("run", "-b", "--hostfile", str(path), "echo", "-n", "x")
    assert ran.code == 0
    assert practice.nodes.commands == [(node, "echo -n x") for node in ("crtr", "prtr", "drtr", "trtr")]


def test_clush_reads_the_same_hosts(tmp_path: Path) -> None:
    path = tmp_path / "hosts"
    # Comments are not known to clush: there they are nodes.
    path.write_text("\n".join(line.partition("#")[0] for line in HOSTS.splitlines()).replace("@gpu", ""))
    clush = shutil.which("clush", path=os.path.dirname(sys.executable))
    assert clush
    words = [clush, "-R", "exec", "-N", "--hostfile", str(path), "echo %h"]
    done = subprocess.run(words, capture_output=True, text=True, check=True, stdin=subprocess.DEVNULL)
    assert sorted(done.stdout.split()) == ["crtr", "drtr", "prtr", "trtr"]


@pytest.mark.parametrize(
    ("text", "words", "message"),
    [
        ("crtr\n  ctrr # x\n", ["uptime"], "hosts:2: there is no node 'ctrr'"),
        ("# none\n", ["uptime"], "no node is named"),
        ("crtr\n", ["@gpu", "uptime"], "'@gpu' stands where the command begins; --hostfile names the nodes"),
        ("crtr\n", ["prtr"], "'prtr' stands where the command begins"),
    ],
)
def test_a_file_of_hosts_that_makes_no_sense(
    practice: Practice, tmp_path: Path, text: str, words: list[str], message: str
) -> None:
    (tmp_path / "hosts").write_text(text)
    ran = practice.run("run", "--hostfile", str(tmp_path / "hosts"), *words)
    assert (ran.code, practice.nodes.tasks) == (2, [])
    assert message in ran.said


def test_zero_is_no_limit_as_with_clush(practice: Practice) -> None:
    assert practice.run("run", "-u", "0", "-t", "0", "@core", "true").code == 0
