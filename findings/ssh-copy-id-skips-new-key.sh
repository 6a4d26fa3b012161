#!/bin/sh
# `ssh-copy-id -i new.pub NODE` says "All keys were skipped because they already exist on the remote system"
# and exits 0, though the node has never seen that key. To find out whether a key is installed, it logs in
# with it, and only with it as it believes (-i and IdentitiesOnly). But an `IdentityFile` of the user's
# ssh_config for the node is offered as well, since such lines add up, and the old key lets ssh in. So where a
# key is to be replaced on nodes that have a line of their own (the new one spread, the old one taken away),
# nothing is spread, and taking the old one away locks out. Pass `-o IdentityFile=new`? It adds up, too: give
# a file without that line (`-F none` and the port and user by hand), or `-f`, and prove it by a login with
# the new key alone.
#
# Installs openssh-client 9.2p1 of Debian 12, and asyncssh 2.22.0 as the server, in a temporary folder;
# loopback only. Fails if ssh-copy-id behaves differently.
set -eu
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
apt-get -qq -o APT::Sandbox::User=root download openssh-client=1:9.2p1-2+deb12u10
dpkg-deb -x ./*.deb "$folder"
python3 -m pip install -q --disable-pip-version-check --root-user-action ignore --target "$folder/python" \
  asyncssh==2.22.0
cat >node.py <<'EOF'
"""Start a node that knows the old key; run ssh-copy-id with each ssh_config; print what came of it."""
import asyncio, os, pathlib, subprocess
import asyncssh

KEYS = pathlib.Path("node/.ssh/authorized_keys")
HERE = os.getcwd()

class Node(asyncssh.SSHServer):
    def begin_auth(self, username):
        return True

    def public_key_auth_supported(self):
        return True

    def validate_public_key(self, username, key):
        return key.export_public_key().decode().split()[1] in KEYS.read_text()

async def command(process):
    home = {**os.environ, "HOME": f"{HERE}/node"}
    given = (await process.stdin.read()).encode()
    process.exit(subprocess.run(["sh", "-c", process.command], input=given, env=home).returncode)

async def copy(port, line):
    KEYS.write_text(pathlib.Path("old.pub").read_text())
    known = f"StrictHostKeyChecking no\nUserKnownHostsFile {HERE}/known\nLogLevel ERROR\n"
    pathlib.Path("config").write_text(f"Host n1\nHostName 127.0.0.1\nPort {port}\nUser me\n{known}{line}\n")
    words = ["sh", "usr/bin/ssh-copy-id", "-F", "config", "-i", "new.pub", "n1"]
    env = {**os.environ, "HOME": f"{HERE}/home", "PATH": f"{HERE}/usr/bin:{os.environ['PATH']}", "SSH_AUTH_SOCK": ""}
    run = await asyncio.create_subprocess_exec(*words, env=env, stdin=-3, stdout=-1, stderr=-2)
    said = (await run.communicate())[0].decode()
    skipped = "already exist" if "already exist on the remote system" in said else "not skipped"
    there = pathlib.Path("new.pub").read_text().split()[1] in KEYS.read_text()
    return f"exit code {run.returncode}, {skipped}, key {'is' if there else 'is not'} there"

async def main():
    server = await asyncssh.create_server(
        Node, "127.0.0.1", 0, server_host_keys=["host"], process_factory=command
    )
    port = server.sockets[0].getsockname()[1]
    for line in ("", "IdentityFile old"):
        print(await copy(port, line))

asyncio.run(main())
EOF
mkdir -p home/.ssh node/.ssh
for key in host old new; do usr/bin/ssh-keygen -q -t ed25519 -N '' -f "$key"; done

usr/bin/ssh -V
result=ok
seen=$(PYTHONPATH="$folder/python" PYTHONNOUSERSITE=1 python3 node.py 2>/dev/null)
echo "$seen" | sed '1s/^/without IdentityFile: /;2s/^/with the old one:     /'
[ "$seen" = 'exit code 1, not skipped, key is not there
exit code 0, already exist, key is not there' ] || result=changed
echo "$result"
[ "$result" = ok ]
