"""Rules on the machine itself: power, ssh, network, firewall, accounts, packages, processes."""

from __future__ import annotations

import re
from collections.abc import Iterator

from stentor.guard.inner import name_of
from stentor.guard.reader import Call
from stentor.guard.rules_files import Hit, flags
from stentor.guard.words import unknown

_SSH = re.compile(r"(open)?sshd?(\.service|\.socket|@.*|-server)?|dropbear(\.service)?")
_NETWORK = re.compile(
    r"(networking|network|NetworkManager|systemd-networkd|systemd-resolved|dhcpcd|netplan.*|wpa_supplicant.*|ifup@.*"
    r"|wg-quick@.*|tailscaled|openvpn.*|ModemManager|connman|iwd)(\.service|\.socket|\.target)?"
)
_VITAL = re.compile(
    r"(dbus|systemd-logind|systemd-journald|systemd-udevd|polkit|getty.*|sssd|nslcd|nscd|display-manager)(\.service|\.socket)?"
)
_ENDS = re.compile(r"(multi-user|graphical|basic|sysinit|local-fs|network|network-online|default)\.target")
_STOPS = {"stop", "disable", "mask", "kill", "isolate", "freeze", "revert"}


def power(words: tuple[str, ...], _call: Call) -> Iterator[Hit]:
    """``shutdown``, ``reboot``, ``halt``, ``poweroff``, ``init 0``, ``kexec``."""
    name, (options, operands) = name_of(words), flags(words)
    if name in ("init", "telinit"):
        if any(level in ("0", "1", "6", "s", "S", "single") or unknown(level) for level in operands):
            yield "power", f"{name} {' '.join(operands)} ends the running system"
    elif name == "kexec":
        if options & {"e", "--exec", "f", "--force"}:
            yield "power", "starts another kernel in the place of the running one"
    elif not (options & {"c", "--help", "--version", "w", "--wtmp-only", "--show"}):
        yield "power", f"{name} takes the node down"


def systemctl(words: tuple[str, ...], _call: Call) -> Iterator[Hit]:
    """``systemctl``, ``service``, ``rc-service``, ``update-rc.d`` and their like."""
    name, (_, operands) = name_of(words), flags(words)
    if not operands:
        return
    if name in ("service", "rc-service", "update-rc.d", "chkconfig", "sv", "initctl"):
        verbs = set(operands) | ({"disable"} if name == "chkconfig" and "off" in operands else set())
        verb = next(
            (
                word
                for word in (*operands,)
                if word in _STOPS | {"down", "off", "remove", "defaults-disabled"}
            ),
            "",
        )
        units = [word for word in operands if word not in verbs or word != verb]
    else:
        verb, units = operands[0], operands[1:]
    if verb in (
        "reboot",
        "poweroff",
        "halt",
        "kexec",
        "suspend",
        "hibernate",
        "hybrid-sleep",
        "suspend-then-hibernate",
        "soft-reboot",
    ):
        yield "power", f"systemctl {verb} takes the node down"
    elif verb in ("rescue", "emergency", "exit", "switch-root"):
        yield "lock-out", f"systemctl {verb} ends every login"
    elif verb == "isolate" or (
        verb in ("set-default",) and any("rescue" in unit or "emergency" in unit for unit in units)
    ):
        yield "lock-out", f"systemctl {verb} {' '.join(units)} stops every other unit"
    elif verb in _STOPS | {"down", "off", "remove"}:
        yield from _stopped(verb, units)
    elif verb == "start" and any(
        re.match(r"(reboot|poweroff|halt|rescue|emergency|shutdown|kexec)\.target", unit) for unit in units
    ):
        yield "power", f"starts {units[0]}"
    elif unknown(verb):
        yield "unknown-code", f"what {name} is to do, the line does not say"


