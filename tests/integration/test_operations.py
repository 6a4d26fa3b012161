"""Operations on real nodes: the journal, waves, the guard, and what is left when stentor is killed."""

from __future__ import annotations

import json
import os
import random
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import pytest

from stentor import journal
from stentor.fanout import reap
from stentor.journal.query import find, history
from stentor.lab import Lab, processes
from stentor.render import json_schema

pytestmark = pytest.mark.integration


def last(environ: dict[str, str]) -> Any:
    book = journal.read(environ)
    try:
        return find(book, "@last", None)
    finally:
        book.close()


def kinds(environ: dict[str, str]) -> dict[str, str]:
    return {node.node: node.kind for node in last(environ).nodes}


def test_a_run_is_recorded_with_all_that_came_of_it(lab: Lab, stentor: Any, environ: dict[str, str]) -> None:
    assert (
        stentor("run", "--env", "A=b", "@all", 'echo out; echo err >&2; test "$(hostname)" != prtr').code == 1
    )
    record = last(environ)
    assert (record.kind, record.selector, record.state, record.exit_code) == ("run", "@all", "done", 1)
    assert record.fleet == str(lab.fleet_dir)
    assert [node.node for node in record.nodes] == ["crtr", "prtr", "drtr", "trtr", "zrtr"]
    prtr = record.nodes[1]
    assert (prtr.kind, prtr.code, prtr.started, prtr.stdout.data, prtr.stderr.data) == (
        *("failed", 1, True),
        *(b"out\n", b"err\n"),
    )
    assert prtr.pid > 0
    said = stentor("history").stdout.splitlines()
    assert "1 failed, 4 ok" in said[1]
    assert stentor("show", "--node", "prtr").stderr == "err\n"
    assert "exit 1" in stentor("show").stdout
    objects = [json.loads(line) for line in stentor("show", "--json").stdout.splitlines()]
    assert objects[0] == {"stentor": 1, "type": "show"}
    assert objects[1]["nodes"][1]["stdout"] == {"text": "out\n"}


def test_again_only_where_it_failed(lab: Lab, stentor: Any, environ: dict[str, str]) -> None:
    stentor("run", "@all", 'test -f ~/fixed || test "$(hostname)" != prtr')
    stentor("run", "prtr", "touch ~/fixed")
    assert stentor("rerun", "1", "--failed").code == 0
    assert kinds(environ) == {"prtr": "ok"}
    stentor("run", "@all", 'test "$(hostname)" != drtr')
    assert stentor("run", "@failed", "hostname").stdout == "drtr\n"
    assert stentor("run", "@failed:1", "hostname").stdout == "prtr\n"
    assert (
        "no node was unreachable in operation 1; nothing to rerun\n"
        in stentor("rerun", "1", "--unreachable").stderr
    )


def test_a_script_is_kept_and_can_be_run_again(lab: Lab, stentor: Any, tmp_path: Path) -> None:
    script = tmp_path / "say.sh"
    script.write_text('#!/bin/sh\necho "$1 $(hostname)"\n')
    stentor("run", "--script", script, "crtr", "--", "hello world")
    script.unlink()
    assert stentor("rerun").stdout == "hello world crtr\n"


def test_two_operations_compared(lab: Lab, stentor: Any) -> None:
    stentor("run", "crtr,prtr", "cat ~/x || true")
    stentor("run", "prtr", "echo news > ~/x")
    stentor("run", "crtr,prtr", "cat ~/x || true")
    done = stentor("diff", "1", "3")
    assert done.code == 1
    assert "+++ prtr stdout (3)" in done.stdout
    assert "crtr" not in done.stdout
    assert stentor("diff", "3", "3").code == 0


def test_up_and_down_are_seen_by_a_quick_ping(stentor: Any, make_lab: Any) -> None:
    lab = make_lab()
    assert sorted(stentor("run", "@up", "hostname", fleet=lab).stdout.split()) == sorted(
        ["crtr:", "crtr", "drtr:", "drtr", "trtr:", "trtr"]
    )
    assert stentor("run", "--dry-run", "@down", "true", fleet=lab).stdout.count("\n") == 3


