"""This machine, without ssh."""

from __future__ import annotations

import os
import pwd
from collections.abc import Iterator
from pathlib import Path

import pytest

from stentor import Fleet
from stentor.fanout.events import Event
from stentor.fanout.task import Settings
from stentor.fleet import model

HERE = model.Node("here", "here")
FLEET = model.Fleet("/fleet", {"here": HERE}, {"all": ("here",)})


def fleet(tmp_path: Path, **environ: str) -> Fleet:
    variables = {"HOME": str(tmp_path), "SHELL": "/bin/sh", "PATH": os.environ["PATH"], **environ}
    return Fleet(FLEET, environ=variables, hostname="here")


def test_a_command_runs_in_the_home_with_streams_apart(tmp_path: Path) -> None:
    result = (
        fleet(tmp_path)
        .select("here")
        .run("pwd; echo err >&2; echo $GREETING; exit 4", environment={"GREETING": "hi"})["here"]
    )
    assert (result.kind, result.code) == ("failed", 4)
    assert result.stdout.decode().splitlines() == [str(tmp_path), "hi"]
    assert result.stderr == b"err\n"


def test_another_login_name_is_no_longer_this_process(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What is to run as somebody else must not run as us because the node happens to be this machine."""
    seen: dict[str | None, str | None] = {}

    def note(
        _: object, __: object, settings: Settings, *, local: str | None, **___: object
    ) -> Iterator[Event]:
        seen[settings.user] = local
        return iter(())

    monkeypatch.setattr("stentor.engines.reach.run", note)
    me = pwd.getpwuid(os.geteuid()).pw_name
    here = fleet(tmp_path).select("here")
    for user in (None, me, "somebody-else"):
        list(here.stream("id", Settings(user=user)))
    assert seen == {None: "here", me: "here", "somebody-else": None}


def test_standard_input_and_large_output(tmp_path: Path) -> None:
    data = os.urandom(3_000_000)
    assert fleet(tmp_path).select("here").run("cat", stdin=data)["here"].stdout == data


def test_a_timeout_ends_the_whole_group(tmp_path: Path) -> None:
    result = fleet(tmp_path).select("here").run("echo $$; sleep 65.5 & sleep 65.5", timeout=0.2)["here"]
    assert (result.kind, result.outcome.remote) == ("timed-out", "ended by TERM")
    assert not [pid for pid in os.listdir("/proc") if pid.isdigit() and _command(pid) == b"sleep\x0065.5\x00"]


def test_a_command_that_ignores_term(tmp_path: Path) -> None:
    import stentor

    events = (
        fleet(tmp_path)
        .select("here")
        .stream("trap '' TERM; while :; do sleep 0.05; done", stentor.Settings(timeout=0.1, grace=0.1))
    )
    *_, last = events
    assert last.outcome.remote == "ended by KILL"  # type: ignore[union-attr]


def test_killed_by_a_signal(tmp_path: Path) -> None:
    result = fleet(tmp_path).select("here").run("kill -9 $$")["here"]
    assert (result.kind, result.outcome.reason) == ("signalled", "killed by SIGKILL")


def _command(pid: str) -> bytes:
    try:
        with open(f"/proc/{pid}/cmdline", "rb") as file:
            return file.read()
    except OSError:
        return b""
