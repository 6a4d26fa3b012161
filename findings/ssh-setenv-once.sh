#!/bin/sh
# OpenSSH adds up all `SendEnv` that it finds, in the files and on the command line, but of all `SetEnv` lines
# only the first one counts, and the rest is dropped without a word. A program that runs ssh for the user and
# passes one variable of its own (`-o SetEnv=RUN=7`) so takes away each variable that the user's ssh_config
# sets for that node; the node's commands then run without a proxy or a locale which they always had. Two such
# options on one command line are one as well. Pass an own variable by `SendEnv` and the environment of ssh,
# or read the user's from `ssh -G` and give all of them in one option (`-o 'SetEnv=A=1 RUN=7'`).
#
# Installs openssh-client 9.2p1 of Debian 12 in a temporary folder; nothing connects. Fails if OpenSSH behaves
# differently.
set -eu
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
apt-get -qq -o APT::Sandbox::User=root download openssh-client=1:9.2p1-2+deb12u10
dpkg-deb -x ./*.deb "$folder"

usr/bin/ssh -V 2>&1
printf 'Host n1\n  SetEnv A=1\n  SendEnv X\nHost *\n  SetEnv B=2\n  SendEnv Y\n' >config
result=ok
check() { # EXPECTED OPTIONS
  expected=$1
  shift
  usr/bin/ssh -F config -G "$@" n1 >found 2>/dev/null
  seen=$(sed -n 's/^setenv //p; s/^sendenv //p' found | sort | paste -s -d ' ')
  printf 'ssh %-34s n1 hands on: %s\n' "$*" "$seen"
  [ "$seen" = "$expected" ] || result=changed
}
check 'A=1 X Y'
check 'C=3 X Y' -o SetEnv=C=3
check 'C=3 X Y' -o SetEnv=C=3 -o SetEnv=D=4
check 'C=3 D=4 X Y' -o 'SetEnv=C=3 D=4'
check 'A=1 X Y Z' -o SendEnv=Z
echo "$result"
[ "$result" = ok ]
