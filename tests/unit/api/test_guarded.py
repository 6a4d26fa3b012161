"""The guard sees every command line and every file that leaves for several nodes."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

import pytest

from stentor.api.fleet import Fleet
from stentor.engines.reach import Reach
from stentor.errors import Refused, UsageError
from stentor.fanout.events import Event
from stentor.fleet.model import Fleet as Data
from stentor.fleet.model import Node
from stentor.fleet.policy import Policy
from stentor.fleet.policy.sections import Dotfiles, Migrate, MigrationPhase, Power, Rollout
from stentor.operation.command import CommandChange
from stentor.rollout.change import BaseChange
from stentor.testing import FakeNodes
from tests.support import ROOT

SOURCE = Path(ROOT) / "src/stentor"
NAMES = ("a", "b")
DANGER = "rm -rf /etc"

# Where something is sent to nodes, and why the guard has seen it or need not.
OPERATION = "a change: the guard sees what it `sends`, and the gates, before the operation is put together"
OURS = "a program of stentor's own"
ONE = "for one node, which is never questioned"
PLACES = {
    "api/base.py": "Selection.stream is guarded; fan_out is for programs of stentor's own",
    "api/doctor.py": OURS,
    "api/probes.py": OURS,
    "api/keeper.py": OURS,
    "api/operations.py": "the one place where operations are put together, and guarded",
    "api/reap.py": OURS,
    "api/transfer.py": "the login for rsync of a copy: " + OPERATION,
    "api/trust.py": OURS,
    "api/uninstall.py": OURS,
    "async_api.py": "Selection.stream",
    "cli/commands/fetch.py": OURS,
    "cli/commands/migrate.py": "the policy's checks, guarded there",
    "cli/commands/shell/complete.py": OURS,
    "cli/commands/ssh.py": ONE,
    "cli/commands/run/terminal.py": ONE,
    "cli/commands/tmux/panes.py": "tmux send, guarded there",
    "cli/commands/tmux/sessions.py": OURS,
    "dotfiles/visit.py": OPERATION,
    "export/on_nodes.py": OPERATION,
    "gateways/check.py": OURS,
    "gateways/install.py": OURS,
    "operation/command.py": OPERATION,
    "operation/gather.py": OURS,
    "operation/lock.py": OURS,
    "playbooks/ways.py": OURS,
    "power/change.py": OPERATION,
    "probe/fixing.py": OURS,
    "probe/rounds.py": OURS,
    "rollout/execute.py": "the gates: " + OPERATION,
    "services/backup.py": OPERATION,
    "services/visit.py": OPERATION,
    "services/web_proof.py": OURS,
    "transfer/change.py": OURS,
    "transfer/copying.py": OPERATION,
    "web/hook.py": "no node: the body of a request, as it comes",
}
SENDS = re.compile(
    r"\breach\.(command|run)\(|\.stream\(|fan_out\(|\bOperation\(reach|recording\.typing\("
    r"|(selection|select\(.*\)|\(fleet, \(node,\)\))\.login\("
)


def test_every_place_that_sends_is_known() -> None:
    found = set()
    for file in SOURCE.rglob("*.py"):
        code = re.sub(r"^ *(async )?def .*$", "", file.read_text(), flags=re.MULTILINE)
        if SENDS.search(code):
            found.add(str(file.relative_to(SOURCE)))
    assert found == set(PLACES)


@pytest.fixture
def nodes() -> FakeNodes:
    return FakeNodes({})


def fleet_of(nodes: FakeNodes, tmp_path: Path, policy: Policy = Policy()) -> Fleet:  # noqa: B008
    data = Data(
        str(tmp_path), {n: Node(n, "", mac="aa:bb:cc:dd:ee:ff") for n in NAMES}, {"all": NAMES}, policy=policy
    )
    return Fleet(data, environ={"XDG_STATE_HOME": str(tmp_path)}, hostname="elsewhere", engine=nodes)


def script(fleet: Fleet, tmp_path: Path, text: str, *words: str) -> None:
    (tmp_path / "s").write_text(f"#!/bin/sh\n{text}\n")
    fleet.select().script(str(tmp_path / "s"), *words)


def copy(fleet: Fleet, tmp_path: Path, destination: str) -> None:
    (tmp_path / "passwd").write_text("x")
    fleet.select().copy(str(tmp_path / "passwd"), destination)


def copy_folders(fleet: Fleet, tmp_path: Path, mode: int, destination: str) -> None:
    """A folder ``.ssh`` of this mode, with nothing in it."""
    (tmp_path / "home/.ssh").mkdir(parents=True)
    (tmp_path / "home/.ssh").chmod(mode)
    fleet.select().copy(f"{tmp_path}/home/", destination)


def copy_keys(fleet: Fleet, tmp_path: Path) -> None:
    (tmp_path / ".ssh").mkdir()
    (tmp_path / ".ssh" / "authorized_keys").write_text("x")
    fleet.select().copy(str(tmp_path / ".ssh"), "~/")


GATED = Policy(rollout=Rollout(gate=DANGER, waves=(), run=True))
WAYS: dict[str, tuple[Policy, Callable[[Fleet, Path], object]]] = {
    "run": (Policy(), lambda fleet, _: fleet.select().run(DANGER)),
    "run, stdin": (Policy(), lambda fleet, _: fleet.select().run("sh", stdin=DANGER.encode())),
    "script": (Policy(), lambda fleet, path: script(fleet, path, DANGER)),
    "a long script": (Policy(), lambda fleet, path: script(fleet, path, "# " + "x" * 1_100_000)),
    "run, variable": (
        Policy(), lambda fleet, _: fleet.select().run("rm -f $D/passwd", environment={"D": "/etc"})
    ),
    "stream, variable": (
        Policy(), lambda fleet, _: list(fleet.select().stream("rm -f $D/passwd", environment={"D": "/etc"}))
    ),
    "script, argument": (Policy(), lambda fleet, path: script(fleet, path, 'rm -f "$1"/passwd', "/etc")),
    "stream": (Policy(), lambda fleet, _: list(fleet.select().stream(DANGER))),
    "gate": (Policy(), lambda fleet, _: fleet.select().run("true", gate=DANGER, waves=1)),
    "gate of a copy": (
        Policy(), lambda fleet, path: fleet.select().copy(str(path), "/srv/x", gate=DANGER, canary="a")
    ),
    "gate of the policy": (GATED, lambda fleet, _: fleet.select().run("true")),
    "a change": (Policy(), lambda fleet, _: fleet.select().rollout(CommandChange(DANGER), canary="a")),
    "gate of a change": (
        Policy(), lambda fleet, _: fleet.select().rollout(Nothing(), gate=DANGER, canary="a")
    ),
    "reboot": (
        Policy(power=Power(reboot=f"{DANGER}; reboot")),
        lambda fleet, _: fleet.select().reboot(yes_really=None),
    ),
    "copy, file": (Policy(), lambda fleet, path: copy(fleet, path, "/etc/passwd")),
    "copy, folder": (Policy(), lambda fleet, path: copy(fleet, path, "/etc")),
    "copy, key": (Policy(), lambda fleet, path: copy(fleet, path, ".ssh/authorized_keys")),
    "copy, mode": (Policy(), lambda fleet, path: copy_folders(fleet, path, 0o775, "~/")),
    "copy, folder of keys": (Policy(), lambda fleet, path: copy_keys(fleet, path)),
    "copy, device": (Policy(), lambda fleet, path: copy(fleet, path, "/dev/sda")),
}  # fmt: skip


class Nothing(BaseChange):
    """A change that does nothing."""

    name = title = "nothing"

    def apply(self, nodes: Sequence[str], reach: Reach) -> Iterator[Event]:
        return iter(())


@pytest.mark.parametrize("way", WAYS)
def test_what_is_dangerous_is_refused_and_nothing_is_sent(way: str, nodes: FakeNodes, tmp_path: Path) -> None:
    policy, act = WAYS[way]
    with pytest.raises(Refused, match="dangerous on 2 nodes"):
        act(fleet_of(nodes, tmp_path, policy), tmp_path)
    assert nodes.commands == []


def test_folders_with_modes_that_let_everybody_in_are_copied(nodes: FakeNodes, tmp_path: Path) -> None:
    copy_folders(fleet_of(nodes, tmp_path), tmp_path, 0o700, "~/")
    assert nodes.commands


def test_rerun_is_guarded_again(nodes: FakeNodes, tmp_path: Path) -> None:
    fleet = fleet_of(nodes, tmp_path)
    fleet.select().run(DANGER, guard=False)
    before = len(nodes.commands)
    with pytest.raises(Refused, match="dangerous on 2 nodes"):
        fleet.rerun()
    assert len(nodes.commands) == before


def test_a_command_that_is_meant_to_reboot_asks_once(nodes: FakeNodes, tmp_path: Path) -> None:
    from stentor.power.change import RebootChange, ShutdownChange

    assert [sent.meant for sent in RebootChange("reboot", 1, lambda _: None).sends()] == [("power",)]
    assert [sent.line for sent in ShutdownChange("poweroff").sends()] == ["poweroff"]


def test_checks_of_dotfiles_are_seen() -> None:
    from stentor.dotfiles.change import DotfilesChange
    from stentor.dotfiles.request import ChangeRequest
    from stentor.dotfiles.timer import TimerChange

    policy = Dotfiles(checks=(DANGER,))
    assert [sent.line for sent in DotfilesChange(policy, ChangeRequest("op", "t", rev="r")).sends()] == [
        DANGER
    ]
    assert [sent.line for sent in TimerChange("install", policy).sends()] == [DANGER]


def test_checks_of_a_migration_are_guarded(nodes: FakeNodes, tmp_path: Path) -> None:
    from stentor.cli.commands.migrate import _run_checks
    from stentor.operation.guarding import refuse
    from stentor.probe import migration

    policy = Policy(migrate=Migrate(phases={"1": MigrationPhase(checks=(DANGER,))}))
    data = Data("/f", {n: Node(n, "", phase=1) for n in NAMES}, {"all": NAMES}, policy=policy)
    fleet = Fleet(data, environ={}, hostname="elsewhere", engine=nodes)
    with pytest.raises(Refused, match="dangerous on 2 nodes"):
        _run_checks(fleet, migration.phases(data), list(NAMES), refuse)
    assert nodes.commands == []


@pytest.mark.parametrize(
    "act",
    [
        lambda fleet, _: fleet.select().run(" "),
        lambda fleet, _: fleet.select().run("true", gate="", waves=1),
        lambda fleet, _: fleet.select().run("true", gate=["true", " "], waves=1),
        lambda fleet, _: fleet.select().run("true", canary=""),
        lambda fleet, _: fleet.select().run("true", last="", waves=1),
        lambda fleet, _: fleet.select().run("true", waves=""),
        lambda fleet, path: fleet.select().copy(str(path), ""),
        lambda fleet, path: fleet.select().fetch("", str(path)),
        lambda fleet, _: fleet.select().fetch("/etc/hosts", ""),
    ],
)
def test_empty_words_are_errors(
    act: Callable[[Fleet, Path], object], nodes: FakeNodes, tmp_path: Path
) -> None:
    with pytest.raises(UsageError, match="is empty"):
        act(fleet_of(nodes, tmp_path), tmp_path)
    assert nodes.commands == []


def findings(change: BaseChange) -> set[str]:
    from stentor.guard import examine, examine_files

    sent = change.sends()
    found = [one for part in sent if part.line for one in examine(part.line)]
    return {one.rule for one in (*found, *(one for part in sent for one in examine_files(part.files)))}


def test_files_units_and_modes_of_services_are_seen() -> None:
    from stentor.fleet.service import Service
    from stentor.fleet.services import Services
    from stentor.services.change import ServicesChange
    from stentor.services.control import ControlChange
    from stentor.services.item import Item, NodeFile
    from stentor.services.parts import Parts

    def deploy(item: Item, service: Service) -> set[str]:
        parts = Parts({"a": [item]}, {"a": ()}, (), Services(services={service.name: service}))
        return findings(ServicesChange(parts, None, "deploy"))

    web = Service("web", "systemd", ("a",), unit="web.service")
    ssh = Service("login", "systemd", ("a",), unit="ssh.service")
    files = (NodeFile("/etc/systemd/system/web.service", b""), NodeFile("/etc/web/old", None))
    assert not deploy(Item("web", "systemd", files, (("/srv/web", "750", "web"),)), web._replace(state="off"))
    assert deploy(Item("web", "systemd", (NodeFile("/etc/ssh/sshd_config", b""),)), web) == {"login-file"}
    assert deploy(Item("web", "systemd", (NodeFile("/etc/sudoers", None),)), web) == {"login-file"}
    assert deploy(Item("web", "systemd", (), (("/home", "700", ""),)), web) == {"ownership"}
    assert deploy(Item("login", "systemd"), ssh._replace(state="off")) == {"lock-out"}
    assert findings(ControlChange("stop", {"a": [ssh]})) == {"lock-out"}
    assert not findings(ControlChange("restart", {"a": [ssh]}))
    assert not findings(ControlChange("stop", {"a": [web]}))
