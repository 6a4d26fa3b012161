#!/bin/sh
# mosh starts ssh to log in, so a node's settings in ssh_config hold for it: name, port, user, keys. A jump
# host does not. To learn the node's address mosh gives ssh a ProxyCommand of its own, and to ssh that and
# ProxyJump are one setting, of which the first counts. ssh then connects to the address straight from here.
# With a node behind a gateway, mostly a private address, that is nobody, or the machine that has this address
# in the network where the laptop is just now. The manual says that this way is "most compatible with hosts
# and other options configured in ssh configuration files", and of a bastion only that it "may not work". Use
# `--experimental-remote-ip=remote`, which leaves ProxyJump alone (UDP must reach the node all the same).
#
# Installs mosh 1.4.0 and openssh-client 9.2p1 of Debian 12 in a temporary folder; loopback only. Fails if
# mosh behaves differently.
set -eu
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
apt-get -qq -o APT::Sandbox::User=root download mosh=1.4.0-1+b1 openssh-client=1:9.2p1-2+deb12u10
for package in ./*.deb; do dpkg-deb -x "$package" "$folder"; done
cat >watch.py <<'EOF'
"""Listen as the node and as its gateway; run the command given, and print which of them was connected to."""
import pathlib, select, socket, subprocess, sys
places = {}
for name in ("node", "gateway"):
    places[name] = socket.create_server(("127.0.0.1", 0))
ports = {name: place.getsockname()[1] for name, place in places.items()}
pathlib.Path("config").write_text(
    f"Host node\nHostName 127.0.0.1\nPort {ports['node']}\nProxyJump gateway\n"
    f"Host gateway\nHostName 127.0.0.1\nPort {ports['gateway']}\nHost *\nConnectTimeout 5\n"
)
process = subprocess.Popen(sys.argv[1:], stdin=-3, stdout=-3, stderr=-3)
asked, _, _ = select.select(list(places.values()), [], [], 60)
for place in asked:
    place.accept()[0].close()
for place in places.values():
    place.close()
process.wait(60)
print(*[name for name, place in places.items() if place in asked])
EOF
ssh="$folder/usr/bin/ssh -F $folder/config"
usr/bin/mosh --version 2>&1 | sed -n 1p
result=ok
check() { # EXPECTED COMMAND...
  expected=$1
  shift
  seen=$(PATH="$folder/usr/bin:$PATH" python3 watch.py "$@")
  shown=$(echo "$*" | sed "s# -F $folder/config##;s#--ssh=[^ ]* ##;s#$folder/usr/bin/##")
  printf '%-46s connects to the %s\n' "$shown" "$seen"
  [ "$seen" = "$expected" ] || result=changed
}
# shellcheck disable=SC2086 # a command and its options
check gateway $ssh node true
check node mosh "--ssh=$ssh" node
check gateway mosh "--ssh=$ssh" --experimental-remote-ip=remote node
echo "$result"
[ "$result" = ok ]
