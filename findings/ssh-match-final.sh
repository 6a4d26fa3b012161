#!/bin/sh
# One `Match final` anywhere in ssh_config changes what other blocks do, even one that itself never applies.
# It makes ssh read all files a second time, with the address from HostName in place of the alias, and in this
# second reading `Host` blocks of that address apply too: `ssh n1` gets the port, the user or the jump host
# that somebody wrote for `ssh 10.0.0.1`, unless an earlier value stands. `CanonicalizeHostname yes` does the
# same, also for an address, where no name is looked up. The line may stand in a file of the system
# (/etc/ssh/ssh_config.d) and hold nothing but, say, a log level; the user's own blocks then mean something
# else on this machine. A reader of the format that looks at each block alone, as exporters and importers do,
# cannot see it. Ask `ssh -G` on the machine in question.
#
# Installs openssh-client 9.2p1 of Debian 12 in a temporary folder; nothing connects. Fails if OpenSSH behaves
# differently.
set -eu
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
apt-get -qq -o APT::Sandbox::User=root download openssh-client=1:9.2p1-2+deb12u10
dpkg-deb -x ./*.deb "$folder"

usr/bin/ssh -V 2>&1
result=ok
check() { # LINES-AT-THE-END EXPECTED-PORT
  printf 'Host n1\n  HostName 10.0.0.1\nHost 10.0.0.1\n  Port 2222\nHost *\n%b' "$1" >config
  seen=$(usr/bin/ssh -F config -G n1 2>/dev/null | sed -n 's/^port //p')
  printf 'ssh n1 with %-42s port %s\n' "$1" "$seen"
  [ "$seen" = "$2" ] || result=changed
}
check '  LogLevel ERROR\n' 22
check 'Match all\n  LogLevel ERROR\n' 22
check 'Match final all\n  LogLevel ERROR\n' 2222
check 'Match final host nobody\n  LogLevel ERROR\n' 2222
check '  CanonicalizeHostname yes\n' 2222
echo "$result"
[ "$result" = ok ]
