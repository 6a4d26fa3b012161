"""Lines for which no parser is needed. Light enough for every ``run``.

The filter is sound by construction: with nothing but these characters there is no quote,
expansion, separator or redirection, so the line is one simple command whose name is its first
word. Every rule and wrapper is found by a command's name, and ``NAMES`` holds all of those
names (a test compares them). What is not plainly harmless goes to the parser.
"""

from __future__ import annotations

from collections.abc import Iterable

from stentor.shells import PROGRAMS

PLAIN = frozenset("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_./:,@%+- ")

# Words of the shell's own grammar, and builtins which run their arguments or change what follows.
_GRAMMAR = "if then else elif fi for while until do done case esac in function select time coproc alias trap"
RESERVED = frozenset(_GRAMMAR.split(" "))

# What destroys, locks out, or is somebody else's code.
_JUDGED = """
    7z 7za 7zr VBoxManage apk apt apt-get aptitude arptables authselect awk aws az badblocks blkdiscard
    bootctl borg brctl brew bsdtar btrfs cdk ceph ceph-volume cfdisk chage chattr chgrp chkconfig chmod
    chown chpasswd chsh clickhouse-client consul cp cpio cqlsh crictl crm crontab cryptsetup ctr curl dd
    ddrescue debugfs delgroup deluser dhclient dhcpcd dmsetup dnf dnf5 docker docker-compose
    dockerd-rootless-setuptool.sh doctl dpkg dpkg-deb drbdadm dropdb dropuser duckdb duplicity ebtables
    efibootmgr emerge eopkg etcdctl ex faillock fd fdisk fetch find firewall-cmd flash_erase flash_eraseall
    flashcp flatpak fsfreeze fuser gawk gcloud gdisk git gluster gpasswd groupdel grub-install grub2-install
    gsutil gtar guix halt hcloud hdparm helm ifconfig ifdown ifenslave ifup incus influx init initctl
    install ip ip6tables ip6tables-restore ipmitool ipset iptables iptables-restore iscsiadm iw k0s k3d
    k3s-agent-uninstall.sh k3s-killall.sh k3s-uninstall.sh kafka-topics kafka-topics.sh kernel-install kexec
    keydb-cli kill killall killall5 kind kubeadm kubectl lilo linode-cli ln loginctl lua lvchange lvconvert
    lvreduce lvremove lvresize lxc lxc-destroy mariadb mawk mc mdadm microdnf microk8s minikube mkdosfs
    mke2fs mkfs mkswap modprobe mongo mongosh mount multipass multipath mv mysql mysqladmin nandwrite nawk
    nerdctl netctl netplan networkctl newfs newusers nft nix-env nmcli node nomad nvim nvme nwipe oc opkg
    ostree ovs-vsctl pacman pam-auth-update pam_tally2 parted passwd pcs pct perl pfctl pg_dropcluster
    pg_resetwal pg_restore php pkg pkill pm-hibernate pm-suspend pm-suspend-hybrid podman podman-compose
    port poweroff psql pulumi pvcreate pvecm pvesm pvremove python python2 python3 qm rabbitmqctl racadm
    rados rbd rc-service rc-update rclone reboot redis-cli removepkg restic rfkill rke2-killall.sh
    rke2-uninstall.sh rm rmdir rmmod route rpm rpm-ostree rsync rtcwake ruby s3cmd scancel scp scrub sed
    service setfacl sfdisk sg_format sgdisk shred shutdown skill slackpkg sls snap sqlcmd sqlite3 sv swapoff
    swupd sysctl systemctl systemd-cryptenroll tailscale tar tc tdnf tee telinit terraform terragrunt tofu
    truncate ufw umount unlink unzip update-rc.d urpme userdel usermod vagrant valkey-cli vboxmanage
    vgcfgrestore vgchange vgexport vgreduce vgremove vi vim virsh wg wg-quick wget wipe wipefs wpa_cli
    xbps-remove xe yum zfs zpool zypper zzz
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


_SYSTEM = ("/etc", "/dev", "/boot", "/bin", "/sbin", "/lib", "/usr", "/proc", ".ssh", "..")


def plain_files(paths: Iterable[str]) -> bool:
    """Whether :func:`plain_file` holds for all of them, which may be very many."""
    return plain_file("\n".join(paths))


def plain_file(path: str) -> bool:
    """Whether a path is surely none that logins or the next boot need, and no device."""
    return not any(part in path for part in _SYSTEM)
