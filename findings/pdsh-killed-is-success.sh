#!/bin/sh
# `pdsh -S` promises the largest exit status of all nodes. A command that a signal ended (the kernel's
# out-of-memory killer, an operator's `kill`) has no exit status, and pdsh counts it as 0: on standard error
# stands "killed by signal 9", and pdsh itself exits 0, also if every node ended so. This is the module
# `exec`, where pdsh starts and awaits the command itself. A script that trusts `pdsh -S` takes work as done
# that never was. A shell around the command helps, as it turns the signal into 128 + its number: `sh -c
# 'COMMAND; exit $?'`.
#
# Installs pdsh 2.34-0.2 and libgenders0 1.22 of Debian 12 in a temporary folder; nothing leaves this machine.
# Fails if pdsh behaves differently.
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
check() { # EXPECTED-EXIT-CODE SHELL-PROGRAM
  code=0
  pdsh -S -R exec -w 'n[1-3]' sh -c "$2" 2>said || code=$?
  printf '%-44s pdsh -S exits %s; said of n1: %s\n' "$2" "$code" "$(sed -n 's/.* n1: //p' said)"
  [ "$code" = "$1" ] || result=changed
}
check 5 'exit 5'
check 0 'kill -KILL $$'
check 0 'kill -TERM $$'
check 137 'sh -c "kill -KILL \$\$"; exit $?'
echo "$result"
[ "$result" = ok ]
