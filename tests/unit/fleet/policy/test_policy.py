"""The typed policy: defaults, what the files say, stored and restored."""

from __future__ import annotations

import json
import marshal
from pathlib import Path
from typing import Any

import pytest

import stentor
from stentor.fleet.check import Checked, Source, check
from stentor.fleet.policy import SECTIONS, Policy, from_plain, restoring, to_plain
from stentor.fleet.policy.joining import Bootstrap, BootstrapPart
from stentor.fleet.policy.section import Section
from stentor.fleet.policy.sections import (
    Copy,
    Dotfiles,
    ExportFile,
    Exports,
    Facts,
    Guard,
    GuardPart,
    GuardRule,
    Journal,
    Migrate,
    MigrationPhase,
    Needs,
    NeedsRule,
    Notify,
    Playbooks,
    Power,
    Rollout,
    RolloutPart,
    Ssh,
    Tmux,
    Tree,
)
from stentor.fleet.policy.serving import Hook, Hooks, Keeping, Tell
from stentor.fleet.policy.values import Keep, Share

TEXT = """
ssh: {config: mine, local: false}
rollout: {canary: a, waves: '1, 50%', last: '@g', max_failures: 10%, unreachable: ok, gate: 'true',
  pause: 2min, at_once: 3, run: true, selector: '@g', groups: {g: {waves: 5, max_failures: 1, pause: 0}}}
journal: {keep: 90d, max_size: 1M}
guard: {silence: power, rules: [{name: x, pattern: '^x'}], groups: {g: {silence: [x, y], rules: [{name: y,
  pattern: y, reason: bad}]}}}
notify: {after: 0, bell: true, desktop: true, command: say}
copy: {partial: 2d}
power: {reboot: r, shutdown: s}
tmux: {session: s, selector: '@g', layouts: {g: tiled}, least_columns: 2, least_rows: 3, sync_minutes: 1,
  guard_keys: [Enter]}
tree: {engine: openssh, gateways: {g: a}, least: 5, window: 6, config: c}
migrate: {phases: {2: {title: t, checks: one}}}
facts: {tools: [git], packages: [vim]}
needs: {rules: [{on: a, commands: [c]}, {packages: [p], mounts: [/data], services: [s]}], packages_of: {c: d}}
dotfiles: {remote: r, branch: b, source: s, via: push, window: 2m, limit: 1.4s, login: 200ms, signed: true,
  requires: [git], checks: ['true'], on_failure: revert, every: 1h, jitter: 5}
exports: {files: [{format: ssh, path: ~/x, on: a}, {format: prometheus, path: p, port: 9101, variant: file}]}
hooks: {dots: {forge: gitea, repository: you/dots, branch: b, secret: s, action: services, signed: true,
  selector: '@g', tell: {command: c, ntfy: 'https://n/t', mail: me@h, webhook: 'http://h/x', of: failures}}}
keep: {warm: '@g', memory: 1M, ping: 2m, catch_up: all, nightly: '04:30', quiet: 22:00-07:00,
  tell: {mail: me}}
playbooks: {revert: {site.yml: undo.yml}, facts_age: 1h}
bootstrap: {keys: a.pub, shell: zsh, account_groups: [sudo], sudo: password, packages: [vim],
  timezone: Europe/Vienna, time_sync: false, hostname: name, linger: false, chezmoi_url: 'https://h/chezmoi',
  chezmoi_sha256: {amd64: '0000000000000000000000000000000000000000000000000000000000000000'},
  dotfiles: false, root_login: keys, password_login: 'no', groups: {g: {shell: fish}}}
"""
POLICY = Policy(
    ssh=Ssh(config="mine", local=False),
    rollout=Rollout(
        canary=("a",),
        waves=(Share(1), Share(50, True)),
        last=("b",),
        max_failures=Share(10, True),
        unreachable="ok",
        gate="true",
        pause=120.0,
        at_once=3,
        run=True,
        selector=("b",),
        groups={"g": RolloutPart(waves=(Share(5),), max_failures=Share(1), pause=0.0)},
    ),
    journal=Journal(keep=Keep(seconds=90 * 86400.0), max_size=1024**2),
    guard=Guard(
        silence=("power",),
        rules=(GuardRule(name="x", pattern="^x"),),
        groups={"g": GuardPart(silence=("x", "y"), rules=(GuardRule(name="y", pattern="y", reason="bad"),))},
    ),
    notify=Notify(after=0.0, bell=True, desktop=True, command="say"),
    copy=Copy(partial=172800.0),
    power=Power(reboot="r", shutdown="s"),
    tmux=Tmux(
        session="s",
        selector=("b",),
        layouts={"g": "tiled"},
        least_columns=2,
        least_rows=3,
        sync_minutes=1.0,
        guard_keys=("Enter",),
    ),
    tree=Tree(engine="openssh", gateways={"g": ("a",)}, least=5, window=6, config="c"),
    migrate=Migrate(phases={"2": MigrationPhase(title="t", checks=("one",))}),
    facts=Facts(tools=("git",), packages=("vim",)),
    needs=Needs(
        rules=(
            NeedsRule(on=("a",), commands=("c",)),
            NeedsRule(packages=("p",), mounts=("/data",), services=("s",)),
        ),
        packages_of={"c": "d"},
    ),
    dotfiles=Dotfiles(
        remote="r",
        branch="b",
        source="s",
        via="push",
        window=120,
        limit=1,
        login=1,
        signed=True,
        requires=("git",),
        checks=("true",),
        on_failure="revert",
        every=3600,
        jitter=5,
    ),
    playbooks=Playbooks(revert={"site.yml": "undo.yml"}, facts_age=3600.0),
    exports=Exports(
        files=(
            ExportFile(format="ssh", path="~/x", on=("a",)),
            ExportFile(format="prometheus", path="p", port=9101, variant="file"),
        )
    ),
    hooks=Hooks(
        each={
            "dots": Hook(
                forge="gitea",
                repository="you/dots",
                branch="b",
                secret="s",
                action="services",
                signed=True,
                selector=("b",),
                tell=Tell(command="c", ntfy="https://n/t", mail="me@h", webhook="http://h/x", of="failures"),
            )
        }
    ),
    keep=Keeping(
        warm=("b",),
        memory=1024**2,
        ping=120.0,
        catch_up="all",
        nightly="04:30",
        quiet="22:00-07:00",
        tell=Tell(mail="me"),
    ),
    bootstrap=Bootstrap(
        keys=("a.pub",),
        shell="zsh",
        account_groups=("sudo",),
        sudo="password",
        packages=("vim",),
        timezone="Europe/Vienna",
        time_sync=False,
        hostname="name",
        linger=False,
        chezmoi_url="https://h/chezmoi",
        chezmoi_sha256={"amd64": "0" * 64},
        dotfiles=False,
        root_login="keys",
        password_login="no",
        groups={"g": BootstrapPart(shell="fish")},
    ),
)


