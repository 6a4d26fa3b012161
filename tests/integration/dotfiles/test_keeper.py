"""What 'stentor serve' does by itself, on practice nodes."""

from __future__ import annotations

import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from stentor.api.dotfiles import recall
from stentor.api.fleet import Fleet
from stentor.api.hook_receiver import Receiver
from stentor.api.keeper import Keeper
from stentor.journal import MISSED
from stentor.probe.ping import Ping
from tests.integration.dotfiles.conftest import Dotfiles
from tests.terminal import wait

pytestmark = [pytest.mark.integration, pytest.mark.timeout(400)]


class Clock:
    """Time as a test says."""

    def __init__(self) -> None:
        self.now = 1_800_000_000.0

    def __call__(self) -> float:
        return self.now


class Kept:
    """A keeper of the practice fleet, and what it tells."""

    def __init__(self, dotfiles: Dotfiles, folder: Path, policy: str) -> None:
        self.dotfiles = dotfiles
        self.told = folder / "told"
        path = dotfiles.lab.fleet_dir / "policy.yaml"
        command = f'echo "$STENTOR_COMMAND: $STENTOR_RESULT" >> {self.told}'
        path.write_text(
            f"dotfiles: {{source: '{dotfiles.clone}', via: push, login: 5s}}\n"
            f"keep: {{{policy}, tell: {{command: '{command}'}}}}\n"
        )
        self.clock = Clock()
        self.seen: list[tuple[str, str]] = []

        def opened() -> Fleet:
            return Fleet.open(environ=dotfiles.environ)

        self.log: list[str] = []
        hooks = Receiver(opened, dotfiles.environ, log=self.log.append, clock=self.clock)
        self.keeper = Keeper(hooks, self.note, clock=self.clock)
        self.fleet = opened()
        self.stop = threading.Event()

    def note(self, ping: Ping, _: float) -> None:
        """As the page would."""
        self.seen.append((ping.outcome.node, ping.level))

    def later(self, seconds: float = 61) -> None:
        """Let time pass, and do what is due."""
        self.clock.now += seconds
        self.keeper.ping()
        self.keeper.act(self.stop)

    def said(self) -> str:
        """What was told."""
        return self.told.read_text() if self.told.exists() else ""


@pytest.fixture
def keep(dotfiles: Dotfiles, tmp_path: Path) -> Iterator[Callable[[str], Kept]]:
    yield lambda policy: Kept(dotfiles, tmp_path, policy)
    (dotfiles.lab.fleet_dir / "policy.yaml").unlink(missing_ok=True)


def test_a_node_that_returns_gets_what_it_missed(keep: Callable[[str], Kept], dotfiles: Dotfiles) -> None:
    dotfiles.start("crtr", "drtr")
    kept = keep("catch_up: all, nightly: ''")
    dotfiles.lab.break_("drtr", "power-cut")
    rev = dotfiles.commit({"dot_zshrc": "export GOOD=2\n"})
    assert dotfiles("apply", "crtr,drtr", "--yes").code == 4
    kept.later()
    assert ("drtr", "up") not in kept.seen
    assert dict(kept.seen)["crtr"] == "up"
    assert dotfiles.read("drtr", ".zshrc") == "export GOOD=1\n"
    dotfiles.lab.heal("drtr")
    kept.later()
    assert dotfiles.read("drtr", ".zshrc") == "export GOOD=2\n"
    assert recall(kept.fleet, MISSED) == {}
    assert kept.said() == f"catch-up: drtr: at {rev[:10]}\n"
    history = kept.keeper.history("drtr")
    assert history.availability == 0.5
    assert kept.keeper.history("crtr").availability == 1.0


def test_what_no_webhook_brought_is_left_to_people(keep: Callable[[str], Kept], dotfiles: Dotfiles) -> None:
    dotfiles.start("crtr", "drtr")
    kept = keep("nightly: ''")
    dotfiles.lab.break_("drtr", "power-cut")
    dotfiles.commit({"dot_zshrc": "export GOOD=2\n"})
    assert dotfiles("apply", "crtr,drtr", "--yes").code == 4
    dotfiles.lab.heal("drtr")
    kept.later()
    assert dotfiles.read("drtr", ".zshrc") == "export GOOD=1\n"
    assert set(recall(kept.fleet, MISSED)) == {"drtr"}


def test_chosen_connections_are_open(keep: Callable[[str], Kept]) -> None:
    kept = keep("warm: 'crtr,prtr', nightly: ''")
    kept.later()
    assert {master.alias for master in kept.fleet.masters()} == {"crtr", "prtr"}


def test_beyond_the_memory_of_the_policy_other_connections_end_with_their_last_session(
    keep: Callable[[str], Kept], dotfiles: Dotfiles
) -> None:
    kept = keep("warm: crtr, memory: 1, nightly: ''")
    assert all(result.ok for result in kept.fleet.select("crtr,prtr,drtr").run("true"))
    go = dotfiles.lab.home("drtr") / "go"
    line = "touch begun; until [ -e go ]; do sleep 0.1; done; echo on"
    argv = [sys.executable, "-m", "stentor", "run", "drtr", line]
    with subprocess.Popen(argv, env=dotfiles.environ, stdout=subprocess.PIPE, text=True) as process:
        try:
            wait((go.parent / "begun").exists, "it runs")
            assert {master.alias for master in kept.fleet.masters()} == {"crtr", "prtr", "drtr"}
            kept.keeper.limit(kept.fleet)
            kept.keeper.limit(kept.fleet)
            left = {master.alias for master in kept.fleet.masters()}
        finally:
            go.touch()
        assert process.communicate()[0] == "on\n", "what ran over it went on to its end"
    assert left == {"crtr"}
    assert sum("more than 'keep: memory'" in line for line in kept.log) == 1


def test_at_night_edits_on_nodes_are_found_once(keep: Callable[[str], Kept], dotfiles: Dotfiles) -> None:
    dotfiles.start("crtr", "drtr")
    kept = keep("nightly: '00:00'")
    kept.later()
    assert kept.said() == "", "the first night comes after the first day"
    (dotfiles.lab.home("drtr") / ".zshrc").write_text("export EDITED=1\n")
    kept.later(86400)
    assert "drtr: edited there: .zshrc; run 'stentor dotfiles plan drtr'" in kept.said()
    before = kept.said()
    kept.later(3600)
    assert kept.said() == before


def test_the_quiet_time_holds_messages_back(keep: Callable[[str], Kept], dotfiles: Dotfiles) -> None:
    dotfiles.start("crtr", "drtr")
    kept = keep("nightly: '00:00', quiet: '00:00-23:59'")
    kept.later()
    (dotfiles.lab.home("drtr") / ".zshrc").write_text("export EDITED=1\n")
    kept.later(86400)
    assert kept.said() == ""
    assert kept.keeper.hooks.messages().send("") == []
    assert "edited there" in kept.said()
