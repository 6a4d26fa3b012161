#!/bin/sh
# wakeonlan, the Perl script of Debian, exits 0 although it woke nobody. An argument that is neither a
# hardware address as it wants it nor a name in /etc/ethers is named on standard error, nothing is sent, and
# the exit code is 0 all the same: also for an address with dashes or without separators, which are usual in
# inventories and which other tools take. In a file (-f) such lines are passed over in the same way. A script
# that wakes a fleet and looks at the exit code finds that all was well. Compare what was printed ("Sending
# magic packet to ..."), one line a node, or send the packet yourself.
#
# Installs wakeonlan 0.41 of Debian 12 in a temporary folder; packets go to a socket on 127.0.0.1 only. Fails
# if wakeonlan behaves differently.
set -eu
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
apt-get -qq -o APT::Sandbox::User=root download wakeonlan=0.41-12.1
dpkg-deb -x ./*.deb "$folder"

echo 'wakeonlan 0.41-12.1 (Debian 12)'
cat >count.py <<'EOF'
"""Run wakeonlan with the arguments given; print its exit code and the addresses that were woken."""
import socket, subprocess, sys
here = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
here.bind(("127.0.0.1", 0))
here.settimeout(0.3)
port = str(here.getsockname()[1])
words = ["perl", "usr/bin/wakeonlan", "-i", "127.0.0.1", "-p", port, *sys.argv[1:]]
code = subprocess.run(words, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL).returncode
woken = []
try:
    while True:
        woken.append(here.recv(1024)[6:12].hex(":"))
except TimeoutError:
    print(code, *woken)
EOF
result=ok
check() { # ARGUMENT EXPECTED-EXIT-CODE-AND-ADDRESSES
  seen=$(python3 count.py "$1")
  printf '%-20s exit code and addresses woken: %s\n' "$1" "$seen"
  [ "$seen" = "$2" ] || result=changed
}
check 52:54:00:12:34:56 '0 52:54:00:12:34:56'
check 52-54-00-12-34-56 0
check 525400123456 0
check node1.invalid 0
echo "$result"
[ "$result" = ok ]