def checked(policy: str) -> Checked:
    nodes = b"nodes: {a: , b: }\ngroups: {g: b}\n"
    return check(
        [Source("nodes", "nodes.yaml", nodes), Source("policy", "policy.yaml", policy.encode())], "/f"
    )


def read(policy: str) -> Policy:
    found = checked(policy)
    assert found.fleet is not None, found.faults
    return found.fleet.policy


def test_every_key_arrives_as_a_value_of_its_type() -> None:
    assert read(TEXT) == POLICY


def test_every_key_is_in_that_example() -> None:
    read_ = read(TEXT)
    for name, kind in SECTIONS.items():
        assert set(getattr(read_, name).__dict__) == set(kind.fields), name


@pytest.mark.parametrize("policy", [read(TEXT), POLICY, Policy()])
def test_stored_and_restored(policy: Policy) -> None:
    assert from_plain(json.loads(json.dumps(to_plain(policy)))) == policy
    assert from_plain(marshal.loads(marshal.dumps(to_plain(policy)))) == policy


def test_sections_are_made_when_they_are_first_asked_for(monkeypatch: pytest.MonkeyPatch) -> None:
    made: list[type[Section]] = []
    real = restoring.restored

    def restored(kind: Any, data: Any) -> Any:
        made.append(kind)
        return real(kind, data)

    policy = from_plain(to_plain(POLICY))
    monkeypatch.setattr(restoring, "restored", restored)
    assert policy.power.reboot == "r"
    assert policy.power.shutdown == "s"
    assert made == [Power]


