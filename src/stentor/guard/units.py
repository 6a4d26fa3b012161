"""Kinds of words that are no paths: units and processes of ssh and the network, packages, ports."""

from __future__ import annotations

import re
from collections.abc import Callable
from fnmatch import fnmatchcase

from stentor.guard.words import GIVEN, unknown

_UNIT = r"(\.service|\.socket|\.target)?"
_SSH = re.compile(rf"((open)?ssh|sshd|dropbear)(-server|@.*)?{_UNIT}")
_NETWORK = re.compile(
    r"(networking|network|NetworkManager|systemd-networkd|systemd-resolved|dhcpcd|netplan.*|wpa_supplicant.*|ifup@.*"
    rf"|wg-quick@.*|tailscaled|openvpn.*|ModemManager|connman|iwd|dhclient|udhcpc|wickedd?[\w-]*|net\.\w+){_UNIT}"
)
_VITAL = re.compile(
    r"(dbus(-broker)?|systemd-logind|systemd-journald|systemd-udevd|polkit|getty.*|sssd|nslcd|nscd|display-manager"
    r"|autofs|winbind|(home|usr|var|boot|srv|opt)[\w-]*\.mount"
    rf"|user@.*|user\.slice|session-.*\.scope|(multi-user|graphical|basic|sysinit|local-fs|network-online|default)\.target){_UNIT}"
)
# What a folder is called that was made to be empty, or is new.
_EMPTY = re.compile(r"(.*/)?(\w*empty\w*|blank|none|null|void|nothing|[a-z])/?\.?", re.IGNORECASE)
# What other machines and their jobs depend on: schedulers, storage, clusters, fabrics, directories.
_SERVING = re.compile(
    r"(slurm\w*|munged?|pbs(_\w+)?|torque|maui|lsf\w*|sge\w*|gridengine.*|condor|ceph.*|glusterd|beegfs-.*|lustre|lnet|lvm2-\w+|gpfs|mmfs\w*"
    r"|nfs(-server|-kernel-server|-ganesha|d)?|rpcbind|drbd|corosync|pacemaker|pcsd|sbd|ctdb|keepalived|haproxy|kubelet"
    r"|k3s(-agent)?|rke2-\w+|k0s\w*|containerd|crio|docker|etcd|kube-\w+|libvirtd|virtqemud|xcatd|warewulfd|opensmd?|openibd|rdma"
    r"|nvidia-(fabricmanager|dcgm|persistenced)|multipathd|iscsid?|open-iscsi|target|slapd|dirsrv.*|krb5kdc|kadmin|ipa|ypserv|ypbind|dhcpd?|isc-dhcp-server"
    rf"|named|bind9|dnsmasq|unbound|vault|consul|nomad|patroni){_UNIT}"
)
_CORE = """
    openssh openssh-server openssh-sftp-server dropbear sudo systemd systemd-sysv systemd-networkd libc6
    glibc musl bash dash coreutils linux linux-lts kernel grub login passwd shadow network-manager
    NetworkManager networkmanager ifupdown netplan.io dhcpcd apt apt-get dpkg rpm dnf yum zypper pacman
    apk-tools xbps opkg portage python python3 perl-base perl util-linux pam base-files base baselayout
    alpine-base alpine-baselayout busybox openrc init runit-void udev eudev mount e2fsprogs tailscale
    wireguard wireguard-tools filesystem setup libgcc openssl ca-certificates-bundle dbus
    aaa_base wicked libzypp systemd-udev shim sssd sssd-common authselect selinux-policy firewalld
    crypto-policies rdma-core munge kmod dracut systemd-boot suse-module-tools btrfsprogs xfsprogs
    lvm2 cryptsetup
    multipath-tools
    device-mapper-multipath kubelet kubeadm containerd containerd.io docker-ce cri-o
"""
_CORE_NAMES = frozenset(_CORE.split())
_CORE_FORMS = re.compile(
    r"(linux-image|linux-modules|linux-firmware|kernel|grub2?|shim|libpam|pam|dracut|selinux-policy|slurm|nvidia|kmod-nvidia|kmod-lustre"
    r"|kmod-kvdo|mlnx-ofed|mlnx-ofa_kernel|lustre-client|gpfs|beegfs|cuda-drivers|rocm|amdgpu|sssd|krb5|device-mapper|lvm2|wireguard|tailscale|systemd|openssh|glibc|libc6"
    r"|python3?(\.\d+)?-minimal)([-.:\d].*)?|\*|\.\*"
)


def ssh(word: str) -> bool:
    """Whether this is a unit or a process of the ssh server."""
    return bool(_SSH.fullmatch(word)) or ("*" in word and bool(re.match(r"s?s?\*|ssh", word)))


def network(word: str) -> bool:
    """Whether this is a unit by which the node is on its network."""
    return bool(_NETWORK.fullmatch(word))


def vital(word: str) -> bool:
    """Whether this is a unit on which logins depend."""
    return bool(_VITAL.fullmatch(word))


def serving(word: str) -> bool:
    """Whether this is a unit or a program on which other machines, or their jobs, depend."""
    return bool(_SERVING.fullmatch(word))


def core(word: str) -> bool:
    """Whether this is a package on which the node stands, or a pattern which takes one."""
    name = word.rpartition("/")[2].removesuffix("-").removesuffix("+").partition(":")[0]
    if unknown(name) or name in _CORE_NAMES or _CORE_FORMS.fullmatch(name):
        return True
    pattern = name.replace(".*", "*").strip("^$")
    if pattern.endswith("*") and _CORE_FORMS.fullmatch(pattern.rstrip("-*")):
        return True
    return any(mark in pattern for mark in "*?[") and any(fnmatchcase(one, pattern) for one in _CORE_NAMES)


WORDS: dict[str, Callable[[str], bool]] = {
    "ssh": ssh,
    "net": network,
    "vital": vital,
    "serving": serving,
    "core": core,
    "minus": lambda word: word.endswith("-") and core(word),
    "unknown": unknown,
    "empty": lambda word: bool(_EMPTY.fullmatch(word)) or GIVEN in word[:1],
    "disk": lambda word: word.startswith("/dev/") or unknown(word),
    "stars": lambda word: word.endswith(("/*", "/**")),
    "sshport": lambda word: word in ("22/tcp", "ssh/tcp"),
}
"""The kinds of words for the tables of rules."""
