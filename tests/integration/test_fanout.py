"""The engine on real nodes: what comes of commands, and what is left of them."""

from __future__ import annotations

import asyncio
import os
import threading
import time
from collections.abc import Callable, Iterator

import pytest

from stentor import AsyncFleet, Fleet, Settings
from stentor.fanout.cancellation import Cancellation
from stentor.fanout.events import Event, Finished, Notice, Output, Started
from stentor.lab import Lab
from stentor.outcome import Outcome

pytestmark = pytest.mark.integration


@pytest.fixture
def fleet(lab: Lab, environ: dict[str, str]) -> Fleet:
    return Fleet.open(str(lab.fleet_dir), environ=environ)


def finish(events: Iterator[Event]) -> dict[str, Outcome]:
    return {event.node: event.outcome for event in events if isinstance(event, Finished)}


def on_node(lab: Lab, alias: str, mark: str) -> list[int]:
    """Processes on the node whose command line has this mark, as the host sees them."""
    found = []
    for pid in lab.processes(alias):
        try:
            with open(f"/proc/{pid}/cmdline", "rb") as file:
                words = file.read()
        except OSError:
            continue
        if mark.encode() in words:
            found.append(pid)
    return found


def eventually(check: Callable[[], bool], seconds: float = 30.0) -> bool:
    until = time.monotonic() + seconds
    while time.monotonic() < until:
        if check():
            return True
        time.sleep(0.02)
    return check()


def test_output_code_and_streams(fleet: Fleet) -> None:
    results = fleet.select("@all").run("echo out; echo err >&2; exit 3")
    assert [result.node for result in results] == ["crtr", "prtr", "drtr", "trtr", "zrtr"]
    for result in results:
        assert (result.kind, result.code) == ("failed", 3)
        assert (result.stdout, result.stderr) == (b"out\n", b"err\n")
    warm = fleet.select("crtr").run("hostname; echo $SHELL")
    assert warm["crtr"].text.splitlines()[0] in ("crtr", "cooperator", os.uname().nodename)


def test_the_second_run_uses_the_masters_of_the_first(fleet: Fleet) -> None:
    fleet.select("crtr").run("true")
    (master,) = fleet.masters()
    assert master.alias == "crtr"
    fleet.select("crtr").run("true")
    (same,) = fleet.masters()
    assert (same.path, same.pid, same.since) == (master.path, master.pid, master.since)
    assert fleet.stop_master(master)
    assert fleet.masters() == []
    assert fleet.select("crtr").run("true")["crtr"].ok


def test_a_master_that_was_killed(fleet: Fleet) -> None:
    fleet.select("crtr").run("true")
    (master,) = fleet.masters()
    os.kill(master.pid, 9)
    assert fleet.select("crtr").run("echo again")["crtr"].stdout == b"again\n"


def test_no_environment_noise_and_no_marker_in_output(fleet: Fleet) -> None:
    events = list(fleet.select("crtr,drtr").stream("printf 'no newline'"))
    assert {e.node for e in events if isinstance(e, Started)} == {"crtr", "drtr"}
    assert all(e.pid > 1 for e in events if isinstance(e, Started))
    outputs = [e for e in events if isinstance(e, Output)]
    assert {(e.node, e.stream, e.data) for e in outputs} == {
        ("crtr", "stdout", b"no newline"),
        ("drtr", "stdout", b"no newline"),
    }
    assert not [e for e in events if isinstance(e, Notice)]


def test_environment_and_standard_input(fleet: Fleet) -> None:
    data = bytes(range(256)) * 4096
    results = fleet.select("@gpu").run(
        "printenv GREETING; cksum", stdin=data, environment={"GREETING": "it's $5"}
    )
    lines = {result.text for result in results}
    assert len(lines) == 1
    assert lines.pop().splitlines()[0] == "it's $5"
    assert fleet.select("crtr").run("cat", stdin=data)["crtr"].stdout == data


def test_binary_and_large_output(fleet: Fleet) -> None:
    received = {"stdout": 0, "stderr": 0}
    for event in fleet.select("crtr").stream("head -c 30000000 /dev/zero; head -c 3000000 /dev/zero >&2"):
        if isinstance(event, Output):
            received[event.stream] += len(event.data)
            assert len(event.data) <= 65536
    assert received == {"stdout": 30_000_000, "stderr": 3_000_000}


@pytest.mark.parametrize(
    ("command", "grace", "remote"),
    [("sleep 61.7", 30, "ended by TERM"), ("trap '' TERM; sleep 61.7; sleep 61.8", 0.4, "ended by KILL")],
)
def test_a_timeout_ends_what_runs_on_the_node(
    fleet: Fleet, lab: Lab, command: str, grace: float, remote: str
) -> None:
    fleet.select("crtr").run("true")
    settings = Settings(timeout=3, grace=grace)
    outcome = finish(fleet.select("crtr").stream(f"echo partial; {command}", settings))["crtr"]
    assert (outcome.kind, outcome.remote) == ("timed-out", remote)
    assert not on_node(lab, "crtr", "61.7")


