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
ipmitool | chassis bootdev,bootparam | power | changes what the machine starts from
ipmitool | raw | power | sends the machine's controller bytes which the line does not explain
ipmitool | user,lan set,disable | lock-out | changes how the machine's controller is reached
racadm | serveraction powerdown,powercycle,hardreset,graceshutdown | power | racadm {all}: the machine goes
  down
racadm | racreset,racresetcfg,systemerase | power | racadm {all}: the controller is reset
systemctl |
  reboot,poweroff,halt,kexec,suspend,hibernate,hybrid-sleep,suspend-then-hibernate,soft-reboot,sleep |
  power | systemctl {first} takes the node down
systemctl | start reboot.target,poweroff.target,halt.target,shutdown.target,kexec.target | power | starts
  {last}
systemctl | start rescue.target,emergency.target,ctrl-alt-del.target | power | starts {last}

# services and logins
systemctl | rescue,emergency,exit,switch-root | lock-out | systemctl {first} ends every login
systemctl | isolate | lock-out | systemctl {all} stops every other unit
systemctl | set-default rescue*,emergency*,halt*,poweroff*,reboot*,shutdown* | lock-out | the next boot
  lets nobody in
systemctl | stop,disable,mask,freeze,revert rest:ssh | lock-out | {first} {}: nobody can log in any more
systemctl | stop,disable,mask,freeze,revert rest:net | network | {first} {}: the node leaves the network
systemctl | stop,disable,mask,freeze,revert rest:vital | lock-out | {first} {}: logins depend on it
systemctl | stop,disable,mask,freeze,revert rest:unknown | lock-out | {first} of a unit which the line
  does not name
systemctl | kill !-s/--signal=*HUP,*USR?,*CONT,0 rest:ssh | lock-out | ends {}: nobody can log in any more
systemctl | kill !-s/--signal=*HUP,*USR?,*CONT,0 rest:net | network | ends {}: the node leaves the network
systemctl | kill !-s/--signal=*HUP,*USR?,*CONT,0 rest:vital | lock-out | ends {}: logins depend on it
systemctl | 1:unknown | unknown-code | what systemctl is to do, the line does not say
service rc-service sv initctl | ..,stop,down,disable,kill each:ssh | lock-out | stops {}: nobody can log in
  any more
service rc-service sv initctl | ..,stop,down,disable,kill each:net | network | stops {}: the node leaves
  the network
service rc-service sv initctl | ..,stop,down,disable,kill each:vital | lock-out | stops {}: logins depend
  on it
service rc-service sv initctl | ..,stop,down,disable,kill each:unknown | lock-out | stops what the line
  does not name
update-rc.d chkconfig rc-update | ..,disable,remove,off,del,delete,defaults-disabled each:ssh | lock-out |
  {}: nobody can log in after the next boot
update-rc.d chkconfig rc-update | ..,disable,remove,off,del,delete,defaults-disabled each:net | network |
  {}: the node leaves the network at the next boot
update-rc.d chkconfig rc-update | ..,disable,remove,off,del,delete,defaults-disabled each:vital | lock-out
  | {}: logins depend on it
loginctl | terminate-user,kill-user,lock-sessions,terminate-seat | lock-out | loginctl {first} ends
  people's sessions
killall5 | | kill-all | ends every process
fuser | -k/--kill -m/-M/-c/--mount/--ismountpoint | kill-all | ends everything that uses the file system of
  {last}
fuser | -k/--kill each:sshport | lock-out | ends the ssh server and every login
fuser | -k/--kill each:tree | kill-all | ends everything that uses {}

# network
ip | link set,change down !lo | network | ip {all}: the node may leave the network
ip | link,netns,tunnel,tuntap delete | network | ip {all}: the node may leave the network
ip | address,route,rule,neighbour delete,flush !lo | network | ip {all}: the node may leave the network
ip | route replace,change default | network | ip {all}: the node may leave the network
ip | link set nomaster,netns | network | ip {all}: the node may leave the network
ifconfig | !lo ..,down,del,delete,0.0.0.0,-*arp* | network | ifconfig {all}: the node may leave the network
ifdown | !lo | network | ifdown {all}: the node may leave the network
route | ..,del,delete,flush | network | route {all}: the node may leave the network
dhclient | -r/-x | network | gives the node's address back
dhcpcd | -k/--release/-x/--exit | network | gives the node's address back
tc | qdisc add,replace,change netem loss,corrupt | network | tc {all}: packets are lost
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
sysctl | *disable_ipv6=1,*ip_forward=0,*icmp_echo_ignore_all=1,*sysrq=* | network | sysctl {all}: may cut
  the node, or those behind it, off