def test_every_line_of_json_is_of_the_published_shape(lab: Lab, stentor: Any, tmp_path: Path) -> None:
    motd = tmp_path / "motd"
    motd.write_text("hello\n")
    (tmp_path / "tree").mkdir()
    (tmp_path / "tree" / "file").write_text("x")
    for words, types in {
        ("run", "@core", "echo $(hostname); printf '\\377'; test $(hostname) != drtr"): "operation report",
        ("run", "--dry-run", "@core", "true"): "plan target",
        ("run", "--canary", "crtr", "@core", "true"): "operation report",
        ("copy", "@core", motd, "~/"): "copy report",
        ("copy", "-n", "@core", tmp_path / "tree", "~/"): "copy report",
        ("fetch", "@core", "~/motd", tmp_path / "got"): "operation report",
        ("fetch", "-n", "@core", "~/motd", tmp_path / "got"): "fetch measured",
        ("rerun", "1", "--failed"): "operation report",
        ("history",): "history record",
        ("show", "1"): "show record",
        ("show", "@last~2"): "show record",
        ("diff", "1", "@last"): "diff compared",
        ("reboot", "--command", "false", "drtr"): "operation finished report",
        (
            "shutdown",
            "--command",
            "true",
            "--yes-really",
            "2",
            "@gpu",
        ): "operation began step finished report",
    }.items():
        done = stentor(words[0], "--json", *words[1:])
        lines = done.stdout.splitlines()
        for line in lines:
            json_schema.decode(line)
        found = {json.loads(line)["type"] for line in lines}
        assert found >= set(types.split()), (words, done)
        assert "stentor" in json.loads(lines[0]), "the first line says the version"


def test_a_failed_canary_touches_nobody_else(lab: Lab, stentor: Any, environ: dict[str, str]) -> None:
    line = 'touch ~/touched; test "$(hostname)" != prtr'
    done = stentor("run", "--canary", "prtr", "--waves", "25%", "@all", line)
    assert done.code == 1
    assert "the canary failed: prtr" in done.stderr
    assert kinds(environ) == {
        **dict.fromkeys(["crtr", "drtr", "trtr", "zrtr"], "cancelled"),
        "prtr": "failed",
    }
    touched = stentor("run", "@all", "ls ~/touched 2>/dev/null || true").stdout
    assert touched.split() == ["prtr:", "/home/prtr/touched"]


def test_a_gate_stops_after_the_canary_and_missing_goes_on(
    lab: Lab, stentor: Any, environ: dict[str, str]
) -> None:
    words = ["--canary", "drtr", "--waves", "2", "--gate", "test -f ~/good || { echo not yet; false; }"]
    done = stentor("run", *words, "@all", "echo done >> ~/did")
    assert "gate failed: exit code 1: not yet" in done.stderr
    assert kinds(environ)["drtr"] == "failed"
    stentor("run", "@all", "touch ~/good")
    assert stentor("rerun", "1", "--unfinished").code == 0
    assert kinds(environ) == dict.fromkeys(["crtr", "prtr", "trtr", "zrtr"], "ok")
    assert stentor("run", "--gather", "@all", "cat ~/did").stdout.splitlines()[1:] == [
        *("@all (5)", "-" * 15, "done")
    ]


def test_unreachable_nodes_count_unless_said(stentor: Any, make_lab: Any, environ: dict[str, str]) -> None:
    lab = make_lab(all_up=True)
    lab.break_("drtr", "refuse")
    words = ["--canary", "crtr", "--waves", "1", "--connect-timeout", "1s"]
    assert "1 failed, limit is 0: drtr" in stentor("run", *words, "crtr,drtr,trtr", "true", fleet=lab).stderr
    assert kinds(environ)["trtr"] == "cancelled"
    stentor("run", *words, "--unreachable", "ok", "crtr,drtr,trtr", "true", fleet=lab)
    assert kinds(environ)["trtr"] == "ok"


