"""Every fault of the practice nodes, as plain ``ssh -F`` sees it; and that healing undoes it."""

from __future__ import annotations

import subprocess
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from stentor import Fleet
from stentor import lab as labs
from stentor.errors import Refused, UsageError
from stentor.lab import processes
from stentor.lab.faults import FAULTS, faketime
from stentor.lab.programs import Ran
from tests.support import lacking

pytestmark = pytest.mark.integration


def login(lab: labs.Lab, command: str = "echo in", *options: str) -> Ran:
    return lab.run("drtr", command, options=("-o", "ConnectTimeout=1", *options))


@pytest.fixture
def broken(lab: labs.Lab) -> Iterator[Callable[[str], labs.Lab]]:
    """Break ``drtr``; afterwards its neighbour is unharmed, and healing brings it back as it was."""
    before = sorted(path.name for path in lab.home("drtr").iterdir())

    def put(fault: str) -> labs.Lab:
        lab.break_("drtr", fault)
        states = {status.alias: status.state for status in lab.status()}
        assert states.pop("drtr") in ("broken", "down")
        assert set(states.values()) == {"up"}
        assert lab.run("trtr", "echo in")[:2] == (0, "in\n")
        return lab

    yield put
    assert lab.heal() == ["drtr"]
    assert login(lab) == (0, "in\n", "")
    assert {status.state for status in lab.status()} == {"up"}
    assert sorted(path.name for path in lab.home("drtr").iterdir()) == before


Broken = Callable[[str], labs.Lab]


def test_down_times_out(broken: Broken) -> None:
    ran = login(broken("down"))
    assert ran.code == 255
    assert "timed out" in ran.stderr


@pytest.mark.parametrize("fault", ["power-cut", "refuse", "kill-sshd"])
def test_connections_are_refused(broken: Broken, fault: str) -> None:
    ran = login(broken(fault))
    assert ran.code == 255
    assert "Connection refused" in ran.stderr


def test_hang_has_no_banner(broken: Broken) -> None:
    ran = login(broken("hang"))
    assert ran.code == 255
    assert "during banner exchange" in ran.stderr


def test_denied_rejects_the_key(broken: Broken) -> None:
    ran = login(broken("denied"))
    assert ran.code == 255
    assert "Permission denied (publickey)" in ran.stderr


def test_host_key_changed_is_what_ssh_warns_of(broken: Broken) -> None:
    ran = login(broken("host-key-changed"))
    assert ran.code == 255
    assert "REMOTE HOST IDENTIFICATION HAS CHANGED" in ran.stderr


def test_slow_login_starts_no_session_before_the_time_is_over(broken: Broken) -> None:
    lab = broken("slow-login=987")
    words = ["ssh", "-F", str(lab.ssh_config), "-o", "BatchMode=yes", "drtr", "touch began; echo in"]

    def waiting(words: tuple[str, ...]) -> set[int]:
        table = processes.table()
        return {pid for pid in lab.processes("drtr") & table.keys() if table[pid].words == words}

    with subprocess.Popen(words, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, text=True) as session:
        assert processes.until(lambda: bool(waiting(("sleep", "987"))))
        assert not (lab.home("drtr") / "began").exists()
        processes.kill(waiting(("sleep", "987")))
        assert session.communicate(timeout=30)[0] == "in\n"
    (lab.home("drtr") / "began").unlink()
    lab.break_("drtr", "slow-login=0")
    assert login(lab) == (0, "in\n", "")


def test_bashrc_exits_ends_every_command(broken: Broken) -> None:
    ran = login(broken("bashrc-exits"))
    assert ran == (9, "", "")


def test_bash_profile_exits_ends_only_login_shells(broken: Broken) -> None:
    lab = broken("bash-profile-exits")
    assert login(lab) == (0, "in\n", "")
    assert login(lab, "bash -l -c 'echo in'") == (7, "", "")
    # Nothing but a terminal: the login shell of a person.
    assert lab.run("drtr", options=("-tt",)).code == 7


def test_full_disk_takes_no_more_text(broken: Broken) -> None:
    lab = broken("full-disk")
    ran = login(lab, "cat .profile >/dev/null && echo some more text >new; cat new")
    assert "No space left on device" in ran.stderr
    assert ran.stdout == ""


def test_read_only_home_rejects_writes(broken: Broken) -> None:
    ran = login(broken("read-only-home"), "touch ~/new")
    assert ran.code == 1
    assert "Read-only file system" in ran.stderr


def test_clock_skew_shifts_the_date(broken: Broken) -> None:
    if faketime() is None:
        lacking("libfaketime is not installed")
    ran = login(broken("clock-skew=+2h"), "date +%s")
    assert hours_ahead(int(ran.stdout)) == 2