def test_partial_output_of_a_timeout_is_kept(fleet: Fleet) -> None:
    result = fleet.select("crtr").run("echo partial; sleep 61.6", timeout=3)["crtr"]
    assert (result.kind, result.stdout) == ("timed-out", b"partial\n")


def test_cancelling_ends_everything(fleet: Fleet, lab: Lab) -> None:
    cancellation = Cancellation()
    begun: list[str] = []
    outcomes = {}
    for event in fleet.select("@all").stream("echo on; sleep 62.5", cancellation=cancellation):
        if isinstance(event, Started):
            begun.append(event.node)
            if len(begun) == 5:
                cancellation.request("Ctrl-C")
        if isinstance(event, Finished):
            outcomes[event.node] = event.outcome
    cancellation.close()
    assert {o.kind for o in outcomes.values()} == {"cancelled"}
    assert {o.remote for o in outcomes.values()} == {"ended by TERM"}
    assert not any(on_node(lab, alias, "62.5") for alias in outcomes)


def test_what_is_cancelled_before_its_shell_has_come_to_the_command_is_ended_all_the_same(
    make_lab: Callable[..., Lab], environ: dict[str, str]
) -> None:
    lab = make_lab(1)
    (alias,) = lab.nodes
    fleet = Fleet.open(str(lab.fleet_dir), environ=environ)
    fleet.select(alias).run("true")
    with open(lab.home(alias) / ".bashrc", "r+") as file:
        rest = file.read()
        file.seek(0)
        file.write("sleep 0.9\n" + rest)
    cancellation = Cancellation()
    timer = threading.Timer(0.3, lambda: cancellation.request("Ctrl-C"))
    timer.start()
    outcome = finish(fleet.select(alias).stream("sleep 62.9", cancellation=cancellation))[alias]
    cancellation.close()
    assert (outcome.kind, outcome.remote) == ("cancelled", "ended by TERM")
    assert not on_node(lab, alias, "62.9")


def test_interrupt_in_a_script(fleet: Fleet, lab: Lab) -> None:
    """KeyboardInterrupt in the iterator ends the remote processes and is raised again."""
    fleet.select("crtr").run("true")
    main = threading.main_thread().ident
    timer = threading.Timer(0.5, lambda: __import__("signal").pthread_kill(main, 2))
    timer.start()
    outcomes = {}
    with pytest.raises(KeyboardInterrupt):
        for event in fleet.select("crtr").stream("sleep 63.5"):
            if isinstance(event, Finished):
                outcomes[event.node] = event.outcome
    assert outcomes["crtr"].remote == "ended by TERM"
    assert not on_node(lab, "crtr", "63.5")


def test_fail_fast_and_a_window_of_one(fleet: Fleet) -> None:
    settings = Settings(window=1, fail_fast=True)
    outcomes = finish(fleet.select("@all").stream("test $(id -un) = nobody-there", settings))
    assert sorted(o.kind for o in outcomes.values()) == ["cancelled"] * 4 + ["failed"]


def test_a_connection_that_is_lost_in_the_middle(fleet: Fleet, lab: Lab) -> None:
    fleet.select("crtr").run("true")
    (master,) = fleet.masters()
    outcomes = {}
    for event in fleet.select("crtr").stream("echo on; sleep 3.25"):
        if isinstance(event, Started):
            os.kill(master.pid, 9)
        if isinstance(event, Finished):
            outcomes[event.node] = event.outcome
    assert outcomes["crtr"].kind == "lost"
    assert outcomes["crtr"].started


def test_a_command_killed_by_a_signal(fleet: Fleet) -> None:
    result = fleet.select("crtr").run("kill -9 $$")["crtr"]
    assert result.kind in ("signalled", "failed")
    if result.kind == "failed":
        assert result.code == 137
    assert fleet.select("crtr").run("exit 255")["crtr"].code == 255


