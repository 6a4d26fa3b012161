"""What is known of each program's command line: its options with a value, and those with which it only looks.

A row of :data:`TOOLS`: names | options with a value | options with which nothing is changed | source.
Short options are one word of letters. ``words`` for programs whose options are single words after one dash,
``bundle`` where the first word may be letters without a dash, ``pairs`` for ``name=value``, ``prefix`` where
words may be cut short, ``anycase`` where capitals mean nothing. ``-c:ex`` is an option of ``ex`` alone.
``.help`` is an operand.
"""

TOOLS = """
rm srm rmdir unlink | | --help --version | coreutils: rm(1), rmdir(1), unlink(1)
shred | -ns --iterations --size --random-source | --help --version | coreutils: shred(1)
mv cp ln install | -tSgmo --target-directory --suffix --group --mode --owner | --help --version | coreutils:
  cp(1)
drm zip gio trash-put trash gvfs-trash kioclient | -it:zip -bnOPx:zip -o:drm --input --output | --help
  --version -h -T:zip --dryrun | mpiFileUtils: drm(1); Info-ZIP: zip(1); gio(1); trash-put(1)
mkltfs unltfs | -dnrs --device --volume-name | --help -h | LTFS: mkltfs(8)
rails rake aws-nuke cloud-nuke skaffold tilt garden werf okteto devspace bq firebase supabase vercel netlify
  wrangler railway pscale atlas confluent alembic flyway liquibase dbmate mix knex sequelize prisma |
  -cfe:aws-nuke --config --project_id --project | --help -h --dry-run --dryrun -n:bq | each one's command
  reference
clush pdcp xdcp pscp pscp.pssh parallel-scp prsync parallel-rsync dcp dsync tmpwatch tmpreaper scrontab atrm
  grub-editenv grub2-editenv mst cgdelete yast yast2 | -wxgfltRuohpcH --dest --copy --user --hosts --group
  -g:cgdelete | --help -t:tmpwatch --test --dryrun -l:scrontab .list | clush(1), pdcp(1); xCAT: xdcp(1);
  tmpwatch(8), slurm: scrontab(1), atrm(1), grub-editenv(1); libcgroup: cgdelete(1); YaST
ipcrm timedatectl hwclock | -mqs:ipcrm | --help -h -V --version -r:hwclock --show | util-linux: ipcrm(1),
  hwclock(8); systemd: timedatectl(1)
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
tee sponge | | --help --version | coreutils: tee(1); moreutils: sponge(1)
gzip bzip2 xz lzma zstd lz4 | -ST --suffix --threads | -l -t --list --test --help --version | gzip(1),
  bzip2(1), xz(1), zstd(1)
fallocate | -lo --length --offset | --help --version | util-linux: fallocate(1)
http https xh sort iconv pandoc xmllint age cc gcc clang ld uniq xxd tcpdump pg_dump pg_dumpall mysqldump yq
  crudini | -o --output -kStT:sort -ft:iconv -lsco:xxd -fsw:uniq -wircsCGW:tcpdump -UhpdFnNtTjf:pg_dump
  -Uhpflr:pg_dumpall -uhPpr:mysqldump -rRi:age --result-file --file | --help --version | sort(1), uniq(1),
  xxd(1), tcpdump(1), pg_dump(1), mysqldump(1), gcc(1), age(1), crudini(1)
strace ltrace | -eopsuEIPSaXOb | --help --version -V | strace(1), ltrace(1)
openssl | words -in -out -days -subj -key -newkey -keyout -pass -passin -config -inkey | -help | openssl(1)
aria2c sftp | -dosxjmi:aria2c -bBcDFiJloPRSsX:sftp --dir --out | --help --version | aria2c(1), sftp(1)
find fd | words -fprint -fprint0 -fprintf -fls -name -iname -path -type -exec -maxdepth -mindepth -newer -user
  | -help -version | find(1)
touch | -drt --date --reference | --help --version | coreutils: touch(1)
ed ex vi vim nvim patch | -p:ed -c:ex -c:vi -c:vim -c:nvim -dipBDForVzYg:patch --directory --input | --dry-run
  --help --version | GNU ed, vim(1), patch(1)
awk gawk | -Fvfie | --help --version | gawk(1)
dpkg-divert | --divert --package | --test --list --listpackage --truename --help | dpkg-divert(1)
systemd-tmpfiles | --prefix --root | --dry-run --help --cat-config | systemd-tmpfiles(8)
etckeeper hg snapper timeshift | -R:hg -c:snapper --config --snapshot | -n:hg --dry-run --help | etckeeper(8),
  hg(1), snapper(8), timeshift(1)
gpg gpg2 | -ruo --output --recipient --homedir | -n --dry-run --help | gpg(1)
chcon | -urtl --user --role --type --range --reference | --help | coreutils: chcon(1)
unsquashfs | words -d -dest -p | -l -ll -ls -lls -s -help | squashfs-tools: unsquashfs(1)
ssh-keygen | -ftbCNPOsIrFRmaVWwZn | -l -y -B -F -H -R -r -e -p -Y -L -Q | openssh: ssh-keygen(1)
tar bsdtar gtar | bundle -fCTXbgHIKLNV --file --directory --files-from --exclude --exclude-from
  --use-compress-program --strip-components --transform --owner --group --mode | -t --list --help --version |
  GNU tar manual; bsdtar(1)
unzip | -dxP | -l -t -v -p -z -Z -h | Info-ZIP: unzip(1)
cpio | -CDEFHIMORW --directory --file --format --owner --pattern-file --rsh-command | -t --list --help | GNU
  cpio manual
7z 7za 7zr | -op | | 7-Zip: command line syntax
dpkg-deb | -zZS | | dpkg: dpkg-deb(1)
curl | -oTuHdFAebcDXKmxEryYzCPQUw --output --output-dir --upload-file --user --header --data --data-raw
  --data-binary --form --user-agent --referer --cookie --cookie-jar --request --config --max-time
  --connect-timeout --proxy --retry --url --write-out --cacert --cert --key --resolve | --help --version |
  curl(1)
wget | -oaeiBtOTwQPUlARDIX --output-document --output-file --directory-prefix --tries --timeout --header
  --user --password --post-data --method --body-data --user-agent --input-file | --spider --help --version |
  wget(1)
git | -Cc --git-dir --work-tree --namespace | -n --dry-run --help | git(1), git-clean(1)
mke2fs mkfs.ext2 mkfs.ext3 mkfs.ext4 | -bCdDeEgGiIJlLmMNoOrtTUz | -n -V --help | e2fsprogs: mke2fs(8)
mkfs.xfs | -bcdilLmnprs | -N -V | xfsprogs: mkfs.xfs(8)
mkfs.lustre | --index --fsname --mgsnode --servicenode --failnode --backfstype --mkfsoptions --mountfsoptions
  --param --device-size --comment | -n --dryrun --help | Lustre manual: mkfs.lustre(8)
mkfs.ntfs mkfs.gfs2 mkfs.f2fs | -LcstpJjrl | -n:mkfs.ntfs --no-action --help -V -h | mkfs.ntfs(8),
  mkfs.gfs2(8), mkfs.f2fs(8)
mkfs newfs mkdosfs | -tbcdfFhilmnrRsSLUA --label --type --data --metadata --uuid | -V --help --version |
  util-linux: mkfs(8)
mkswap | -Lpv --label --uuid --pagesize -U | -V --help --version | util-linux: mkswap(8)
wipefs | -oOt --offset --output --types | -n --no-act --help --version | util-linux: wipefs(8)
fdisk cfdisk | -bCHSutwWoL --sector-size --type --wipe --output | -l -x -s -V --list --list-details --help
  --version | util-linux: fdisk(8)
sfdisk | -NOXYwWo --partno --wipe --label --output | -l -d -J -F -s -T -V -n --list --dump --json --list-free
  --show-size --list-types --verify --no-act --show-geometry -g --help --version -v | util-linux: sfdisk(8)
sgdisk | -aAbcCdhijklmnNrRStTuU | -p -v -i -E -f -F -L -P -D -O -b -V --print --verify --info --pretend
  --backup --help --version | gptfdisk: sgdisk(8)
gdisk | | -l | gptfdisk: gdisk(8)
parted | -a --align | -l --list -h --help --version | GNU parted manual
blkdiscard | -olpt --offset --length --step | --help --version | util-linux: blkdiscard(8)
badblocks | -bcdeiopt | | e2fsprogs: badblocks(8)
scrub nwipe wipe | -bdDpstTR --pattern --method | -h -V --help --version | scrub(1), nwipe(8), wipe(1)
ddrescue | -bcKimosTL --output-position --input-position --max-size | --help --version | GNU ddrescue manual
cryptsetup | -chdslopiST --cipher --hash --key-file --key-size --key-slot --type --label --header --uuid |
  --help --version --test-passphrase | cryptsetup(8)
resize2fs xfs_repair | -pSdzct:xfs_repair -lrmot:xfs_repair | -P:resize2fs -n:xfs_repair --help |
  resize2fs(8), xfs_repair(8)
mkntfs mkreiserfs jfs_mkfs make-bcache | -L | -n:mkntfs --help --version | mkntfs(8), mkreiserfs(8),
  make-bcache(8)
bcachefs integritysetup veritysetup vdo stratis | --name --hash --tag-size | --help --version | bcachefs(8),
  integritysetup(8), veritysetup(8), vdo(8), stratis(8)
sedutil-cli sg_sanitize sg_unmap | | --help --query --scan --version -d | sedutil-cli(8), sg_sanitize(8),
  sg_unmap(8)
partclone.restore partclone.ext4 partclone.xfs partclone.dd fsarchiver | -soOLj --source --output --overwrite
  | --help --version | partclone(8), fsarchiver(8)
qemu-img | -fOoSlT | --help | qemu-img(1)
mt flashrom | -f:mt -pclirN:flashrom -w:flashrom --programmer --chip --layout --image --write | --help
  --version | mt(1), flashrom(8)
vgrename lvrename vgsplit vgmerge | -nA --name --config | -t --test --help --version | vgrename(8),
  lvrename(8)
grub-set-default grub2-set-default grub-reboot grub2-reboot fw_setenv mokutil | | --help --version
  --list-enrolled | grub-set-default(8), fw_setenv(8), mokutil(1)
udisksctl losetup kpartx partx exportfs blockdev | -bp:udisksctl -ojP:losetup -o:exportfs -notR:partx |
  -l:losetup -a:losetup --list -l:kpartx -s:partx -l:partx -v:exportfs --report --help | udisksctl(1),
  losetup(8), kpartx(8), partx(8), exportfs(8), blockdev(8)
mdadm | -clnxeNzumdF --level --raid-devices --chunk --metadata --name --spare-devices --size --uuid
  --backup-file | --test --help --version -D --detail -E --examine -Q --query | mdadm(8)
pvcreate pvremove vgremove vgreduce lvremove lvreduce lvresize vgcfgrestore lvconvert vgchange lvchange | -Ll
  --size --extents --name --file --config --reportformat --activate -an | -t --test --help --version -h |
  lvm(8), lvremove(8), lvresize(8)
zpool zfs | -odtTx -R:zpool | -n .help --help -? | zpool(8), zfs-destroy(8)
btrfs | | --help | btrfs(8)
hdparm | --user-master | --help | hdparm(8)
dmsetup | | --help --version | lvm2: dmsetup(8)
fsfreeze | -mTpoLI --mode --targetname --portal --op | -l -ll -h | multipath(8), iscsiadm(8), fsfreeze(8)
efibootmgr | -bdlLonpte --bootnum --disk --loader --label --bootorder --bootnext --part --timeout | |
  efibootmgr(8)
mount | -toLUO --types --options --label --uuid --source --target | -f --fake -h --help -V --version |
  util-linux: mount(8)
umount | -tO --types --test-opts | --fake -h --help -V --version | util-linux: umount(8)
shutdown | -t | -c -k --show --help | systemd: shutdown(8); sysvinit: shutdown(8)
reboot halt poweroff | | -w --wtmp-only --help | systemd: halt(8)
init telinit kexec rtcwake | -tsmdA --type --mode --seconds --time --device --date --append --command-line |
  -n --dry-run --help --version | init(8), kexec(8), rtcwake(8)
ipmitool | -IHUPfpLloDdvA | -h | ipmitool(1)
ipmipower ipmi-power bmc-device | -hupkDl --hostname --username --password | -s --stat --help --version |
  freeipmi: ipmipower(8), bmc-device(8)
fence_ipmilan fence_ilo fence_ilo4 fence_drac5 fence_idrac fence_apc fence_virsh fence_vmware_soap fence_aws |
  -aclLpnoPuSxkr --ip --username --password --plug --action | -h --help -V --version | fence-agents:
  fence_ipmilan(8)
stonith_admin redfishtool | -BFUHRtTLVuprSAI --reboot --fence | -l:stonith_admin -I:stonith_admin --help
  --version | stonith_admin(8), redfishtool
upsmon upscmd upsdrvctl | -cupDa | -l:upscmd -h -V --help | nut: upsmon(8), upscmd(8), upsdrvctl(8)
runit-init openrc-shutdown acpitool apm | -t | --help --version | runit-init(8), openrc-shutdown(8),
  acpitool(1), apm(1)
fwupdmgr fwupdtool | --method | --help --version | fwupdmgr(1)
busctl dbus-send gdbus | --dest --type --object-path --address --destination | --help --version | busctl(1),
  dbus-send(1), gdbus(1)
start-stop-daemon | -nxpuScdNPI --name --exec --pidfile --user --signal --chuid --chdir --retry --startas -R |
  -t --test -H --help -V --version | start-stop-daemon(8)
tmux zellij | -Lfc:tmux -S:tmux | -V --help --version | tmux(1), zellij
fail2ban-client csf update-crypto-policies semanage | -csp:fail2ban-client -tsrpa:semanage --seuser --type |
  --help --show --check -l:semanage --list | fail2ban-client(1), csf(1), update-crypto-policies(8),
  semanage(8)
cloud-init waagent virt-sysprep sys-unconfig | words -f -c -a -d -domain | -h -help -dry-run -n
  -list-operations | cloud-init(1), waagent, virt-sysprep(1)
bridge vconfig ipsec strongswan swanctl zerotier-cli netbird connmanctl iwctl mmcli wicked poff
  vpnc-disconnect | -m:mmcli -ic:swanctl --modem --ike --child --device | --help --version | bridge(8),
  vconfig(8), ipsec(8), swanctl(8), zerotier-cli(1), connmanctl(1), iwctl(1), mmcli(1), wicked(8), poff(1)
ovs-ofctl birdc vtysh mii-tool usbguard conntrack | -sOc --command -t:conntrack -p:conntrack -A:mii-tool
  -s:ethtool --protonum | --help --version -h | ovs-ofctl(8), birdc(8), vtysh(8), ethtool(8), mii-tool(8),
  usbguard(1), conntrack(8)
shorewall shorewall6 ipvsadm | -tuf:ipvsadm -r:ipvsadm | -l:ipvsadm -L:ipvsadm -n:ipvsadm --help --version |
  shorewall(8), ipvsadm(8)
groupmems pwunconv grpunconv homectl realm net adcli | -gadR:groupmems -UIS:net -UD:adcli --identity --user
  --domain | -l --list --help | groupmems(8), pwconv(8), homectl(1), realm(8), net(8), adcli(8)
ipa ipa-client-install ipa-server-install samba-tool kdb5_util ldapdelete smbpasswd pdbedit | -U:samba-tool -H
  -Dwy:ldapdelete -u:pdbedit -r:kdb5_util | -n:ldapdelete --help -h:ipa | ipa(1), samba-tool(8), kdb5_util(8),
  ldapdelete(1), smbpasswd(8), pdbedit(8)
authconfig pam-config | | --test --probe --help --query -q | authconfig(8), pam-config(8)
racadm | -rup | | Dell: RACADM command reference
systemctl | -tpHMnosP --type --state --property --host --machine --lines --output --signal --kill-whom --what
  --root | --dry-run --help --version | systemctl(1)
loginctl | -pHMno --signal --kill-whom | --help | loginctl(1)
service rc-service sv initctl update-rc.d chkconfig rc-update invoke-rc.d rcctl svcadm dinitctl s6-rc s6-svc
  insserv | | --help | service(8), rc-service(8), sv(8), chkconfig(8)
ip | words prefix -family -netns -batch -rcvbuf -n -b -f | -h -help -V | iproute2: ip(8)
tc | words | | iproute2: tc(8), tc-netem(8)
nmcli | prefix -tfcgmwe --fields --get-values --mode --colors --escape --wait | --help | NetworkManager:
  nmcli(1)
dhclient | -pdeilcfts words -pf -lf -cf -sf -df -e -p -s | --version --help | ISC: dhclient(8)
dhcpcd | -cCdefhiIlmoQrsStuvWXyYzZ | -T -U --version | dhcpcd(8)
ifdown | -aisX --interfaces --state-dir | -n --no-act --help | ifupdown: ifdown(8)
modprobe rmmod | -CdS --config --dirname --set-version | -n --dry-run --show -D --show-depends -V --help |
  kmod: modprobe(8)
netplan rfkill networkctl wg-quick wg tailscale ovs-vsctl brctl iw wpa_cli netctl | -ipt | --help |
  netplan(8), rfkill(8), networkctl(1), wg-quick(8), ovs-vsctl(8), brctl(8), iw(8)
iptables ip6tables ebtables arptables | -tpsdiojmNE --table --protocol --source --destination --dst --src
  --in-interface --out-interface --jump --match --dport --dports --sport --sports --ctstate --state
  --icmp-type --comment --limit --goto -g | -h --help -V -C --check | iptables(8)
iptables-restore ip6tables-restore | -TwM --table | -t --test -h | iptables-restore(8)
nft | -DIf --define --includepath --file | -c --check -h --help -v | nftables: nft(8)
ufw | | --dry-run --help | ufw(8)
firewall-cmd | --zone --timeout --set-target --change-interface --add-interface --add-source --add-rich-rule
  --remove-rich-rule --remove-interface --remove-source --remove-service --remove-port --set-default-zone
  --delete-zone | --help | firewalld: firewall-cmd(1)
userdel deluser groupdel delgroup | -R --root --conf | --help -h | shadow: userdel(8); adduser: deluser(8)
usermod | -cdegGlpRsuvVwWZ --comment --home --expiredate --gid --groups --login --password --shell --uid |
  --help | shadow: usermod(8)
passwd chsh chage gpasswd | -nxwiR:passwd -dEImMWR:chage -sR:chsh -adMAQ:gpasswd --shell --expiredate
  --delete:gpasswd --add:gpasswd --members:gpasswd --mindays --maxdays --warndays --inactive --lastday | -S
  --status -l:chage --list:chage --help -h | shadow: passwd(1), chage(1), chsh(1), gpasswd(1)
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
do-release-upgrade leapp | -mf:do-release-upgrade --mode --frontend | -c --check-dist-upgrade-only --help
  --version | do-release-upgrade(8), leapp
transactional-update nix-collect-garbage nixos-rebuild tasksel dkms | -pIA:nixos-rebuild -mvk:dkms --option |
  --dry-run --list-tasks -t --help | transactional-update(8), nix-collect-garbage(1), nixos-rebuild(8),
  tasksel(8), dkms(8)
xbps-remove emerge pkg_delete pkg_deinstall pkgin equo cave prt-get tazpkg opkg pkg eopkg removepkg slackpkg
  swupd urpme guix nix-env brew port snap flatpak | -cCr:xbps-remove | -n --dry-run -p --pretend --noaction
  --test --help | xbps-remove(1), emerge(1), opkg(1), pkg(8), eopkg(1), snap(8)
docker podman nerdctl docker-compose podman-compose | -Hc --host --context --config --log-level --connection
  --project-name --profile --env-file --filter --file --project-directory -p | --dry-run --help |
  docs.docker.com/reference/cli; podman(1)
kubectl oc helm minikube kind k3d kubeadm microk8s k0s | anycase -nflocsp --namespace --context --kubeconfig
  --selector --field-selector --output --filename --cluster --user --kube-context --name --cri-socket |
  --dry-run --help -h | kubernetes.io/docs/reference/kubectl; helm.sh/docs/helm; kubeadm reset reference
terraform tofu terragrunt cdktf | words -target -var -var-file -state -out -chdir | -help |
  developer.hashicorp.com/terraform/cli
pulumi cdk sls | -sC --stack --cwd --profile | --preview-only --help | pulumi.com/docs/iac/cli
virsh | -cdlek --connect --debug --log | -h --help | libvirt: virsh(1)
qm pct pvecm pvesm | | | Proxmox VE: qm(1), pct(1)
lxc incus lxc-destroy VBoxManage vboxmanage vagrant multipass xe | -nP --name --project | --help | lxc(1),
  VBoxManage manual
aws | --profile --region --output --endpoint-url --query --instance-ids | --dry-run --dryrun --help .help
  --generate-cli-skeleton |
  docs.aws.amazon.com/cli/latest/reference
gcloud gsutil az s3cmd mc rclone doctl hcloud linode-cli | -gn:az -hi --project --zone --region --name
  --resource-group --subscription | -n:gsutil -n:rclone -n:s3cmd --dry-run --help |
  cloud.google.com/sdk/gcloud/reference; learn.microsoft.com/cli/azure; rclone(1)
pcs crm consul etcdctl | -npckmuAMtw --cluster --pool --id --keyring --endpoints --cacert --cert --key --user
  | --dry-run --help | docs.ceph.com: ceph(8), rados(8); pcs(8); etcdctl README
mysql mariadb mysqladmin mariadb-admin | -uhPSDe --user --host --port --socket --database --execute
  --defaults-file --protocol | --help --version | dev.mysql.com: mysql client options
psql dropdb dropuser | -UhpdcfvoFPRT:psql -Uhp:dropdb -Uhp:dropuser --username --host --port --dbname
  --command --file --set --variable --output | --help --version -l --list | postgresql.org/docs: psql, dropdb
mongo mongosh | -up --username --password --host --port --eval --authenticationDatabase | --help --version |
  mongodb.com/docs/mongodb-shell
redis-cli valkey-cli keydb-cli | anycase -hpsandiruPRX --user --pass | --help --version | redis.io/docs:
  redis-cli
sqlite3 cqlsh clickhouse-client influx sqlcmd sqlplus duckdb | -equQUP words -cmd -separator --query --execute
  -e -u -p -k | -readonly --readonly --help -version | sqlite.org/cli.html; cqlsh and clickhouse-client
  documentation
rabbitmqctl kafka-topics kafka-topics.sh | -nptq --node --vhost --bootstrap-server --topic --zookeeper |
  --help | rabbitmqctl(8); kafka.apache.org: operations
borg restic duplicity | -rt:restic -r --target --repo --repository-file --password-file --keep-daily
  --keep-last --rsh | -n --dry-run --help | borgbackup.readthedocs.io; restic.readthedocs.io
crontab | -u | -l -T | cron: crontab(1)
nomad | words -address -namespace -region -token | -help | developer.hashicorp.com/nomad/commands
authselect pam-auth-update faillock pam_tally2 chpasswd newusers | --user | -h --help | authselect(8),
  pam-auth-update(8), faillock(8), chpasswd(8)
bootctl kernel-install grub-install grub2-install lilo zipl extlinux update-initramfs | -k | -V --help
  --version | bootctl(1), kernel-install(8), grub-install(8)
machinectl buildah skopeo | -pMno | --help --version | machinectl(1), buildah(1), skopeo(1)
talosctl rke eksctl kops argocd flux istioctl cilium linkerd velero | -nef --nodes --endpoints --name --config
  --namespace -p | --dry-run --help | talos.dev, eksctl.io, kops.sigs.k8s.io, argo-cd, fluxcd.io, istio.io,
  velero.io: commands
vault | words -address -namespace -mount -ca-cert | -help | developer.hashicorp.com/vault/docs/commands
crm_node | -u:qdel -mMM:scontrol -N:crm_node -RU:bkill -RR:crm_node | --help --version | slurm.schedmd.com;
  qdel(1), bkill(1), condor_rm(1), crm_node(8)
pvesh ha-manager xl xm vim-cmd esxcli vmrun prlctl bhyvectl iocage bastille limactl colima orb | -T:vmrun --vm
  | --help | pvesh(1), ha-manager(1), xl(1), VMware: esxcli, vmrun; bhyvectl(8); iocage(8)
govc | words -dc -vm -u -host -ds | -h -help | github.com/vmware/govmomi: govc usage
openstack nova oci ibmcloud scw vultr-cli exo upctl civo yc flyctl fly heroku cf bosh juju knife
  aliyun tccli salt-key s5cmd b2 swift serverless sam copilot | -acfmgR --app --region --name --profile
  --os-cloud --zone -d:salt-key -n:bosh | --dry-run --help | each provider's command reference; salt-key(1)
nodetool zkCli.sh zkCli hdfs hadoop | words -h -p -u -pw -server -host -port | -help | Cassandra, ZooKeeper,
  Hadoop: command references
rabbitmqadmin nats pulsar-admin kafka-delete-records kafka-delete-records.sh kafka-consumer-groups
  kafka-consumer-groups.sh | -HPupVs --host --port --username --password --vhost --server --bootstrap-server
  --group --topic --admin-url | --help --dry-run --describe --list | rabbitmq.com, nats.io, pulsar.apache.org,
  kafka.apache.org
pg_ctl pg_ctlcluster pgbackrest barman wal-g patronictl cockroach mongorestore | -Dmlotpc:pg_ctl
  -mo:pg_ctlcluster -c:patronictl -c:barman --mode --stanza --config --pgdata --uri --host --certs-dir
  -d:patronictl | --help --version --dryRun --dry-run | postgresql.org/docs: pg_ctl; pgbackrest.org; patroni;
  mongorestore
xtrabackup mariabackup mariadb-backup innobackupex | --target-dir --datadir | --help --version | mariadb.com,
  percona.com: backup
postsuper doveadm | -hHrc:postsuper -uASF:doveadm | --help | postsuper(1), doveadm(1)
exim exim4 | words | -bP -bV -bp | exim(8)
proxmox-backup-client tarsnap kopia rdiff-backup | -f:tarsnap --repository --keyfile --ns | --dry-run --help
  --version | proxmox-backup-client(1), tarsnap(1), kopia.io, rdiff-backup(1)
crictl ctr | -ran --runtime-endpoint --address --namespace | --help | cri-tools: crictl; containerd: ctr
debugfs | -fbsR | | e2fsprogs: debugfs(8)
flash_erase flash_eraseall flashcp nandwrite sg_format | | -h -V --help --version | mtd-utils; sg3_utils:
  sg_format(8)
k3s-uninstall.sh k3s-agent-uninstall.sh k3s-killall.sh rke2-uninstall.sh rke2-killall.sh
  dockerd-rootless-setuptool.sh | | --help | docs.k3s.io, docs.rke2.io: uninstall; docs.docker.com: rootless
killall5 pm-suspend pm-hibernate pm-suspend-hybrid zzz | | --help | killall5(8), pm-action(8), zzz(8)
ifconfig route ifenslave ipset pfctl sysctl | -fAp --file | --help -h -V --version | net-tools; ipset(8);
  pfctl(8); sysctl(8)
ostree rpm-ostree | --os --repo --sysroot | --help --preview --check | ostree(1), rpm-ostree(1)
pg_dropcluster pg_resetwal pg_restore | -dhpUfFjLnPtTI:pg_restore -lemcxOuD:pg_resetwal --dbname --host --port
  | -n:pg_resetwal --dry-run -l:pg_restore --list --help --version | postgresql.org/docs: pg_restore,
  pg_resetwal; pg_dropcluster(8)
systemd-cryptenroll | --wipe-slot | --help | systemd-cryptenroll(1)
vgexport | --reportformat | -t --test --help | vgexport(8)
fuser | -n --namespace | -l -V --help | psmisc: fuser(1)
ansible | -imaufelBPtMcTM --inventory --module-name --args --user --forks --extra-vars --limit --background
  --poll --tree --module-path --connection --timeout --become-user --become-method --private-key
  --playbook-dir | -C --check --list-hosts --help -h --version | ansible(1)
helmfile kustomize kapp calicoctl crossplane clusterctl rancher | -nfalec --namespace --file --app --selector
  | --help -h --dry-run --diff-run | helmfile.readthedocs.io, kubectl.docs.kubernetes.io, carvel.dev,
  docs.tigera.io, cluster-api.sigs.k8s.io
puppet puppetserver | words | -noop -help -h | puppet.com/docs: puppet resource, puppetserver ca
salt salt-call | --timeout --batch --out | --help --version -h -d --doc .test=True .test=true |
  docs.saltproject.io: salt(1)
lxc-stop pvesr pveceph azcopy | -nPt --name --timeout | --help -h --dry-run | lxc-stop(1); Proxmox VE:
  pvesr(1), pveceph(1); azcopy
etcdutl elasticdump curator_cli rpk | --data-dir --input --output --config --host | --help -h --dry-run
  --version | etcd.io: etcdutl; elasticdump; curator; docs.redpanda.com: rpk
kafka-acls kafka-acls.sh kafka-configs kafka-configs.sh kafka-storage kafka-storage.sh
  kafka-reassign-partitions kafka-reassign-partitions.sh kafka-leader-election kafka-leader-election.sh
  kafka-server-stop kafka-server-stop.sh zookeeper-server-stop zookeeper-server-stop.sh zookeeper-shell
  zookeeper-shell.sh | --bootstrap-server --add-config --delete-config --topic --entity-type --entity-name
  --election-type | --help --version --describe --list --verify --generate | kafka.apache.org: operations
pg_createcluster pg_upgradecluster pg_upgrade pg_rewind initdb pg_archivecleanup repmgr pg_autoctl stolonctl |
  -DdbBpPxUf --pgdata --source-pgdata --target-pgdata | --help --version -V -c:pg_upgrade --check -n:pg_rewind
  -n:pg_archivecleanup --dry-run | postgresql.org/docs: pg_upgrade, initdb; repmgr.org; pg_auto_failover;
  stolon
mongod mongos mysqld mariadbd mysqld_safe mariadb-install-db mysql_install_db myloader | -fd --config --dbpath
  | --help --version -V --print-defaults | mongodb.com/docs; dev.mysql.com; mariadb.com/kb; mydumper
borgmatic bconsole duply amrmtape bup burp proxmox-backup-manager snapraid | -c:bconsole -aCbr:burp
  -c:snapraid --config --repository | -n --dry-run --help -h -t:bconsole --preview --list --version |
  torsion.org/borgmatic; Bareos: bconsole; duply.net; burp; Proxmox Backup Server; snapraid.it
pip pip3 npm pnpm yarn cargo gem | --registry --vers | --dry-run --help -h | docs.npmjs.com: npm unpublish;
  doc.rust-lang.org: cargo yank
gh glab | -XHfFqtRpB --method --header --field --raw-field --jq --template --repo | --help -h |
  cli.github.com/manual: gh api
python python2 python3 php | -cmWX:python3 -cm:python -cm:python2 -rBREFdczf:php | -h --help -V --version
  -v:php --check | Django: django-admin; Laravel: artisan
"""
