"""What is known of each program's command line: its options with a value, and those with which it only looks.

A row of :data:`TOOLS`: names | options with a value | options with which nothing is changed | source.
Short options are one word of letters. ``words`` for programs whose options are single words after one dash,
``bundle`` where the first word may be letters without a dash, ``pairs`` for ``name=value``, ``prefix`` where
words may be cut short.
"""

from __future__ import annotations

from collections.abc import Iterator

from stentor.guard.inner import name_of
from stentor.typed import NamedTuple

TOOLS = """
rm rmdir unlink | | --help --version | coreutils: rm(1), rmdir(1), unlink(1)
shred | -ns --iterations --size --random-source | --help --version | coreutils: shred(1)
mv cp ln install | -tSgmo --target-directory --suffix --group --mode --owner | --help --version |
  coreutils: cp(1)
tee truncate | -sr:truncate --size --reference | --help --version | coreutils: tee(1), truncate(1)
dd | pairs | --help --version | coreutils: dd(1)
chown chgrp | --from --reference | --help --version | coreutils: chown(1)
setfacl | -mxMX --modify --remove --modify-file --remove-file --set --restore | --test | acl: setfacl(1)
chattr | -pv | | e2fsprogs: chattr(1)
sed | -efl --expression --file --line-length | --help --version | GNU sed manual, "Command-Line Options"
rsync | -efTBM --rsh --filter --exclude --include --files-from --exclude-from --include-from --temp-dir
  --backup-dir --suffix --port --bwlimit --timeout --chown --chmod --link-dest --compare-dest --copy-dest
  --log-file --rsync-path --out-format --password-file --partial-dir --info --max-size --min-size | -n
  --dry-run --list-only --help --version | rsync(1)
scp | -cDFiJloPSX | | openssh: scp(1)
tar bsdtar gtar | bundle -fCTXbgHIKLNV --file --directory --files-from --exclude --exclude-from
  --use-compress-program --strip-components --transform --owner --group --mode | -t --list --help --version
  | GNU tar manual; bsdtar(1)
unzip | -dxP | -l -t -v -p -z -Z -h | Info-ZIP: unzip(1)
cpio | -CDEFHIMORW --directory --file --format --owner --pattern-file --rsh-command | -t --list --help |
  GNU cpio manual
7z 7za 7zr | -op | | 7-Zip: command line syntax
dpkg-deb | -zZS | | dpkg: dpkg-deb(1)
curl | -oTuHdFAebcDXKmxEryYzCPQUw --output --output-dir --upload-file --user --header --data --data-raw
  --data-binary --form --user-agent --referer --cookie --cookie-jar --request --config --max-time
  --connect-timeout --proxy --retry --url --write-out --cacert --cert --key --resolve | --help --version |
  curl(1)
wget | -oaeiBtOTwQPUlARDIX --output-document --output-file --directory-prefix --tries --timeout --header
  --user --password --post-data --method --body-data --user-agent --input-file | --spider --help --version
  | wget(1)
git | -Cc --git-dir --work-tree --namespace | -n --dry-run --help | git(1), git-clean(1)
mke2fs mkfs.ext2 mkfs.ext3 mkfs.ext4 | -bCdDeEgGiIJlLmMNoOrtTUz | -n -V --help | e2fsprogs: mke2fs(8)
mkfs.xfs | -bcdilLmnprs | -N -V | xfsprogs: mkfs.xfs(8)
mkfs newfs mkdosfs | -tbcdfFhilmnrRsSLUA --label --type --data --metadata
  --uuid | -V --help --version | util-linux: mkfs(8)
mkswap | -Lpv --label --uuid --pagesize -U | -V --help --version | util-linux: mkswap(8)
wipefs | -oOt --offset --output --types | -n --no-act --help --version | util-linux: wipefs(8)
fdisk cfdisk | -bCHSutwWoL --sector-size --type --wipe --output | -l -x -s -V --list --list-details --help
  --version | util-linux: fdisk(8)
sfdisk | -NOXYwWo --partno --wipe --label --output | -l -d -J -F -s -T -V -n --list --dump --json
  --list-free --show-size --list-types --verify --no-act --show-geometry -g --help --version -v |
  util-linux: sfdisk(8)
sgdisk | -abcdefgiIjmnrRstTuUAB | -p -v -i -E -f -F -L -P -D -O -b --print --verify --info --pretend
  --backup --help --version | gptfdisk: sgdisk(8)
gdisk | | -l | gptfdisk: gdisk(8)
parted | -a --align | -l --list -h --help --version | GNU parted manual
blkdiscard | -olpt --offset --length --step | --help --version | util-linux: blkdiscard(8)
badblocks | -bcdeiopt | | e2fsprogs: badblocks(8)
scrub nwipe wipe | -bdDfpstTR --pattern --method | -h -V --help --version | scrub(1), nwipe(8), wipe(1)
ddrescue | -bcKimosTL --output-position --input-position --max-size | --help --version | GNU ddrescue manual
cryptsetup | -chdslopiST --cipher --hash --key-file --key-size --key-slot --type --label --header --uuid |
  --help --version --test-passphrase | cryptsetup(8)
mdadm | -clnxeNzumdF --level --raid-devices --chunk --metadata --name --spare-devices --size --uuid
  --backup-file | --test --help --version -D --detail -E --examine -Q --query | mdadm(8)
pvcreate pvremove vgremove vgreduce lvremove lvreduce lvresize vgcfgrestore lvconvert vgchange lvchange |
  -Ll --size --extents --name --file --config --reportformat --activate -an | -t --test --help --version -h
  | lvm(8), lvremove(8), lvresize(8)
zpool zfs | -odtTxR | -n | zpool(8), zfs-destroy(8)
btrfs | | --help | btrfs(8)
nvme | -nslfp --namespace-id --ses --lbaf --sanact | --help | nvme-cli: nvme-format(1)
hdparm | --user-master | --help | hdparm(8)
dmsetup | | --help --version | lvm2: dmsetup(8)
multipath iscsiadm fsfreeze | -mTpoLI --mode --targetname --portal --op | -l -ll -h | multipath(8),
  iscsiadm(8), fsfreeze(8)
efibootmgr | -bdlLonpte --bootnum --disk --loader --label --bootorder --bootnext --part --timeout | |
  efibootmgr(8)
mount | -toLUO --types --options --label --uuid --source --target | -f --fake -h --help -V --version |
  util-linux: mount(8)
umount | -tO --types --test-opts | --fake -h --help -V --version | util-linux: umount(8)
shutdown | -t | -c -k --show --help | systemd: shutdown(8); sysvinit: shutdown(8)
reboot halt poweroff | | -w --wtmp-only --help | systemd: halt(8)
init telinit kexec rtcwake | -tsmdA --type --mode --seconds --time --device --date --append --command-line
  | -n --dry-run --help --version | init(8), kexec(8), rtcwake(8)
ipmitool | -IHUPfpLloDdvA | -h | ipmitool(1)
racadm | -rup | | Dell: RACADM command reference
systemctl | -tpHMnosP --type --state --property --host --machine --lines --output --signal --kill-whom
  --what --root | --dry-run --help --version | systemctl(1)
loginctl | -pHMno --signal --kill-whom | --help | loginctl(1)
service rc-service sv initctl update-rc.d chkconfig rc-update | | --help | service(8), rc-service(8),
  sv(8), chkconfig(8)
ip | words prefix -family -netns -batch -rcvbuf -n -b -f | -h -help -V | iproute2: ip(8)
tc | words | | iproute2: tc(8), tc-netem(8)
nmcli | -tfcgmwe --fields --get-values --mode --colors --escape --wait | --help | NetworkManager: nmcli(1)
dhclient | -pdeilcfts words -pf -lf -cf -sf -df -e -p -s | --version --help | ISC: dhclient(8)
dhcpcd | -cCdefhiIlmoQrsStuvWXyYzZ | -T -U --version | dhcpcd(8)
ifdown | -aisX --interfaces --state-dir | -n --no-act --help | ifupdown: ifdown(8)
modprobe rmmod | -CdS --config --dirname --set-version | -n --dry-run --show -D --show-depends -V --help |
  kmod: modprobe(8)
netplan rfkill networkctl wg-quick wg tailscale ovs-vsctl brctl iw wpa_cli netctl | -ipt | --help
  | netplan(8), rfkill(8), networkctl(1), wg-quick(8), ovs-vsctl(8), brctl(8), iw(8)
iptables ip6tables ebtables arptables | -tpsdiojmNE --table --protocol --source --destination --dst --src
  --in-interface --out-interface --jump --match --dport --dports --sport --sports --ctstate --state
  --icmp-type --comment --limit --goto -g -w | -h --help -V -C --check | iptables(8)
iptables-restore ip6tables-restore | -TwM --table | -t --test -h | iptables-restore(8)
nft | -DIf --define --includepath --file | -c --check -h --help -v | nftables: nft(8)
ufw | | --dry-run --help | ufw(8)
firewall-cmd | --zone --timeout | --help | firewalld: firewall-cmd(1)
userdel deluser groupdel delgroup | -R --root --conf | --help -h | shadow: userdel(8); adduser: deluser(8)
usermod | -cdegGlpRsuvVwWZ --comment --home --expiredate --gid --groups --login --password --shell --uid |
  --help | shadow: usermod(8)
passwd chsh chage gpasswd | -nxwiR:passwd -dEImMWR:chage -sR:chsh -adMAQ:gpasswd --shell --expiredate
  --mindays --maxdays --warndays --inactive --lastday | -S --status -l:chage --list:chage --help -h |
  shadow: passwd(1), chage(1), chsh(1), gpasswd(1)
apt apt-get aptitude | -otc --option --target-release --config-file | -s --simulate --just-print --dry-run
  --recon --no-act -d --download-only --help -h | apt-get(8)
dpkg | --root --admindir --instdir --force -D | --dry-run --no-act --simulate -l -L -s -S -p -W --list
  --listfiles --status --search --print-avail --get-selections -c --contents --help --version | dpkg(1)
dnf dnf5 yum tdnf microdnf | -cxRedp --config --exclude --enablerepo --disablerepo --releasever --setopt
  --installroot --repo | --assumeno --downloadonly --help | dnf(8)
zypper | -cRr --config --root --repo --reposd-dir | -D --dry-run --download-only --help | zypper(8)
pacman | -br --dbpath --root --cachedir --config | -p --print -h --help | pacman(8)
apk | -pXt --root --repository --virtual | -s --simulate --help | apk(8)
rpm | --root --dbpath --define -D -E | --test -q -V --query --verify --help | rpm(8)
xbps-remove emerge opkg pkg eopkg removepkg slackpkg swupd urpme guix nix-env brew port snap flatpak |
  -cCrp:emerge | -n --dry-run -p --pretend --noaction --test --help | xbps-remove(1), emerge(1), opkg(1),
  pkg(8), eopkg(1), snap(8)
docker podman nerdctl docker-compose podman-compose | -Hc --host --context --config --log-level
  --connection --project-name --profile --env-file --filter --file --project-directory -p | --dry-run
  --help | docs.docker.com/reference/cli; podman(1)
kubectl oc helm minikube kind k3d kubeadm microk8s k0s | -nflocsp --namespace --context --kubeconfig
  --selector --field-selector --output --filename --cluster --user --kube-context --name --cri-socket |
  --dry-run --help -h | kubernetes.io/docs/reference/kubectl; helm.sh/docs/helm; kubeadm reset reference
terraform tofu terragrunt | words -target -var -var-file -state -out -chdir | -help |
  developer.hashicorp.com/terraform/cli
pulumi cdk sls | -sC --stack --cwd --profile | --preview-only --help | pulumi.com/docs/iac/cli
virsh | -cdlek --connect --debug --log | -h --help | libvirt: virsh(1)
qm pct pvecm pvesm | | | Proxmox VE: qm(1), pct(1)
lxc incus lxc-destroy VBoxManage vboxmanage vagrant multipass xe | -nP --name --project | --help | lxc(1),
  VBoxManage manual
aws | --profile --region --output --endpoint-url --query --instance-ids | --dry-run --dryrun --help |
  docs.aws.amazon.com/cli/latest/reference
gcloud gsutil az s3cmd mc rclone doctl hcloud linode-cli | -ghi --project --zone --region --name
  --resource-group --subscription | -n --dry-run --help | cloud.google.com/sdk/gcloud/reference;
  learn.microsoft.com/cli/azure; rclone(1)
ceph ceph-volume rados rbd gluster drbdadm pcs crm consul scancel etcdctl | -npckmuAMtw --cluster --pool
  --id --keyring --endpoints --cacert --cert --key --user | --dry-run --help | docs.ceph.com: ceph(8),
  rados(8); pcs(8); etcdctl README
mysql mariadb mysqladmin | -uhPSDe --user --host --port --socket --database --execute --defaults-file
  --protocol | --help --version | dev.mysql.com: mysql client options
psql dropdb dropuser | -UhpdcfvoFPRT:psql -Uhp:dropdb -Uhp:dropuser --username --host --port --dbname
  --command --file --set --variable --output | --help --version -l --list | postgresql.org/docs: psql,
  dropdb
mongo mongosh | -up --username --password --host --port --eval --authenticationDatabase | --help --version
  | mongodb.com/docs/mongodb-shell
redis-cli valkey-cli keydb-cli | -hpsandiruPRX --user --pass | --help --version | redis.io/docs: redis-cli
sqlite3 cqlsh clickhouse-client influx sqlcmd duckdb | -equQUP words -cmd -separator --query --execute -e
  -u -p -k | -readonly --readonly --help -version | sqlite.org/cli.html; cqlsh and clickhouse-client
  documentation
rabbitmqctl kafka-topics kafka-topics.sh | -nptq --node --vhost --bootstrap-server --topic --zookeeper |
  --help | rabbitmqctl(8); kafka.apache.org: operations
borg restic duplicity | -r --repo --repository-file --password-file --keep-daily --keep-last --rsh | -n
  --dry-run --help | borgbackup.readthedocs.io; restic.readthedocs.io
crontab | -u | -l -T | cron: crontab(1)
nomad | words -address -namespace -region -token | -help | developer.hashicorp.com/nomad/commands
authselect pam-auth-update faillock pam_tally2 chpasswd newusers | --user | -h --help | authselect(8),
  pam-auth-update(8), faillock(8), chpasswd(8)
bootctl kernel-install grub-install grub2-install lilo | | -V --help --version | bootctl(1),
  kernel-install(8), grub-install(8)
crictl ctr | -ran --runtime-endpoint --address --namespace | --help | cri-tools: crictl; containerd: ctr
debugfs | -fbsR | | e2fsprogs: debugfs(8)
flash_erase flash_eraseall flashcp nandwrite sg_format | | -h -V --help --version | mtd-utils; sg3_utils:
  sg_format(8)
k3s-uninstall.sh k3s-agent-uninstall.sh k3s-killall.sh rke2-uninstall.sh rke2-killall.sh
  dockerd-rootless-setuptool.sh | | --help | docs.k3s.io, docs.rke2.io: uninstall; docs.docker.com:
  rootless
killall5 pm-suspend pm-hibernate pm-suspend-hybrid zzz | | --help | killall5(8), pm-action(8), zzz(8)
ifconfig route ifenslave ipset pfctl sysctl | -fAp --file | --help -h -V --version | net-tools; ipset(8);
  pfctl(8); sysctl(8)
ostree rpm-ostree | --os --repo --sysroot | --help --preview --check | ostree(1), rpm-ostree(1)
pg_dropcluster pg_resetwal pg_restore | -dhpUfFjLnPtTIOxwlemc:pg_resetwal --dbname --host --port | -n
  --dry-run -l --list | postgresql.org/docs: pg_restore, pg_resetwal; pg_dropcluster(8)
systemd-cryptenroll | --wipe-slot | --help | systemd-cryptenroll(1)
vgexport | --reportformat | -t --test --help | vgexport(8)
fuser | -n --namespace | -l -V --help | psmisc: fuser(1)
"""


