#!/bin/sh
# A group that does not exist is empty for ClusterShell: no message, exit code 0. A typing error in what is to
# be run on shows, since nothing runs. One in what is to be left out does not: `clush -a -x @databse`, `clush
# -a -X databse` and `-w '@all!@databse'` run on every node, the databases too. It is the same inside of a
# group's definition (`safe: "@all!@databse"`), where it stays for as long as nobody counts. `nodeset -c` and
# `nodeset -f` say as little. An unknown *source* (`@nosuch:db`) is an error. A wrapper should look each name
# up in `nodeset -L` first, and a person should look at `nodeset -f` of the whole selection, not of its parts.
#
# Installs ClusterShell 1.10.1 in a temporary folder; commands run on this machine only (`clush -R exec`).
# Fails if ClusterShell behaves differently.
set -eu
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m pip install -q --disable-pip-version-check --root-user-action ignore --target "$folder" \
  ClusterShell==1.10.1 PyYAML==6.0.3
export CLUSTERSHELL_CFGDIR="$folder/config"
mkdir -p "$CLUSTERSHELL_CFGDIR/groups.d"
# shellcheck disable=SC2016 # ClusterShell's own variable
printf '[Main]\ndefault: nodes\nautodir: $CFGDIR/groups.d\n' >"$CLUSTERSHELL_CFGDIR/groups.conf"
cat >"$CLUSTERSHELL_CFGDIR/groups.d/nodes.yaml" <<'END'
nodes:
  all: 'n[1-4]'
  database: 'n[3-4]'
  safe: '@all!@database'
  unsafe: '@all!@databse'
END
nodeset() { PYTHONPATH="$folder" PYTHONNOUSERSITE=1 python3 -m ClusterShell.CLI.Nodeset "$@"; }
clush() { PYTHONPATH="$folder" PYTHONNOUSERSITE=1 python3 -m ClusterShell.CLI.Clush -R exec -L "$@"; }

nodeset --version
result=ok
check() { # EXPECTED COMMAND...
  expected=$1
  shift
  code=0
  seen=$("$@" 2>&1) || code=$?
  seen=$(echo "$seen" | tr '\n' ' ' | sed 's/ $//')
  printf '%-32s exit code %s: %s\n' "$*" "$code" "$seen"
  [ "$code $seen" = "$expected" ] || result=changed
}
check '0 n1: n1 n2: n2' clush -a -x @database echo %h
check '0 n1: n1 n2: n2 n3: n3 n4: n4' clush -a -x @databse echo %h
check '0 n1: n1 n2: n2 n3: n3 n4: n4' clush -a -X databse echo %h
check '0 n1: n1 n2: n2 n3: n3 n4: n4' clush -w '@all!@databse' echo %h
check '0 n[1-2]' nodeset -f @safe
check '0 n[1-4]' nodeset -f @unsafe
check '0 0' nodeset -c @databse
check '1 Nodeset.py: Unknown group source: "nosuch"' nodeset -f @nosuch:database
echo "$result"
[ "$result" = ok ]