# firewall
iptables ip6tables ebtables arptables | -F/--flush/-X/--delete-chain | firewall | {name}: removes every
  rule; with a policy of DROP nobody gets in any more
iptables ip6tables ebtables arptables | -P/--policy INPUT,OUTPUT,FORWARD DROP,REJECT | firewall | {name}:
  drops all that no rule lets in
iptables ip6tables | -A/-I/-R/--append/--insert/--replace INPUT,OUTPUT -j/--jump=DROP,REJECT
  --dport/--dports=22,ssh,22\\,*,*\\,22,*\\,22\\,*,22:* | firewall | {name}: closes the port of ssh
iptables ip6tables | -A/-I/-R/--append/--insert/--replace INPUT,OUTPUT -j/--jump=DROP,REJECT
  !--dport/--dports !-s/--source/--src !--sport/--sports !-i/--in-interface=lo !--ctstate/--state=INVALID
  !--icmp-type !-p/--protocol=icmp | firewall | {name}: closes every port
iptables ip6tables | -D/--delete INPUT,OUTPUT -j/--jump=ACCEPT --dport/--dports=22,ssh | firewall | {name}:
  closes the port of ssh
iptables-restore ip6tables-restore | !-n/--noflush | firewall | {name} replaces every rule
nft | ..,flush,delete,destroy | firewall | nft: replaces or removes rules
nft | ..,drop,reject | firewall | nft: drops packets
nft | -f/--file | firewall | nft: replaces or removes rules
nft | 1=*flush*,*delete*,*drop* | firewall | nft: replaces or removes rules
ipset | destroy,flush,x,-X,-F,-x | firewall | ipset: removes sets which rules depend on
ipset | -X/-F | firewall | ipset: removes sets which rules depend on
ufw | enable,reset | firewall | ufw {all}: may close the port of ssh
ufw | default deny,reject | firewall | ufw {all}: may close the port of ssh
ufw | ..,deny,reject,delete 22,22/tcp,ssh,OpenSSH,22/* | firewall | ufw {all}: may close the port of ssh
firewall-cmd | --panic-on | firewall | firewall-cmd: closes every port
firewall-cmd | --remove-service=ssh | firewall | firewall-cmd: closes the port of ssh
firewall-cmd | --remove-port=22/* | firewall | firewall-cmd: closes the port of ssh
firewall-cmd | --set-default-zone=drop,block | firewall | firewall-cmd: closes the port of ssh
pfctl | -F/-d | firewall | pfctl: removes every rule

# accounts
userdel deluser groupdel delgroup | each | accounts | {name}: {all} is gone
passwd | -l/-d/-e/--lock/--delete/--expire | accounts | locks a login, or leaves it without a password
usermod | -L/--lock | accounts | locks a login
usermod | -s/--shell=*nologin,*/false | accounts | locks a login
usermod | -e/--expiredate=0,1,[0-9]*-* | accounts | locks a login
usermod | -G/--groups !-a/--append | accounts | takes the user out of every other group (-G without -a),
  sudo among them
usermod | -l/--login/-u/--uid | accounts | changes what a login is
chsh | -s/--shell=*nologin,*/false | accounts | takes the login shell away
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
apt apt-get aptitude | remove,purge --allow-remove-essential/--force-yes | package | {name} removes
  packages without asking what needs them
dpkg | -r/-P/--remove/--purge each:core | package | dpkg removes {}
dpkg | -r/-P/--remove/--purge --force-all/--force-depends/--force-remove-essential | package | dpkg removes
  packages without asking what needs them
dnf dnf5 yum tdnf microdnf | remove,erase,autoremove,rm,rv rest:core | package | {name} removes {}
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
opkg pkg eopkg slackpkg guix port brew swupd snap flatpak |
  remove,delete,del,uninstall,rm,bundle-remove rest:core | package | {name} removes {}
pkg | delete -a/--all | package | removes every package
opkg | --force-depends/--force-removal-of-dependent-packages | package | opkg removes packages without
  asking what needs them
nix-env | -e/--uninstall | package | nix-env removes {last}
snap | remove --purge | drop-data | removes {last} and its data, without a snapshot
ostree rpm-ostree | rollback,reset,cleanup,rebase | package | {name} {first} changes what the next boot
  starts
"""
