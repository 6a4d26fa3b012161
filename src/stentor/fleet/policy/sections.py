"""The sections of a policy: every key, its default, and in the docstrings what it means.

This is the one place where a key is defined. ``fleet/schema/policy.py`` derives from it how the key is
checked in a file and described to editors. The annotations are names of value kinds for that purpose:
here they say what the value is in Python, and ``schema.policy.FORMS`` how it is written in a file.
"""

from __future__ import annotations

from stentor.fleet.policy.section import Section
from stentor.fleet.policy.values import Keep, Share

TYPE_CHECKING = False  # importing typing takes longer than all of the policy
if TYPE_CHECKING:
    from collections.abc import Mapping
    from typing import Literal

LAYOUTS = ("auto", "tiled", "even-horizontal", "even-vertical", "main-horizontal", "main-vertical")
"""What tmux can do with panes; ``auto`` is ours."""

EXPORT_FORMATS = (
    *("ansible", "clustershell", "ssh", "hosts", "genders", "pdsh", "make", "chezmoi", "prometheus"),
    *("cloud-init", "caddy", "dnsmasq", "pihole", "json", "csv", "markdown", "tmux"),
)
"""What 'stentor export' can write."""

ENGINES = ("auto", "openssh", "clustershell")
"""How nodes behind gateways are reached; ``auto`` chooses by their number."""

Aliases = tuple[str, ...]  # written as a selector
Bytes = int
Columns = int
Command = str
EngineName = str  # one of ENGINES
ExportFormat = str  # one of EXPORT_FORMATS
GroupName = str
Layout = str  # one of LAYOUTS
Line = str
Lines = tuple[str, ...]  # written as one or a list
Minutes = float
MountPoint = str
Number = str
Path = str
Pattern = str
Positive = int
Program = str
Rows = int
Seconds = float
Shares = tuple[Share, ...]
WholeSeconds = int  # at least 1
Word = str
Words = tuple[str, ...]  # written as one or a list


class Ssh(Section):
    """How OpenSSH is called.

    Attributes:
        config: an ssh_config used instead of your own; relative to the fleet directory.
        local: whether the node with this machine's host name is reached without ssh.
    """

    config: Path = ""
    local: bool = True


class RolloutPart(Section):
    """In which order, and how carefully, a change reaches the nodes.

    Attributes:
        canary: nodes that get a change first.
        waves: sizes of the waves after the canary; the last one repeats.
        last: nodes that get a change last, one by one.
        max_failures: tolerate this many failed nodes; one more stops the rollout.
        unreachable: whether an unreachable node counts as failed.
        gate: command that must succeed on a wave's nodes before the next wave begins.
        pause: time between waves.
        at_once: at most this many nodes at the same time.
        run: whether 'stentor run' rolls out like this without an option.
    """

    canary: Aliases = ()
    waves: Shares = ()
    last: Aliases = ()
    max_failures: Share = Share(0)
    unreachable: Literal["fail", "ok"] = "fail"
    gate: Line = ""
    pause: Seconds = 0.0
    at_once: Positive | None = None
    run: bool = False


class Rollout(RolloutPart):
    """How a change reaches the nodes.

    Attributes:
        selector: the nodes of a changing command without a selector, where its question shows them; without
            this key such a command is refused.
        groups: the same per group; where a selection meets several, the strictest setting holds.
    """

    selector: Aliases = ()
    groups: Mapping[GroupName, RolloutPart] = {}


class Journal(Section):
    """What is recorded of operations, per fleet.

    Attributes:
        keep: how long operations are kept: 1000 (operations), 90d, forever.
        max_size: how much of each node's output is kept.
    """

    keep: Keep = Keep(operations=1000)
    max_size: Bytes = 64 * 1024


class GuardRule(Section):
    """A rule of the fleet's own for dangerous lines.

    Attributes:
        name: the rule's name.
        pattern: a regular expression, searched in each command.
        reason: what would happen, for people.
    """

    name: Word
    pattern: Pattern
    reason: str = "a rule of this fleet"


class GuardPart(Section):
    """Which lines need a confirmation before they are sent to several nodes.

    Attributes:
        silence: rules that do not ask here.
        rules: rules of your own.
    """

    silence: Words = ()
    rules: tuple[GuardRule, ...] = ()


class Guard(GuardPart):
    """Which lines need a confirmation before they are sent to several nodes.

    Attributes:
        groups: the same per group.
    """

    groups: Mapping[GroupName, GuardPart] = {}


class Notify(Section):
    """How you are told that a long operation has ended.

    Attributes:
        after: operations that take longer than this are long.
        bell: ring the terminal's bell.
        desktop: show a desktop notification.
        command: a command of yours; it finds STENTOR_RESULT and STENTOR_COMMAND in its environment.
    """

    after: Seconds = 60.0
    bell: bool = False
    desktop: bool = False
    command: Line = ""


class Copy(Section):
    """What ``stentor copy`` leaves on nodes.

    Attributes:
        partial: unfinished files of this age are removed by the next copy to the node.
    """

    partial: Seconds = 604800.0


class Power(Section):
    """How nodes are rebooted and shut down.

    Attributes:
        reboot: command that reboots a node.
        shutdown: command that shuts a node down.
    """

    reboot: Line = ""
    shutdown: Line = ""


