#!/bin/sh
# `fping -u` lists the hosts that do not answer, `fping -a` those that do. A host whose name cannot be
# resolved is in neither list: it is named on standard error only, once, and the program goes on with the
# others. A script that takes what `-a` prints for "up" and what `-u` prints for "down" so loses nodes, those
# whose DNS or hosts entry is gone, which is when one looks. The summary (`-s`) counts them apart as "unknown
# host". The exit code is 2 for them, and it is 2 also if others are down. Compare both lists with the nodes
# that were asked.
#
# Installs fping 5.1 of Debian 12 in a temporary folder; asks 127.0.0.1 and a name that does not exist (needs
# root, or the right to send pings). Fails if fping behaves differently.
set -eu
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
apt-get -qq -o APT::Sandbox::User=root download fping=5.1-1
dpkg-deb -x ./*.deb "$folder"
fping() { "$folder/usr/bin/fping" -r 0 "$@" 2>errors; }

printf '127.0.0.1\nn1.invalid\n' >hosts
result=ok
echo "fping $(dpkg-deb -f ./*.deb Version)"
for expected in '-a 2 127.0.0.1' '-u 2 '; do
  code=0
  option=${expected%% *}
  said=$(fping "$option" -f hosts) || code=$?
  echo "fping $option: exit code $code, lists '$said', on standard error: $(cat errors)"
  [ "$option $code $said" = "$expected" ] || result=changed
done
echo "$result"
[ "$result" = ok ]