def test_the_policy_of_a_group_holds_for_run(lab: Lab, stentor: Any) -> None:
    fleet = lab.fleet_dir.parent / "careful"
    shutil.copytree(lab.fleet_dir, fleet)
    policy: dict[str, Any] = {"rollout": {"at_once": 3, "groups": {"gpu": {"canary": "prtr", "run": True}}}}
    try:
        (fleet / "policy.yaml").write_text(json.dumps(policy))
        assert stentor("run", "crtr,trtr,zrtr", "true", fleet=fleet).code == 0
        assert "the canary failed: prtr" in stentor("run", "@gpu", "false", fleet=fleet).stderr
        # The gateway is last in whatever goes in steps, though only the group asks for them.
        policy["rollout"]["last"] = "crtr"
        (fleet / "policy.yaml").write_text(json.dumps(policy))
        steps = stentor("run", "@core", "true", fleet=fleet).stderr
        assert steps.splitlines()[-2].startswith("stentor: last: crtr ("), steps
        del policy["rollout"]["last"]
        policy["rollout"]["groups"] = {"pseudo": {"at_once": 1}}
        (fleet / "policy.yaml").write_text(json.dumps(policy))
        refused = stentor("run", "@all", "true", fleet=fleet)
        assert refused.code == 6
        assert "5 nodes at once, and rollout.at_once allows 3" in refused.stderr
        assert stentor("run", "--at-once", "5", "@all", "true", fleet=fleet).code == 0
        waves = stentor("run", "--waves", "100%", "@all", "true", fleet=fleet)
        assert waves.code == 0
        assert "wave 2 of 2: trtr,zrtr" in waves.stderr or "wave 3 of 3" in waves.stderr
    finally:
        shutil.rmtree(fleet)


def test_dangerous_lines_are_refused_without_a_terminal(
    lab: Lab, stentor: Any, environ: dict[str, str]
) -> None:
    stentor("run", "@all", "mkdir -p ~/x/y && touch ~/x/y/z")
    done = stentor("run", "@all", "cd ~/x; rm -rf *")
    assert done.code == 6
    assert "remove-tree" not in done.stderr
    assert "your home directory" in done.stderr
    assert "--yes-really 5" in done.stderr
    assert last(environ).id == 1, "what is refused is no operation"
    assert stentor("run", "--yes-really", "4", "@all", "cd ~/x; rm -rf *").code == 2
    assert stentor("run", "--yes-really", "5", "@all", "cd ~/x; rm -rf *").code == 0
    assert stentor("run", "crtr", "rm -rf ~/x; rm -rf ~/none/*").code == 0, "one node is not asked about"


def test_a_script_is_read_by_the_guard(lab: Lab, stentor: Any, tmp_path: Path) -> None:
    script = tmp_path / "x.sh"
    script.write_text("#!/bin/sh\nif true; then\n  sudo shutdown -h now\nfi\n")
    assert "takes the node down" in stentor("run", "--script", script, "@all").stderr
    assert "takes the node down" in stentor("run", "--stdin", "@all", "sh", input="reboot\n").stderr


@pytest.mark.parametrize("answer", ["5", "yes"])
def test_a_person_types_the_number_of_nodes(lab: Lab, environ: dict[str, str], answer: str) -> None:
    import pty

    pid, terminal = pty.fork()
    if pid == 0:
        os.environ.clear()
        os.environ.update(environ)
        os.environ.pop("CI", None)
        os.execv(
            sys.executable, [sys.executable, "-m", "stentor", "run", "@all", "shutdown -h now; hostname"]
        )
    said = b""
    while b"type the number of nodes to continue: " not in said:
        said += os.read(terminal, 4096)
    assert b"takes the node down" in said
    os.write(terminal, answer.encode() + b"\n")
    try:
        while chunk := os.read(terminal, 4096):
            said += chunk
    except OSError:
        pass
    _, status = os.waitpid(pid, 0)
    os.close(terminal)
    assert (b"not sent" in said) is (answer == "yes")
    assert (os.waitstatus_to_exitcode(status) == 6) is (answer == "yes")


