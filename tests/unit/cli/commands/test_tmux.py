"""``stentor tmux`` in front of a tmux that answers as a test says."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from stentor import terminal
from stentor.testing import FakeNodes, Reply
from stentor.tmux import guarding
from tests.practice import Practice, Ran
from tests.unit.tmux.scripted import Tmux, pane

HERE = {"TMUX": "/tmp/tmux-0/default,7,1", "TMUX_PANE": "%1"}
IDS = "#{session_id} #{window_id}"


class ReplacedError(Exception):
    """This process became another program."""


class Bench:
    """The command line, nodes in memory, and a scripted tmux."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch, folder: Path) -> None:
        self.practice = Practice(monkeypatch)
        self.tmux = Tmux(monkeypatch, [pane(1, "crtr"), pane(2, "prtr")])
        self.environ = {"XDG_RUNTIME_DIR": str(folder), "HOME": str(folder), "STENTOR_FLEET": str(folder)}
        (folder / "nodes.yaml").write_text("crtr: {ip: 192.168.254.10}\n")
        self.became: list[str] = []
        monkeypatch.setattr(terminal, "replace", self._replace)

    def _replace(self, argv: list[str], _: object) -> None:
        self.became = argv
        raise ReplacedError

    def run(self, *words: str, environ: dict[str, str] | None = None, **more: Any) -> Ran:
        return self.practice.run("tmux", *words, environ=self.environ | (environ or {}), **more)

    def lines(self, *words: str) -> list[dict[str, Any]]:
        return [json.loads(line) for line in self.run(*words, "--json").text.splitlines()]


