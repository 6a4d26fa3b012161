#!/bin/sh
# A genders file may hold a range in a node's name (`r1n[1-2]`). With two of them (`r[1-2]n[1-2]`: racks and
# nodes) only the first is expanded: genders stores nodes whose names are the texts "r1n[1-2]" and "r2n[1-2]".
# The check of the file (`nodeattr -k`) finds no error, and a query looks right, since its answer is written
# as ranges anyway. But the nodes do not have the attribute: `nodeattr -l r1n1` does not list it. And a node
# that another line names as well is there twice, so that `pdsh -A` runs a command twice on it. Write one line
# for each rack, with one range in it.
#
# Installs genders 1.22 of Debian 12 in a temporary folder. Fails if genders behaves differently.
set -eu
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
apt-get -qq -o APT::Sandbox::User=root download genders=1.22-1+b5 libgenders0=1.22-1+b5
for package in ./*.deb; do dpkg-deb -x "$package" "$folder"; done
libraries=$(dirname "$(find "$folder" -name 'libgenders.so.0' | sed -n 1p)")
nodeattr() { LD_LIBRARY_PATH=$libraries "$folder/usr/bin/nodeattr" -f "$@" 2>&1; }

echo 'genders 1.22 (Debian 12)'
printf 'r1n[1-2] racked\nr2n[1-2] racked\nr1n[1-2] first\n' >one
printf 'r[1-2]n[1-2] racked\nr1n[1-2] first\n' >two
result=ok
check() { # OPTIONS EXPECTED-WITH-ONE-RANGE EXPECTED-WITH-TWO
  # shellcheck disable=SC2086 # options are words
  one=$(nodeattr one $1 | paste -s -d ' ') two=$(nodeattr two $1 | paste -s -d ' ')
  printf 'nodeattr %-10s one range: %-36s two ranges: %s\n' "$1" "$one" "$two"
  [ "$one" = "$2" ] && [ "$two" = "$3" ] || result=changed
}
check -k 'nodeattr: 0 parse errors discovered' 'nodeattr: 0 parse errors discovered'
check '-q racked' 'r1n[1-2],r2n[1-2]' 'r1n[1-2],r2n[1-2]'
check '-l r1n1' 'racked first' first
check '-A -q' 'r1n[1-2],r2n[1-2]' 'r1n[1,1-2,2],r2n[1-2]'
echo "$result"
[ "$result" = ok ]
