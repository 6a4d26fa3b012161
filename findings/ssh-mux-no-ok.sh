#!/bin/sh
# OpenSSH describes the protocol of its control socket in PROTOCOL.mux. For a new session it says that the
# master answers MUX_S_SESSION_OPENED, and MUX_S_OK once it has the three descriptors. The second message
# never comes: after SESSION_OPENED the next message is the exit status. A client which waits for the OK, as
# the page tells it to, takes the exit status for an error or waits until the command has ended. Send request
# and descriptors in one go and take SESSION_OPENED as the only start. (The exit status comes without a
# request id, and before the output is complete: read until the end of stdout, stderr and socket.)
#
# Installs openssh-client 9.2p1 of Debian 12, and asyncssh 2.22.0 as the server, in a temporary folder;
# loopback only. Fails if OpenSSH behaves differently.
set -eu
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
apt-get -qq -o APT::Sandbox::User=root download openssh-client=1:9.2p1-2+deb12u10
dpkg-deb -x ./*.deb "$folder"
python3 -m pip install -q --disable-pip-version-check --root-user-action ignore --target "$folder/python" \
  asyncssh==2.22.0
cat >look.py <<'EOF'
"""Start a server and a master, open one session by the protocol, and print the messages that come."""
import asyncio, os, pathlib, socket, struct, subprocess, time
import asyncssh

NAMES = {0x1: "HELLO", 0x80000001: "OK", 0x80000004: "EXIT_MESSAGE", 0x80000006: "SESSION_OPENED"}

def text(value):
    return struct.pack(">I", len(value)) + value

def messages(control):
    received = control.makefile("rb")
    while size := received.read(4):
        yield received.read(struct.unpack(">I", size)[0])

def start(port):
    ssh = ["usr/bin/ssh", "-F", "none", "-i", "key", "-p", str(port), "-o", "StrictHostKeyChecking=no"]
    ssh += ["-o", "UserKnownHostsFile=/dev/null", "-o", "ControlPath=control", "127.0.0.1"]
    master = subprocess.Popen([*ssh, "-N", "-M"], stderr=subprocess.DEVNULL, stdin=subprocess.DEVNULL)
    for _ in range(200):
        if os.path.exists("control"):
            break
        time.sleep(0.05)
    return master

def open_session(port):
    master = start(port)
    try:
        talk()
    finally:
        master.terminate()
        master.wait(10)

def talk():
    control = socket.socket(socket.AF_UNIX)
    control.settimeout(10)
    control.connect("control")
    request = struct.pack(">II", 0x10000002, 1) + text(b"") + struct.pack(">5I", 0, 0, 0, 0, 0xFFFFFFFF)
    control.sendall(text(struct.pack(">II", 1, 4)) + text(request + text(b"") + text(b"command")))
    ours, theirs = os.pipe()
    nothing = os.open(os.devnull, os.O_RDWR)
    for descriptor in (nothing, theirs, nothing):
        socket.send_fds(control, [b"\0"], [descriptor])
    os.close(theirs)
    for body in messages(control):
        kind, *rest = struct.unpack(f">{len(body) // 4}I", body[: len(body) // 4 * 4])
        print(NAMES.get(kind, hex(kind)), f"exit status {rest[1]}" if kind == 0x80000004 else "", flush=True)
    print("output:", os.read(ours, 99).decode(), end="")

async def main():
    key = asyncssh.generate_private_key("ssh-ed25519")
    key.write_private_key("key")
    os.chmod("key", 0o600)
    key.write_public_key("key.pub")
    def answer(process):
        process.stdout.write("done\n")
        process.exit(7)
    options = {"server_host_keys": [key], "authorized_client_keys": "key.pub", "process_factory": answer}
    server = await asyncssh.listen("127.0.0.1", 0, **options)
    await asyncio.to_thread(open_session, server.get_port())
    server.close()

asyncio.run(main())
EOF
usr/bin/ssh -V 2>&1
PYTHONPATH="$folder/python" timeout 40 python3 look.py | sed 's/ *$//' | tee seen
printf 'HELLO\nSESSION_OPENED\nEXIT_MESSAGE exit status 7\noutput: done\n' | diff - seen
echo ok
