#!/bin/sh
# Slurm and ClusterShell write node sets alike, and do not read all of each other's. ClusterShell folds names
# that have something behind their number (n1-ib, n2-ib: the second interface) to `n[1-2]-ib`; Slurm refuses a
# bracket that is not at the end, though two brackets in a name are fine (`r[1-2]n[1-2]`). Slurm takes
# `n[001-3]` and counts on with three digits; ClusterShell refuses it. And a node that is named twice is there
# twice for Slurm, and its order counts (`n[2,1]`), while ClusterShell has a set. So `scontrol show hostnames
# "$(nodeset -f ...)"` works until the names have a suffix. Hand over the names one by one (`nodeset -S ,
# -e`), which both read.
#
# Installs slurm-client 22.05.8 of Debian 12 (with its libraries) and ClusterShell 1.10.1 in a temporary
# folder; asks no server. Fails if one of them behaves differently.
set -eu
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
apt-get -qq -o APT::Sandbox::User=root download slurm-client=22.05.8-4+deb12u3 \
  slurm-wlm-basic-plugins=22.05.8-4+deb12u3 libmunge2=0.5.15-2+deb12u1
for package in ./*.deb; do dpkg-deb -x "$package" "$folder"; done
python3 -m pip install -q --disable-pip-version-check --root-user-action ignore --target "$folder/python" \
  ClusterShell==1.10.1 PyYAML==6.0.3
libraries=$(find "$folder" -name '*.so*' -exec dirname {} + | sort -u | paste -s -d :)
plugins=$(dirname "$(find "$folder" -name auth_munge.so)")
printf 'ClusterName=none\nSlurmctldHost=localhost\nPluginDir=%s\n' "$plugins" >slurm.conf
slurm() { LD_LIBRARY_PATH=$libraries SLURM_CONF=$folder/slurm.conf usr/bin/scontrol "$@"; }
nodeset() { PYTHONPATH="$folder/python" PYTHONNOUSERSITE=1 python3 -m ClusterShell.CLI.Nodeset "$@"; }

slurm --version
nodeset --version
result=ok
check() { # SET EXPECTED-OF-SLURM EXPECTED-OF-CLUSTERSHELL
  slurm=$(slurm show hostnames "$1" 2>/dev/null | paste -s -d ' ' | grep . || echo refused)
  nodeset=$(nodeset -e "$1" 2>/dev/null || echo refused)
  printf '%-14s Slurm: %-20s ClusterShell: %s\n' "$1" "$slurm" "$nodeset"
  [ "$slurm" = "$2" ] && [ "$nodeset" = "$3" ] || result=changed
}
echo "ClusterShell folds n1-ib and n2-ib to $(nodeset -f n1-ib n2-ib)"
check 'n[1-2]-ib' refused 'n1-ib n2-ib'
check 'n1-ib,n2-ib' 'n1-ib n2-ib' 'n1-ib n2-ib'
check 'r[1-2]n[1-2]' 'r1n1 r1n2 r2n1 r2n2' 'r1n1 r1n2 r2n1 r2n2'
check 'n[001-3]' 'n001 n002 n003' refused
check 'n[2,1],n1' 'n2 n1 n1' 'n1 n2'
echo "$result"
[ "$result" = ok ]
