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
    7z 7za 7zr IPMICFG MegaCli MegaCli64 OneCli Rscript SUSEConnect VBoxManage acpitool adcli age alembic
    aliyun alternatives amd-smi amdgpu-uninstall amrmtape apk apm apt apt-get aptitude arcconf argocd aria2c
    arptables atlas atrm auditctl authconfig authselect awk aws aws-nuke az azcopy b2 badblocks badmin barman
    bastille bcachefs bconsole beadm bectl beegfs beegfs-ctl beegfs-fsck bhyvectl birdc bkill blkdiscard
    blockdev bmc-device bootctl borg borgmatic bosh bq brctl brew bridge bsdtar bstop btrfs btrfs-convert
    btrfstune buildah bun bup burp busctl bzip2 calicoctl cargo cave cc cdk cdktf ceph ceph-kvstore-tool
    ceph-mds ceph-mon ceph-monstore-tool ceph-objectstore-tool ceph-osd ceph-volume cephadm cephfs-data-scan
    cephfs-journal-tool cephfs-table-tool certbot cf cfdisk cgdelete chage chattr chcon chgrp chkconfig chmod
    chown chpasswd chsh cilium civo clang clickhouse-client cloud-init cloud-nuke cloudflared clush clusterctl
    cmsh cobbler cockroach colima conda condor_drain condor_hold condor_off condor_rm condor_vacate confluent
    connmanctl conntrack consul copilot cp cpio cqlsh create-munge-key crictl crm crm_node crontab crossplane
    crudini cryptsetup csf ctr cuda-uninstaller curator_cli curl dbmate dbus-send dcgmi dcp dd ddrescue
    debugfs delgroup deluser deno devlink devspace dhclient dhcpcd dinitctl diskutil dkms dmsetup dnf dnf5
    do-release-upgrade docker docker-compose dockerd-rootless-setuptool.sh doctl doveadm dpkg dpkg-deb
    dpkg-divert dracut drbdadm drbdsetup drm dropdb dropuser drush dscl dsconf dsctl dsidm dsync duckdb
    duplicity duply e2fsck ebtables ed efibootmgr efivar eksctl elasticdump emerge eopkg equo esxcli etcdctl
    etckeeper ethtool eval ex exim exim4 exo exportfs extlinux fail2ban-client faillock fallocate fd fdfind
    fdisk fence_apc fence_aws fence_drac5 fence_idrac fence_ilo fence_ilo4 fence_ipmilan fence_virsh
    fence_vmware_soap find firebase firewall-cmd fixfiles flash_erase flash_eraseall flashcp flashrom flatpak
    flint flux fly flyctl flyway freebsd-update fsarchiver fsck fsck.btrfs fsck.ext2 fsck.ext3 fsck.ext4
    fsck.vfat fsfreeze fuser fw_setenv fwupdmgr fwupdtool garden gawk gcc gcloud gdbus gdisk gem gh gio git
    glab gluster govc gpart gpasswd gpg gpg2 groupdel groupmems groupmod grpunconv grub-editenv grub-install
    grub-reboot grub-set-default grub2-editenv grub2-install grub2-reboot grub2-set-default grubby gsutil gtar
    guix gvfs-trash gzip ha-manager hadoop halt hammer hcloud hdfs hdparm helm helmfile heroku hg hl-smi
    homectl hponcfg hpssacli http https hwclock ibmcloud ibportstate iconv ifconfig ifdown ifenslave ifreload
    ilorest incus influx init initctl initdb innobackupex insserv install integritysetup invoke-rc.d iocage ip
    ip6tables ip6tables-restore ipa ipa-client-install ipa-server-install ipactl ipcrm ipfw ipmi-chassis
    ipmi-power ipmi-sel ipmicfg ipmipower ipmitool ipsec ipset iptables iptables-restore ipvsadm iscsiadm isi
    istioctl iw iwctl jfs_mkfs journalctl jruby juju julia k0s k3d k3s-agent-uninstall.sh k3s-killall.sh
    k3s-uninstall.sh kadmin kadmin.local kafka-acls kafka-acls.sh kafka-configs kafka-configs.sh
    kafka-consumer-groups kafka-consumer-groups.sh kafka-delete-records kafka-delete-records.sh
    kafka-leader-election kafka-leader-election.sh kafka-reassign-partitions kafka-reassign-partitions.sh
    kafka-server-stop kafka-server-stop.sh kafka-storage kafka-storage.sh kafka-topics kafka-topics.sh kapp
    kdb5_util kernel-install kexec keydb-cli kill killall killall5 kind kioclient knex knife kopia kops kpartx
    kubeadm kubectl kustomize launchctl lctl ld ldapdelete ldapmodify ldapmodrdn leapp lfs lilo limactl
    linkerd linode-cli linstor liquibase ln lnetctl loginctl losetup lsadmin lsfshutdown lsiutil ltrace lua
    luajit lustre_rmmod lvchange lvconvert lvmdevices lvreduce lvremove lvrename lvresize lxc lxc-destroy
    lxc-stop lz4 lzma maas machinectl make-bcache makedhcp makedns mamba mariabackup mariadb mariadb-admin
    mariadb-backup mariadb-install-db mariadbd mawk mc mdadm megacli microdnf microk8s mii-tool minikube mix
    mkdosfs mke2fs mkfs mkltfs mkntfs mkreiserfs mkswap mlxconfig mlxfwmanager mlxfwreset mlxlink mlxup
    mmapplypolicy mmchdisk mmcli mmcrfs mmcrnsd mmdefquotaoff mmdelacl mmdeldisk mmdelfileset mmdelfs
    mmdelnode mmdelnsd mmdelsnapshot mmexpelnode mmfsck mmquotaoff mmrestorefs mmshutdown mmumount
    mmunlinkfileset mmunmount modprobe mokutil mongo mongod mongorestore mongos mongosh mount mpathconf mst
    mstconfig mstflint mstfwreset mt multipass multipath multipathd mungekey mv mvcli myloader mysql
    mysql_install_db mysqladmin mysqld mysqld_safe mysqldump nandwrite nats nawk nerdctl net netbird netctl
    netlify netplan networkctl newfs newusers nft nix-collect-garbage nix-env nixos-rebuild nmcli nmstatectl
    node nodejs noderm nodeset nodetool nomad nova npm nv-hostengine nvidia-installer nvidia-smi
    nvidia-uninstall nvim nvme nwipe oc oci okteto onecli opadisablehosts opadisableports opaportconfig
    opaswdisableall openrc-shutdown openssl openstack opkg orb ostree ovs-ofctl ovs-vsctl package-cleanup
    pacman pam-auth-update pam-config pam_tally2 pandoc parallel-rsync parallel-scp partclone.dd
    partclone.ext4 partclone.restore partclone.xfs parted partx passwd patch patronictl pbl pbs_server
    pbsnodes pcs pct pdbedit pdcp perccli perccli64 perl pfctl pg_archivecleanup pg_autoctl pg_createcluster
    pg_ctl pg_ctlcluster pg_dropcluster pg_dump pg_dumpall pg_resetwal pg_restore pg_rewind pg_upgrade
    pg_upgradecluster pgbackrest php pip pip3 pkg pkg_deinstall pkg_delete pkgin pkill pm-hibernate pm-suspend
    pm-suspend-hybrid pnpm podman podman-compose poff port postfix postsuper poweroff prisma prlctl
    proxmox-backup-client proxmox-backup-manager prsync prt-get pscale pscp pscp.pssh psql pulsar-admin pulumi
    puppet puppetserver pvcreate pveceph pvecm pvesh pvesm pvesr pvremove pvresize pwsh pwunconv pypy pypy3
    python python2 python3 qconf qdel qdisable qemu-img qm qmgr qmod qrerun qsig qstop qterm quotaoff
    rabbitmqadmin rabbitmqctl racadm rados radosgw-admin rails railway rake raku rancher raspi-config rbd
    rbootseq rc-service rc-update rcctl rclone rdiff-backup rdma realm reboot redfishtool redis-cli
    registercloudguest reiserfsck removepkg repmgr rescan-scsi-bus.sh resize2fs restic restorexCATdb rfkill
    rflash rhc rinstall rke rke2-killall.sh rke2-uninstall.sh rm rmdef rmdir rmhwconn rmimage rmkit rmmod rmvm
    rndc rnetboot rocm-smi route rpi-eeprom-update rpi-update rpk rpm rpm-ostree rpower rsetboot rsync rtcwake
    ruby runit-init s3cmd s5cmd s6-rc s6-svc saa sacctmgr salt salt-call salt-key sam samba-tool sas2ircu
    sas3ircu scancel scontrol scp scrontab scrub scsi_stop scw security sed sedutil-cli semanage semodule
    sequelize serverless service setenforce setfacl setpci setsebool sfdisk sftp sg_format sg_persist sg_reset
    sg_sanitize sg_start sg_unmap sg_write_buffer sg_write_same sgdisk shim-install shorewall shorewall6 shred
    shutdown skaffold skill skopeo slackpkg slapadd slapmodify sls slurmctld slurmd slurmdbd smbpasswd snap
    snapper snapraid softwareupdate sort spack sponge sqlcmd sqlite3 sqlplus srm ssacli ssh-keygen sssctl
    start-stop-daemon stolonctl stonith_admin storcli storcli64 strace stratis strongswan subscription-manager
    sum supabase suseconnect sv svcadm swanctl swapoff swift swupd sys-unconfig sysctl sysrc systemctl
    systemd-cryptenroll systemd-tmpfiles systemsetup tabrestore tailscale talosctl tar targetcli targetctl
    tarsnap tasksel tazpkg tc tccli tclsh tcpdump tdnf teamd teamdctl tee telinit terraform terragrunt
    tgt-admin tgtadm tilt timedatectl timeshift tmpreaper tmpwatch tmutil tmux tofu touch tpm2_clear tpm_clear
    transactional-update trash trash-put truncate tune2fs tunefs.lustre tw_cli udisksctl ufw umount
    unbound-control uniq unlink unltfs unsquashfs unzip upctl update-alternatives update-bootloader
    update-crypto-policies update-initramfs update-rc.d upscmd upsdrvctl upsmon urpme usbguard userdel usermod
    vagrant valkey-cli vault vboxmanage vconfig vdo velero vercel veritysetup vgcfgrestore vgchange vgexport
    vgmerge vgreduce vgremove vgrename vgsplit vi vim vim-cmd virsh virt-sysprep vmrun vpnc-disconnect vtysh
    vultr-cli waagent wal-g weka werf wg wg-quick wget wicked winstall wipe wipefs wp wpa_cli wrangler wrmsr
    wwctl wwsh xbps-remove xcatconfig xdcp xe xfs_admin xfs_quota xfs_repair xh xl xm xmllint xpu-smi
    xtrabackup xxd xz yarn yast yast2 yc yq yum zellij zerotier-cli zfs zip zipl zkCli zkCli.sh
    zookeeper-server-stop zookeeper-server-stop.sh zookeeper-shell zookeeper-shell.sh zpool zstd zypper zzz
