#!/bin/sh
# In ssh_config, `ProxyCommand none` for a host also switches off a `ProxyJump` that a later `Host *` sets: to
# OpenSSH the two are one setting, and the first one found counts. paramiko and asyncssh read the same file
# and keep them apart: both take the jump host for that host. And `ProxyJump none`, the other way to say it,
# is for paramiko (and for Fabric, which builds its gateway of it) a jump host called "none"; asyncssh
# understands it. A node that is meant to be reached directly so goes through the gateway, or nowhere, as soon
# as a Python program reads the user's file. Neither spelling is understood by all three, but a negation is:
# `Host * !gateway !n1`. Or ask `ssh -G` for the result.
#
# Installs openssh-client 9.2p1 of Debian 12, paramiko 4.0.0, Fabric 3.2.2 and asyncssh 2.22.0 in a temporary
# folder; nothing connects. Fails if one of them behaves differently.
set -eu
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
python3 -m pip install -q --disable-pip-version-check --root-user-action ignore --target "$folder/python" \
  paramiko==4.0.0 asyncssh==2.22.0 fabric==3.2.2
apt-get -qq -o APT::Sandbox::User=root download openssh-client=1:9.2p1-2+deb12u10
dpkg-deb -x ./*.deb "$folder"
PATH=$folder/usr/bin:$PATH
cat >look.py <<'EOF'
"""Print the proxy that each reader finds for node n1 in the file config."""
import subprocess
from importlib.metadata import version
import fabric, paramiko
from asyncssh.config import SSHClientConfig

def ssh():
    asked = ["ssh", "-F", "config", "-G", "n1"]
    said = subprocess.run(asked, capture_output=True, text=True, check=True).stdout
    found = dict(line.split(" ", 1) for line in said.splitlines())
    return found.get("proxyjump") or found.get("proxycommand")

def asked_paramiko():
    found = paramiko.SSHConfig.from_path("config").lookup("n1")
    return found.get("proxyjump") or found.get("proxycommand")

def asked_fabric():
    config = fabric.Config(runtime_ssh_path="config")
    gateway = fabric.Connection("n1", config=config).gateway
    return getattr(gateway, "host", gateway)

def asked_asyncssh():
    found = SSHClientConfig.load(None, ["config"], False, False, False, "me", (), "n1", ())
    return found.get("ProxyJump") or found.get("ProxyCommand")

print("ssh", ssh(), "paramiko", asked_paramiko(), "fabric", asked_fabric(), "asyncssh", asked_asyncssh())
EOF
ssh -V 2>&1
PYTHONPATH="$folder/python" python3 -c 'from importlib.metadata import version as v
print(*(f"{n} {v(n)}" for n in ("paramiko", "fabric", "asyncssh")))'
result=ok
check() { # LINES-OF-N1 LAST-PATTERN EXPECTED
  printf 'Host n1\n  %s\nHost %s\n  ProxyJump gateway\n' "$1" "$2" >config
  seen=$(PYTHONPATH="$folder/python" python3 look.py)
  printf '%-18s Host %-15s %s\n' "$1" "$2" "$seen"
  [ "$seen" = "$3" ] || result=changed
}
check 'Port 22' '*' 'ssh gateway paramiko gateway fabric gateway asyncssh gateway'
check 'ProxyCommand none' '*' 'ssh None paramiko gateway fabric gateway asyncssh gateway'
check 'ProxyJump none' '*' 'ssh None paramiko none fabric none asyncssh None'
check 'Port 22' '* !gateway !n1' 'ssh None paramiko None fabric None asyncssh None'
echo "$result"
[ "$result" = ok ]
