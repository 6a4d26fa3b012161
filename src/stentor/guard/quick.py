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
    7z 7za 7zr MegaCli MegaCli64 Rscript VBoxManage acpitool adcli age aliyun apk apm apt apt-get aptitude
    arcconf argocd aria2c arptables authconfig authselect awk aws az b2 badblocks barman bastille bcachefs
    bhyvectl birdc bkill blkdiscard blockdev bmc-device bootctl borg bosh brctl brew bridge bsdtar btrfs
    buildah bun busctl bzip2 cave cc cdk ceph ceph-volume cephadm cf cfdisk chage chattr chcon chgrp chkconfig
    chmod chown chpasswd chsh cilium civo clang clickhouse-client cloud-init cockroach colima condor_off
    condor_rm connmanctl conntrack consul copilot cp cpio cqlsh crictl crm crm_node crontab crudini cryptsetup
    csf ctr curl dbus-send dd ddrescue debugfs delgroup deluser deno dhclient dhcpcd dinitctl dkms dmsetup dnf
    dnf5 do-release-upgrade docker docker-compose dockerd-rootless-setuptool.sh doctl doveadm dpkg dpkg-deb
    dpkg-divert drbdadm dropdb dropuser duckdb duplicity ebtables ed efibootmgr eksctl emerge eopkg equo
    esxcli etcdctl etckeeper ethtool ex exim exim4 exo exportfs extlinux fail2ban-client faillock fallocate fd
    fdfind fdisk fence_apc fence_aws fence_drac5 fence_idrac fence_ilo fence_ilo4 fence_ipmilan fence_virsh
    fence_vmware_soap fetch find firewall-cmd flash_erase flash_eraseall flashcp flashrom flatpak flux fly
    flyctl fsarchiver fsfreeze fuser fw_setenv fwupdmgr fwupdtool gawk gcc gcloud gdbus gdisk gh git glab
    gluster govc gpasswd gpg gpg2 groupdel groupmems grpunconv grub-install grub-reboot grub-set-default
    grub2-install grub2-reboot grub2-set-default grubby gsutil gtar guix gzip ha-manager hadoop halt hcloud
    hdfs hdparm helm heroku hg homectl hpssacli http https ibmcloud iconv ifconfig ifdown ifenslave ifup incus
    influx init initctl innobackupex insserv install integritysetup invoke-rc.d iocage ip ip6tables
    ip6tables-restore ipa ipa-client-install ipa-server-install ipmi-power ipmipower ipmitool ipsec ipset
    iptables iptables-restore ipvsadm iscsiadm istioctl iw iwctl jfs_mkfs jruby juju julia k0s k3d
    k3s-agent-uninstall.sh k3s-killall.sh k3s-uninstall.sh kafka-consumer-groups kafka-consumer-groups.sh
    kafka-delete-records kafka-delete-records.sh kafka-topics kafka-topics.sh kdb5_util kernel-install kexec
    keydb-cli kill killall killall5 kind knife kopia kops kpartx kubeadm kubectl ld ldapdelete leapp lilo
    limactl linkerd linode-cli ln loginctl losetup lsfshutdown lua luajit lvchange lvconvert lvreduce lvremove
    lvrename lvresize lxc lxc-destroy lz4 lzma machinectl make-bcache mariabackup mariadb mariadb-admin
    mariadb-backup mawk mc mdadm megacli microdnf microk8s mii-tool minikube mkdosfs mke2fs mkfs mkntfs
    mkreiserfs mkswap mmcli mmdeldisk mmdelfs mmdelnode mmdelnsd mmshutdown mmumount mmunmount modprobe
    mokutil mongo mongorestore mongosh mount mt multipass multipath mv mysql mysqladmin mysqldump nandwrite
    nats nawk nerdctl net netbird netctl netplan networkctl newfs newusers nft nix-collect-garbage nix-env
    nixos-rebuild nmcli node nodejs nodetool nomad nova nvim nvme nwipe oc oci openrc-shutdown openssl
    openstack opkg orb ostree ovs-ofctl ovs-vsctl pacman pam-auth-update pam-config pam_tally2 pandoc
    partclone.dd partclone.ext4 partclone.restore partclone.xfs parted partx passwd patch patronictl pcs pct
    pdbedit perccli perccli64 perl pfctl pg_ctl pg_ctlcluster pg_dropcluster pg_dump pg_dumpall pg_resetwal
    pg_restore pgbackrest php pkg pkg_deinstall pkg_delete pkgin pkill pm-hibernate pm-suspend
    pm-suspend-hybrid podman podman-compose poff port postsuper poweroff prlctl proxmox-backup-client prt-get
    psql pulsar-admin pulumi pvcreate pvecm pvesh pvesm pvremove pwsh pwunconv pypy pypy3 python python2
    python3 qdel qemu-img qm qterm rabbitmqadmin rabbitmqctl racadm rados radosgw-admin raku rbd rc-service
    rc-update rcctl rclone rdiff-backup realm reboot redfishtool redis-cli removepkg resize2fs restic rfkill
    rke rke2-killall.sh rke2-uninstall.sh rm rmdir rmmod route rpm rpm-ostree rsync rtcwake ruby runit-init
    s3cmd s5cmd s6-rc s6-svc sacctmgr salt-key sam samba-tool scancel scontrol scp scrub scw sed sedutil-cli
    semanage serverless service setfacl sfdisk sftp sg_format sg_sanitize sg_unmap sgdisk shorewall shorewall6
    shred shutdown skill skopeo slackpkg sls smbpasswd snap snapper sort sponge sqlcmd sqlite3 srm ssacli
    ssh-keygen start-stop-daemon stonith_admin storcli storcli64 stratis strongswan sv svcadm swanctl swapoff
    swift swupd sys-unconfig sysctl systemctl systemd-cryptenroll systemd-tmpfiles tailscale talosctl tar
    tarsnap tasksel tazpkg tc tccli tclsh tcpdump tdnf tee telinit terraform terragrunt timeshift tofu touch
    transactional-update truncate udisksctl ufw umount uniq unlink unsquashfs unzip upctl
    update-crypto-policies update-initramfs update-rc.d upscmd upsdrvctl upsmon urpme usbguard userdel usermod
    vagrant valkey-cli vault vboxmanage vconfig vdo velero veritysetup vgcfgrestore vgchange vgexport vgmerge
    vgreduce vgremove vgrename vgsplit vi vim vim-cmd virsh virt-sysprep vmrun vpnc-disconnect vtysh vultr-cli
    waagent wal-g wg wg-quick wget wicked wipe wipefs wpa_cli xbps-remove xe xfs_repair xh xl xm xmllint
    xtrabackup xxd xz yc yq yum zellij zerotier-cli zfs zipl zkCli zkCli.sh zpool zstd zypper zzz
