#!/bin/sh
# `systemd-analyze verify` exits 0 for a unit whose settings systemd throws away: an unknown section
# (`[Servce]`), an unknown key, a value that cannot be read (Type=bogus, Restart=sometimes, TimeoutSec=abc).
# It writes one line for each, "ignoring", and the unit will run without them: a service that was to be
# restarted is not. Only what makes the unit unusable counts for the exit code: a program that does not exist,
# or no program at all. So a check before units are copied to nodes (`verify FILE && copy`) passes all these;
# it must look at standard error as well, which is empty for a unit without fault.
#
# Installs systemd 252.39 of Debian 12 in a temporary folder; starts no unit. Fails if it behaves differently.
set -eu
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
apt-get -qq -o APT::Sandbox::User=root download systemd=252.39-1~deb12u2 libsystemd-shared=252.39-1~deb12u2
for package in ./*.deb; do dpkg-deb -x "$package" "$folder"; done
libraries=$(dirname "$(find "$folder" -name 'libsystemd-shared-*.so' | sed -n 1p)")
verify() { LD_LIBRARY_PATH=$libraries usr/bin/systemd-analyze verify --man=no "$@"; }

LD_LIBRARY_PATH=$libraries usr/bin/systemd-analyze --version | sed -n 1p
result=ok
check() { # EXPECTED-EXIT-CODE EXPECTED-LINES LINES-OF-THE-UNIT
  printf '[Service]\nExecStart=/bin/true\n%b\n' "$3" >x.service
  code=0
  verify ./x.service 2>said || code=$?
  lines=$(grep -c 'x.service' said || :)
  printf '%-32s exit code %s, %s lines on standard error\n' "$3" "$code" "$lines"
  [ "$code $lines" = "$1 $2" ] || result=changed
}
check 0 0 'Restart=always'
check 0 1 'Restart=sometimes'
check 0 1 'Type=bogus'
check 0 1 'TimeoutSec=abc'
check 0 1 'Restrat=always'
check 0 1 '[Servce]\nRestart=always'
check 1 1 'ExecStartPre=/nonexistent'
echo "$result"
[ "$result" = ok ]
