#!/bin/sh
# `rcup`, which links dotfiles in place, asks before it replaces a file that was there. Where nobody can
# answer (a rollout over ssh, cron: standard input is at its end) it takes that for "no", leaves the file as
# it was, goes on, and exits 0. What is left of the question is one line without an end on standard output. So
# a rollout that looks at exit codes reports a success for each node on which the new file never came: just
# those that had one of their own. `lsrc` lists what should be linked; compare with `readlink`, or use `rcup
# -f` after a look at the differences.
#
# Installs rcm 1.3.4 of Debian 12 in a temporary folder. Fails if rcm behaves differently.
set -eu
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
apt-get -qq -o APT::Sandbox::User=root download rcm=1.3.4-1
dpkg-deb -x ./*.deb "$folder"
mkdir -p home/.dotfiles
echo new >home/.dotfiles/bashrc
echo new >home/.dotfiles/vimrc
echo own >home/.bashrc

code=0
said=$(HOME=$folder/home PATH="$folder/usr/bin:$PATH" rcup </dev/null) || code=$?
bashrc=$(cat home/.bashrc) vimrc=$(cat home/.vimrc)
echo "rcm $(dpkg-deb -f ./*.deb Version): exit code $code, .bashrc is '$bashrc', .vimrc is '$vimrc'"
echo "$said" | sed "s#$folder/home#~#"
case "$code $bashrc $vimrc" in
  '0 own new') echo ok ;;
  *) echo changed; exit 1 ;;
esac
