"""What a line hands to other programs, which go on when the line is ended."""

from __future__ import annotations

import pytest

from stentor.guard.detached import _ROWS, detached
from stentor.guard.quick import NAMES

GOES_ON = {
    "systemd-run sleep 5": "systemd-run",
    "/usr/bin/systemd-run --user --unit x sleep 5": "systemd-run",
    "run0 sleep 5": "run0",
    "echo 'sleep 5' | at now": "at",
    "at -f job now + 1 hour": "at",
    "batch < job": "batch",
    "(crontab -l; echo '0 4 * * * true') | crontab -": "crontab",
    "docker run -d nginx": "docker",
    "docker container start web": "docker",
    "if true; then podman start web; fi": "podman",
    "docker compose -f x.yml up -d": "docker",
    "docker-compose up": "docker-compose",
    "tmux new -d 'sleep 5'": "tmux",
    "tmux -L work new-session -d sleep 5": "tmux",
    "screen -dmS work sleep 5": "screen",
    "screen -S work -X stuff x": "screen",
    "sbatch job.sh": "sbatch",
    "sudo setsid sleep 5": "setsid",
    "sudo -u bob sh -c 'nohup sleep 5 &'": "nohup",
    "su - bob -c 'setsid sleep 5 &'": "setsid",
    "sudo daemonize /usr/bin/sleep 5": "daemonize",
    "bash <<'E'\nsystemd-run sleep 5\nE": "systemd-run",
    "ls | xargs -n 1 systemd-run": "systemd-run",
    'x() { systemd-run "$@"; }; x sleep 5': "systemd-run",
    "sh -c 'sudo sh -c \"setsid sleep 5\"'": "setsid",
}
ENDS = [
    "sleep 5",
    "systemd-run --scope sleep 5",
    "at -l",
    "atq",
    "crontab -l",
    "docker ps",
    "docker compose ps",
    "docker logs run",
    "tmux ls",
    "screen -ls",
    "setsid sleep 5",
    "nohup sleep 5 & disown",
    "sudo sleep 5 &",
    "grep systemd-run /etc/crontab",
    "echo systemd-run sleep",
]  # found by the session, by whose child it is, or by the mark


@pytest.mark.parametrize("line", GOES_ON)
def test_what_another_program_starts_is_named(line: str) -> None:
    assert [one.name for one in detached(line)] == [GOES_ON[line]]


@pytest.mark.parametrize("line", ENDS)
def test_of_what_a_look_finds_nothing_is_said(line: str) -> None:
    assert detached(line) == ()


def test_by_sudo_what_leaves_the_session_has_no_mark() -> None:
    assert [one.name for one in detached("setsid sleep 5 &", by_sudo=True)] == ["setsid"]
    assert detached("sleep 5 &", by_sudo=True) == ()


def test_what_a_shell_reads_is_a_line_too() -> None:
    assert [one.name for one in detached("sh", stdin="systemd-run sleep 5")] == ["systemd-run"]


def test_every_program_is_known_to_the_filter_for_plain_lines() -> None:
    assert set(_ROWS) <= NAMES


def test_the_look_is_into_the_manager_that_runs_it() -> None:
    looks = [one.look for one in detached("systemd-run --user sleep 5; systemd-run sleep 5")]
    assert looks == ["systemctl --user list-units 'run-*'", "systemctl list-units 'run-*'"]
