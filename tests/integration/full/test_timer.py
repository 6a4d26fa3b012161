"""Nodes that pull by themselves, by a systemd user timer and by cron, both real; and their own deadlines."""

from __future__ import annotations

import time
from concurrent.futures import ThreadPoolExecutor

import pytest

from tests.integration.dotfiles.conftest import FIRST
from tests.integration.full.conftest import LINGER, STATE, FullDotfiles, as_root, reboot, until

pytestmark = pytest.mark.integration

TIMER = "stentor-dotfiles-timer"


def start_from_the_remote(dotfiles: FullDotfiles) -> None:
    dotfiles.commit(FIRST)
    dotfiles.git("push", "-q", "-u", "origin", "main")
    said = dotfiles.say("apply", "@all", "--yes", "--overwrite", "existing")
    assert said.code == 0, said


def publish(dotfiles: FullDotfiles, files: dict[str, str | None]) -> str:
    rev = dotfiles.commit(files)
    dotfiles.git("push", "-q", "origin", "main")
    return rev


def last(dotfiles: FullDotfiles, alias: str) -> str:
    return str(dotfiles.say("timer", "status", alias).stdout.partition(": ")[2].strip())


def run_now(dotfiles: FullDotfiles, alias: str) -> None:
    """As the timer does it, but now: systemd waits for the end of a service of one run."""
    said = dotfiles.lab.run(alias, f"systemctl --user start {TIMER}.service", timeout=60)
    assert said.code == 0, said


def test_a_node_pulls_by_a_systemd_timer(dotfiles: FullDotfiles) -> None:
    start_from_the_remote(dotfiles)
    said = dotfiles.say("timer", "install", "crtr")
    assert said.stdout == "crtr: systemd\n", said
    listed = dotfiles.lab.run("crtr", "systemctl --user list-timers --all").stdout
    assert f"{TIMER}.timer" in listed
    shown = dotfiles.lab.run("crtr", f"systemctl --user show {TIMER}.timer -p RandomizedDelayUSec --value")
    assert shown.stdout == "1s\n"

    # By time, with nobody logged in: five seconds, and up to one more.
    rev = publish(dotfiles, {"dot_zshrc": "export GOOD=2\n", "dot_config/who.tmpl": "{{ .stentor.role }}!\n"})
    until(lambda: dotfiles.read("crtr", ".zshrc") == "export GOOD=2\n", 40, "the timer pulls")
    until(lambda: not dotfiles.pending("crtr"), 40, "the node confirms it by itself")
    assert dotfiles.read("crtr", f"{STATE}/applied").split()[0] == rev
    assert dotfiles.read("crtr", ".config/who") == "gateway!\n"
    assert dotfiles.clean("crtr")

    # And after a reboot.
    reboot(dotfiles.lab, "crtr")
    rev = publish(dotfiles, {"dot_zshrc": "export GOOD=3\n"})
    until(lambda: rev in dotfiles.read("crtr", f"{STATE}/applied"), 60, "the timer pulls after a reboot")
    assert dotfiles.say("timer", "remove", "crtr").stdout == "crtr: removed\n"
    left = dotfiles.lab.run("crtr", "systemctl --user list-timers --all; find .config/systemd 2>/dev/null")
    assert "stentor" not in left.stdout
    assert last(dotfiles, "crtr") == "none"


def test_what_a_timer_leaves_alone(dotfiles: FullDotfiles) -> None:
    start_from_the_remote(dotfiles)
    policy = dotfiles.lab.fleet_dir / "policy.yaml"
    policy.write_text(policy.read_text().replace("every: 5s", "every: 1h, login: 15s"))
    assert dotfiles.say("timer", "install", "prtr").stdout == "prtr: systemd\n"

    # Edited by hand: the hand's work stays.
    mine = dotfiles.lab.home("prtr") / ".zshrc"
    mine.write_text("export MINE=1\n")
    publish(dotfiles, {"dot_zshrc": "export GOOD=2\n", "dot_fresh": "new\n"})
    before = dotfiles.manifest("prtr")
    run_now(dotfiles, "prtr")
    assert "conflict edited" in last(dotfiles, "prtr")
    assert dotfiles.manifest("prtr") == before
    mine.write_text("export GOOD=1\n")
    run_now(dotfiles, "prtr")
    assert last(dotfiles, "prtr").startswith("at ")
    assert dotfiles.read("prtr", ".zshrc") == "export GOOD=2\n"

    # A login that breaks: reverted, and from then on the timer is paused.
    before = dotfiles.manifest("prtr")
    bad = publish(dotfiles, {"dot_zshrc": "exit 7\n"})
    run_now(dotfiles, "prtr")
    assert f"took {bad} back: shell " in last(dotfiles, "prtr")
    assert dotfiles.manifest("prtr") == before
    publish(dotfiles, {"dot_zshrc": "export GOOD=3\n"})
    run_now(dotfiles, "prtr")
    assert "paused: the last change was reverted" in last(dotfiles, "prtr")
    assert dotfiles.manifest("prtr") == before
    # Until a person has brought it to a revision which holds.
    assert dotfiles.say("apply", "prtr", "--yes").code == 0
    rev = publish(dotfiles, {"dot_zshrc": "export GOOD=4\n"})
    run_now(dotfiles, "prtr")
    assert last(dotfiles, "prtr") == f"at {rev}"
    assert dotfiles.clean("prtr")


