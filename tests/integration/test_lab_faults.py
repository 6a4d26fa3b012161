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
from stentor.lab.faults import FAULTS, faketime
from stentor.lab.programs import Ran
from tests.support import lacking

pytestmark = pytest.mark.integration


def login(lab: labs.Lab, command: str = "echo in", *options: str) -> tuple[Ran, float]:
    start = time.monotonic()
    ran = lab.run("drtr", command, options=("-o", "ConnectTimeout=1", *options))
    return ran, time.monotonic() - start


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
    assert login(lab)[0] == (0, "in\n", "")
    assert {status.state for status in lab.status()} == {"up"}
    assert sorted(path.name for path in lab.home("drtr").iterdir()) == before


Broken = Callable[[str], labs.Lab]


def test_down_times_out(broken: Broken) -> None:
    ran, seconds = login(broken("down"))
    assert ran.code == 255
    assert "timed out" in ran.stderr
    assert 0.9 < seconds < 4


@pytest.mark.parametrize("fault", ["power-cut", "refuse", "kill-sshd"])
def test_refused(broken: Broken, fault: str) -> None:
    ran, _ = login(broken(fault))
    assert ran.code == 255
    assert "Connection refused" in ran.stderr


def test_hang_has_no_banner(broken: Broken) -> None:
    ran, _ = login(broken("hang"))
    assert ran.code == 255
    assert "during banner exchange" in ran.stderr


def test_denied(broken: Broken) -> None:
    ran, _ = login(broken("denied"))
    assert ran.code == 255
    assert "Permission denied (publickey)" in ran.stderr


def test_host_key_changed(broken: Broken) -> None:
    ran, _ = login(broken("host-key-changed"))
    assert ran.code == 255
    assert "REMOTE HOST IDENTIFICATION HAS CHANGED" in ran.stderr


def test_slow_login(broken: Broken) -> None:
    lab = broken("slow-login=1.5")
    ran, slow = login(lab)
    assert ran == (0, "in\n", "")
    assert slow > 1.5
    lab.break_("drtr", "slow-login=0")
    assert min(login(lab)[1] for _ in range(4)) < slow - 1


def test_bashrc_exits(broken: Broken) -> None:
    ran, _ = login(broken("bashrc-exits"))
    assert ran == (9, "", "")


def test_bash_profile_exits(broken: Broken) -> None:
    lab = broken("bash-profile-exits")
    assert login(lab)[0] == (0, "in\n", "")
    assert login(lab, "bash -l -c 'echo in'")[0] == (7, "", "")
    # Nothing but a terminal: the login shell of a person.
    assert lab.run("drtr", options=("-tt",)).code == 7


def test_full_disk(broken: Broken) -> None:
    lab = broken("full-disk")
    ran, _ = login(lab, "cat .profile >/dev/null && echo some more text >new; cat new")
    assert "No space left on device" in ran.stderr
    assert ran.stdout == ""


def test_read_only_home(broken: Broken) -> None:
    ran, _ = login(broken("read-only-home"), "touch ~/new")
    assert ran.code == 1
    assert "Read-only file system" in ran.stderr


def test_clock_skew(broken: Broken) -> None:
    if faketime() is None:
        lacking("libfaketime is not installed")
    ran, _ = login(broken("clock-skew=+2h"), "date +%s")
    assert abs(int(ran.stdout) - time.time() - 7200) < 5


def test_clock_skew_holds_over_warm_connections(lab: labs.Lab, environ: dict[str, str]) -> None:
    if faketime() is None:
        lacking("libfaketime is not installed")
    selection = Fleet.open(str(lab.fleet_dir), environ=environ).select("drtr")

    def ahead() -> float:
        return int(selection.run("date +%s")["drtr"].text) - time.time()

    assert abs(ahead()) < 5
    lab.break_("drtr", "clock-skew=-3h")
    assert abs(ahead() + 10800) < 5
    lab.heal("drtr")
    assert abs(ahead()) < 5


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
def test_open_sessions_live_on(session: subprocess.Popen[str], broken: Broken, fault: str) -> None:
    broken(fault)
    assert echo(session, "after") == "after\n"


@pytest.mark.parametrize("fault", ["kill-sshd", "power-cut", "down"])
def test_open_sessions_end(session: subprocess.Popen[str], broken: Broken, fault: str) -> None:
    broken(fault)
    assert session.wait(5) == 255


def test_open_sessions_go_silent(session: subprocess.Popen[str], broken: Broken) -> None:
    ran, _ = login(broken("link-cut"))
    assert "timed out" in ran.stderr
    assert session.stderr
    assert "not responding" in session.stderr.read()
    assert session.wait(5) == 255


def test_a_short_cut_of_the_link_is_survived(lab: labs.Lab) -> None:
    started = lab.run("drtr", "(setsid sleep 1000 >/dev/null 2>&1 &) ; cat /proc/sys/kernel/random/boot_id")
    lab.break_("drtr", "link-cut")
    lab.heal("drtr")
    again = lab.run("drtr", "pgrep sleep >/dev/null && cat /proc/sys/kernel/random/boot_id")
    assert again == started


def test_reboot(lab: labs.Lab) -> None:
    look = "cat /proc/sys/kernel/random/boot_id; touch ~/kept /tmp/lost; ls ~/kept /tmp/lost; pgrep -c sleep"
    before = lab.run("drtr", "(setsid sleep 1000 >/dev/null 2>&1 &); ls /tmp; " + look).stdout.split()
    lab.break_("drtr", "read-only-home")
    lab.reboot("drtr")
    after = lab.run("drtr", look)
    assert "Read-only file system" in after.stderr, "faults stay over a reboot"
    assert after.stdout.split()[0] != before[0]
    assert after.stdout.split()[-1] == "0"
    assert (lab.home("drtr") / "kept").exists()


def test_several_faults_at_once(broken: Broken) -> None:
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
def test_nonsense_is_named(lab: labs.Lab, node: str, fault: str, said: str) -> None:
    with pytest.raises(UsageError, match=said):
        lab.break_(node, fault)
    assert lab.faults("drtr") == ()


def test_every_fault_is_tried_here() -> None:
    text = Path(__file__).read_text()
    assert [name for name in FAULTS if f'"{name}' not in text] == []
