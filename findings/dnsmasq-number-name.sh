#!/bin/sh
# A host whose name has digits only gets no record from dnsmasq's `host-record=60,10.0.0.1`: a word of digits
# is the time in seconds for which the record is valid, wherever it stands on the line. `dnsmasq --test` says
# "syntax check OK", nothing is logged, and the name does not exist for clients. Beside another name it is
# worse to see: `host-record=rack,60,10.0.0.1` answers for `rack`, with 60 seconds. A generator of such lines
# meets it with racks, ports or machines that are numbered. Write a dot behind the name (`60.`): then it is one.
#
# Installs dnsmasq-base 2.90 of Debian 12 and dnspython 2.8.0 in a temporary folder; listens on 127.0.0.1
# only, as the calling user. Fails if dnsmasq behaves differently.
set -eu
folder=$(mktemp -d)
process=''
# shellcheck disable=SC2086 # none or one process id
trap 'kill $process 2>/dev/null || :; wait; rm -rf "$folder"' EXIT
cd "$folder"
apt-get -qq -o APT::Sandbox::User=root download dnsmasq-base=2.90-4~deb12u2
dpkg-deb -x ./*.deb "$folder"
python3 -m pip install -q --disable-pip-version-check --root-user-action ignore --target "$folder/python" \
  dnspython==2.8.0
port=$(python3 -c 'import socket; s = socket.socket(); s.bind(("127.0.0.1", 0)); print(s.getsockname()[1])')
cat >config <<EOF
port=$port
listen-address=127.0.0.1
bind-interfaces
no-resolv
no-hosts
user=$(id -un)
local=/60/
host-record=60,10.0.0.1
local=/61/
host-record=61.,10.0.0.1
local=/62/
host-record=rack,62,10.0.0.1
host-record=other,10.0.0.1
EOF
usr/sbin/dnsmasq --version | sed -n 1p
usr/sbin/dnsmasq --test --conf-file=config 2>&1
usr/sbin/dnsmasq --keep-in-foreground --conf-file=config --pid-file 2>log & process=$!
sleep 1
cat >ask.py <<'EOF'
"""Ask the server on the port given for the address of a name, and how long it is valid."""
import sys
import dns.message, dns.query, dns.rcode
answer = dns.query.udp(dns.message.make_query(sys.argv[2], "A"), "127.0.0.1", port=int(sys.argv[1]), timeout=5)
found = [f"{record.ttl} {data}" for record in answer.answer for data in record]
print(dns.rcode.to_text(answer.rcode()), *found)
EOF
result=ok
check() { # NAME EXPECTED
  seen=$(PYTHONPATH="$folder/python" python3 ask.py "$port" "$1")
  printf '%-6s %s\n' "$1" "$seen"
  [ "$seen" = "$2" ] || result=changed
}
check 60 'NXDOMAIN'
check 61 'NOERROR 0 10.0.0.1'
check 62 'NXDOMAIN'
check rack 'NOERROR 62 10.0.0.1'
check other 'NOERROR 0 10.0.0.1'
echo "$result"
[ "$result" = ok ]
