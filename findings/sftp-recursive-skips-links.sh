#!/bin/sh
# `get -r` and `put -r` of sftp leave symbolic links out, also one that points to a file just beside it: "not a
# regular file" is printed, and they go on. In a batch (`-b`), which by the manual ends when a transfer fails,
# that does not count: the exit code is 0. `scp -r`, of the same package and by the same protocol, copies what a
# link to a file points to, and for a link to a folder it ends with 1. So a program whose `current` is a link to
# a version, or a home with linked dotfiles, arrives without just these, and a script that moved from scp to
# batches of sftp is not told. A link that is named itself is followed. Pack such folders with tar.
#
# Installs openssh-client and openssh-sftp-server 9.2p1 of Debian 12 in a temporary folder; sftp and scp talk
# to the server by a pipe, nothing connects. Fails if OpenSSH behaves differently.
set -eu
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
apt-get -qq -o APT::Sandbox::User=root download \
  openssh-client=1:9.2p1-2+deb12u10 openssh-sftp-server=1:9.2p1-2+deb12u10
for package in ./*.deb; do dpkg-deb -x "$package" "$folder"; done
server=$folder/usr/lib/openssh/sftp-server
printf '#!/bin/sh\nexec %s\n' "$server" >by-pipe
chmod +x by-pipe
mkdir -p program/v2
echo two >program/v2/file
echo text >program/plain
ln -s plain program/link
ln -s v2 program/current

usr/bin/ssh -V 2>&1
result=ok
check() { # EXPECTED COMMAND...
  expected=$1
  shift
  rm -rf copy
  mkdir copy
  code=0
  "$@" >/dev/null 2>&1 || code=$?
  seen="$code: $(cd copy && find . -type f | sed 's:^\./::' | sort | paste -s -d ' ')"
  printf '%-44s %s\n' "$(echo "$*" | sed "s:$folder/::g; s:usr/bin/::; s:-D usr.*server ::")" "$seen"
  [ "$seen" = "$expected" ] || result=changed
}
echo "get -r $folder/program copy/" >get.batch
echo "put -r program $folder/copy/" >put.batch
echo "get $folder/program/link copy/" >one.batch
check '0: program/plain program/v2/file' usr/bin/sftp -D "$server" -b get.batch
check '0: program/plain program/v2/file' usr/bin/sftp -D "$server" -b put.batch
check '1: program/link program/plain program/v2/file' \
  usr/bin/scp -S "$folder/by-pipe" -r "n1:$folder/program" copy/
check '0: link' usr/bin/sftp -D "$server" -b one.batch
echo "$result"
[ "$result" = ok ]
