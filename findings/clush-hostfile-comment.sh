#!/bin/sh
# A file for `clush --hostfile` has no comments. Each word of it is a node: from `n1 # the first` clush makes
# the nodes n1, "#", "the" and "first", and tries to log in to all four; a node that somebody took out by a
# `#` in front of its name is the node "#n2". (With a blank after the sign, as in `# n2`, the node is in
# again, beside a node "#".) Other readers of such lists (pdsh's WCOLL and ^FILE) skip comments, so one list
# for both does what it should in one of them. Pass it through `sed 's/#.*//'`, or keep the nodes in a group,
# where YAML has comments.
#
# Installs ClusterShell 1.10.1, and pdsh 2.34-0.2 of Debian 12, in a temporary folder; commands run on this
# machine only (-R exec). Fails if one of them behaves differently.
set -eu
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m pip install -q --disable-pip-version-check --root-user-action ignore --target "$folder" \
  ClusterShell==1.10.1 PyYAML==6.0.3
cd "$folder"
apt-get -qq -o APT::Sandbox::User=root download pdsh=2.34-0.2 libgenders0=1.22-1+b5
for package in ./*.deb; do dpkg-deb -x "$package" "$folder"; done
chmod 755 "$folder"
ln -s "$folder/usr/bin/pdsh.bin" "$folder/pdsh"
libraries=$(dirname "$(find "$folder" -name 'libgenders.so.0' | sed -n 1p)")
pdsh() { LD_LIBRARY_PATH=$libraries PDSH_MODULE_DIR=$libraries/pdsh "$folder/pdsh" "$@"; }
clush() { PYTHONPATH="$folder" PYTHONNOUSERSITE=1 python3 -m ClusterShell.CLI.Clush "$@"; }

clush --version
pdsh -V | sed -n 1p
printf 'n1 # the first\n#n2\n# n3\n' >nodes
result=ok
check() { # EXPECTED PROGRAM OPTIONS
  expected=$1
  shift
  seen=$("$@" -R exec echo run 2>&1 | cut -d : -f 1 | sort | paste -s -d ' ')
  printf '%-24s nodes: %s\n' "$*" "$seen"
  [ "$seen" = "$expected" ] || result=changed
}
export LC_ALL=C
check '# #n2 first n1 n3 the' clush --hostfile nodes
check n1 pdsh -w ^nodes
echo "$result"
[ "$result" = ok ]
