#!/bin/sh
# `apprise` sends one message to several services, each a URL. A URL that it cannot read (a slip in the name
# of the service, a part that is missing) is named on standard error and left out; if the others are reached,
# the exit code is 0. In Python `Apprise.add()` with a list returns False then, and `notify()` returns True
# all the same. So of two alarms, mail and a page to whoever is on call, one may never have been sent by
# anybody since the file was written, and each test of it is a success. With an unreadable URL alone the exit
# code is not 0. Look at what `add()` returned and compare `len()` of the object with the number of URLs, or
# take standard error for a failure.
#
# Installs apprise 1.9.6 in a temporary folder; loopback only. Fails if apprise behaves differently.
set -eu
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m pip install -q --disable-pip-version-check --root-user-action ignore --target "$folder" \
  apprise==1.9.6
export PYTHONPATH="$folder" PYTHONNOUSERSITE=1
cat >"$folder/send.py" <<'EOF'
"""Run apprise with a receiver on loopback; print the exit code, what arrived and what Python says."""
import http.server, logging, subprocess, sys, threading
import apprise

class Receiver(http.server.BaseHTTPRequestHandler):
    def do_POST(self):
        self.rfile.read(int(self.headers.get("Content-Length", 0)))
        received.append(self.path)
        self.send_response(200)
        self.end_headers()

    def log_message(self, *words):
        pass

received = []
server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Receiver)
threading.Thread(target=server.serve_forever, daemon=True).start()
urls = [url.replace("HERE", f"127.0.0.1:{server.server_port}") for url in sys.argv[1:]]
words = ["from apprise.cli import main; main()", "-b", "disk is full", *urls]
code = subprocess.run([sys.executable, "-c", *words], stdout=-3, stderr=-3).returncode
logging.disable()
alarm = apprise.Apprise()
added = alarm.add(urls)
arrived = len(received)
print(f"exit code {code}, arrived {arrived}; add() {added}, len() {len(alarm)}, notify() {alarm.notify('x')}")
EOF
echo 'apprise 1.9.6'
result=ok
check() { # EXPECTED URL...
  expected=$1
  shift
  seen=$(python3 "$folder/send.py" "$@" 2>/dev/null)
  printf '%-34s %s\n' "$*" "$seen"
  [ "$seen" = "$expected" ] || result=changed
}
check 'exit code 0, arrived 2; add() True, len() 2, notify() True' json://HERE/a json://HERE/b
check 'exit code 0, arrived 1; add() False, len() 1, notify() True' json://HERE/a slak://HERE/b
check 'exit code 0, arrived 1; add() False, len() 1, notify() True' json://HERE/a 'mailto://'
check 'exit code 1, arrived 0; add() False, len() 0, notify() False' slak://HERE/b
echo "$result"
[ "$result" = ok ]