"""
# What runs something else, or changes what a later word means.
_RUNS_OTHERS = """
    . abduco ansible apptainer arch-chroot at aws-vault batch builtin bundle busybox bwrap cd cgexec chpst
    chronic chroot chrt clush command conda cpulimit dbus-launch dbus-run-session declare direnv distrobox
    doas dotenv dsh dtach dumb-init dzdo entr env envdir eval exec expect export fakechroot fakeroot faketime
    firejail flock gosu hyperfine ionice linux32 linux64 local ltrace lvm mamba mosh mpiexec mpirun nice nix
    nix-shell nohup npx nq nsenter numactl parallel parallel-ssh pdsh perf pfexec pipenv pkexec please poetry
    prlimit proot proxychains pssh pushd read readonly rlwrap rsh run0 runuser s6-setuidgid salt salt-call
    sbatch schedtool schroot screen script sem set setarch setpriv setsid setuidgid sg singularity socat
    softlimit source spawn srun ssh stdbuf stentor strace su su-exec sudo sudo-rs systemd-cat systemd-inhibit
    systemd-nspawn systemd-run taskset timeout tini tmux toolbox torsocks toybox trickle ts tsp typeset
    unbuffer unset unshare uv valgrind watch xargs xvfb-run
"""
NAMES = frozenset(_JUDGED.split()) | frozenset(_RUNS_OTHERS.split()) | PROGRAMS

SCRIPTS = ("/init.d/", "/rc.d/")
"""Where scripts lie which start and stop services."""


def plainly_harmless(line: str) -> bool:
    """Whether this line is one simple command that no rule and no wrapper is about."""
    if not PLAIN.issuperset(line):
        return False
    words = line.split()
    if not words:
        return True
    if any(folder in words[0] for folder in SCRIPTS):
        return False
    name = words[0].rpartition("/")[2]
    return name not in NAMES and name not in RESERVED and not name.startswith("mkfs.")


_SYSTEM = ("/etc", "/dev", "/boot", "/bin", "/sbin", "/lib", "/usr", "/proc", "/sys", "/run", ".ssh", "..")


def plain_files(paths: Iterable[str]) -> bool:
    """Whether :func:`plain_file` holds for all of them, which may be very many."""
    return plain_file("\n".join(paths))


def plain_file(path: str) -> bool:
    """Whether a path is surely none that logins or the next boot need, and no device."""
    return not any(part in path for part in _SYSTEM)