def _stopped(verb: str, units: list[str]) -> Iterator[Hit]:
    for unit in units:
        if _SSH.fullmatch(unit) or ("*" in unit and re.match(r"s?s?\*|ssh", unit)):
            yield "lock-out", f"{verb} {unit}: nobody can log in any more"
        elif _NETWORK.fullmatch(unit):
            yield "network", f"{verb} {unit}: the node leaves the network"
        elif _VITAL.fullmatch(unit) or _ENDS.fullmatch(unit):
            yield "lock-out", f"{verb} {unit}: logins depend on it"
        elif unknown(unit):
            yield "lock-out", f"{verb} of a unit which the line does not name"


def kill(words: tuple[str, ...], _call: Call) -> Iterator[Hit]:
    """``kill``, ``pkill``, ``killall``, ``skill``, ``loginctl``."""
    name, rest = name_of(words), list(words[1:])
    options, operands = flags(words)
    if name == "kill":
        targets = [word for word in rest if re.fullmatch(r"-?\d+", word)]
        explicit = rest and (rest[0] in ("-s", "-n") or re.fullmatch(r"-(\d+|[A-Z]+\d*)", rest[0]))
        aimed = targets[1:] if explicit and rest and re.fullmatch(r"-\d+", rest[0]) else targets
        if "-1" in aimed or ("-1" in rest[1:] and rest[0] in ("-s", "-n", "--", "-TERM", "-KILL")):
            yield "kill-all", "ends every process that you may end"
        elif "1" in aimed and not set(rest) & {"-0", "-l"}:
            yield "kill-all", "signals process 1, the system itself"
    elif name == "killall5":
        yield "kill-all", "ends every process"
    elif name == "loginctl":
        if operands[:1] and operands[0] in ("terminate-user", "kill-user", "lock-sessions", "terminate-seat"):
            yield "lock-out", f"loginctl {operands[0]} ends people's sessions"
    elif not options & {"0", "l", "V"} and rest[:1] != ["-0"]:
        for pattern in operands:
            if _SSH.fullmatch(pattern) or pattern in ("ssh", "sshd:", "sshd.*"):
                yield "lock-out", f"{name} {pattern}: ends the ssh server or every login"
            elif re.fullmatch(r"\.?[*+]?|\.\*|\^?\.?", pattern) or pattern in (
                "systemd",
                "init",
                "dbus-daemon",
            ):
                yield "kill-all", f"{name} {pattern}: ends far more than one program"
            elif unknown(pattern) and not pattern.strip("\ue000\ue002"):
                yield "kill-all", f"{name} of a name which the line does not say: empty means all"
        if not operands or (
            options & {"u", "U", "--euid", "--uid"} and len(operands) <= 1 and name != "skill"
        ):
            yield "kill-all", f"{name} of everything a user runs"


def network(words: tuple[str, ...], _call: Call) -> Iterator[Hit]:
    """``ip``, ``ifconfig``, ``ifdown``, ``nmcli`` and their like."""
    name, rest = name_of(words), [word for word in words[1:] if not word.startswith("-")]
    text = " ".join(rest)
    patterns = {
        "ip": r"(?=.*\b(l(ink)?|a(ddr(ess)?)?|r(oute)?|ro|ru(le)?|n(eigh)?)\b)"
        r"(?=.*\b(down|flush|f|del(ete)?|d)\b)(?!.*\blo\b).*",
        "ifconfig": r"(?!lo\b).*\b(down|del|0\.0\.0\.0)\b.*",
        "ifdown": r"(?!lo$).+|",
        "ifup": r"(?!.*)",
        "route": r".*\b(del|flush)\b.*",
        "nmcli": r".*\b(off|down|disconnect|delete|modify)\b.*",
        "networkctl": r".*\b(down|delete)\b.*",
        "wg-quick": r".*\bdown\b.*",
        "tailscale": r".*\b(down|logout)\b.*",
        "rfkill": r".*\bblock\b.*",
        "netplan": r".*\bapply\b.*",
        "modprobe": r"(?!.*)",
        "rmmod": r".+",
    }
    if re.fullmatch(patterns.get(name, r"(?!.*)"), text) or (name == "ifdown" and "-a" in words):
        yield "network", f"{name} {text}: the node may leave the network"
    elif name == "modprobe" and {"-r", "--remove"} & set(words):
        yield "network", f"modprobe -r {text}: the driver may be that of the network or a disk"


