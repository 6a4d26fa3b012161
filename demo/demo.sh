#!/usr/bin/env bash
# What stentor does, on five practice nodes: real sshds on this machine, as an ordinary user. Nothing of yours is touched.
# shellcheck disable=SC2016 # commands are printed as they are typed, then evaluated
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
PATH="$PWD/.venv/bin:/usr/local/sbin:/usr/sbin:/sbin:$PATH"
PYTHON=${PYTHON:-python3}

bold='' dim='' plain=''
if [[ -t 1 && -z ${NO_COLOR:-} ]]; then
  bold=$'\e[1m' dim=$'\e[2m' plain=$'\e[0m'
fi

# --- what only root can install is asked for once, in one line ------------------------------------------------------
lacking=()
"$PYTHON" -c 'import venv, ensurepip' 2>/dev/null || lacking+=(python3-venv)
command -v sshd >/dev/null || lacking+=(openssh-server)
command -v ssh >/dev/null || lacking+=(openssh-client)
if ((${#lacking[@]})); then
  command -v bwrap >/dev/null || lacking+=(bubblewrap)
  printf 'The demo needs a little more than is installed here. Paste this line, then make demo again:\n\n'
  printf '  %sapt-get install -y --no-install-recommends %s\n\n' "$( ((EUID)) && echo 'sudo ')" "${lacking[*]}"
  case " ${lacking[*]} " in *" openssh-server "*)
    printf 'On Debian the package openssh-server also starts an sshd of this machine. If you want none:\n\n'
    printf '  %ssystemctl disable --now ssh\n\n' "$( ((EUID)) && echo 'sudo ')" ;;
  esac
  exit 1
fi

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
printf '%sTo end it: stentor lab down%s\n' "$dim" "$plain"
