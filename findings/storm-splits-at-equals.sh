#!/bin/sh
# storm (stormssh) adds, changes and removes hosts of ssh_config, from Python too. It reads the whole file and writes
# all of it again, and takes an equals sign in a value for the one between name and value. `SetEnv RUN=7` becomes
# `setenv run 7`, which ssh refuses, and with it the whole file: after one host was added no login works any more.
# `LocalCommand echo a=b` becomes `echo a b` in silence. And `Match` is an option of the Host above it to storm. What
# follows belongs to that Host, and of a setting that the Host has already the second is dropped: `User ops` of the
# Match is gone, and n4 logs in as somebody else. Write lines to a file of your own that the user's includes.
#
# Installs stormssh 0.7.0 and openssh-client 9.2p1 of Debian 12 in a temporary folder; nothing connects. Fails if one
# of them behaves differently.
set -eu
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
apt-get -qq -o APT::Sandbox::User=root download openssh-client
dpkg-deb -x ./openssh-client*.deb "$folder"
python3 -m pip install -q --disable-pip-version-check --root-user-action ignore --target "$folder/python" \
  stormssh==0.7.0
ask() { # HOST KEY
  usr/bin/ssh -F config -G "$1" 2>said | sed -n "s/^$2 //p" | grep . || grep -o 'Invalid SetEnv' said || echo none
}
round() { # a file comes on standard input: ask, add the host n9, ask again
  cat >config
  "$@"
  PYTHONPATH="$folder/python" PYTHONNOUSERSITE=1 python3 -W ignore -c '
from storm import Storm
Storm("config").add_entry("n9", "10.0.0.9", "ops", "22", "")'
  echo '  after one host was added:'
  "$@"
}
first() { echo "  n1 port: $(ask n1 port | sed -n 1p)"; }
second() {
  echo "  n1 localcommand: $(ask n1 localcommand)"
  echo "  n2 user: $(ask n2 user)"
  echo "  n4 user: $(ask n4 user)"
}
{
  echo 'SetEnv'
  round first <<'END'
Host n1
  Port 2201
  SetEnv RUN=7
END
  echo 'LocalCommand, Match'
  round second <<'END'
Host n1
  LocalCommand echo a=b
Host n2
  User bob
Match host n4
  User ops
Host *
  User everybody
END
} >seen
cat >expected <<'END'
SetEnv
  n1 port: 2201
  after one host was added:
  n1 port: Invalid SetEnv
LocalCommand, Match
  n1 localcommand: echo a=b
  n2 user: bob
  n4 user: ops
  after one host was added:
  n1 localcommand: echo a b
  n2 user: bob
  n4 user: everybody
END
python3 -c '
import sys
sys.path.insert(0, "python")
from importlib.metadata import version
print("stormssh", version("stormssh"))'
usr/bin/ssh -V 2>&1
cat seen
if cmp -s seen expected; then echo ok; else diff expected seen; echo changed; exit 1; fi
