#!/bin/sh
# sshconf, a Python library that reads and edits ssh_config and keeps its comments, does not know that `Match`
# begins a block. It takes the line for an option of the `Host` above it, and all that follows as well: in a
# file where n1 has port 22, and behind it `Match host n3` sets port 99, `host("n1")` answers port ['22',
# '99']. And `remove("n1")` takes the Match block away with it, so that n3 loses its port. With `Host n1 n2`
# there is no host "n1" at all: the block's name is "n1 n2", and `host("n1")` answers {} as for a host that
# has nothing. Read with `ssh -G`, and write to a file of your own that the user's includes.
#
# Installs sshconf 0.2.7 in a temporary folder. Fails if sshconf behaves differently.
set -eu
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m pip install -q --disable-pip-version-check --root-user-action ignore --target "$folder/python" \
  sshconf==0.2.7
cd "$folder"
cat >config <<'END'
Host n1
  Port 22

Match host n3
  Port 99

Host n4 n5
  User bob
END
PYTHONPATH=$folder/python python3 - <<'END'
import importlib.metadata

from sshconf import read_ssh_config

print("sshconf", importlib.metadata.version("sshconf"))
config = read_ssh_config("config")
seen = {name: config.host(name) for name in ("n1", "n4", "n4 n5")}
for name, options in seen.items():
    print(f"{name}: {options}")
config.remove("n1")
print(left := config.config().strip())
good = seen == {"n1": {"port": ["22", "99"], "match": "host n3"}, "n4": {}, "n4 n5": {"user": "bob"}}
good = good and left == "Host n4 n5\n  User bob"
print("ok" if good else "changed")
raise SystemExit(not good)
END
