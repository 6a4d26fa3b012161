#!/bin/sh
# yadm links the version of a file that fits a machine (`.toolrc##default`, `.toolrc##hostname.n1`) under its
# plain name. If a file of that name is there already, written by a person or a program on that machine, it is
# replaced by the link: no question, no copy, exit code 0, and the line that is printed ("Linking ...") is the
# same as for a name that was free. `yadm alt` need not be called for it: `yadm add` and `yadm checkout`, and
# each other command that changes the repository, do the same at their end. `yadm clone`, in contrast, leaves
# local files as they are, which its manual says; of alternates it says nothing. So the first use on a machine
# that somebody has worked on loses just the files which differ from machine to machine. Look for plain files
# with `##` beside them, and move them away, before yadm comes.
#
# Installs yadm 3.2.2 of Debian 12 in a temporary folder; needs bash and git. Fails if yadm behaves
# differently.
set -eu
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
apt-get -qq -o APT::Sandbox::User=root download yadm=3.2.2-1
dpkg-deb -x ./*.deb "$folder"
export HOME="$folder/home" GIT_CONFIG_NOSYSTEM=1
mkdir home
cd home
yadm() { bash "$folder/usr/bin/yadm" "$@"; }
yadm version | sed -n '/^yadm/p'
yadm init >/dev/null 2>&1
result=ok
check() { # NAME COMMAND...
  name=$1
  shift
  echo 'written on this machine' >".$name"
  echo 'from the repository' >".$name##default"
  code=0
  "$@" >/dev/null 2>&1 || code=$?
  copies=$(find . -type f -exec grep -l 'on this machine' {} + | wc -l)
  seen="exit code $code, content: $(cat ".$name"), copies of the old: $((copies))"
  printf '%-8s %s\n' "$1 $2" "$seen"
  [ "$seen" = 'exit code 0, content: from the repository, copies of the old: 0' ] || result=changed
}
check first yadm add '.first##default'
rm .first
check first yadm alt
echo "$result"
[ "$result" = ok ]
