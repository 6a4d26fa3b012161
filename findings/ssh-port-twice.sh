#!/bin/sh
# Of two ports on one command line ssh takes the first (`ssh -p 2201 -p 2202 n1` connects to 2201), scp and
# sftp of the same package take the last (`-P 2201 -P 2202`: 2202). That the first value counts is said by the
# manuals of settings in files, not of options. Wrappers put what they were configured with in front of what
# the person typed, so that the latter wins, as it does with nearly every program: for copies it does, and a
# command by the same wrapper goes to the other port, which may be another machine behind a forwarded one. Put
# one port on the line, once.
#
# Installs openssh-client 9.2p1 of Debian 12 in a temporary folder; scp and sftp call a script that prints
# what it is given. Nothing connects. Fails if OpenSSH behaves differently.
set -eu
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
apt-get -qq -o APT::Sandbox::User=root download openssh-client=1:9.2p1-2+deb12u10
dpkg-deb -x ./*.deb "$folder"
printf '#!/bin/sh\nexec "%s/usr/bin/ssh" -F none -G "$@" >"%s/asked"\n' "$folder" "$folder" >called
chmod +x called

usr/bin/ssh -V 2>&1
result=ok
check() { # EXPECTED COMMAND...
  expected=$1
  shift
  rm -f asked
  "$@" >/dev/null 2>&1 || :
  seen=$(sed -n 's/^port //p' asked)
  printf '%-52s port %s\n' "$(echo "$*" | sed "s:$folder/::g")" "$seen"
  [ "$seen" = "$expected" ] || result=changed
}
check 2201 ./called -p 2201 -p 2202 n1
check 2201 ./called -o Port=2201 -p 2202 n1
check 2202 usr/bin/scp -S "$folder/called" -P 2201 -P 2202 n1:file .
check 2202 usr/bin/sftp -S "$folder/called" -P 2201 -P 2202 n1
echo "$result"
[ "$result" = ok ]