def test_more_sessions_than_the_server_allows(make_lab: Callable[..., Lab], environ: dict[str, str]) -> None:
    """MaxSessions is waited for, not reported: others' sessions on the same master end."""
    small = make_lab(nodes=1, max_sessions=2)
    fleet = Fleet.open(str(small.fleet_dir), environ=environ)
    fleet.select("@all").run("true")
    results: list[str] = []

    def one() -> None:
        results.extend(result.kind for result in fleet.select("@all").run("sleep 0.3; echo done"))

    threads = [threading.Thread(target=one) for _ in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert results == ["ok"] * 6


def test_what_ran_too_long_is_ended_though_there_is_no_second_session(
    make_lab: Callable[..., Lab], environ: dict[str, str]
) -> None:
    narrow = make_lab(nodes=1, max_sessions=1)
    selection = Fleet.open(str(narrow.fleet_dir), environ=environ).select("node001")
    result = selection.run("trap '' TERM; echo on; sleep 71.5; sleep 71.5", timeout=3)["node001"]
    assert (result.kind, result.text, result.outcome.remote) == ("timed-out", "on", "ended by KILL")
    assert selection.run("pgrep -f '[s]leep 71.5'")["node001"].code == 1


def test_logins_through_one_gateway_never_exceed_what_it_takes(
    make_lab: Callable[..., Lab], environ: dict[str, str]
) -> None:
    """A gateway drops every login beyond the ninth that is under way; fifteen nodes stand behind it."""
    lab = make_lab(16)
    gateway, *behind = lab.nodes
    config = lab.paths(gateway).ssh / "sshd_config"
    config.write_text(config.read_text().replace("MaxStartups 200", "MaxStartups 9:100:9"))
    lab.reboot(gateway)
    nodes = lab.fleet_dir / "nodes.yaml"
    lines = nodes.read_text().splitlines()
    through = [
        line.replace("}", f", jump: {gateway}}}") if line.split(":")[0].strip() in behind else line
        for line in lines
    ]
    nodes.write_text("\n".join(through) + "\n")
    results = (
        Fleet.open(str(lab.fleet_dir), environ=environ).select("@all").run("echo hi", connect_timeout=20)
    )
    assert {result.node: result.kind for result in results} == dict.fromkeys(lab.nodes, "ok")
    log = (lab.paths(gateway).run / "sshd.log").read_text()
    assert "9:100:9" in config.read_text()
    assert log.count("Accepted publickey") >= len(behind) + 1
    assert "drop connection" not in log


def test_two_cold_starts_at_once_make_one_master(fleet: Fleet) -> None:
    kinds: list[str] = []

    def one() -> None:
        kinds.extend(result.kind for result in fleet.select("@all").run("true"))

    threads = [threading.Thread(target=one) for _ in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert kinds == ["ok"] * 15
    assert len(fleet.masters()) == 5


def test_a_login_that_was_cancelled_does_not_keep_the_next_one_out(fleet: Fleet) -> None:
    """A change that is interrupted asks its nodes again, in the same process, to take it back."""
    for master in fleet.masters():
        fleet.stop_master(master)
    selection = fleet.select("crtr")
    cancellation = Cancellation()
    cancellation.request("Ctrl-C")
    assert finish(selection.stream("true", cancellation=cancellation))["crtr"].kind == "cancelled"
    cancellation.close()
    assert finish(selection.stream("true"))["crtr"].kind == "ok"


def test_a_master_of_the_users_own_is_used(fleet: Fleet, lab: Lab, environ: dict[str, str]) -> None:
    own = f"{environ['HOME']}/own-%n"
    with open(lab.ssh_config, "a") as file:
        file.write(f"\nHost *\n  ControlPath {own}\n")
    try:
        import subprocess

        subprocess.run(
            ["ssh", "-F", str(lab.ssh_config), "-fNM", "crtr"],
            check=True,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            env=environ,
        )
        assert fleet.select("crtr").run("echo hi")["crtr"].stdout == b"hi\n"
        assert fleet.masters() == []
        subprocess.run(
            ["ssh", "-F", str(lab.ssh_config), "-O", "exit", "crtr"],
            check=True,
            env=environ,
            capture_output=True,
        )
        assert fleet.select("crtr").run("echo hi")["crtr"].stdout == b"hi\n"
        assert len(fleet.masters()) == 1
    finally:
        text = lab.ssh_config.read_text().replace(f"\nHost *\n  ControlPath {own}\n", "")
        lab.ssh_config.write_text(text)


def test_async(fleet: Fleet) -> None:
    async def use() -> None:
        selection = AsyncFleet(fleet).select("crtr,drtr")
        results = await selection.run("echo hi", timeout=20)
        assert [result.stdout for result in results] == [b"hi\n", b"hi\n"]
        events = [event async for event in selection.stream("echo hi")]
        assert sum(isinstance(event, Finished) for event in events) == 2

    asyncio.run(use())


def test_cancelling_an_await_ends_the_remote_processes(fleet: Fleet, lab: Lab) -> None:
    async def use() -> None:
        await AsyncFleet(fleet).select("crtr").run("sleep 64.5")

    async def main() -> None:
        job = asyncio.create_task(use())
        while not on_node(lab, "crtr", "64.5"):
            await asyncio.sleep(0.05)
        job.cancel()
        with pytest.raises(asyncio.CancelledError):
            await job

    asyncio.run(main())
    assert eventually(lambda: not on_node(lab, "crtr", "64.5"))


def test_output_never_comes_before_the_start(fleet: Fleet) -> None:
    """The start is told on stderr, which stdout can overtake."""
    selection = fleet.select("@all")
    for _ in range(15):
        begun = set()
        for event in selection.stream("printf 'x%.0s' 1 2 3; /bin/true; echo y"):
            if isinstance(event, Started):
                begun.add(event.node)
            elif isinstance(event, Output):
                assert event.node in begun
        assert len(begun) == 5
