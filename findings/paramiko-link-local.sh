#!/bin/sh
# A link-local IPv6 address needs its interface: fe80::1%eth0. In ssh_config a percent sign begins a token, so
# OpenSSH wants `HostName fe80::1%%eth0` and refuses the file for that host with a single one. asyncssh does
# the same. paramiko replaces the tokens that it knows and leaves the rest as it is: from `%%eth0` it makes
# the address "fe80::1%%eth0", which no resolver knows, and only the spelling which OpenSSH refuses works
# there. So no line of one file serves both; Fabric and other programs that are built on paramiko cannot reach
# a node by link-local address through the user's ssh_config. An address of a wider scope can be read by all;
# or ask `ssh -G` and give paramiko the result.
#
# Installs openssh-client 9.2p1 of Debian 12, paramiko 4.0.0 and asyncssh 2.22.0 in a temporary folder;
# nothing connects. Fails if one of them behaves differently.
set -eu
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
apt-get -qq -o APT::Sandbox::User=root download openssh-client=1:9.2p1-2+deb12u10
dpkg-deb -x ./*.deb "$folder"
python3 -m pip install -q --disable-pip-version-check --root-user-action ignore --target "$folder/python" \
  paramiko==4.0.0 asyncssh==2.22.0
cat >look.py <<'EOF'
"""Print the address that paramiko and asyncssh find for node n1 in the file config."""
import paramiko
from asyncssh.config import ConfigParseError, SSHClientConfig
print("paramiko", paramiko.SSHConfig.from_path("config").lookup("n1")["hostname"], end=" ")
try:
    found = SSHClientConfig.load(None, ["config"], False, False, False, "me", (), "n1", ())
    print("asyncssh", found.get("Hostname"))
except ConfigParseError:
    print("asyncssh refuses")
EOF
usr/bin/ssh -V 2>&1
PYTHONPATH="$folder/python" python3 -c 'from importlib.metadata import version as v
print(*(f"{n} {v(n)}" for n in ("paramiko", "asyncssh")))'
result=ok
check() { # ADDRESS EXPECTED
  printf 'Host n1\n  HostName %s\n' "$1" >config
  seen="ssh $(usr/bin/ssh -F config -G n1 2>/dev/null | sed -n 's/^hostname //p' | grep . || echo refuses)"
  seen="$seen $(PYTHONPATH="$folder/python" python3 look.py)"
  printf '%-14s %s\n' "$1" "$seen"
  [ "$seen" = "$2" ] || result=changed
}
check fe80::1%eth0 'ssh refuses paramiko fe80::1%eth0 asyncssh refuses'
check fe80::1%%eth0 'ssh fe80::1%eth0 paramiko fe80::1%%eth0 asyncssh fe80::1%eth0'
echo "$result"
[ "$result" = ok ]