"""
# What runs something else, or changes what a later word means.
_RUNS_OTHERS = """
    . abduco adb ansible apptainer aprun arch-chroot at autossh aws-vault batch blaunch bolt bsub builtin
    bundle busybox bwrap byobu cap cd cexec cgexec ch-run chpst chronic chroot chrt command cpulimit dbclient
    dbus-launch dbus-run-session declare direnv distrobox doas dotenv dotool dsh dtach dumb-init dzdo enroot
    entr env envdir et exec expect export fab fakechroot fakeroot faketime firejail flock gosu gsh gsissh
    hwloc-bind hyperfine invoke ionice jsrun k3s kitty likwid-pin lima linux32 linux64 local lsgrun lsh lsrun
    lvm lxc-attach mco mmdsh mosh mpiexec mpiexec.hydra mpirun nice nix nix-shell nohup npx nq nsenter numactl
    onall orterun parallel parallel-ssh pbsdsh pdsh perf pexec pfexec pipenv pkexec please plink poetry
    prlimit proot proxychains prun psexec psh pssh pushd qrsh qsub read readonly rgang rke2 rlwrap rsh run0
    runuser s6-setuidgid salloc salt-ssh sbatch schedtool schroot screen script sdsh sem send set setarch
    setpriv setsid setuidgid sg shifter singularity socat softlimit source spawn srun ssh ssh-agent sshpass
    stdbuf stentor su su-exec sudo sudo-rs systemd-cat systemd-inhibit systemd-nspawn systemd-run taskset
    timeout tini toolbox torsocks toybox trickle ts tsh tsp typeset unbuffer unset unshare uv valgrind watch
    wezterm winexe wtype xargs xdotool xdsh xvfb-run ydotool
