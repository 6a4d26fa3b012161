"""The argument lists of ssh for a node, and what ``ssh -G`` says of it."""

from __future__ import annotations

from stentor.fleet.model import Fleet, Node
from stentor.fleet.openssh import Hop
from stentor.typed import NamedTuple

# The fleet's pins come in the place of the system's file, and before it: ssh reads that and never
# writes to it, and the user's own known_hosts stays exactly as the user has set it up.
SYSTEM_KNOWN_HOSTS = "/etc/ssh/ssh_known_hosts /etc/ssh/ssh_known_hosts2"

# Reads the configuration twice, by the name that was typed and by the HostName that follows from it. A name
# is changed only where the user has set CanonicalDomains.
CANONICAL = "CanonicalizeHostname=yes"

# Why a login failed is read from what ssh says, which a LogLevel of the user's (QUIET) would keep from us.
_TELLING = ("-o", "LogLevel=INFO")


class Target(NamedTuple):
    """What ssh, with all of the user's configuration, makes of a node."""

    hostname: str  # the name or address which is connected to
    port: int  # the TCP port
    user: str  # the login name
    via: str = ""  # what stands between: the jump hosts, ``"proxy"`` for a ProxyCommand, or empty
    control: str = ""  # our own master's control path
    own_control: str = ""  # the control path of the user's configuration, or empty
    agent: bool = False  # whether the agent is forwarded
    alive: bool = False  # whether the configuration sets ServerAliveInterval itself
    shell: str = ""  # the login shell's name, once a command has told it; else empty
    # The patterns of SendEnv, with spaces: which variables a session gets, if the server takes them.
    sends: str = ""


def destination(
    fleet: Fleet, node: Node, *, user: str | None = None, address: str | None = None
) -> list[str]:
    """Return the words which make ssh reach a node: options first, then the name.

    Options given here come before those of ssh_config, so that what the fleet says holds, and
    all that it does not say is the user's own configuration for that name.

    Args:
        fleet: where the node is from; its ``ssh_config`` goes before the words.
        user: a login name in place of the fleet's.
        address: one of the node's addresses; the first by default.
    """
    words = ["-F", fleet.ssh_config] if fleet.ssh_config else []
    if fleet.known_hosts:
        pins = fleet.known_hosts.replace("\\", "\\\\").replace('"', '\\"')
        words += ["-o", f'GlobalKnownHostsFile="{pins}" {SYSTEM_KNOWN_HOSTS}']
    hostname = address or (node.addresses[0] if node.addresses else "")
    if hostname:
        # For ssh_config the node is its name first, and then, as ssh reads it once more, its address.
        words += ["-o", f"HostName={_literal(hostname)}", "-o", CANONICAL]
    if user or node.user:
        # In a value ssh takes a backslash before another one for a sign of protection.
        words += ["-o", "User=" + (user or node.user or "").replace("\\", "\\\\")]
    if node.port:
        words += ["-o", f"Port={node.port}"]
    if node.jump:
        words += ["-o", _through(fleet, node, node.jump)]
    return [*words, "--", node.alias]


def by_address(fleet: Fleet, node: Node, address: str) -> list[str]:
    """Return the words by which others call ssh for one of a node's addresses, without its alias."""
    words = destination(fleet, node, address=address)[:-2]
    given = [*zip(words[::2], words[1::2], strict=True)]
    kept = [pair for pair in given if not pair[1].startswith("HostName=") and pair[1] != CANONICAL]
    return [*(word for pair in kept for word in pair), "--", address]


def _through(fleet: Fleet, node: Node, jump: str) -> str:
    """Return the option which leads through jump hosts.

    ssh starts another ssh for a ProxyJump and hands on the configuration file, but no options. That one would
    know a node of the fleet by its address alone: neither the fleet's pins nor what ssh_config says for the
    node's name (its key, its login name) would hold. So it is started by a ProxyCommand in the same form.
    """
    *before, last = jump.split(",")
    gate = _gate(fleet, last)
    if gate is None or gate.alias == node.alias:
        return f"ProxyJump={_jump(fleet, jump)}"
    from stentor.sh.quoting import quote

    without = fleet._replace(nodes={k: v for k, v in fleet.nodes.items() if k != node.alias})
    *options, _, name = destination(without, gate._replace(jump=",".join(before)) if before else gate)
    # A command of the configuration: ssh replaces what begins with a percent sign.
    words = " ".join(quote(word) for word in ["ssh", *options]).replace("%", "%%")
    return f"ProxyCommand={words} -W '[%h]:%p' -- {name}"


def _gate(fleet: Fleet, hop: str) -> Node | None:
    """Return the node which a jump host names, with the login name and port that are said there."""
    named = Hop.parse(hop)
    node = fleet.nodes.get(named.host)
    return node and node._replace(user=named.user or node.user, port=named.port or node.port)


def _jump(fleet: Fleet, jump: str) -> str:
    """Write out jump hosts which are nodes of the fleet, as ssh cannot know them by their alias."""
    hops: list[str] = []
    for hop in jump.split(","):
        node = _gate(fleet, hop)
        if node is None or not node.addresses:
            hops.append(hop)
            continue
        if node.jump and node.jump != hop:
            without = {k: v for k, v in fleet.nodes.items() if k != node.alias}
            hops.append(_jump(fleet._replace(nodes=without), node.jump))
        hops.append(Hop(_literal(node.addresses[0]), node.user or "", node.port or 0).text())
    return ",".join(hops)


def first_hop(fleet: Fleet, node: Node, target: Target) -> str:
    """Return what a login goes through first, or the node's own address: the server which counts it."""
    hop, seen = (node.jump or "").split(",")[0], {node.alias}
    while (gate := _gate(fleet, hop)) and gate.jump and gate.alias not in seen:
        seen.add(gate.alias)
        hop = gate.jump.split(",")[0]
    first = gate.alias if gate else hop or target.via.split(",")[0]
    return first if first and first != "proxy" else target.hostname


