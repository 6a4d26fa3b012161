#!/bin/sh
# In a file of tmuxinator a pane may have a name: `- n1: ssh n1`. `tmuxp import tmuxinator` carries that over
# as it stands, and for tmuxp a mapping in `panes` has options: one called "n1" does not exist, which it does
# not mind. So `tmuxp load` opens the pane, says "Loaded", exits 0, and runs nothing in it. Only panes without
# a name get their command. `synchronize` (type once for all panes of a window), `startup_window` and the
# hooks (`on_project_start`) are left out as well, without a word. Rewrite such panes as `shell_command: [ssh
# n1]`, and set `options_after: {synchronize-panes: true}`.
#
# Installs tmuxp 1.76.0 and libtmux 0.62.0 and, of Debian 12, tmux 3.3a-3 with two libraries of it in a
# temporary folder. Fails if tmuxp behaves differently.
set -eu
folder=$(mktemp -d)
trap '"$folder/usr/bin/tmux" -S "$folder/socket" kill-server 2>/dev/null || :; rm -rf "$folder"' EXIT
cd "$folder"
apt-get -qq download tmux=3.3a-3 libevent-core-2.1-7=2.1.12-stable-8 libutempter0=1.2.1-3
for package in ./*.deb; do dpkg-deb -x "$package" "$folder"; done
LD_LIBRARY_PATH=$(dirname "$(find "$folder" -name 'libevent_core*.so*' | head -n 1)")
python3 -m pip install -q --disable-pip-version-check --root-user-action ignore --target "$folder/python" \
  tmuxp==1.76.0 libtmux==0.62.0
export LD_LIBRARY_PATH PATH="$folder/usr/bin:$PATH" PYTHONPATH="$folder/python" HOME="$folder" SHELL=/bin/sh
unset TMUX

cat >fleet.yml <<'END'
name: fleet
on_project_start: touch started
windows:
  - nodes:
      layout: tiled
      synchronize: after
      panes:
        - n1: touch ran-n1
        - n2:
            - touch ran-n2
        - touch ran-plain
END
tmuxp() { python3 -c 'from tmuxp.cli import cli; cli()' "$@"; }
printf '%s\n' yaml y "$folder/imported.yaml" y | tmuxp import tmuxinator fleet.yml >import.log 2>&1
tmux -V
sed -n '/^session_name/,$p' imported.yaml
code=0
tmuxp load -d -y -S "$folder/socket" imported.yaml >load.log 2>&1 || code=$?
tries=0
until [ -e ran-plain ] || [ "$tries" -gt 100 ]; do
  sleep 0.1
  tries=$((tries + 1))
done
sleep 1
panes=$(tmux -S "$folder/socket" list-panes -t fleet | wc -l)
sync=$(tmux -S "$folder/socket" show-options -wv -t fleet synchronize-panes)
ran=$(find . -maxdepth 1 -name 'ran-*' -o -maxdepth 1 -name started | sort | tr '\n' ' ')
echo "exit code $code, $panes panes, synchronize-panes '$sync', ran: $ran"
case "$code $panes $sync $ran" in
  '0 3  ./ran-plain ') echo ok ;;
  *) echo changed; exit 1 ;;
esac
