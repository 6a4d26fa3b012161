#!/bin/sh
# Where paramiko keeps a new host's key (`AutoAddPolicy` after `load_host_keys`, or `HostKeys.save`), it does
# not add a line to known_hosts: it writes the whole file again from what it understood of it. Comments are
# gone, those behind a key as well (who pinned it, and when), and so is every key of a type that it does not
# know, such as one that lies on a security key: OpenSSH then takes that node for one it has never seen. The
# page of `save` names none of this. So a script that was meant to remember one node rewrites the file of a
# person. Give paramiko a file of its own (`load_system_host_keys` reads the user's and never writes it).
#
# Installs paramiko 4.0.0 in a temporary folder; nothing connects. Fails if paramiko behaves differently.
set -eu
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m pip install -q --disable-pip-version-check --root-user-action ignore --target "$folder/python" \
  paramiko==4.0.0
cd "$folder"
key=AAAAC3NzaC1lZDI1NTE5AAAAIBERERERERERERERERERERERERERERERERERERERERER
other=AAAAGnNrLXNzaC1lZDI1NTE5QG9wZW5zc2guY29tAAAAIBERERERERERERER
other=${other}ERERERERERERERERERERERERERERAAAABHNzaDo=
cat >known_hosts <<END
# the rack in the cellar
n1,10.0.0.1 ssh-ed25519 $key seen on its console
n2 sk-ssh-ed25519@openssh.com $other
END
PYTHONPATH=$folder/python python3 - <<'END'
import base64

import paramiko

print("paramiko", paramiko.__version__)
known = paramiko.HostKeys("known_hosts")
key = known.lookup("n1")["ssh-ed25519"]
known.add("n3", "ssh-ed25519", key)
known.save("known_hosts")
seen = [line.split() for line in open("known_hosts")]
for line in seen:
    print(" ".join(word[:20] for word in line))
blob = base64.b64encode(key.asbytes()).decode()
expected = [[name, "ssh-ed25519", blob] for name in ("n1,10.0.0.1", "n3")]
good = seen == expected
print("ok" if good else "changed")
raise SystemExit(not good)
END