def _literal(address: str) -> str:
    """Write an address for ssh, which takes a percent sign for a token (``fe80::1%eth0``)."""
    return address.replace("%", "%%")


def login_argv(
    fleet: Fleet,
    node: Node,
    *,
    user: str | None = None,
    address: str | None = None,
    control: str | None = None,
    fresh: bool = False,
    options: tuple[str, ...] = (),
) -> list[str]:
    """Return the argument list of an ``ssh`` for this node.

    Args:
        user: a login name in place of the fleet's.
        address: one of the node's addresses; the first by default.
        control: a master's control path to go through; ignored when ``fresh``.
        fresh: never use a master: a login of its own, which proves that logging in works.
        options: more words for ssh, before the destination (``"-tt"``).
    """
    words = ["ssh"]
    if fresh:
        words += ["-o", "ControlMaster=no", "-o", "ControlPath=none"]
    elif control:
        words += ["-o", "ControlMaster=no", "-o", f"ControlPath={control}"]
    return [*words, *options, *destination(fleet, node, user=user, address=address)]


def master_argv(
    fleet: Fleet,
    node: Node,
    target: Target,
    *,
    connect_timeout: float,
    persist: int,
    user: str | None = None,
    address: str | None = None,
    interactive: bool = False,
) -> list[str]:
    """Return the argument list which starts a master in the background and returns once it is logged in.

    Args:
        connect_timeout: seconds for the connection and the banner.
        persist: seconds without a session after which the master ends by itself.
        user: a login name in place of the fleet's.
        address: one of the node's addresses.
        interactive: a person is at the terminal and may be asked.
    """
    words = ["ssh", "-f", "-N", "-T"]
    words += ["-o", "ControlMaster=auto", "-o", f"ControlPath={target.control}"]
    words += ["-o", f"ControlPersist={persist}", *_one_try(connect_timeout)]
    # The user's forwards belong to the user's own logins, which ask the master for them.
    words += ["-o", "ClearAllForwardings=yes"]
    if not target.alive:
        words += ["-o", "ServerAliveInterval=15", "-o", "ServerAliveCountMax=3"]
    if not interactive:
        words += ["-o", "BatchMode=yes", *_TELLING]
    return words + destination(fleet, node, user=user, address=address)


def _one_try(connect_timeout: float) -> list[str]:
    """Options for one attempt of so many seconds; how many there are is ours to say (``--retries``)."""
    return [*connect_limit(connect_timeout), "-o", "ConnectionAttempts=1"]


def connect_limit(seconds: float) -> tuple[str, str]:
    """Return the option by which ssh gives up a silent node; ssh takes whole seconds, from 1."""
    return "-o", f"ConnectTimeout={max(1, round(seconds))}"


def question_argv(
    fleet: Fleet,
    node: Node,
    *,
    connect_timeout: float,
    user: str | None = None,
    address: str | None = None,
    command: str = "exit",
) -> list[str]:
    """Return the argument list of a login for one command, which says all that went wrong on the way.

    The arguments are those of :func:`master_argv`.
    """
    words = ["ssh", "-T", "-o", "ControlMaster=no", "-o", "ControlPath=none", "-o", "BatchMode=yes"]
    words += [*_one_try(connect_timeout), *_TELLING, "-o", "ClearAllForwardings=yes"]
    words += ["-o", "RemoteCommand=none"]
    return [*words, *destination(fleet, node, user=user, address=address), command]


def config_argv(fleet: Fleet, node: Node, *, user: str | None = None) -> list[str]:
    """Return the argument list of ``ssh -G``, which also says which configuration files it read.

    Args:
        user: a login name in place of the fleet's.
    """
    return ["ssh", "-G", "-v", *destination(fleet, node, user=user)]


# Compiled with their first use: a warm command needs none of them.
_READ = r"^debug1: Reading configuration data (.+)$"
_INCLUDE = r"^debug1: .* line \d+: include (\S+) matched no files"


def parse_config(text: str) -> tuple[dict[str, str], list[str]]:
    """Read what ``ssh -G -v`` printed, both streams together.

    Returns:
        Its settings, and the configuration files (and folders of patterns) on which they rest.
    """
    settings: dict[str, str] = {}
    for line in text.split("\n"):
        key, _, value = line.rstrip("\r").partition(" ")
        if key == "sendenv" and key in settings:  # it adds up
            settings[key] += f" {value}"
        elif key.isalnum() and key.islower():
            settings.setdefault(key, value)
    import re  # not at every start

    files = [path.strip() for path in re.findall(_READ, text, re.MULTILINE)]
    folders = [pattern.rpartition("/")[0] for pattern in re.findall(_INCLUDE, text, re.MULTILINE)]
    folders += [path.rpartition("/")[0] for path in files]
    return settings, list(dict.fromkeys([*files, *(folder for folder in folders if folder)]))


def target_of(settings: dict[str, str], control: str) -> Target:
    """Make a target of what ``ssh -G`` said.

    Args:
        settings: of ``parse_config``; must have hostname, port and user.
    """
    jump = settings.get("proxyjump", "none")
    via = jump if jump != "none" else ""
    if not via and settings.get("proxycommand", "none") != "none":
        via = "proxy"
    return Target(
        hostname=settings["hostname"],
        port=int(settings.get("port", "22")),
        user=settings.get("user", ""),
        via=via,
        control=control,
        agent=settings.get("forwardagent", "no") not in ("no", "none"),
        alive=settings.get("serveraliveinterval", "0") != "0",
        sends=settings.get("sendenv", ""),
    )