@pytest.fixture
def bench(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Bench:
    return Bench(monkeypatch, tmp_path)


def said(ran: Ran, code: int, text: str) -> None:
    assert (ran.code, text in ran.said) == (code, True), ran


# ---- open ----


def test_open_makes_a_session_with_a_pane_for_each_node(bench: Bench) -> None:
    bench.tmux.panes = None
    said(bench.run("open", "@gpu", "--detach"), 0, "session gpu: prtr drtr\n")
    assert "new-session" in bench.tmux.said
    assert [name for name in ("prtr", "drtr", "crtr") if f"@node {name}" in bench.tmux.said] == [
        "prtr",
        "drtr",
    ]


def test_open_without_selector_takes_the_core_nodes(bench: Bench) -> None:
    bench.tmux.panes = None
    said(bench.run("open", "--detach"), 0, "session cluster: crtr prtr drtr\n")


def test_open_adds_what_is_missing_and_keeps_the_window(bench: Bench) -> None:
    bench.tmux.formats["#{window_id}"] = "@1"
    said(bench.run("open", "--detach"), 0, "session cluster exists; added drtr\n")
    assert "new-session" not in bench.tmux.said
    assert bench.tmux.calls[-1][-3:] == ["select-window", "-t", "@1"]


def test_open_of_an_open_session_changes_nothing(bench: Bench) -> None:
    assert bench.run("open", "crtr,prtr", "-s", "cluster", "--detach") == Ran(0, b"", b"")
    assert bench.tmux.calls == []


def test_open_prints_the_commands_instead(bench: Bench) -> None:
    bench.tmux.panes = None
    ran = bench.run("open", "@gpu", "--print", "--attach-remote", "work")
    assert ran.text.startswith("tmux new-session")
    assert "tmux new-session -A -s work" in ran.text
    assert bench.tmux.calls == []


def test_open_without_a_terminal_does_not_attach(bench: Bench) -> None:
    said(bench.run("open", "crtr,prtr", "-s", "cluster"), 6, "there is no terminal to attach")


def test_open_inside_tmux_switches_to_the_session(bench: Bench) -> None:
    bench.tmux.formats |= {"#{session_id}": "$1", "#{client_width} #{client_height}": "90 30"}
    with pytest.raises(ReplacedError):
        bench.run("open", "crtr,prtr", "-s", "cluster", environ=HERE)
    assert bench.became == ["tmux", "switch-client", "-t", "$1"]


# ---- window, attach, close ----


def test_window_is_opened_in_this_session(bench: Bench) -> None:
    bench.tmux.formats[IDS] = "$1 @1"
    ran = bench.run("window", "drtr", "--mosh", environ=HERE | {"PATH": ""})
    said(ran, 0, "mosh is not installed here: going by ssh")
    assert bench.tmux.calls[0][0] == "new-window"
    assert "$1:" in bench.tmux.calls[0]


def test_window_outside_tmux_is_an_error(bench: Bench) -> None:
    said(bench.run("window", "drtr"), 2, "not inside tmux")


def test_attach_prefers_the_cluster_session(bench: Bench) -> None:
    bench.tmux.panes = [pane(1, "prtr", session_name="other"), pane(2, "crtr", session_id="$2")]
    with pytest.raises(ReplacedError):
        bench.run("attach")
    assert bench.became == ["tmux", "attach-session", "-t", "$2"]
    bench.tmux.panes = []
    said(bench.run("attach"), 2, "no fleet session is open")


def test_attach_to_a_node_asks_its_own_tmux(bench: Bench) -> None:
    with pytest.raises(ReplacedError):
        bench.run("attach", "drtr", "work")
    assert bench.became[0] == "ssh"
    assert "tmux attach-session -t =work" in bench.became[-1]


def test_close_ends_a_session_in_which_nothing_runs(bench: Bench) -> None:
    bench.practice.nodes = FakeNodes(lambda *_: Reply(b"stentor-fg pts/1 bash\n"))
    assert bench.run("close") == Ran(0, b"", b"")
    assert bench.tmux.calls == [["kill-session", "-t", "$1"]]


def test_close_names_what_runs_and_refuses_without_a_terminal(bench: Bench) -> None:
    bench.tmux.panes = [pane(1, "crtr"), pane(2, "prtr"), pane(3, pane_current_command="vim")]

    def answer(alias: str, _: str) -> Reply:
        return (
            Reply(b"stentor-fg pts/1 make\n") if alias == "crtr" else Reply(kind="unreachable", reason="gone")
        )

    bench.practice.nodes = FakeNodes(answer)
    ran = bench.run("close", "cluster")
    said(ran, 6, "will not close session cluster (3 panes): programs are running")
    for text in ("%3: vim\n", "crtr: make (pts/1)\n", "prtr: cannot check (gone)\n"):
        assert text in ran.said
    assert bench.tmux.calls == []
    assert bench.run("close", "cluster", "--yes").code == 0
    assert bench.tmux.calls == [["kill-session", "-t", "$1"]]


def test_close_of_no_session(bench: Bench) -> None:
    said(bench.run("close", "nope"), 2, "no tmux session 'nope'")
    bench.tmux.panes = []
    said(bench.run("close"), 2, "no session is named")


# ---- list ----

SESSIONS = b"1700000000<|>2<|>1<|>vim<|>work\n1700000000<|>2<|>1<|>bash<|>work\n"


def test_list_is_a_table_of_every_nodes_sessions(bench: Bench) -> None:
    bench.practice.nodes = FakeNodes(
        {
            "crtr": Reply(SESSIONS),
            "prtr": Reply(b"stentor: no tmux here\n"),
            "drtr": Reply(),
            "trtr": Reply(kind="unreachable", reason="no answer"),
        }
    )
    ran = bench.run("list", "crtr,prtr,drtr,trtr")
    assert "open here: session cluster: crtr prtr\n" in ran.said
    rows = {row.split()[0]: " ".join(row.split()[1:]) for row in ran.text.splitlines()}
    assert rows["crtr"].startswith("work 2 1 20")
    assert rows["crtr"].endswith("vim bash")
    assert (rows["prtr"], rows["drtr"], rows["trtr"]) == ("no tmux there", "no session", "no answer")
    assert ran.code == 4


def test_list_in_json_has_a_record_for_each_session(bench: Bench) -> None:
    bench.practice.nodes = FakeNodes({"crtr": Reply(SESSIONS), "prtr": Reply(b"stentor: no tmux here\n")})
    found = [
        (line.get("node"), line.get("tmux"), line.get("name")) for line in bench.lines("list", "crtr,prtr")
    ]
    assert found[1:4] == [("crtr", True, None), ("crtr", None, "work"), ("prtr", False, None)]


# ---- sync ----


def test_sync_of_a_session_is_turned_on_guarded(bench: Bench) -> None:
    ran = bench.run("sync", "on", "cluster")
    said(ran, 0, "cluster:nodes: sync is on for 2: crtr prtr\n")
    assert "synchronize-panes on" in bench.tmux.said
    assert "-m stentor --fleet" in bench.tmux.said.replace("'", "")


def test_sync_leaves_out_panes_that_are_named(bench: Bench) -> None:
    bench.tmux.panes = [pane(1, "crtr"), pane(2, "prtr"), pane(3, "drtr"), pane(4, "trtr", state="waiting")]
    ran = bench.run("sync", "on", "cluster", "--except", "prtr")
    said(ran, 0, "sync is on for 2: crtr drtr; left out: prtr trtr\n")
    assert "set-option -p -t '%2' synchronize-panes off" in bench.tmux.said
    said(bench.run("sync", "on", "cluster", "--except", "nobody"), 2, "no pane 'nobody' in this window")


def test_sync_needs_two_connected_panes(bench: Bench) -> None:
    bench.tmux.panes = [pane(1, "crtr"), pane(2, "prtr", state="waiting")]
    ran = bench.run("sync", "on", "cluster")
    said(ran, 6, "fewer than two panes could take part")
    assert "not connected: prtr (waiting)" in ran.said


def test_sync_in_a_window_without_nodes_names_the_sessions_that_have_some(bench: Bench) -> None:
    plain = pane(9, "", session_name="work", session_id="$9", window_id="@9")
    bench.tmux.panes = [plain, pane(1, "crtr"), pane(2, "prtr")]
    bench.tmux.formats[IDS] = "$9 @9"
    for words in (["on"], ["on", "work"]):
        ran = bench.run("sync", *words, environ=HERE)
        said(ran, 6, "fewer than two panes could take part")
        said(ran, 6, "this window has no nodes; for a session that has: stentor tmux sync on cluster\n")
    bench.tmux.panes = [plain]
    said(
        bench.run("sync", "on", environ=HERE),
        6,
        "this window has no nodes; to open some: stentor tmux open\n",
    )


def test_sync_toggle_turns_off_what_is_on(bench: Bench) -> None:
    bench.tmux.panes = [pane(n, a, pane_synchronized="1") for n, a in ((1, "crtr"), (2, "prtr"))]
    bench.tmux.formats["#{@stentor_off}"] = "what restores it"
    said(bench.run("sync", "toggle", "cluster"), 0, "cluster:nodes: sync is off\n")
    assert bench.tmux.calls == [["run-shell", "-t", "@1", "-C", "#{@stentor_off}"]]


def test_sync_of_tmux_itself_is_turned_off_pane_by_pane(bench: Bench) -> None:
    bench.tmux.panes = [pane(1, "crtr", pane_synchronized="1")]
    bench.run("sync", "off", "cluster")
    assert [call[-3:] for call in bench.tmux.calls] == [
        ["-t", "@1", "synchronize-panes"],
        ["-t", "%1", "synchronize-panes"],
    ]


def test_sync_status_is_of_this_window(bench: Bench) -> None:
    bench.tmux.panes = [
        pane(1, "crtr"),
        pane(2, "prtr"),
        pane(3, "drtr", window_id="@9", pane_synchronized="1"),
    ]
    bench.tmux.formats[IDS] = "$1 @9"
    assert bench.run("sync", "status", environ=HERE).text == "cluster:nodes: sync is on for 1: drtr\n"
    said(bench.run("sync", "status", "nope"), 2, "no tmux session 'nope'")
    found = bench.lines("sync", "status", "cluster")
    assert [(line["on"], line["included"]) for line in found[1:]] == [
        (False, ["crtr", "prtr"]),
        (True, ["drtr"]),
    ]


def test_sync_outside_tmux_takes_the_only_session(bench: Bench) -> None:
    bench.tmux.panes = [pane(1, "crtr"), pane(2, "prtr", window_id="@9")]
    assert bench.run("sync", "status").text == ("cluster:nodes: sync is off\ncluster:nodes: sync is off\n")
    bench.tmux.panes.append(pane(3, "drtr", session_name="gpu", session_id="$2"))
    said(bench.run("sync", "status"), 2, "not inside tmux, and no session is named")
    said(bench.run("sync", "status"), 2, "name the session: cluster, gpu")
    bench.tmux.panes = []
    said(bench.run("sync", "status"), 2, "open one: stentor tmux open")


# ---- send ----


def test_a_line_in_front_of_the_nodes_leads_to_their_order(bench: Bench) -> None:
    ran = bench.run("send", "uptime", "@all")
    assert (ran.code, "nodes come first: stentor tmux send @all uptime" in ran.said) == (2, True), ran.said


def test_send_types_a_line_into_panes_of_nodes(bench: Bench) -> None:
    bench.tmux.panes = [pane(1, "crtr"), pane(2, "prtr", state="waiting")]
    ran = bench.run("send", "crtr,prtr,drtr", "uptime")
    said(ran, 4, "sent to 1: crtr\nnot connected, not sent: drtr prtr (waiting)\n")
    assert bench.tmux.said == "send-keys -t %1 -l -- uptime ; send-keys -t %1 Enter"


def test_send_is_ok_without_a_node_that_is_expected_down(bench: Bench) -> None:
    bench.tmux.panes = [pane(1, "crtr"), pane(2, "zrtr", state="waiting")]
    sent, expected = "sent to 1: crtr\n", "expected down, not sent: zrtr\n"
    said(bench.run("send", "crtr,zrtr", "uptime"), 0, sent + expected)
    said(bench.run("send", "crtr,drtr,zrtr", "uptime"), 4, f"{sent}not connected, not sent: drtr\n{expected}")
    said(bench.run("send", "zrtr", "uptime"), 0, f"sent to no pane\n{expected}")


def test_send_to_a_window_in_sync_types_once_for_each_pane(bench: Bench) -> None:
    bench.tmux.panes = [pane(n, a, pane_synchronized="1") for n, a in ((1, "crtr"), (2, "prtr"))]
    assert bench.run("send", "cluster", "uptime").code == 0
    words = bench.tmux.said.split(" ; ")
    assert words[0] == "set-option -w -t @1 synchronize-panes off"
    assert words[-1] == "set-option -w -t @1 synchronize-panes on"


def test_send_of_a_dangerous_line_is_confirmed_by_the_number_of_nodes(bench: Bench) -> None:
    ran = bench.run("send", "cluster", "rm -rf /")
    said(ran, 6, "dangerous on 2 nodes: crtr prtr")
    assert bench.run("send", "cluster", "rm -rf /", "--yes-really", "3").code == 6
    assert bench.tmux.calls == []
    assert bench.run("send", "cluster", "rm -rf /", "--yes-really", "2").code == 0
    assert "send-keys" in bench.tmux.said


def test_send_of_several_lines_is_confirmed(bench: Bench) -> None:
    said(bench.run("send", "cluster", "one\ntwo\n"), 6, "dangerous: 2 lines at once")


@pytest.mark.parametrize(("typed", "code"), [(b"2\n", 0), (b"y\n", 6)])
def test_send_asks_a_person_for_the_number(
    bench: Bench, monkeypatch: pytest.MonkeyPatch, typed: bytes, code: int
) -> None:
    monkeypatch.setattr("stentor.cli.context.Context.interactive", lambda _: True)
    ran = bench.run("send", "cluster", "rm -rf /", stdin=typed)
    said(ran, code, "2 nodes: crtr prtr. Type 2 to send it: ")
    assert bool(bench.tmux.calls) == (code == 0)


def test_send_of_nothing_is_an_error(bench: Bench) -> None:
    said(bench.run("send", "cluster", "  "), 2, "the line is empty")
    bench.tmux.panes = []
    said(bench.run("send", "crtr", "uptime"), 4, "sent to no pane\n")


# ---- log, capture ----


def test_log_writes_a_file_for_each_pane(bench: Bench, tmp_path: Path) -> None:
    ran = bench.run("log", "on", "--dir", str(tmp_path / "logs"))
    assert ran.text == "".join(f"{tmp_path}/logs/{name}.log\n" for name in ("crtr", "prtr"))
    assert (tmp_path / "logs").stat().st_mode & 0o777 == 0o700
    assert f"cat >> {tmp_path}/logs/prtr.log" in bench.tmux.said
    bench.tmux.calls.clear()
    bench.tmux.typed.clear()
    assert bench.run("log", "off").code == 0
    assert bench.tmux.said == "pipe-pane -t %1 ; pipe-pane -t %2"


def test_log_goes_to_the_state_directory(bench: Bench) -> None:
    ran = bench.run("log", "on", "cluster", environ={"XDG_STATE_HOME": bench.practice.state})
    assert ran.text.startswith(f"{bench.practice.state}/stentor/tmux/cluster/crtr.log\n")


def test_log_directory_that_cannot_be_made_is_an_error(bench: Bench, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    said(bench.run("log", "on", "--dir", str(tmp_path / "file" / "x")), 2, "cannot make")


def test_capture_merges_panes_that_show_the_same(bench: Bench) -> None:
    bench.tmux.outputs["capture-pane"] = "$ uptime  \nup\n\n\n=stentor-mark=\n$ uptime\nup\n=stentor-mark=\n"
    ran = bench.run("capture", "crtr,prtr,drtr")
    said(ran, 4, "no pane: drtr")
    assert "crtr,prtr" in ran.text
    assert ran.text.count("$ uptime\n") == 1
    found = bench.lines("capture", "cluster")
    assert [(line["node"], line["text"]) for line in found[1:]] == [
        (n, "$ uptime\nup\n") for n in ("crtr", "prtr")
    ]


# ---- the guard behind the keys ----


def test_guard_passes_a_harmless_line_and_asks_about_others(
    bench: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    passes: list[bool] = [True, False]
    monkeypatch.setattr(guarding, "look_at_line", lambda *_: passes.pop(0))
    assert bench.run("guard", "line", "--window", "@1").code == 0
    assert bench.run("guard", "line", "--window", "@1").code == 1


def test_guard_sends_a_paste_of_one_line(bench: Bench) -> None:
    bench.tmux.panes = [pane(n, a, pane_synchronized="1") for n, a in ((1, "crtr"), (2, "prtr"))]
    bench.tmux.outputs["show-buffer"] = " uptime"
    assert bench.run("guard", "paste", "--window", "@1").code == 0
    assert [c for c in bench.tmux.said.split(" ; ") if c.startswith("paste-buffer")] == [
        f"paste-buffer -b stentor-paste -t %{number}" for number in (1, 2)
    ]
    bench.tmux.outputs["show-buffer"] = " a\nb\n"
    assert bench.run("guard", "paste", "--window", "@1").code == 1
    assert "a paste of 2 lines: 2 nodes (crtr prtr)" in bench.tmux.said
    assert bench.run("guard", "paste-send", "--window", "@1").code == 0


def test_failure_of_tmux_is_said(bench: Bench) -> None:
    bench.tmux.failing = "kill-session"
    said(bench.run("close", "--yes"), 70, "tmux: bad luck")
    bench.tmux.version = "tmux 3.1"
    said(bench.run("close", "--yes"), 6, "tmux 3.1 is too old")


@pytest.mark.parametrize("words", [["--session", "#(date)"], ["--attach-remote", "a.b"]])
def test_a_name_that_is_refused_leaves_no_session(words: list[str], bench: Bench) -> None:
    said(bench.run("open", "@gpu", "--detach", *words), 2, "cannot be the name of a tmux session")
    assert "new-session" not in bench.tmux.said