class Tool(NamedTuple):
    """How a program's words are read."""

    valued: frozenset[str] = frozenset()
    harmless: frozenset[str] = frozenset()
    traits: frozenset[str] = frozenset()


class Line(NamedTuple):
    """A command's words, read: its options with their values, and its operands."""

    name: str
    options: tuple[tuple[str, str], ...]
    operands: tuple[str, ...]
    tool: Tool

    def values(self, names: str) -> list[str]:
        """Return the values of an option; ``names`` are its names, with ``/`` between."""
        wanted = names.split("/")
        return [value for name, value in self.options if any(_same(name, one) for one in wanted)]

    @property
    def changes_nothing(self) -> bool:
        """Whether it only looks, checks or says what it would do."""
        return any(_same(name, one) for name, _ in self.options for one in self.tool.harmless)


def _same(given: str, name: str) -> bool:
    """Whether an option is this one; long ones may be cut short."""
    return given == name or (given[:2] == "--" and len(given) > 4 and name.startswith(given))


def _letters(text: str, name: str) -> set[str]:
    found: set[str] = set()
    for word in text.split():
        option, _, only = word.partition(":")
        if only and only != name:
            continue
        if option.startswith("--") or not option.startswith("-") or len(option) < 3:
            found.add(option)
        else:
            found |= {f"-{letter}" for letter in option[1:]}
    return found