class Tmux(Section):
    """Sessions over nodes (``stentor tmux``).

    Attributes:
        session: the session that 'tmux open' opens without a selector.
        selector: the nodes in that session; without it @core, or @all where there is no such group.
        layouts: group or session to tmux layout; auto: two above another, three as one beside two.
        least_columns: panes narrower than this go to another window.
        least_rows: panes lower than this go to another window.
        sync_minutes: synchronised input ends by itself after this time without a key.
        guard_keys: keys that send a line.
    """

    session: Word = "cluster"
    selector: Aliases = ()
    layouts: Mapping[str, Layout] = {}
    least_columns: Columns = 38
    least_rows: Rows = 6
    sync_minutes: Minutes = 5.0
    guard_keys: tuple[str, ...] = ("Enter", "KPEnter", "C-j", "C-o")


class Tree(Section):
    """How nodes behind gateways are reached.

    Attributes:
        engine: auto, openssh (each node by a login of this machine's) or clustershell (through gateways).
        gateways: group to its gateways, for members that name none; any one of them will do.
        least: with auto, through gateways from so many nodes behind gateways on.
        window: at most this many nodes at once behind each gateway.
        config: an ssh_config on the gateways, used there for logins instead of the account's own.
    """

    engine: EngineName = "auto"
    gateways: Mapping[GroupName, Aliases] = {}
    least: Positive = 200
    window: Positive = 64
    config: Path = ""


class MigrationPhase(Section):
    """One phase of a migration.

    Attributes:
        title: what the phase is about.
        checks: commands that must succeed on a node before it counts as migrated.
    """

    title: str = ""
    checks: Lines = ()


class Migrate(Section):
    """The phases of a migration.

    Attributes:
        phases: phase by number; a node's ``phase`` says to which one it belongs.
    """

    phases: Mapping[Number, MigrationPhase] = {}


class Facts(Section):
    """What 'stentor facts' asks for in addition to what it always does.

    Attributes:
        tools: programs whose version is of interest.
        packages: packages whose version is of interest.
    """

    tools: tuple[Program, ...] = ()
    packages: tuple[Program, ...] = ()


class NeedsRule(Section):
    """What some nodes must have.

    Attributes:
        on: which nodes; without it all of them.
        commands: commands that must be found.
        packages: packages that must be installed.
        mounts: directories on which something must be mounted.
        services: services that must run.
    """

    on: Aliases | None = None
    commands: tuple[Program, ...] = ()
    packages: tuple[Program, ...] = ()
    mounts: tuple[MountPoint, ...] = ()
    services: tuple[Program, ...] = ()


class Needs(Section):
    """What nodes must have in addition to their ``requires``.

    Attributes:
        rules: what some nodes, or all, must have.
        packages_of: the package that provides a command, by command.
    """

    rules: tuple[NeedsRule, ...] = ()
    packages_of: Mapping[str, Program] = {}


class ExportFile(Section):
    """A file that 'stentor export --all' writes.

    Attributes:
        format: the format, as for 'stentor export'.
        path: where it is, from the fleet directory, on nodes from the home directory; ~/ works as well.
        nodes: which nodes are written; without it all of them.
        on: on which nodes the file is; without it on this machine.
        variant: of ansible a script or a plugin, of clustershell a section of groups.conf that asks stentor.
        port: of the exporter, for prometheus.
    """

    format: ExportFormat
    path: Path
    nodes: Aliases | None = None
    on: Aliases | None = None
    variant: Literal["file", "script", "plugin", "live"] = "file"
    port: Positive | None = None


class Exports(Section):
    """The files that 'stentor export --all' keeps up to date.

    Attributes:
        files: one entry each.
    """

    files: tuple[ExportFile, ...] = ()


class Playbooks(Section):
    """How playbooks are run.

    Attributes:
        revert: a playbook to the one that reverts it, both by their paths from the fleet directory.
        facts_age: how old the facts of a play may be: those of an earlier run are taken while nothing has
            changed since that stentor knows of. Without it each play gathers them.
    """

    revert: Mapping[Path, Path] = {}
    facts_age: Seconds = 0.0


class Dotfiles(Section):
    """How dotfiles are rolled out.

    Attributes:
        remote: the git URL from which nodes fetch; without it the origin of their clone.
        branch: the branch whose head is rolled out.
        source: your own clone; without it the place where chezmoi has it.
        via: whether nodes fetch the revision, or get it over the session.
        window: how long a node waits for the confirmation before it reverts the change; without it, as
            long as a proof may take.
        limit: how long applying may take.
        login: how soon each shell must start.
        signed: whether nodes verify the commit's signature.
        requires: commands that must be found in every kind of shell.
        checks: commands that must succeed in a new login shell before the change is confirmed.
        on_failure: whether nodes that are done keep the change when a later node fails.
        every: time between two runs of a node's timer.
        jitter: random delay added to that, at most.
    """

    remote: Line = ""
    branch: Word = "main"
    source: Line = ""
    via: Literal["remote", "push"] = "remote"
    window: WholeSeconds = 0
    limit: WholeSeconds = 300
    login: WholeSeconds = 10
    signed: bool = False
    requires: tuple[Command, ...] = ()
    checks: tuple[Line, ...] = ()
    on_failure: Literal["stop", "revert"] = "stop"
    every: WholeSeconds = 3600
    jitter: WholeSeconds = 600