def firewall(words: tuple[str, ...], _call: Call) -> Iterator[Hit]:
    """``iptables``, ``nft``, ``ufw``, ``firewall-cmd``."""
    name, text = name_of(words), " ".join(words[1:])
    drops = re.search(r"(-j|--jump)[ =](DROP|REJECT)", text)
    if name in ("iptables", "ip6tables", "ebtables"):
        if re.search(r"(^| )(-[A-Za-z]*F|--flush|-X|--delete-chain)( |$)", text):
            yield "firewall", f"{name}: removes every rule; with a policy of DROP nobody gets in any more"
        elif re.search(r"(-P|--policy) (INPUT|OUTPUT|FORWARD) (DROP|REJECT)", text):
            yield "firewall", f"{name}: drops all that no rule lets in"
        elif drops and re.search(r"(-A|-I|--append|--insert) (INPUT|OUTPUT)", text) and _aims_at_ssh(text):
            yield "firewall", f"{name}: closes the port of ssh, or every port"
    elif name in ("iptables-restore", "ip6tables-restore"):
        yield "firewall", f"{name} replaces every rule"
    elif name == "nft":
        if re.search(r"\b(flush|delete|destroy)\b|(^| )(-f|--file)\b|\bpolicy drop\b|\bdrop\b", text):
            yield "firewall", "nft: replaces or removes rules"
    elif name == "ipset":
        if re.search(r"\b(flush|destroy)\b", text):
            yield "firewall", "ipset: removes sets which rules depend on"
    elif name == "ufw":
        if re.search(
            r"\b(enable|reset)\b|default (deny|reject)|\b(deny|reject|delete)\b.*\b(22|ssh|OpenSSH)\b", text
        ):
            yield "firewall", f"ufw {text}: may close the port of ssh"
    elif name == "firewall-cmd" and re.search(
        r"--panic-on|--remove-service[= ]ssh|--remove-port[= ]22|--set-default-zone[= ](drop|block)",
        text,
    ):
        yield "firewall", f"firewall-cmd {text}: may close the port of ssh"


def _aims_at_ssh(text: str) -> bool:
    ports = re.findall(r"--dports?[ =](\S+)", text)
    if ports:
        return any(re.search(r"(^|[,:])(22|ssh)([,:]|$)", port) for port in ports)
    return not re.search(r"(-s|--source|--src)[ =]\S+|--sports? |-i lo\b|--ctstate INVALID|--icmp-type", text)


def accounts(words: tuple[str, ...], _call: Call) -> Iterator[Hit]:
    """``userdel``, ``passwd -l``, ``usermod -L``, ``chsh``, ``chage``, ``crontab -r``."""
    name, (options, operands) = name_of(words), flags(words)
    text = " ".join(words[1:])
    if name in ("userdel", "deluser", "groupdel", "delgroup"):
        if operands:
            yield "accounts", f"{name}: {' '.join(operands)} is gone"
    elif name == "passwd":
        if options & {"l", "d", "--lock", "--delete", "e", "--expire"}:
            yield "accounts", "locks a login, or leaves it without a password"
    elif name == "usermod":
        if options & {"L", "--lock"} or re.search(r"nologin|/false|(-e|--expiredate)[ =]?(1|0|\d{4}-)", text):
            yield "accounts", "locks a login"
        elif "G" in options and "a" not in options:
            yield "accounts", "takes the user out of every other group (-G without -a), sudo among them"
    elif name == "chsh":
        if re.search(r"nologin|/false", text):
            yield "accounts", "takes the login shell away"
    elif name == "chage":
        if options & {"E", "--expiredate"} and re.search(r"(-E ?|--expiredate[ =])(0|1)\b", text):
            yield "accounts", "lets a login expire"
    elif name == "chpasswd":
        yield "accounts", "sets passwords"
    elif name == "crontab" and options & {"r"}:
        yield "remove-tree", "removes every cron job of the user"


