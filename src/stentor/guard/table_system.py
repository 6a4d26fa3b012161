"""Rules on the machine: power, logins, network, accounts, packages; see :mod:`stentor.guard.match`."""

ROWS = """
# power
shutdown reboot halt poweroff | | power | {name} takes the node down
init telinit | 0,1,6,s,S,single | power | {name} {first} ends the running system
init telinit | 1:unknown | power | {name} of a level which the line does not name
kexec | -e/--exec/-f/--force | power | starts another kernel in the place of the running one
rtcwake | !-m/--mode=no,show,disable | power | rtcwake puts the node to sleep
pm-suspend pm-hibernate pm-suspend-hybrid zzz | | power | {name} puts the node to sleep
ipmitool | chassis power off,cycle,reset,soft,diag | power | ipmitool {all}: the machine goes down
ipmitool | power off,cycle,reset,soft,diag | power | ipmitool {all}: the machine goes down
ipmitool | chassis bootparam set | power | changes what the machine starts from
ipmitool | chassis bootdev | power | changes what the machine starts from
ipmitool | raw | power | sends the machine's controller bytes which the line does not explain
ipmitool | user,lan set,disable | lock-out | changes how the machine's controller is reached
ipmitool | mc,bmc reset | power | the machine's controller restarts
ipmipower ipmi-power | -f/--off/-c/--cycle/-r/--reset/--pulse/--soft | power | {name}: the machine goes down
bmc-device | --cold-reset/--warm-reset | power | the machine's controller restarts
fence_ipmilan fence_ilo fence_ilo4 fence_drac5 fence_idrac fence_apc fence_virsh fence_vmware_soap fence_aws |
  !-o/--action=status,list,monitor,metadata,on,list-status | power | {name}: the machine goes down
stonith_admin | -B/--reboot/-F/--fence | power | the machine goes down
redfishtool | Systems reset | power | the machine goes down
curl | each=*/Actions/*.Reset* | power | the machine or its controller goes down
upsmon | -c=fsd | power | the machine goes down and loses power
upscmd | ..,shutdown*,load.off* | power | the machine loses power
upsdrvctl | shutdown | power | the machine loses power
runit-init openrc-shutdown | each | power | {name} takes the node down
acpitool apm | -s/-S/--suspend/--standby | power | {name} puts the node to sleep
fwupdmgr fwupdtool | update,upgrade,install,install-blob,reinstall,downgrade | power | overwrites the firmware
  of the machine, which may reboot
systemctl | reboot,poweroff,halt,kexec,suspend,hibernate,hybrid-sleep,suspend-then-hibernate,soft-reboot,sleep
  | power | systemctl {first} takes the node down
systemctl | start reboot.target,poweroff.target,halt.target,shutdown.target,kexec.target | power | starts
  {last}
systemctl | start
  systemd-poweroff*,systemd-reboot*,systemd-halt*,systemd-kexec*,suspend.target,hibernate.target | power |
  starts {last}
loginctl | reboot,poweroff,halt,suspend,hibernate,hybrid-sleep,suspend-then-hibernate,sleep | power | loginctl
  {first} takes the node down
busctl dbus-send gdbus | !each=*Can* each=*PowerOff*,*Reboot*,*Halt,*Suspend*,*Hibernate* | power | takes the
  node down
systemctl | start rescue.target,emergency.target,ctrl-alt-del.target | power | starts {last}

# services and logins
systemctl | rescue,emergency,exit,switch-root | lock-out | systemctl {first} ends every login
systemctl | isolate | lock-out | systemctl {all} stops every other unit
systemctl | set-default rescue*,emergency*,halt*,poweroff*,reboot*,shutdown* | lock-out | the next boot lets
  nobody in
systemctl | stop,disable,mask,freeze,revert rest:ssh | lock-out | {first} {}: nobody can log in any more
systemctl | stop,disable,mask,freeze,revert rest:net | network | {first} {}: the node leaves the network
systemctl | stop,disable,mask,freeze,revert rest:vital | lock-out | {first} {}: logins depend on it
systemctl | restart
  openibd,opensm,opensmd,opensm.service,opensmd.service,openibd.service,rdma,rdma.service,openvswitch |
  network | {all}: the fabric is gone for a while
systemctl | stop,mask,freeze rest:serving | kill-all | {first} {}: others depend on it
systemctl | disable --now rest:serving | kill-all | {first} {}: others depend on it
systemctl | kill !-s/--signal=*HUP,*USR?,*CONT,0 rest:serving | kill-all | ends {}: others depend on it
systemctl | stop,disable,mask
  ..,firewalld,nftables,iptables,firewalld.service,nftables.service,ufw,ufw.service | firewall | {all}: no
  rule holds any more
systemctl | stop,disable,mask,freeze,revert rest:unknown | lock-out | {first} of a unit which the line does
  not name
systemctl | kill !-s/--signal=*HUP,*USR?,*CONT,0 rest:ssh | lock-out | ends {}: nobody can log in any more
systemctl | kill !-s/--signal=*HUP,*USR?,*CONT,0 rest:net | network | ends {}: the node leaves the network
systemctl | kill !-s/--signal=*HUP,*USR?,*CONT,0 rest:vital | lock-out | ends {}: logins depend on it
systemctl | 1:unknown | unknown-code | what systemctl is to do, the line does not say
service rc-service sv initctl invoke-rc.d rcctl svcadm dinitctl s6-rc s6-svc |
  ..,stop,force-stop,onestop,forcestop,down,disable,kill each:ssh | lock-out | stops {}: nobody can log in any
  more
service rc-service sv initctl invoke-rc.d rcctl svcadm dinitctl s6-rc s6-svc |
  ..,stop,force-stop,onestop,forcestop,down,disable,kill each:net | network | stops {}: the node leaves the
  network
service rc-service sv initctl invoke-rc.d rcctl svcadm dinitctl s6-rc s6-svc |
  ..,stop,force-stop,onestop,forcestop,down,disable,kill each:vital | lock-out | stops {}: logins depend on it
service rc-service sv initctl invoke-rc.d rcctl svcadm dinitctl s6-rc s6-svc |
  ..,stop,force-stop,onestop,forcestop,down,disable,kill each:serving | kill-all | stops {}: others depend on
  it
service rc-service sv initctl invoke-rc.d rcctl svcadm dinitctl s6-rc s6-svc |
  ..,stop,force-stop,onestop,forcestop,down,disable,kill each:unknown | lock-out | stops what the line does
  not name
update-rc.d chkconfig rc-update insserv | ..,disable,remove,off,del,delete,defaults-disabled each:ssh |
  lock-out | {}: nobody can log in after the next boot
update-rc.d chkconfig rc-update insserv | ..,disable,remove,off,del,delete,defaults-disabled each:net |
  network | {}: the node leaves the network at the next boot
update-rc.d chkconfig rc-update insserv | ..,disable,remove,off,del,delete,defaults-disabled each:vital |
  lock-out | {}: logins depend on it
loginctl | terminate-user,kill-user,lock-sessions,terminate-seat,terminate-session,kill-session | lock-out |
  loginctl {first} ends people's sessions
start-stop-daemon | -K/--stop -n/--name/-x/--exec:ssh | lock-out | stops {}: nobody can log in any more
tmux | ..,kill-server | kill-all | ends every session of the user
zellij | kill-all-sessions,delete-all-sessions | kill-all | ends every session of the user
fail2ban-client | set banip | lock-out | keeps an address out
csf | -d/--deny/-td/-x/--disable | firewall | csf: keeps an address out, or removes every rule
update-crypto-policies | --set | lock-out | keys and ciphers which logins use may not be accepted any more
semanage | fcontext,boolean,module,export -D/--deleteall | lock-out | SELinux may keep people or sshd out
semanage | port,login,user -d/--delete/-D/--deleteall | lock-out | SELinux may keep people or sshd out
cloud-init | clean | lock-out | the next boot sets the node up again, with new host keys
waagent | -deprovision* | accounts | removes logins and keys
virt-sysprep sys-unconfig | | accounts | {name} removes logins and keys
killall5 | | kill-all | ends every process
fuser | -k/--kill -m/-M/-c/--mount/--ismountpoint | kill-all | ends everything that uses the file system of
  {last}
fuser | -k/--kill -n/--namespace=tcp 22,ssh | lock-out | ends the ssh server and every login
fuser | -k/--kill each:sshport | lock-out | ends the ssh server and every login
fuser | -k/--kill each:device | kill-all | ends everything that uses {}
fuser | -k/--kill each:lost | kill-all | ends everything that uses {}
ipcrm | any:unknown | kill-all | programs lose the memory that they share
cgdelete | -r | kill-all | groups of processes lose their limits
ipcrm | -a/--all | kill-all | programs lose the memory that they share
timedatectl | set-time,set-local-rtc | lock-out | the clock is moved: tickets and certificates are refused
hwclock | --set/-s/--hctosys | lock-out | the clock is moved: tickets and certificates are refused

# network
ip | link set,change down !lo | network | ip {all}: the node may leave the network
ip | link,netns,tunnel,tuntap delete | network | ip {all}: the node may leave the network
ip | address,route,rule,neighbour delete,flush !lo | network | ip {all}: the node may leave the network
ip | route replace,change default | network | ip {all}: the node may leave the network
ip | link set mtu ?,??,??? | network | ip {all}: most packets are too large for it
ip | link set address,arp | network | ip {all}: the node may leave the network
ip | xfrm policy,state flush,delete,deleteall | network | ip {all}: the tunnels of the node end
ip | route,rule add blackhole,unreachable,prohibit | network | ip {all}: the node may leave the network
ip | -batch/-b | network | ip does what a file says
bridge | vlan,link,fdb delete,del | network | bridge {all}: the node may leave the network
vconfig | rem | network | vconfig {all}: the node may leave the network
ipsec strongswan | stop,down,restart | network | {name} {all}: the tunnels of the node end
swanctl | -t/--terminate | network | the tunnels of the node end
zerotier-cli netbird | leave,down,deregister | network | {name} {all}: the node may leave the network
connmanctl | disable,disconnect | network | connmanctl {all}: the node may leave the network
iwctl | ..,disconnect,forget | network | iwctl {all}: the node may leave the network
mmcli | -d/--disable/--simple-disconnect | network | the node may leave the network
wicked | ifdown | network | wicked {all}: the node may leave the network
poff vpnc-disconnect | | network | {name}: the node may leave the network
ovs-ofctl | del-flows | network | ovs-ofctl {all}: the node may leave the network
birdc | disable,down | network | birdc {all}: the node loses its routes
vtysh | -c=no?router*,*shutdown*,clear?*,write?erase* | network | the node loses its routes
ethtool | -s/--change/--reset/-r/--negotiate | network | ethtool {all}: the link goes down for a while, or
  stays so
mii-tool | -F/--force/-r/--restart/-R/--reset | network | the link goes down for a while, or stays so
usbguard | block-device,reject-device | network | usbguard {all}: a device is gone
conntrack | -F/--flush/-D/--delete | network | connections are forgotten, and end
ip | link set nomaster,netns | network | ip {all}: the node may leave the network
ifconfig | !lo ..,down,del,delete,0.0.0.0,-*arp* | network | ifconfig {all}: the node may leave the network
ifdown | !lo | network | ifdown {all}: the node may leave the network
route | ..,del,delete,flush | network | route {all}: the node may leave the network
dhclient | -r/-x | network | gives the node's address back
dhcpcd | -k/--release/-x/--exit | network | gives the node's address back
tc | qdisc add,replace,change netem,blackhole | network | tc {all}: packets are lost or late
tc | qdisc add,replace,change rate ?kbit,??kbit,???kbit,?bit,??bit,???bit | network | tc {all}: hardly any
  traffic gets through
tc | filter add,replace drop | network | tc {all}: packets are lost
nmcli | networking,n,net,radio,r off | network | nmcli {all}: the node may leave the network
nmcli | connection,con,c,conn down,delete,modify,mod | network | nmcli {all}: the node may leave the network
nmcli | device,dev,d disconnect,down,delete,modify | network | nmcli {all}: the node may leave the network
networkctl | down,delete | network | networkctl {all}: the node may leave the network
netplan | apply,try | network | netplan {all}: the node may leave the network
netctl | stop,stop-all,disable,switch-to | network | netctl {all}: the node may leave the network
wg-quick | down | network | wg-quick {all}: the node may leave the network
wg | set peer remove | network | wg {all}: the node may leave the network
tailscale | down,logout | network | tailscale {all}: the node may leave the network
rfkill | block | network | rfkill {all}: the node may leave the network
ovs-vsctl | del-br,del-port,emer-reset | network | ovs-vsctl {all}: the node may leave the network
brctl | delbr,delif | network | brctl {all}: the node may leave the network
iw | ..,disconnect,del | network | iw {all}: the node may leave the network
wpa_cli | disconnect,terminate,disable_network,remove_network | network | wpa_cli {all}: the node may leave
  the network
ifenslave | -d | network | takes a port out of its bond
rmmod | each | network | rmmod {all}: the driver may be that of the network or a disk
modprobe | -r/--remove | network | modprobe -r {all}: the driver may be that of the network or a disk
sysctl | *disable_ipv6=1,*ip_forward=0,*icmp_echo_ignore_all=1,*sysrq=* | network | sysctl {all}: may cut the
  node, or those behind it, off

# firewall
iptables ip6tables ebtables arptables | -F/--flush/-X/--delete-chain | firewall | {name}: removes every rule;
  with a policy of DROP nobody gets in any more
iptables ip6tables ebtables arptables | -P/--policy INPUT,OUTPUT,FORWARD DROP,REJECT | firewall | {name}:
  drops all that no rule lets in
iptables ip6tables | -A/-I/-R/--append/--insert/--replace ..,INPUT,OUTPUT,PREROUTING -j/--jump=DROP,REJECT
  --dport/--dports=22,ssh,22\\,*,*\\,22,*\\,22\\,*,22:* | firewall | {name}: closes the port of ssh
iptables ip6tables | -A/-I/-R/--append/--insert/--replace ..,INPUT,OUTPUT,PREROUTING -j/--jump=DROP,REJECT
  !--dport/--dports !-s/--source/--src=[!0]* !--sport/--sports !-i/--in-interface=lo
  !--ctstate/--state=INVALID !--icmp-type !-p/--protocol=icmp | firewall | {name}: closes every port
iptables ip6tables | -A/-I/-R/--append/--insert/--replace ..,INPUT,PREROUTING -j/--jump=DROP,REJECT
  -s/--source/--src=0/0,*/[0-9],*/1[0-6] !--dport/--dports !-p/--protocol=icmp | firewall | {name}: keeps a
  whole network out
iptables ip6tables | -D/--delete ..,INPUT 1,[0-9]* | firewall | {name} {all}: perhaps the rule that lets ssh
  in
iptables ip6tables | -D/--delete ..,INPUT,OUTPUT,PREROUTING -j/--jump=ACCEPT --dport/--dports=22,ssh |
  firewall | {name}: closes the port of ssh
iptables-restore ip6tables-restore | !-n/--noflush | firewall | {name} replaces every rule
nft | ..,flush,delete,destroy | firewall | nft: replaces or removes rules
nft | ..,drop,reject | firewall | nft: drops packets
nft | -f/--file | firewall | nft: replaces or removes rules
nft | each=*flush*,*delete*,*drop*,*reject* | firewall | nft: replaces or removes rules
ipset | destroy,flush,x,-X,-F,-x | firewall | ipset: removes sets which rules depend on
ipset | -X/-F | firewall | ipset: removes sets which rules depend on
ufw | enable,reset | firewall | ufw {all}: may close the port of ssh
ufw | default deny,reject | firewall | ufw {all}: may close the port of ssh
ufw | ..,deny,reject,delete 22,22/tcp,ssh,OpenSSH,22/* | firewall | ufw {all}: may close the port of ssh
firewall-cmd | --complete-reload | firewall | firewall-cmd: open connections end
firewall-cmd | --panic-on | firewall | firewall-cmd: closes every port
firewall-cmd | --remove-service=ssh | firewall | firewall-cmd: closes the port of ssh
firewall-cmd | --remove-port=22/* | firewall | firewall-cmd: closes the port of ssh
firewall-cmd | --set-default-zone=drop,block | firewall | firewall-cmd: closes the port of ssh
firewall-cmd | --set-target=DROP,REJECT,%%REJECT%% | firewall | firewall-cmd: drops all that no rule lets in
firewall-cmd | --zone=drop,block --change-interface | firewall | firewall-cmd: closes every port of an
  interface
firewall-cmd | --zone=drop,block --add-interface | firewall | firewall-cmd: closes every port of an interface
firewall-cmd | --zone=drop,block --add-source | firewall | firewall-cmd: keeps addresses out
firewall-cmd | --add-rich-rule=*drop*,*reject* | firewall | firewall-cmd: drops packets
firewall-cmd | --remove-rich-rule=*ssh*,*22* | firewall | firewall-cmd: closes the port of ssh
firewall-cmd | --remove-interface/--remove-source/--delete-zone/--reset-to-defaults/--load-zone-defaults |
  firewall | firewall-cmd: other rules hold than before
firewall-cmd | --direct ..,DROP,REJECT | firewall | firewall-cmd: drops packets
shorewall shorewall6 | stop,clear,drop,reject | firewall | {name} {all}: may close the port of ssh
ipvsadm | -C/--clear/-D/--delete-service | firewall | the node stops forwarding these services
pfctl | -F/-d | firewall | pfctl: removes every rule
ipfw | ..,flush,delete | firewall | ipfw: removes rules

# accounts
userdel deluser groupdel delgroup | each | accounts | {name}: {all} is gone
passwd | -l/-d/-e/--lock/--delete/--expire | accounts | locks a login, or leaves it without a password
usermod | -L/--lock | accounts | locks a login
usermod | -s/--shell=*nologin,*/false | accounts | locks a login
usermod | -e/--expiredate=0,1,[0-9]*-* | accounts | locks a login
usermod | -G/--groups !-a/--append | accounts | takes the user out of every other group (-G without -a), sudo
  among them
usermod | -l/--login/-u/--uid | accounts | changes what a login is
chsh | -s/--shell=*nologin,*/false | accounts | takes the login shell away
usermod | -p/--password | accounts | sets a password
passwd | --stdin | accounts | sets a password
chage | -d/-M/-I/--lastday/--maxdays/--inactive=0 | accounts | lets a password expire at once
groupmems | -p/--purge/-d/--delete | accounts | takes users out of a group
pwunconv grpunconv | | accounts | {name} rewrites every password or group
homectl | remove,deactivate,deactivate-all,lock,lock-all | accounts | homectl {all}: a home is gone or locked
realm | leave | accounts | logins of the domain end
net | ads leave | accounts | logins of the domain end
adcli | delete-computer | accounts | logins of the domain end
ipa-client-install ipa-server-install | --uninstall | accounts | logins of the domain end
samba-tool | ..,delete,demote,disable | accounts | samba-tool {all}: logins are gone
ipa | *-del,*-disable | accounts | ipa {all}: it is gone
kdb5_util | destroy | accounts | every login of the realm is gone
ldapdelete | | accounts | removes entries of the directory
smbpasswd pdbedit | -x/--delete/-d | accounts | a login is gone
authconfig | --update/--updateall/--kickstart | accounts | changes the rules of every login
pam-config | -d/--delete | accounts | changes the rules of every login
chage | -E/--expiredate=0,1,[0-9]*-* | accounts | lets a login expire
gpasswd | -d/--delete sudo,wheel,admin,ssh* | accounts | takes a user out of {last}
gpasswd | -M/--members sudo,wheel,admin,ssh* | accounts | replaces the members of {last}
chpasswd newusers | | accounts | sets passwords
faillock pam_tally2 | --lock | accounts | locks a login
authselect pam-auth-update | ..,select,disable-feature,--remove | accounts | changes the rules of every login
pam-auth-update | --remove/--force | accounts | changes the rules of every login

# packages
apt apt-get aptitude | remove,purge,autoremove,autopurge rest:core | package | {name} removes {}
apt apt-get aptitude | install rest:minus | package | {name} removes {}
apt apt-get aptitude | remove,purge --allow-remove-essential/--force-yes | package | {name} removes packages
  without asking what needs them
dpkg | -r/-P/--remove/--purge each:core | package | dpkg removes {}
dpkg | -r/-P/--remove/--purge --force-all/--force-depends/--force-remove-essential | package | dpkg removes
  packages without asking what needs them
dnf dnf5 yum tdnf microdnf | remove,erase,autoremove,rm,rv rest:core | package | {name} removes {}
dnf dnf5 yum | history undo,rollback | package | {name} {all}: packages are removed or replaced
dnf dnf5 yum | system-upgrade,offline-upgrade,offline reboot | power | the node reboots for an upgrade
dnf dnf5 yum | swap rest:core | package | {name} {all}: packages are replaced
do-release-upgrade | | package | another release of the whole system
leapp | upgrade | package | another release of the whole system
transactional-update | ..,rollback | package | the next boot starts from another snapshot
transactional-update | ..,reboot | power | the node goes down
rpm-ostree | -r/--reboot | power | the node goes down
nix-collect-garbage | -d/--delete-old/--delete-older-than | package | earlier generations are removed; there
  is no rollback
nix-env nixos-rebuild | --rollback/--delete-generations | package | {name} changes what is installed
tasksel | remove | package | tasksel {all}: packages are removed
dkms | remove --all | package | drivers are removed
pkg_delete pkg_deinstall | each:core | package | {name} removes {}
pkgin equo cave prt-get tazpkg | remove,rm,autoremove,uninstall rest:core | package | {name} removes {}
zypper | remove,rm rest:core | package | zypper removes {}
pacman | -R/--remove each:core | package | pacman removes {}
pacman | -R/--remove -d/--nodeps | package | pacman removes packages without asking what needs them
pacman | -R/--remove -c/--cascade | package | pacman removes all that needs them, too
apk | del rest:core | package | apk removes {}
rpm | -e/--erase each:core | package | rpm removes {}
rpm | -e/--erase --nodeps | package | rpm removes packages without asking what needs them
xbps-remove removepkg urpme | each:core | package | {name} removes {}
emerge | -C/--unmerge/-c/--depclean/--prune/-P each:core | package | emerge removes {}
emerge | -C/--unmerge rest | package | emerge removes packages without asking what needs them
opkg pkg eopkg slackpkg guix port brew swupd snap flatpak | remove,delete,del,uninstall,rm,bundle-remove
  rest:core | package | {name} removes {}
pkg | delete -a/--all | package | removes every package
opkg | --force-depends/--force-removal-of-dependent-packages | package | opkg removes packages without asking
  what needs them
nix-env | -e/--uninstall | package | nix-env removes {last}
snap | remove --purge | drop-data | removes {last} and its data, without a snapshot
ostree rpm-ostree | rollback,reset,cleanup,rebase | package | {name} {first} changes what the next boot starts
"""
