#!/bin/sh
# In the list of hosts of parallel-ssh (pssh) a host may have a port, `host:port`, and the last colon decides.
# An IPv6 address so loses its last group: fd00::1 becomes the host "fd00:" at port 1. The report says
# "[SUCCESS] fd00::1" or "[FAILURE] fd00::1" all the same, as if that address had been asked. With brackets,
# as other tools want it, the port is read right, but the brackets stay part of the name which ssh is given,
# and ssh resolves no such name. A last group that is no number (fd00::a) is dropped. So a whole network
# becomes one host. Use names from ssh_config or DNS.
#
# Installs pssh 2.3.4 of Debian 12 in a temporary folder, and a program that prints its arguments in place of
# ssh. Fails if pssh behaves differently.
set -eu
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
apt-get -qq -o APT::Sandbox::User=root download pssh=2.3.4-2 python3-psshlib=2.3.4-2
for package in ./*.deb; do dpkg-deb -x "$package" "$folder"; done
mkdir fake
printf '#!/bin/sh\necho "arguments: $*"\n' >fake/ssh
chmod +x fake/ssh
pssh() {
  PATH="$folder/fake:$PATH" PYTHONPATH="$folder/usr/lib/python3/dist-packages" \
    python3 usr/bin/parallel-ssh "$@"
}

echo "pssh $(pssh --version)"
result=ok
check() { # HOST EXPECTED
  echo "$1" >hosts
  pssh --inline --hosts hosts true >said 2>/dev/null
  host=$(sed -n 's/^arguments: -T \([^ ]*\) .*/\1/p' said)
  port=$(sed -n 's/.* -p \([0-9]*\) .*/ port \1/p' said)
  printf '%-14s ssh is called with: %-14s reported: %s\n' "$1" "$host$port" "$(sed -n 's/.*\[S/[S/p' said)"
  [ "$host$port" = "$2" ] || result=changed
}
check n1:2222 'n1 port 2222'
check fd00::1 'fd00: port 1'
check fd00::a fd00:
check '[fd00::1]:22' '[fd00::1] port 22'
echo "$result"
[ "$result" = ok ]
