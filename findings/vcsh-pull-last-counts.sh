#!/bin/sh
# vcsh keeps several repositories in one home, and `vcsh pull` and `vcsh push` go through all of them. The
# exit code is that of the last one, by name: if a repository before it could not be fetched (its server is
# gone, a conflict), vcsh exits 0. `vcsh foreach` exits 0 even if git failed in every one. The manual gives no
# exit codes for these. A timer or a rollout that runs `vcsh pull` on nodes so reports success while a part of
# the dotfiles stands still; git's message on standard error is all that shows it. Loop over `vcsh list` and
# run `vcsh NAME pull`, whose exit code is that of git.
#
# Installs vcsh 1.20190621 of Debian 12 in a temporary folder; needs git. Fails if vcsh behaves differently.
set -eu
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
apt-get -qq -o APT::Sandbox::User=root download vcsh=1.20190621-5
dpkg-deb -x ./*.deb "$folder"
export HOME="$folder/home" GIT_CONFIG_NOSYSTEM=1 XDG_CONFIG_HOME="$folder/home/.config"
mkdir home
vcsh() { sh "$folder/usr/bin/vcsh" "$@"; }
vcsh version 2>&1 | sed -n 1p
git -c init.defaultBranch=master init -q source
git -C source -c user.name=me -c user.email=me@host commit -q --allow-empty -m first
git clone -q --bare source good.git
for name in a z; do vcsh clone "file://$folder/good.git" "$name" >/dev/null 2>&1; done
result=ok
check() { # BROKEN-REPOSITORIES EXPECTED-EXIT-CODE COMMAND...
  broken=$1 expected=$2
  shift 2
  for name in a z; do
    case $broken in *$name*) url=file://$folder/gone.git ;; *) url=file://$folder/good.git ;; esac
    vcsh "$name" remote set-url origin "$url"
  done
  code=0
  vcsh "$@" >/dev/null 2>&1 || code=$?
  printf '%-20s cannot be reached: %-5s exit code %s\n' "vcsh $*" "$broken" "$code"
  [ "$code" = "$expected" ] || result=changed
}
check none 0 pull
check a 0 pull
check z 1 pull
check a 0 push
check 'a z' 0 foreach fetch
check a 1 a pull
echo "$result"
[ "$result" = ok ]