def rows(table: str) -> Iterator[list[str]]:
    """Return the columns of each row; a line that begins with spaces goes on with the row before it."""
    for line in table.replace("\n  ", " ").splitlines():
        if line and not line.startswith("#"):
            yield [column.strip() for column in line.split("|")]


_ROWS = {name: row for row in rows(TOOLS) for name in row[0].split()}
_TRAITS = frozenset({"words", "prefix", "bundle", "pairs"})
_tools: dict[str, Tool] = {}


def tool_of(name: str) -> Tool:
    """Return what is known of a program."""
    if name not in _tools:
        row = _ROWS.get(name) or _ROWS.get("mkfs" if name.startswith("mkfs.") else "", ["", "", "--help", ""])
        traits = _TRAITS & set(row[1].split())
        valued = set(row[1].split()) - _TRAITS if "words" in traits else _letters(row[1], name) - _TRAITS
        harmless = {word.partition(":")[0] for word in row[2].split() if word.partition(":")[2] in ("", name)}
        if "words" in traits:  # which take one dash or two for the same
            harmless = {f"-{word.lstrip('-')}" for word in harmless}
        _tools[name] = Tool(frozenset(valued), frozenset(harmless), traits)
    return _tools[name]


def read_line(words: tuple[str, ...]) -> Line:
    """Read a command's words as the program does."""
    tool = tool_of(words[0].rpartition("/")[2])
    options: list[tuple[str, str]] = []
    operands: list[str] = []
    rest = iter(words[1:])
    for number, word in enumerate(rest):
        name, equals, value = word.partition("=")
        if word == "--":
            operands += rest
        elif "pairs" in tool.traits and equals and not word.startswith("-"):
            options.append((f"{name}=", value))
        elif word.startswith("--") or ("words" in tool.traits and word.startswith("-") and len(word) > 1):
            name = name[1:] if "words" in tool.traits and word.startswith("--") else name
            if not equals and name in tool.valued:
                value = next(rest, "")
            options.append((name, value))
        elif (word.startswith("-") and len(word) > 1) or (number == 0 and "bundle" in tool.traits):
            options += _cluster(word.removeprefix("-"), tool, rest, bundle=not word.startswith("-"))
        else:
            operands.append(word)
    return Line(name_of(words), tuple(options), tuple(operands), tool)


def _cluster(letters: str, tool: Tool, rest: Iterator[str], *, bundle: bool) -> list[tuple[str, str]]:
    """Short options in one word; the value is the rest of the word, or the next word."""
    found: list[tuple[str, str]] = []
    for position, letter in enumerate(letters):
        option = f"-{letter}"
        if option not in tool.valued:
            found.append((option, ""))
        elif bundle:
            found.append((option, next(rest, "")))
        else:
            found.append((option, letters[position + 1 :] or next(rest, "")))
            break
    return found