def left_running(mark: str) -> list[int]:
    return [
        pid for pid, process in processes.table().items() if mark in process.words and process.state != "Z"
    ]


def wait_for_none(mark: str, seconds: float = 40) -> list[int]:
    end = time.monotonic() + seconds
    while (left := left_running(mark)) and time.monotonic() < end:
        time.sleep(0.1)
    return left


KILLS = int(os.environ.get("STENTOR_KILLS", "40"))


@pytest.mark.timeout(600)
def test_killed_at_any_moment_it_leaves_a_whole_journal_and_no_process(
    lab: Lab, stentor: Any, environ: dict[str, str]
) -> None:
    """``STENTOR_KILLS=200`` for the figure in docs/history.md."""
    assert stentor("run", "@all", "true").code == 0
    began = time.monotonic()
    assert stentor("run", "@all", "true").code == 0
    whole = max(0.35, time.monotonic() - began)  # so long the way to a node's end is, on this machine now
    mark = f"31{random.randrange(10**6)}"
    dice = random.Random(7)
    argv = [sys.executable, "-m", "stentor", "run", "@all", f"echo begun; sleep {mark}; echo never"]
    for _ in range(0, KILLS, 4):
        together = [
            subprocess.Popen(argv, env=environ, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
            for _ in range(4)
        ]
        for one in together:
            time.sleep(dice.random() * whole)
            one.send_signal(signal.SIGKILL)
            one.wait()
    stentor("run", "@all", "true")
    assert wait_for_none(mark) == []
    book = journal.read(environ)
    assert book.rows("PRAGMA integrity_check") == [("ok",)]
    end = time.monotonic() + 60
    while time.monotonic() < end and any(one.state != "done" for one in history(book, limit=1000)):
        time.sleep(0.1)
    records = history(book, limit=1000)
    book.close()
    assert {record.state for record in records} == {"done"}
    killed = [record for record in records if mark in record.command]
    assert all(node.kind == "cancelled" for record in killed for node in record.nodes)
    ended = sum("ended" in node.remote for record in killed for node in record.nodes)
    print(f"{KILLS} kills, {len(killed)} operations begun, {ended} remote processes ended")
    assert ended


def test_what_was_left_is_told_from_everything_else(lab: Lab) -> None:
    """Run by hand what a killed stentor's successor runs: ours is ended, another's is not."""
    ours, other = "stentor-00112233445566aa", "stentor-99887766554433bb"
    background = "nohup setsid sh -c '{} sleep 61{}; true' >/dev/null 2>&1 & echo $!"
    for word, number in ((ours, "1"), (other, "2")):
        lab.run("crtr", background.format(f"export STENTOR_RUN={word};", number))
    stubborn = "trap : TERM; while :; do sleep 0.1; done"
    lab.run("prtr", f"nohup setsid sh -c 'export STENTOR_RUN={ours}; {stubborn}' >/dev/null 2>&1 &")
    assert lab.run("crtr", reap.command(ours, 4, 0)).stdout == "term\n", "also out of the group that was said"
    assert lab.run("crtr", "pgrep -f '^sleep 61' | wc -l").stdout == "1\n"
    assert lab.run("prtr", reap.command(ours, 0, 0)).stdout == "kill\n"
    late = f"(sleep 1; export STENTOR_RUN={ours}; setsid sh -c 'sleep 613; true') >/dev/null 2>&1 &"
    lab.run("drtr", late)
    assert lab.run("drtr", reap.command(ours, 0, 0)).stdout == "term\n"
