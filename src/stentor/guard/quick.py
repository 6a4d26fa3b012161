"""Lines for which no parser is needed. Light enough for every ``run``.

The filter is sound by construction: with nothing but these characters there is no quote,
expansion, separator or redirection, so the line is one simple command whose name is its first
word. Every rule and wrapper is found by a command's name, and ``NAMES`` holds all of those
names (a test compares them). What is not plainly harmless goes to the parser.
"""

from __future__ import annotations

from stentor.shells import PROGRAMS

PLAIN = frozenset("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_./:,@%+- ")

# Words of the shell's own grammar, and builtins which run their arguments or change what follows.
_GRAMMAR = "if then else elif fi for while until do done case esac in function select time coproc alias trap"
RESERVED = frozenset(_GRAMMAR.split(" "))

# What destroys, locks out, or is somebody else's code.
_JUDGED = """
    rm rmdir unlink shred find fd rsync mv cp ln install tee truncate dd mkfs mke2fs mkswap wipefs
    sgdisk gdisk fdisk sfdisk cfdisk parted blkdiscard cryptsetup zpool zfs lvremove vgremove pvremove
    lvreduce mdadm btrfs nvme hdparm sg_format badblocks flashcp flash_erase efibootmgr grub-install
    shutdown reboot halt poweroff init telinit kexec systemctl service rc-service sv initctl pkill
    killall kill killall5 skill ip ifconfig ifdown ifup route nmcli networkctl wg-quick tailscale rfkill
    netplan iptables ip6tables iptables-restore ip6tables-restore nft ufw firewall-cmd ipset ebtables
    chmod chown chgrp setfacl chattr userdel deluser groupdel delgroup passwd usermod chsh chage
    chpasswd crontab apt apt-get aptitude dpkg dnf yum rpm zypper pacman apk curl wget fetch umount
    mount docker podman kubectl git sed perl python python2 python3 ruby node php lua snap update-rc.d
    chkconfig loginctl systemd-cryptenroll tune2fs resize2fs swapoff sysctl modprobe rmmod redis-cli
    mysql psql sqlite3 mongo
"""
# What runs something else, or changes what a later word means.
_RUNS_OTHERS = """
    sudo doas pkexec su runuser env nohup nice ionice chrt taskset timeout setsid stdbuf unbuffer
    command builtin exec eval source . xargs parallel chroot unshare nsenter ssh
    busybox toybox watch flock systemd-run strace ltrace script at batch setarch linux32
    linux64 faketime fakeroot proxychains torsocks chpst s6-setuidgid gosu su-exec setpriv prlimit
    firejail bwrap expect tmux screen mosh clush pdsh ansible stentor cd pushd set export declare local
    readonly typeset unset read
"""
NAMES = frozenset(_JUDGED.split()) | frozenset(_RUNS_OTHERS.split()) | PROGRAMS


def plainly_harmless(line: str) -> bool:
    """Whether this line is one simple command that no rule and no wrapper is about."""
    if not PLAIN.issuperset(line):
        return False
    words = line.split()
    if not words:
        return True
    if "/init.d/" in words[0]:
        return False
    name = words[0].rpartition("/")[2]
    return name not in NAMES and name not in RESERVED and not name.startswith("mkfs.")
