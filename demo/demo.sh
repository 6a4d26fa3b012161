#!/usr/bin/env bash
# What stentor does, on five practice nodes: real sshds on this machine, as an ordinary user. Nothing of yours is touched.
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
  exit 1
fi

[[ -x .venv/bin/stentor ]] || echo "Making .venv and installing (once, about half a minute) ..."
make --no-print-directory --silent .venv/bin/stentor PYTHON="$PYTHON"

say() { printf '\n%s%s%s\n' "$dim" "$1" "$plain"; }

# Prints the command as you would type it, runs it, and says how it ended where that is of interest.
show() {
  local code=0 typed
  printf -v typed ' %q' "$@"
  [[ $# -gt 1 || $1 == stentor ]] && printf '%s$%s%s\n' "$bold" "${SHOWN:-$typed}" "$plain"
  "$@" || code=$?
  ((code == 0)) || printf '%s(exit code %d)%s\n' "$dim" "$code" "$plain"
}

say 'A practice fleet: five nodes, each a real sshd with its own host name, HOME and host key. Two are down, on purpose.'
SHOWN=' eval "$(stentor lab up)"'
printf '%s$%s%s\n' "$bold" "$SHOWN" "$plain"
unset SHOWN
lab=$(stentor lab up)
eval "$lab"
