#!/bin/sh
# `git bundle create FILE --all` in a shallow clone (`--depth 1`, as CI systems check out) exits 0 and makes a
# bundle that nobody can clone: the commit's parent is not in it. `git bundle verify` is the command to find
# that out, and it does not. It says "The bundle records a complete history" and "okay", in the shallow clone,
# in an empty repository and in the original. The truth comes with `git clone FILE`: "remote did not send all
# necessary objects", exit code 128. So a backup or a transport of a repository by a bundle that was made in
# CI is empty when it is needed. Ask `git rev-parse --is-shallow-repository` before, or clone the bundle for a
# check.
#
# Installs git 2.39.5 of Debian 12 in a temporary folder. Fails if git behaves differently.
set -eu
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
apt-get -qq -o APT::Sandbox::User=root download git=1:2.39.5-0+deb12u3
dpkg-deb -x ./*.deb "$folder"
unset GIT_DIR GIT_WORK_TREE GIT_INDEX_FILE
git() {
  LC_ALL=C GIT_CONFIG_NOSYSTEM=1 GIT_CONFIG_GLOBAL=/dev/null GIT_EXEC_PATH=$folder/usr/lib/git-core \
    GIT_TEMPLATE_DIR='' "$folder/usr/bin/git" -c user.name=n -c user.email=n@example.org "$@"
}

git --version
git init -q -b main original
for text in one two; do
  echo "$text" >original/file
  git -C original add file
  git -C original commit -q -m "$text"
done
git clone -q --depth 1 "file://$folder/original" shallow
git clone -q "file://$folder/original" whole
git init -q -b main empty
result=ok
check() { # EXPECTED COMMAND...
  expected=$1
  shift
  code=0
  git "$@" >said 2>&1 || code=$?
  seen="$code $(grep -o -e 'complete history' -e 'did not send all necessary objects' said | paste -s -d ,)"
  printf 'git %-50s %s\n' "$*" "$seen"
  [ "$seen" = "$expected" ] || result=changed
}
check '0 ' -C shallow bundle create -q ../shallow.bundle --all
check '0 ' -C whole bundle create -q ../whole.bundle --all
for repository in shallow empty original; do
  check '0 complete history' -C $repository bundle verify ../shallow.bundle
done
check '0 ' clone -q whole.bundle from-whole
check '128 did not send all necessary objects' clone -q shallow.bundle from-shallow
echo "$result"
[ "$result" = ok ]
