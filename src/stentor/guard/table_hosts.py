"""Rules on what RHEL, SUSE and directories have of their own, and on records; as :mod:`.table_cluster`."""

ROWS = """
# packages of RHEL and SUSE
subscription-manager | unregister,remove,unsubscribe,clean | package | the node gets no packages any more
rhc | disconnect | package | the node gets no packages any more
SUSEConnect suseconnect | -d/--de-register/--cleanup/--rollback | package | the node gets no packages any more
registercloudguest | --clean/--force-new | package | the node gets no packages any more
zypper | dist-upgrade,dup --from/-r/--releasever/--allow-vendor-change | package | another release of the
  whole system
zypper | in,install --oldpackage | package | zypper {all}: packages are replaced
zypper | migration | package | another release of the whole system
dnf dnf5 yum | downgrade rest:core | package | {name} {all}: packages are replaced
dnf dnf5 yum | module reset,remove,disable,switch-to | package | {name} {all}: packages may be replaced
dnf dnf5 yum | group,groups,environment remove | package | {name} {all}: packages are removed
dnf dnf5 yum | groupremove | package | {name} {all}: packages are removed
dnf dnf5 yum | distro-sync,distrosync,dsync --releasever | package | another release of the whole system
dnf dnf5 yum | remove,erase,rm --nodeps/--setopt=protected* | package | {name} removes packages without asking
  what needs them
rpm | -U/-i/-F/--upgrade/--install --nodeps | package | rpm installs without asking what is needed
rpm | -U/--upgrade --oldpackage | package | rpm puts an earlier package in the place of a newer one
package-cleanup | --oldkernels/--cleandupes | package | removes kernels or packages
alternatives update-alternatives | --remove/--remove-all each | package | {name} {all}: programs are not found
  any more
transactional-update | pkg remove,rm | package | transactional-update {all}: packages are removed
spack | uninstall,gc -a/--all | package | spack {all}: software is removed
conda mamba | env remove | package | {name} {all}: software is removed
conda mamba | remove,uninstall --all/-a | package | {name} {all}: software is removed

# logins
yast yast2 | firewall,users,sshd,services disable,stop,delete | lock-out | {name} {all}: nobody may be able to
  log in
setenforce | 1,[Ee]nforcing | lock-out | SELinux may keep people or sshd out
semodule | -r/--remove/-d/--disable | lock-out | SELinux may keep people or sshd out
setsebool | each=*ssh*,*login*,*nis*,*nfs_home* | lock-out | SELinux may keep people or sshd out
fixfiles | ..,onboot,relabel | lock-out | labels of every file change
sssctl | cache-remove | lock-out | nobody of the domain gets in while it cannot be asked
authselect | apply-changes,enable-feature,opt-out,backup-restore | accounts | changes the rules of every login
realm | deny | accounts | logins of the domain end
realm | permit -x/--withdraw | accounts | logins of the domain end
kadmin kadmin.local | delete_principal,delprinc,change_password,cpw,ktremove,purgekeys,modprinc,delpol |
  accounts | {name} {all}: a login is gone or changed
kadmin kadmin.local | -q=del*,cpw*,change_password*,modprinc*,purgekeys*,ktremove* | accounts | {name}: a
  login is gone or changed
kdb5_util | load,purge_mkeys | accounts | every login of the realm is replaced
ldapmodify ldapmodrdn slapadd slapmodify | | accounts | {name}: entries of the directory change
dsctl | ..,remove,stop,ldif2db,bak2db | accounts | dsctl {all}: the directory is gone or stops
dsidm dsconf | ..,delete,lock,remove | accounts | {name} {all}: logins are gone
ipactl | stop | lock-out | logins of the domain end
groupmod | -g/--gid/-n/--new-name | accounts | changes what a group is
passwd | -i/--inactive=0 | accounts | locks a login

# macOS and the BSDs
diskutil |
  ..,eraseDisk,eraseVolume,reformat,partitionDisk,zeroDisk,randomDisk,secureErase,deleteContainer,deleteVolume,unmountDisk
  | make-filesystem | diskutil {all}: a disk or a volume is lost
diskutil | apfs,ap deleteContainer,deleteVolume,eraseVolume | make-filesystem | diskutil {all}: a volume is
  lost
dscl | -delete | accounts | a login is gone
dscl | ..,delete | accounts | a login is gone
tmutil | delete,deletelocalsnapshots,disable | drop-data | tmutil {all}: backups are gone
security | delete-keychain,delete-identity,delete-certificate | drop-data | security {all}: keys are gone
softwareupdate | -i/-install/-R/-restart | power | installs what may restart the machine
launchctl | unload,bootout,disable,remove,stop each=*ssh* | lock-out | nobody can log in any more
launchctl | reboot | power | the machine goes down
systemsetup | -setremotelogin=off | lock-out | nobody can log in any more
sysrc | each=sshd_enable=no,sshd_enable=NO | lock-out | nobody can log in after the next boot
bectl beadm | destroy,activate | make-filesystem | {name} {all}: the next boot starts from something else
gpart | destroy,delete,create,recover,restore,bootcode | make-filesystem | gpart {all}: partitions are lost
freebsd-update | rollback | package | another release of the whole system
tpm2_clear tpm_clear | | make-filesystem | keys of the machine are gone: disks may not be opened any more

# what was logged
journalctl | --vacuum-time=*s,*sec,*min,*m,[0-9]h | drop-data | removes nearly all of the journal
journalctl | --vacuum-size=1,[0-9],[0-9][0-9],*K,[0-9]M,*k | drop-data | removes nearly all of the journal
journalctl | --vacuum-files=0,1 | drop-data | removes nearly all of the journal
auditctl | -D | drop-data | nothing is audited any more
auditctl | -e=0 | drop-data | nothing is audited any more

# small machines
raspi-config | nonint do_ssh 1 | lock-out | nobody can log in any more
raspi-config | nonint do_change_pass,do_overlayfs,do_net_names,do_netconf | lock-out | raspi-config {all}:
  logins or addresses change
rpi-eeprom-update | -a/-r/-d/-f | power | overwrites the firmware of the machine
rpi-update | | power | replaces kernel and firmware
"""