"""
NAMES = frozenset(_JUDGED.split()) | frozenset(_RUNS_OTHERS.split()) | PROGRAMS

CLIENTS = "mysql mariadb psql sqlite3 duckdb mongo mongosh cqlsh clickhouse-client influx sqlcmd sqlplus"
"""What is told statements."""

_LOOKS = frozenset(["docker", "git", "ifconfig", "journalctl", "mount", "nvidia-smi", "rocm-smi", "route"])
"""What only looks when it stands alone."""
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
    if len(words) == 1 and line.strip() in _LOOKS:
        return True
    name = words[0].rpartition("/")[2]
    if name.startswith("rc") and words[1:]:
        return False  # /usr/sbin/rcX is a name of SUSE's for the script of X
    return name not in NAMES and name not in RESERVED and not name.startswith("mkfs.")


_SYSTEM = ("/etc", "/dev", "/boot", "/bin", "/sbin", "/lib", "/usr", "/proc", "/sys", "/run", ".ssh", "..")


def plain_files(paths: Iterable[str]) -> bool:
    """Whether :func:`plain_file` holds for all of them, which may be very many."""
    return plain_file("\n".join(paths))


def plain_file(path: str) -> bool:
    """Whether a path is surely none that logins or the next boot need, and no device."""
    return not any(part in path for part in _SYSTEM)
