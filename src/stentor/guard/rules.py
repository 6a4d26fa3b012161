"""The table of rules: which of them look at a command, by its name."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from stentor.guard import rules_code as code
from stentor.guard import rules_files as files
from stentor.guard import rules_system as system
from stentor.guard.reader import Call
from stentor.guard.rules_files import Hit
from stentor.shells import PROGRAMS

Rule = Callable[[tuple[str, ...], Call], Iterator[Hit]]


def _by_names(names: str, *rules: Rule) -> dict[str, tuple[Rule, ...]]:
    return dict.fromkeys(names.split(), rules)


RULES: dict[str, tuple[Rule, ...]] = {
    **_by_names("rm rmdir unlink shred", files.remove),
    **_by_names("find fd", files.find),
    **_by_names("rsync", files.rsync),
    **_by_names("mv", files.move),
    **_by_names("cp ln install", files.overwrite),
    **_by_names("tee truncate", files.tee),
    **_by_names("dd", files.dd),
    **_by_names("chmod chown chgrp setfacl chattr", files.permissions),
    **_by_names(
        "mkfs mke2fs mkswap wipefs sgdisk gdisk fdisk sfdisk cfdisk parted blkdiscard cryptsetup zpool zfs"
        " lvremove vgremove pvremove lvreduce mdadm btrfs nvme hdparm sg_format badblocks flashcp flash_erase"
        " tune2fs resize2fs systemd-cryptenroll",
        files.filesystem,
    ),
    **_by_names("mount umount swapoff", files.unmount),
    **_by_names("git", files.git),
    **_by_names("shutdown reboot halt poweroff init telinit kexec", system.power),
    **_by_names("systemctl service rc-service sv initctl update-rc.d chkconfig", system.systemctl),
    **_by_names("pkill killall kill killall5 skill loginctl", system.kill),
    **_by_names(
        "ip ifconfig ifdown ifup route nmcli networkctl wg-quick tailscale rfkill netplan modprobe rmmod",
        system.network,
    ),
    **_by_names(
        "iptables ip6tables iptables-restore ip6tables-restore nft ufw firewall-cmd ipset ebtables",
        system.firewall,
    ),
    **_by_names(
        "userdel deluser groupdel delgroup passwd usermod chsh chage chpasswd crontab", system.accounts
    ),
    **_by_names("apt apt-get aptitude dpkg dnf yum rpm zypper pacman apk snap", system.packages),
    **_by_names("docker podman kubectl", system.containers),
    **_by_names("redis-cli mysql psql sqlite3 mongo", system.databases),
    **_by_names("efibootmgr grub-install sysctl", system.boot),
    **_by_names("python python2 python3 perl ruby node php lua", code.interpreter),
    **_by_names("sed", code.edits),
    **_by_names(" ".join((*sorted(PROGRAMS), "eval")), code.script_text),
}

NAMES = {
    "login-file": "a file which a login or the next boot needs is removed or overwritten",
    "drop-data": "a database's contents are dropped",
    "accounts": "a login or a group is removed, locked or changed",
    "firewall": "rules are removed or a port is closed",
    "fork-bomb": "a function that starts itself without end",
    "kill-all": "far more processes are ended than one program's",
    "lock-out": "nobody may be able to log in afterwards",
    "make-filesystem": "a disk, partition, volume or boot entry is overwritten",
    "network": "the node may leave the network",
    "ownership": "owner or mode of a system tree or a login's files is changed",
    "package": "a package is removed on which the node stands",
    "pipe-to-shell": "what the network sends is run unread",
    "power": "the node goes down",
    "prune": "containers or volumes are removed wholesale",
    "remove-tree": "a root, a system directory or a home is removed",
    "unknown-code": "what will run cannot be seen in the line",
    "unmount": "file systems are unmounted or made read-only",
    "unreadable": "the line cannot be read as shell",
    "write-device": "a device is written to directly",
}
"""Every rule's name, for the documents and for the policy's ``silence``."""
