#!/bin/sh
# `dotbot --only link` runs the link steps of a configuration, `--except shell` all but the shell steps. A
# name that no step has is not an error there. `--only lnk` does nothing, prints nothing and exits 0, as if
# all links were right; `--except shel` runs the shell steps that were to be left out. In the configuration
# itself dotbot is strict: a step called "lnk" is an error with exit code 1. (An unknown option of a link,
# `relnk: true`, passes in silence again.) A rollout that calls dotbot by a script with such an option so
# reports success for nodes on which nothing happened. Check that the links are there afterwards.
#
# Installs dotbot 1.24.1 in a temporary folder. Fails if dotbot behaves differently.
set -eu
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m pip install -q --disable-pip-version-check --root-user-action ignore --target "$folder/python" \
  dotbot==1.24.1
export PYTHONPATH="$folder/python" PYTHONNOUSERSITE=1
mkdir "$folder/files"
cd "$folder/files"
echo 'ours' >toolrc
cat >ok.yaml <<EOF
- link: {$folder/linked: toolrc}
- shell: [[touch $folder/ran, a step]]
EOF
sed 's/link:/lnk:/' ok.yaml >slip.yaml
sed 's/linked: toolrc/linked: {path: toolrc, relnk: true}/' ok.yaml >option.yaml

dotbot() { python3 -c "from dotbot.cli import main; main()" "$@"; }
dotbot --version
result=ok
check() { # EXPECTED CONFIGURATION OPTION...
  expected=$1 file=$2
  shift 2
  rm -f "$folder/linked" "$folder/ran"
  code=0
  dotbot -q -d . -c "$file" "$@" >"$folder/said" 2>&1 || code=$?
  did=''
  [ ! -e "$folder/linked" ] || did=' linked'
  [ ! -e "$folder/ran" ] || did="$did ran"
  [ ! -s "$folder/said" ] || did="$did; it says something"
  printf '%-12s %-16s exit code %s:%s\n' "$file" "$*" "$code" "${did:- nothing}"
  [ "$code:$did" = "$expected" ] || result=changed
}
check '0: linked' ok.yaml --only link
check '0:' ok.yaml --only lnk
check '0: linked' ok.yaml --except shell
check '0: linked ran' ok.yaml --except shel
check '1: ran; it says something' slip.yaml
check '0: linked ran' option.yaml
echo "$result"
[ "$result" = ok ]