@pytest.mark.parametrize("empty", ["{}", "rollout: \njournal: {}\n", "rollout: {pause: , groups: }\n"])
def test_missing_keys_have_their_defaults(empty: str) -> None:
    policy = read(empty)
    assert policy == Policy()
    assert not policy.rollout
    assert policy.rollout.max_failures == Share(0)
    assert policy.journal.keep == Keep(operations=1000)


def test_a_section_is_true_where_the_files_say_something() -> None:
    assert read("notify: {bell: false}").notify
    assert read("notify: {after: 0}").notify.after == 0


@pytest.mark.parametrize(
    ("text", "fault"),
    [
        ("rollout: {pause: soon}", "1:18: pause 'soon' is not a duration (write 10, 1.5s, 2m or 1h)"),
        ("dotfiles: {every: 2x}", "1:19: every '2x' is not a duration (write 10, 1.5s, 2m or 1h)"),
        ("rollout: {waves: 0}", "1:18: waves '0' is too small (at least 1)"),
        (
            "rollout: {max_failures: 101%}",
            "1:25: max_failures '101%' is neither a number of nodes nor",
        ),
        (
            "rollout: {pause: 99999999999d}",
            "1:18: pause: invalid duration '99999999999d': at most",
        ),
        ("guard: {rules: [{name: x, pattern: (}]}", "1:36: pattern: invalid regular expression '('"),
        ("guard: {rules: [{name: x}]}", "1:17: rules lacks 'pattern'"),
        ("tmux: {layouts: {g: round}}", "1:21: layout 'g' 'round' is not known"),
        (
            "exports: {files: [{format: ssh, path: p, variant: plugin}]}",
            "1:42: ssh has no variant 'plugin' (it is one of ansible)",
        ),
        (
            "exports: {files: [{format: ansible, path: p, variant: live}]}",
            "1:46: ansible has no variant 'live' (it is one of clustershell)",
        ),
        ("exports: {files: [{format: ssh, path: p, port: 1}]}", "1:42: ssh has no port"),
        (
            "exports: {files: [{format: pdsh, path: .dsh/group/, on: a}]}",
            "1:34: '.dsh/group/' is a folder, and on nodes a file is kept",
        ),
        (
            "journal: {keep: 0d}",
            "1:17: keep '0d' is not a time to keep (write 1000",
        ),
    ],
)
def test_faults_name_their_place(text: str, fault: str) -> None:
    found = checked(text).faults[0]
    assert f"{found.line}:{found.column}: {found.what} ({found.hint})".startswith(fault)
    assert found.file == "policy.yaml"


def test_a_section_is_immutable_and_knows_its_keys() -> None:
    with pytest.raises(AttributeError, match="immutable"):
        Rollout().pause = 3.0  # type: ignore[misc]
    with pytest.raises(TypeError, match="no field 'paus'"):
        Rollout(paus=3.0)  # type: ignore[call-arg]
    with pytest.raises(TypeError, match="'rollout' is not a Notify"):
        Policy(rollout=Notify())


@pytest.mark.parametrize("data", [None, [], 3, {"rollout": 3}, {"rollout": [1]}])
def test_other_data_is_rejected_as_policy(data: object) -> None:
    with pytest.raises(TypeError):
        from_plain(data)


def test_nobody_reads_the_policy_as_a_mapping() -> None:
    source = Path(stentor.__file__).parent
    found = [path.name for path in source.rglob("*.py") if ".policy.get(" in path.read_text(encoding="utf-8")]
    assert found == []