_CORE_PACKAGES = re.compile(
    r"(openssh(-server|-sftp-server)?|sudo|systemd(-sysv|-networkd)?|libc6|glibc|musl|bash|dash|coreutils|linux-image.*"
    r"|linux-modules.*|kernel.*|grub.*|login|passwd|network-manager|NetworkManager|ifupdown|netplan\.io|apt|dpkg|rpm"
    r"|python3?|perl-base|util-linux|libpam.*|base-files|init|udev|mount|e2fsprogs|tailscale|wireguard.*)(:\w+)?"
)


def packages(words: tuple[str, ...], _call: Call) -> Iterator[Hit]:
    """Package managers that remove what the node stands on."""
    name, (options, operands) = name_of(words), flags(words)
    verbs = {"remove", "purge", "autoremove", "autopurge", "erase", "del", "uninstall"}
    removes = bool(set(operands) & verbs) or (
        name in ("dpkg",) and bool(options & {"r", "P", "--remove", "--purge"})
    )
    removes |= (name == "pacman" and "R" in options) or (name == "rpm" and bool(options & {"e", "--erase"}))
    if not removes:
        return
    for package in operands:
        bare = package.removesuffix("-").removesuffix("+")
        if package not in verbs and (_CORE_PACKAGES.fullmatch(bare) or bare in ("*", ".*") or unknown(bare)):
            shown = "a package which the line does not name" if unknown(package) else package
            yield "package", f"{name} removes {shown}"
    if options & {"--allow-remove-essential", "--force-all", "--nodeps", "--force-remove-essential"}:
        yield "package", f"{name} removes packages without asking what needs them"


def containers(words: tuple[str, ...], _call: Call) -> Iterator[Hit]:
    """``docker``, ``podman``, ``kubectl``: everything of a kind at once."""
    name, text = name_of(words), " ".join(words[1:])
    options, _ = flags(words)
    if re.search(r"\b(system|volume) prune\b", text) and options & {
        "a",
        "f",
        "--all",
        "--volumes",
        "--force",
    }:
        yield "prune", f"{name} removes all images, containers or volumes that are not in use"
    elif re.search(r"\b(rm|stop|kill|rmi)\b", text) and unknown(text):
        yield "prune", f"{name} ends or removes whatever another command lists"
    elif (
        name == "kubectl"
        and re.search(r"\bdelete\b", text)
        and re.search(r"--all\b|\b(ns|namespaces?|nodes?|no)\b", text)
    ):
        yield "prune", "kubectl deletes everything of a kind"
    elif name == "kubectl" and re.search(r"\bdrain\b", text):
        yield "prune", "kubectl drains a node"


def databases(words: tuple[str, ...], _call: Call) -> Iterator[Hit]:
    """Statements which drop what is in a database."""
    text = " ".join(words[1:])
    if re.search(
        r"\b(drop\s+(database|table|schema)|truncate\s+(table\s+)?\w|flushall|flushdb|dropDatabase)\b",
        text,
        re.IGNORECASE,
    ):
        yield "drop-data", f"{name_of(words)} drops what is in the database"
    elif re.search(r"\bdelete\s+from\s+\S+\s*(;|$)", text, re.IGNORECASE):
        yield "drop-data", f"{name_of(words)} deletes every row of a table"


def boot(words: tuple[str, ...], _call: Call) -> Iterator[Hit]:
    """``efibootmgr -B``, ``grub-install``, ``sysctl kernel.panic``-like switches."""
    name, text = name_of(words), " ".join(words[1:])
    if name == "efibootmgr" and re.search(r"(^| )-[bB]|--delete", text):
        yield "make-filesystem", "removes a boot entry"
    elif name == "grub-install":
        yield "make-filesystem", "replaces the boot loader"
    elif name == "sysctl" and re.search(r"disable_ipv6=1|ip_forward=0|icmp_echo_ignore_all=1|sysrq", text):
        yield "network", f"sysctl {text}: may cut the node, or those behind it, off"
