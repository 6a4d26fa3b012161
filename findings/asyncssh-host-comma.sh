#!/bin/sh
# `Host n1,n2` in ssh_config is one pattern, with a comma in it, and applies to neither n1 nor n2: patterns of
# `Host` are separated by white space, and only `Match host` takes a list with commas. asyncssh splits both. A
# block that has had no effect for ssh since it was written (a user, a key, a jump host) so takes effect as
# soon as a Python program reads the file, and the two log in as different users. OpenSSH gives no hint.
# paramiko does as OpenSSH here, but takes `[1-3]` in a pattern as a choice of characters, which for OpenSSH
# and asyncssh is plain text. Write names with blanks between them, and only * and ?.
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
"""Print the port that paramiko and asyncssh find for node n1 in the file config."""
import paramiko
from asyncssh.config import SSHClientConfig
print("paramiko", paramiko.SSHConfig.from_path("config").lookup("n1").get("port", 22), end=" ")
found = SSHClientConfig.load(None, ["config"], False, False, False, "me", (), "n1", ())
print("asyncssh", found.get("Port", 22))
EOF
usr/bin/ssh -V 2>&1
PYTHONPATH="$folder/python" python3 -c 'from importlib.metadata import version as v
print(*(f"{n} {v(n)}" for n in ("paramiko", "asyncssh")))'
result=ok
check() { # LINE EXPECTED
  printf '%s\n  Port 2222\n' "$1" >config
  seen="ssh $(usr/bin/ssh -F config -G n1 2>/dev/null | sed -n 's/^port //p')"
  seen="$seen $(PYTHONPATH="$folder/python" python3 look.py)"
  printf '%-18s %s\n' "$1" "$seen"
  [ "$seen" = "$2" ] || result=changed
}
check 'Host n1 n2' 'ssh 2222 paramiko 2222 asyncssh 2222'
check 'Host n1,n2' 'ssh 22 paramiko 22 asyncssh 2222'
check 'Match host n1,n2' 'ssh 2222 paramiko 2222 asyncssh 2222'
check 'Host n[1-3]' 'ssh 22 paramiko 2222 asyncssh 22'
echo "$result"
[ "$result" = ok ]
