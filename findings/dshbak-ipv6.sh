#!/bin/sh
# dshbak, which sorts the output of pdsh by node, ends a node's name at the first colon of a line. pdsh takes
# IPv6 addresses as targets and puts them in front of each line as they are ("fd00::1: up"), so the two do not
# fit together: dshbak makes one node "fd00" of all of them, and the rest of the address becomes part of the
# text (":1: up"). `dshbak -c`, whose purpose is to show which nodes differ, so shows one node with
# everybody's lines. Use names of nodes, or read pdsh's lines yourself: the label ends at the first colon that
# a space follows.
#
# Installs pdsh 2.34-0.2 and libgenders0 1.22 of Debian 12 in a temporary folder; nothing leaves this machine.
# Fails if dshbak behaves differently.
set -eu
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
apt-get -qq -o APT::Sandbox::User=root download pdsh=2.34-0.2 libgenders0=1.22-1+b5
for package in ./*.deb; do dpkg-deb -x "$package" "$folder"; done
chmod 755 "$folder"
ln -s "$folder/usr/bin/pdsh.bin" "$folder/pdsh"
libraries=$(dirname "$(find "$folder" -name 'libgenders.so.0' | sed -n 1p)")
pdsh() { LD_LIBRARY_PATH=$libraries PDSH_MODULE_DIR=$libraries/pdsh "$folder/pdsh" "$@"; }

pdsh -V | sed -n 1p
result=ok
check() { # TARGETS EXPECTED (lines joined by " | ")
  seen=$(pdsh -R exec -w "$1" sh -c 'echo number %n' | sort | perl usr/bin/dshbak -c | grep -v -e '^---' \
    | paste -s -d '|' | sed 's/|/ | /g')
  printf '%-18s %s\n' "$1" "$seen"
  [ "$seen" = "$2" ] || result=changed
}
check n1,n2 'n1 | number 0 | n2 | number 1'
check fd00::1,fd00::2 'fd00 | :1: number 0 | :2: number 1'
echo "$result"
[ "$result" = ok ]