def hours_ahead(seconds: int) -> int:
    """How many hours a clock is ahead of this machine's, which ran on since it was read."""
    return round((seconds - time.time()) / 3600)


def test_clock_skew_holds_over_warm_connections(lab: labs.Lab, environ: dict[str, str]) -> None:
    if faketime() is None:
        lacking("libfaketime is not installed")
    selection = Fleet.open(str(lab.fleet_dir), environ=environ).select("drtr")

    def ahead() -> int:
        return hours_ahead(int(selection.run("date +%s")["drtr"].text))

    assert ahead() == 0
    lab.break_("drtr", "clock-skew=-3h")
    assert ahead() == -3
    lab.heal("drtr")
    assert ahead() == 0


@pytest.fixture
def session(lab: labs.Lab) -> Iterator[subprocess.Popen[str]]:
    """A session on ``drtr`` which is open before anything breaks; it says what it is told."""
    words = ["ssh", "-F", str(lab.ssh_config), "-o", "ServerAliveInterval=1", "-o", "ServerAliveCountMax=1"]
    with subprocess.Popen(
        [*words, "drtr", "cat"],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    ) as process:
        assert echo(process, "before") == "before\n"
        yield process
        process.kill()


def echo(process: subprocess.Popen[str], text: str) -> str:
    assert process.stdin and process.stdout
    process.stdin.write(f"{text}\n")
    process.stdin.flush()
    return process.stdout.readline()


@pytest.mark.parametrize("fault", ["refuse", "hang", "denied", "full-disk"])
def test_open_sessions_go_on(session: subprocess.Popen[str], broken: Broken, fault: str) -> None:
    broken(fault)
    assert echo(session, "after") == "after\n"


@pytest.mark.parametrize("fault", ["kill-sshd", "power-cut", "down"])
def test_open_sessions_end(session: subprocess.Popen[str], broken: Broken, fault: str) -> None:
    broken(fault)
    assert session.wait(30) == 255


def test_open_sessions_go_silent(session: subprocess.Popen[str], broken: Broken) -> None:
    ran = login(broken("link-cut"))
    assert "timed out" in ran.stderr
    assert session.stderr
    assert "not responding" in session.stderr.read()
    assert session.wait(30) == 255


def test_processes_survive_a_short_cut_of_the_link(lab: labs.Lab) -> None:
    started = lab.run("drtr", "(setsid sleep 1000 >/dev/null 2>&1 &) ; cat /proc/sys/kernel/random/boot_id")
    lab.break_("drtr", "link-cut")
    lab.heal("drtr")
    again = lab.run("drtr", "pgrep sleep >/dev/null && cat /proc/sys/kernel/random/boot_id")
    assert again == started


def test_a_reboot_keeps_home_and_faults(lab: labs.Lab) -> None:
    look = "cat /proc/sys/kernel/random/boot_id; touch ~/kept /tmp/lost; ls ~/kept /tmp/lost; pgrep -c sleep"
    before = lab.run("drtr", "(setsid sleep 1000 >/dev/null 2>&1 &); ls /tmp; " + look).stdout.split()
    lab.break_("drtr", "read-only-home")
    lab.reboot("drtr")
    after = lab.run("drtr", look)
    assert "Read-only file system" in after.stderr, "faults stay over a reboot"
    assert after.stdout.split()[0] != before[0]
    assert after.stdout.split()[-1] == "0"
    assert (lab.home("drtr") / "kept").exists()


def test_a_node_may_have_several_faults_at_once(broken: Broken) -> None:
    lab = broken("read-only-home")
    lab.break_("drtr", "bashrc-exits")
    lab.break_("drtr", "refuse")
    lab.break_("drtr", "down")
    assert set(lab.faults("drtr")) == {"bashrc-exits", "down"}
    with pytest.raises(Refused, match="already off"):
        lab.break_("drtr", "hang")


@pytest.mark.parametrize(
    ("node", "fault", "said"),
    [
        ("drtr", "dow", "there is no fault 'dow'"),
        ("drtr", "down=1", "takes no value"),
        ("drtr", "slow-login=", "has no value"),
        ("drtr", "slow-login=soon", "takes seconds"),
        ("drtr", "clock-skew=late", "takes an offset"),
        ("dtrr", "down", "no node 'dtrr'"),
    ],
)
def test_invalid_faults_are_rejected(lab: labs.Lab, node: str, fault: str, said: str) -> None:
    with pytest.raises(UsageError, match=said):
        lab.break_(node, fault)
    assert lab.faults("drtr") == ()


def test_every_fault_has_a_test_here() -> None:
    text = Path(__file__).read_text()
    assert [name for name in FAULTS if f'"{name}' not in text] == []
