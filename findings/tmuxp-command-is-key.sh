#!/bin/sh
# tmuxp types the commands of its panes by tmux's `send-keys`, to which a word that is the name of a key is that
# key, in any case: up, home, end, space, tab. By default tmuxp puts a blank in front of each command, so that the
# shell keeps it out of its history, and then no command is a key. The setting `suppress_history:
# false`, for those who want the history, takes the blank away. A pane whose command is a script called `up` (bring the
# node up) then gets the key Up and Enter: the shell runs the last command of its history once more, whatever that was.
# tmuxp says "Loaded" and exits 0. `home` and `end` only move the cursor, so nothing runs. `Pane.send_keys("up")`
# of libtmux, on which tmuxp is built, does the same without any option, unless `literal=True` is given. Write
# the command with its path or an argument (`./up`, `up n1`), which is no key.
#
# Installs tmuxp 1.76.0 and libtmux 0.62.0 and, of Debian 12, tmux 3.3a-3 with two libraries of it in a temporary
# folder; needs bash. Fails if one of them behaves differently.
set -eu
folder=$(mktemp -d)
unset TMUX TMUX_PANE
trap 'TMUX_TMPDIR=$folder "$folder/usr/bin/tmux" kill-server 2>/dev/null || :; rm -rf "$folder"' EXIT
cd "$folder"
apt-get -qq -o APT::Sandbox::User=root download tmux=3.3a-3 \
  libevent-core-2.1-7=2.1.12-stable-8 libutempter0=1.2.1-3
for package in ./*.deb; do dpkg-deb -x "$package" "$folder"; done
python3 -m pip install -q --disable-pip-version-check --root-user-action ignore --target "$folder/python" \
  tmuxp==1.76.0 libtmux==0.62.0
LD_LIBRARY_PATH=$(dirname "$(find "$folder" -name 'libevent_core*.so*' | sed -n 1p)")
mkdir "$folder/home" "$folder/bin"
# /etc/profile of Debian sets PATH anew, for which reason ~/.bash_profile sets it last.
echo "PATH=$folder/bin:\$PATH" >"$folder/home/.bash_profile"
export LD_LIBRARY_PATH PATH="$folder/usr/bin:$PATH" TMUX_TMPDIR="$folder" HOME="$folder/home" SHELL=/bin/bash
tmuxp() { PYTHONPATH="$folder/python" "$folder/python/bin/tmuxp" "$@"; }

printf '#!/bin/sh\necho up >>%s/ran\n' "$folder" >bin/up
printf '#!/bin/sh\necho home >>%s/ran\n' "$folder" >bin/home
chmod +x bin/*
tmux -V
tmuxp --version
result=ok
check() { # SETTING EXPECTED
  rm -f ran
  printf 'echo the command of last week >>%s/ran\n' "$folder" >home/.bash_history
  printf 'session_name: fleet\nsuppress_history: %s\nwindows:\n- panes: [up, home]\n' "$1" >fleet.yaml
  code=0
  tmuxp load -d -y fleet.yaml >said 2>&1 </dev/null || code=$?
  sleep 4
  tmux kill-server
  seen="exit code $code, ran: $(sort ran | paste -s -d ,)"
  echo "suppress_history: $1: $seen"
  [ "$seen" = "$2" ] || result=changed
}
check true 'exit code 0, ran: home,up'
check false 'exit code 0, ran: the command of last week'
echo "$result"
[ "$result" = ok ]