@pytest.mark.timeout(240)  # cron looks once in a minute
def test_cron_where_there_is_no_user_manager(dotfiles: FullDotfiles) -> None:
    start_from_the_remote(dotfiles)
    said = dotfiles.say("timer", "install", "trtr,zrtr,drtr")
    assert "trtr: cron\n" in said.stdout
    # Its account may not let itself linger here, so cron is what is left.
    assert "zrtr: cron\n" in said.stdout
    # And where that lacks too, it is said what would help.
    assert "drtr: " in said.stdout
    assert "sudo loginctl enable-linger drtr" in said.stdout + said.stderr
    assert not (dotfiles.lab.home("drtr") / STATE / "timer").exists()
    # Each minute instead of each five, and no waiting besides: this is a test.
    every = "crontab -l | sed 's/^[^ ]* /* /; s/jitter=[0-9]*/jitter=0/' | crontab -; crontab -l"
    assert f"# {TIMER}" in dotfiles.lab.run("trtr", every).stdout
    good = publish(dotfiles, {"dot_bashrc": "export GOOD=2\n"})
    until(lambda: dotfiles.read("trtr", ".bashrc") == "export GOOD=2\n", 90, "cron pulls")
    until(lambda: not dotfiles.pending("trtr"), 40, "the node confirms it by itself")
    assert dotfiles.read("trtr", f"{STATE}/applied").split()[0] == good
    # cron says SHELL=/bin/sh, whose login a broken .bashrc does not break: the account's own is tried.
    before = dotfiles.manifest("trtr")
    bad = publish(dotfiles, {"dot_bashrc": "exit 7\n"})
    until(lambda: f"took {bad} back" in last(dotfiles, "trtr"), 90, "cron takes it back")
    assert dotfiles.manifest("trtr") == before
    assert dotfiles.say("timer", "remove", "trtr").stdout == "trtr: removed\n"
    assert "stentor" not in dotfiles.lab.run("trtr", "crontab -l").stdout


def test_a_node_keeps_its_deadline_when_everybody_has_gone(dotfiles: FullDotfiles) -> None:
    dotfiles.start()
    # The clock of every login there is a day ahead: deadlines do not go by the clock on the wall.
    dotfiles.lab.break_("prtr", "clock-skew")
    before = {alias: dotfiles.manifest(alias) for alias in dotfiles.lab.nodes}
    rev = dotfiles.commit({"dot_bashrc": "exit 7\n", "dot_zshrc": "exit 7\n"})

    def left_alone(alias: str) -> None:
        by = "systemd" if alias in LINGER else "process"
        said = dotfiles.begin(alias, rev, "op1", window="3")
        assert f"deadline 3 {by}" in said.stdout, said
        assert dotfiles.manifest(alias) != before[alias]
        # systemd's timers may be a minute late unless told otherwise.
        until(lambda: dotfiles.history(alias, "op1"), 30, "the node takes it back by itself")
        assert dotfiles.reason(alias, "op1") == "nobody confirmed it in time"
        assert dotfiles.manifest(alias) == before[alias]
        assert dotfiles.clean(alias)
        left = dotfiles.lab.run(alias, "systemctl --user list-units --all 'stentor*'; pgrep -af '[w]ait op='")
        assert "stentor" not in left.stdout

    with ThreadPoolExecutor(len(before)) as pool:
        list(pool.map(left_alone, before))


def test_a_user_manager_that_is_started_again_keeps_the_deadline(dotfiles: FullDotfiles) -> None:
    """Within one boot: the change is not taken for one of a boot before, and its deadline still comes."""
    dotfiles.start()
    before = dotfiles.manifest("crtr")
    rev = dotfiles.commit({"dot_bashrc": "export GOOD=2\n"})
    said = dotfiles.begin("crtr", rev, "op1", window="25")
    assert "deadline 25 systemd" in said.stdout, said
    again = as_root(dotfiles.lab, "crtr", "systemctl", "restart", "user@1000.service")
    assert again.code == 0, again
    time.sleep(2)
    assert dotfiles.pending("crtr")
    assert dotfiles.manifest("crtr") != before
    until(lambda: dotfiles.history("crtr", "op1"), 90, "the deadline comes all the same")
    assert dotfiles.reason("crtr", "op1") == "nobody confirmed it in time"
    assert dotfiles.manifest("crtr") == before
