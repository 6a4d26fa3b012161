#!/bin/sh
# pdsh runs a command twice, at the same time, on a node that is named twice: `-w n1,n1`, `-w 'n[1-2],n2'`. And
# an exclusion takes out one of the two only: `-w n1,n2,n2 -x n2` runs on n2. Both happen with selections that
# are put together, of groups that overlap or of lists that several people keep. clush, which reads the same
# notation, makes a set of it, and runs on n1 alone. In the output the node just has more lines. Two package
# managers wait for one lock then, a second reboot is sent, or the node that was to be spared is not. Fold the
# selection first: `pdsh -w "$(nodeset -f ...)"`.
#
# Installs pdsh 2.34-0.2 and libgenders0 1.22 of Debian 12, and ClusterShell 1.10.1, in a temporary folder;
# nothing leaves this machine. Fails if one of them behaves differently.
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
python3 -m pip install -q --disable-pip-version-check --root-user-action ignore --target "$folder/python" \
  ClusterShell==1.10.1 PyYAML==6.0.3
clush() { PYTHONPATH="$folder/python" PYTHONNOUSERSITE=1 python3 -m ClusterShell.CLI.Clush "$@"; }

pdsh -V | sed -n 1p
clush --version
result=ok
check() { # PDSH CLUSH OPTIONS...
  by_pdsh=$1 by_clush=$2
  shift 2
  seen_pdsh=$(pdsh -R exec "$@" echo %h | sed 's/.*: //' | sort | paste -s -d ' ')
  seen_clush=$(clush -R exec -N "$@" echo %h | sort | paste -s -d ' ')
  printf '%-20s pdsh runs on: %-10s clush runs on: %s\n' "$*" "$seen_pdsh" "$seen_clush"
  [ "$seen_pdsh, $seen_clush" = "$by_pdsh, $by_clush" ] || result=changed
}
check 'n1 n2' 'n1 n2' -w 'n[1-2]'
check 'n1 n1' 'n1' -w n1,n1
check 'n1 n2 n2' 'n1 n2' -w 'n[1-2],n2'
check 'n1 n1' 'n1' -w n1 -w n1
check 'n1 n2' 'n1' -w n1,n2,n2 -x n2
echo "$result"
[ "$result" = ok ]
