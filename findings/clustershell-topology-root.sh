#!/bin/sh
# ClusterShell's topology.conf says through which gateways nodes are reached. If the machine that runs clush
# stands at the start of no route, every `clush` there fails, also for nodes which no route names and which
# would be contacted directly: "is not a valid root node". The file is read by its mere presence in the
# configuration folder. Copied to a gateway or a second admin's machine, which is natural as the file is one
# for the whole cluster, it takes clush away there; a machine that is renamed has the same. `clush --worker
# ssh` goes around it. Write a route for each machine from which somebody runs clush (they may share one line:
# `admin[1-2]: gateway`).
#
# Installs ClusterShell 1.10.1 in a temporary folder, and a program that prints its node in place of ssh;
# nothing connects. Fails if ClusterShell behaves differently.
set -eu
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m pip install -q --disable-pip-version-check --root-user-action ignore --target "$folder" \
  ClusterShell==1.10.1 PyYAML==6.0.3
mkdir "$folder/config"
printf '#!/bin/sh\necho contacted\n' >"$folder/ssh"
chmod +x "$folder/ssh"
printf '[Main]\nssh_path: %s/ssh\n' "$folder" >"$folder/config/clush.conf"
clush() {
  PYTHONPATH="$folder" PYTHONNOUSERSITE=1 CLUSTERSHELL_CFGDIR="$folder/config" \
    python3 -m ClusterShell.CLI.Clush "$@"
}

clush --version
here=$(hostname -s)
result=ok
check() { # ROUTE EXPECTED OPTIONS
  printf '[routes]\n%b\n' "$1" >"$folder/config/topology.conf"
  expected=$2
  shift
  shift
  seen=$(clush -w n9 "$@" true 2>&1 | sed "s/$here/HERE/; s/^Clush.py: //" || :)
  route=$(sed -n "s/$here/HERE/; 2p" "$folder/config/topology.conf")
  printf '%-20s clush -w n9 %-13s %s\n' "$route" "$*" "$seen"
  [ "$seen" = "$expected" ] || result=changed
}
check "$here: gateway\ngateway: n[1-2]" 'n9: contacted'
check 'admin: gateway\ngateway: n[1-2]' 'TREE MODE: "HERE" is not a valid root node!'
check 'admin: gateway\ngateway: n[1-2]' 'n9: contacted' --worker ssh
check "admin,$here: gateway\ngateway: n[1-2]" 'n9: contacted'
echo "$result"
[ "$result" = ok ]
