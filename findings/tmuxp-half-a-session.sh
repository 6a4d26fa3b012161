#!/bin/sh
# If a pane of a window does not fit (a detached session has 80 by 24 characters, and without a layout each
# new pane halves the last), `tmuxp load` ends with exit code 1 and "no space for new pane" somewhere in a
# traceback. The session stays, with the panes that were made before, and without the windows that were to
# come. The same command once more then exits 0 and adds nothing: tmuxp finds a session of that name and takes
# it for the one that was asked for. A script that tries again, or a person who does, gets a window onto some
# of the nodes and no word of the others. Kill the session before each new try, give the window `layout:
# tiled`, and compare the number of panes.
#
# Installs tmuxp 1.76.0, libtmux 0.62.0 and, of Debian 12, tmux 3.3a-3 with two libraries of it in a temporary
# folder. Fails if tmuxp behaves differently.
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
export LD_LIBRARY_PATH PATH="$folder/usr/bin:$PATH" TMUX_TMPDIR="$folder" HOME="$folder" SHELL=/bin/sh
tmuxp() { PYTHONPATH="$folder/python" "$folder/python/bin/tmuxp" "$@"; }

tmux -V
tmuxp --version
cat >fleet.yaml <<'EOF'
session_name: fleet
windows:
- window_name: nodes
  panes: [echo n1, echo n2, echo n3, echo n4, echo n5, echo n6]
- window_name: logs
  panes: [echo log]
EOF
result=ok
check() { # WHICH EXPECTED
  code=0
  tmuxp load -d -y fleet.yaml >said 2>&1 || code=$?
  windows=$(tmux list-windows -t fleet | wc -l) panes=$(tmux list-panes -s -t fleet | wc -l)
  seen="exit code $code, $windows of 2 windows, $panes of 7 panes"
  printf '%-7s %s%s\n' "$1" "$seen" "$(grep -o -m 1 'no space for new pane' said | sed 's/^/: /')"
  [ "$seen" = "$2" ] || result=changed
}
check first 'exit code 1, 1 of 2 windows, 4 of 7 panes'
check second 'exit code 0, 1 of 2 windows, 4 of 7 panes'
echo "$result"
[ "$result" = ok ]
