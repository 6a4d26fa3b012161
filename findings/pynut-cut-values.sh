#!/bin/sh
# PyNUT is the Python client that NUT, the tools for UPS devices, ships itself. The protocol of upsd puts each value
# into quotes, and a quote or a backslash inside of it gets a backslash in front (NUT's Developer Guide, "Network
# protocol information"). PyNUT cuts a line at its quotes and takes the piece between the first two. So of the model
# `UPS 19" rack` there comes `UPS 19\`, with the backslash and without the rest, and a contact or a location loses
# half of its text. upsc, of the same project, gives it in full. For a quote in the *description* of a device
# `GetUPSList` raises, and for one in a value nothing is raised. Read values by upsc where people write them
# (device.location, a description).
#
# Installs python3-nut and nut-client 2.8.0-7 of Debian 12 with its library in a temporary folder; a stand-in for upsd
# answers on 127.0.0.1. Fails if one of them behaves differently.
set -eu
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
apt-get -qq -o APT::Sandbox::User=root download python3-nut=2.8.0-7 nut-client=2.8.0-7 libupsclient6=2.8.0-7
for package in ./*.deb; do dpkg-deb -x "$package" "$folder"; done
cat >look.py <<'END'
"""Answer as upsd does, on a free port; print what upsc and PyNUT make of two values."""
import glob, os, socketserver, subprocess, sys, threading, warnings
warnings.simplefilter("ignore")
sys.path.insert(0, "usr/lib/python3/dist-packages")
import PyNUT
LINES = {
    "device.model": r'"UPS 19\" rack"',
    "device.location": r'"row 4"',
}
class Answer(socketserver.StreamRequestHandler):
    def handle(self):
        for asked in self.rfile:
            words = asked.decode().split()
            if words[:2] == ["LIST", "VAR"]:
                lines = [f"VAR u {name} {value}" for name, value in LINES.items()]
                lines = ["BEGIN LIST VAR u", *lines, "END LIST VAR u"]
            elif words[:2] == ["GET", "VAR"]:
                lines = [f"VAR u {words[3]} {LINES[words[3]]}"]
            elif words == ["LOGOUT"]:
                lines = ["OK Goodbye"]
            else:
                lines = ["ERR UNKNOWN-COMMAND"]
            self.wfile.write("".join(line + "\n" for line in lines).encode())
            if words == ["LOGOUT"]:
                return
class Server(socketserver.ThreadingTCPServer):
    daemon_threads = True
with Server(("127.0.0.1", 0), Answer) as server:
    threading.Thread(target=server.serve_forever, daemon=True).start()
    port = server.server_address[1]
    library = os.path.dirname(glob.glob("lib/*/libupsclient.so.6")[0])
    for name in LINES:
        asked = subprocess.run(
            ["bin/upsc", f"u@127.0.0.1:{port}", name],
            env={**os.environ, "LD_LIBRARY_PATH": library}, capture_output=True, text=True, timeout=20,
        )
        print(f"{name:16} upsc  {asked.stdout.strip()}")
        values = PyNUT.PyNUTClient(port=port).GetUPSVars("u")
        print(f"{name:16} PyNUT {values[name.encode()].decode()}")
    server.shutdown()
END
{
  echo 'python3-nut and nut-client 2.8.0-7 (Debian 12)'
  timeout 60 python3 look.py
} >seen
cat >expected <<'END'
python3-nut and nut-client 2.8.0-7 (Debian 12)
device.model     upsc  UPS 19" rack
device.model     PyNUT UPS 19\
device.location  upsc  row 4
device.location  PyNUT row 4
END
cat seen
if cmp -s seen expected; then echo ok; else diff expected seen; echo changed; exit 1; fi