TOOLS = """
subscription-manager rhc SUSEConnect suseconnect registercloudguest | -rpu | --help -h --status -s
  --list-extensions -l --version | subscription-manager(8), rhc(1), SUSEConnect(8)
package-cleanup alternatives update-alternatives spack conda mamba | -np:conda --name --prefix --count |
  --help -h --dry-run -d:conda --display --query --list | package-cleanup(1), alternatives(8),
  spack.readthedocs.io, docs.conda.io
setenforce semodule setsebool fixfiles sssctl | -X:semodule -r:semodule -i:semodule -d:semodule | --help -h -l
  --list | policycoreutils: setenforce(8), semodule(8), setsebool(8), fixfiles(8); sssd: sssctl(8)
kadmin kadmin.local | -rpqdwskc | --help | MIT Kerberos: kadmin(1)
ldapmodify ldapmodrdn slapadd slapmodify | -DwyHhpfUYRbFjlo | -n:ldapmodify -n:ldapmodrdn -u:slapadd
  -u:slapmodify | ldapmodify(1), slapadd(8)
dsctl dsidm dsconf ipactl | -DwbZ:dsidm --basedn | --help -h --dry-run .status .list .get | 389 Directory
  Server: dsctl(8), dsidm(8); FreeIPA: ipactl(8)
groupmod | -gnpRP --gid --new-name --root | --help -h | shadow: groupmod(8)
journalctl auditctl | -e:auditctl -b:auditctl -f:auditctl -uDnpStUoFgc:journalctl --vacuum-time --vacuum-size
  --vacuum-files | --help -h --version -l:auditctl -s:auditctl --disk-usage --list-boots | systemd:
  journalctl(1); audit: auditctl(8)
raspi-config rpi-eeprom-update rpi-update | -f:rpi-eeprom-update -d:rpi-eeprom-update | --help -h -l |
  raspberrypi.com/documentation: raspi-config, rpi-eeprom-update
diskutil dscl tmutil security softwareupdate launchctl systemsetup | words -setremotelogin | -help -list -l -n
  -dry-run -read | macOS: diskutil(8), dscl(1), tmutil(8), security(1), softwareupdate(8), launchctl(1),
  systemsetup(8)
sysrc bectl beadm gpart freebsd-update tpm2_clear tpm_clear ipfw | -fjc:tpm2_clear -r:bectl | -a:sysrc -n:ipfw
  -n:sysrc --help -h | FreeBSD: sysrc(8), bectl(8), gpart(8), freebsd-update(8), ipfw(8); tpm2_clear(1)
postfix rndc unbound-control certbot wp drush cloudflared | -ckspy:rndc -cs:unbound-control --cert-name --path
  | --help -h --dry-run | postfix(1), rndc(8), unbound-control(8), certbot(1), wp-cli.org, drush.org,
  cloudflared
"""
