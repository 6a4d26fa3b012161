#!/usr/bin/env bash
# What stentor does, on five practice nodes: real sshds on this machine, as an ordinary user. Nothing of yours is touched.
# shellcheck disable=SC2016 # commands are printed as they are typed, then evaluated
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
PATH="$PWD/.venv/bin:/usr/local/sbin:/usr/sbin:/sbin:$PATH"
PYTHON=${PYTHON:-python3}
unset STENTOR_FLEET # nothing here is for the fleet of who runs it

bold='' dim='' plain=''
if [[ -t 1 && -z ${NO_COLOR:-} ]]; then
  bold=$'\e[1m' dim=$'\e[2m' plain=$'\e[0m'
fi

PYTHON=$PYTHON scripts/packages.sh demo
[[ -x .venv/bin/stentor ]] || echo "Making .venv and installing (once, about half a minute) ..."
make --no-print-directory --silent .venv/bin/stentor PYTHON="$PYTHON"

# A sentence, then the command as you would type it, then what it says, and its exit code where that is of interest.
show() {
  local code=0
  printf '\n%s# %s%s\n%s$ %s%s\n' "$dim" "$1" "$plain" "$bold" "$2" "$plain"
  eval "$2" || code=$?
  ((code == 0)) || printf '%s(exit code %d)%s\n' "$dim" "$code" "$plain"
}

show 'A practice fleet: five nodes, each a real sshd with a host name, HOME and host key of its own.
# Two are down on purpose, as machines are.' \
  'eval "$(stentor lab up)"'
[[ -n ${STENTOR_FLEET:-} ]] || exit 1 # the reason stands above
show 'One YAML file says which nodes there are. Is there a fault in it?' \
  'stentor check'
show 'Who is in the fleet?' \
  'stentor nodes'
show 'How far can each be reached, before any login? Those which are expected to be down are no surprise.' \
  'stentor ping'
show 'What is every node, and how does it fare? One session each.' \
  'stentor status'
show 'One command on all of them. What is alike is merged.' \
  'stentor run --gather @all "uname -s; id -u"'
show 'The connections are warm now. Without the two that are down, it is a matter of milliseconds.' \
  'time stentor run crtr,drtr,trtr hostname'
show 'On one node the command fails. The others are not disturbed, and the worst comes first in the summary.' \
  'stentor run @all '\''test "$(hostname)" != drtr || { echo "no GPU here" >&2; exit 3; }'\'''

# A node that loses its power while it works.
(sleep 2; stentor lab break trtr down >/dev/null 2>&1) &
show 'Half way through this one, the power of trtr is cut. What it said so far is kept.' \
  'stentor run @all "for step in 1 2 3 4; do echo step \$step; sleep 1; done"'
wait
show 'And trtr comes back.' \
  'stentor lab heal trtr'

printf '\n%sThe practice fleet is still up. To go on with it, paste this line:%s\n\n' "$dim" "$plain"
printf '  export PATH="%s/.venv/bin:$PATH"; eval "$(stentor lab up)"; stentor --help\n\n' "$PWD"
printf '%sTo end it: .venv/bin/stentor lab down%s\n' "$dim" "$plain"
