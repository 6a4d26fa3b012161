#!/bin/sh
# `ssh-keygen -R NODE`, which one is told to run after a node was installed anew, deletes every line of
# known_hosts that *matches* the name. A line for more than this node goes as a whole: with `n1,10.0.0.1,n2
# KEY` the key of the others on the line is forgotten too, and with `*.lan KEY` (one key for a whole domain,
# as images that are cloned have it) that of all nodes. From then on they count as never seen. What is printed
# ("found: line 3") names the node only. In a hashed file (`HashKnownHosts yes`) each name has a line of its
# own and only that goes: so the same command does two things by a setting. Lines with @cert-authority stay.
# Look with `ssh-keygen -F NODE` first, and edit such lines by hand.
#
# Installs openssh-client 9.2p1 of Debian 12 in a temporary folder. Fails if OpenSSH behaves differently.
set -eu
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
apt-get -qq -o APT::Sandbox::User=root download openssh-client=1:9.2p1-2+deb12u10
dpkg-deb -x ./*.deb "$folder"
keygen() { "$folder/usr/bin/ssh-keygen" "$@"; }

usr/bin/ssh -V 2>&1
keygen -q -t ed25519 -N '' -f key
key=$(cut -d ' ' -f 1,2 key.pub)
result=ok
check() { # WHAT EXPECTED-NAMES
  keygen -R n1.lan -f known >/dev/null 2>&1
  seen=''
  for name in n1.lan n2.lan n3.lan; do
    keygen -F $name -f known >/dev/null && seen="$seen $name"
  done
  printf 'after ssh-keygen -R n1.lan, %-22s known:%s\n' "$1" "${seen:- none}"
  [ "${seen# }" = "$2" ] || result=changed
}
names() { printf 'n1.lan,n2.lan %s\nn3.lan %s\n' "$key" "$key" >known; }
names
check 'names on one line' n3.lan
names
keygen -H -f known >/dev/null 2>&1
check 'the same, hashed' 'n2.lan n3.lan'
printf '*.lan %s\n' "$key" >known
check 'a pattern' ''
printf '@cert-authority *.lan %s\n' "$key" >known
check 'an authority' 'n1.lan n2.lan n3.lan'
echo "$result"
[ "$result" = ok ]
