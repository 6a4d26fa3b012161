#!/bin/sh
# crudini reads and changes INI files from the shell. A unit of systemd looks like one, and has keys that are there
# several times on purpose: each `ExecStartPre=` is a command, each `Environment=` adds a variable. crudini does not
# refuse such a file, and its three actions do not mean the same by a key. `--get` prints the last line only, `--set`
# replaces the last line and leaves the others, `--del` takes all of them away. So "set, and delete it to undo" loses
# the variables that were there before, and a check by `--get` sees one command of two. Capitals do not count either,
# which they do for systemd: `--set unit Service user ops` changes `User=`. Its manual says nothing of these; the exit
# code is 0. Write a drop-in file in place of changing a unit.
#
# Installs crudini 0.9.4-1, python3-iniparse 0.5-1 and python3-six 1.16.0-4 of Debian 12 in a temporary folder. Fails if
# crudini behaves differently.
set -eu
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
apt-get -qq -o APT::Sandbox::User=root download crudini=0.9.4-1 python3-iniparse=0.5-1 python3-six=1.16.0-4
for package in ./*.deb; do dpkg-deb -x "$package" "$folder"; done
cat >unit <<'END'
[Service]
ExecStartPre=/usr/bin/first
ExecStartPre=/usr/bin/second
Environment=A=1
Environment=B=2
User=n1
END
crudini() { PYTHONPATH="$folder/usr/lib/python3/dist-packages" PYTHONNOUSERSITE=1 python3 usr/bin/crudini "$@"; }
change() { # ARGUMENTS BEHIND THE FILE...
  action=$1
  shift
  cp unit changed
  crudini "$action" changed "$@"
  echo "$action $*: exit code $?"
  diff unit changed | grep '^[<>]' || :
}
{
  crudini --version
  echo "--get ExecStartPre: $(crudini --get unit Service ExecStartPre)"
  change --set Service Environment C=3
  change --del Service Environment
  change --set Service user ops
} >seen
cat >expected <<'END'
crudini 0.9.4
--get ExecStartPre: /usr/bin/second
--set Service Environment C=3: exit code 0
< Environment=B=2
> Environment=C=3
--del Service Environment: exit code 0
< Environment=A=1
< Environment=B=2
--set Service user ops: exit code 0
< User=n1
> User=ops
END
cat seen
if cmp -s seen expected; then echo ok; else diff expected seen; echo changed; exit 1; fi
