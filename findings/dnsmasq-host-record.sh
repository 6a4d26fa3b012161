#!/bin/sh
# dnsmasq's `host-record=NAME,ADDRESS,ADDRESS` takes both addresses and keeps the last: with two IPv4
# addresses on one line the name has only the second. `dnsmasq --test` says "syntax check OK" and nothing is
# logged. Two lines for the name give it both, and one IPv4 and one IPv6 address on a line are both kept, so
# the form looks right wherever it was tried with those. Nor does a `cname` find what `address=/NAME/`
# defines: the alias exists, its answer has no address, and the status is NOERROR, so that a client sees no
# error either. Write one line for each address, and a host-record for what a cname points to.
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
host-record=both,10.0.0.1,10.0.0.2
host-record=lines,10.0.0.1
host-record=lines,10.0.0.2
host-record=kinds,10.0.0.1,fd00::1
address=/pointed/10.0.0.3
cname=alias,pointed
EOF
usr/sbin/dnsmasq --version | sed -n 1p
usr/sbin/dnsmasq --test --conf-file=config 2>&1
usr/sbin/dnsmasq --keep-in-foreground --conf-file=config --pid-file 2>log & process=$!
sleep 1
cat >ask.py <<'EOF'
"""Ask the server on the port given for the addresses of a name."""
import sys
import dns.message, dns.query, dns.rcode
for kind in ("A", "AAAA"):
    question = dns.message.make_query(sys.argv[2], kind)
    answer = dns.query.udp(question, "127.0.0.1", port=int(sys.argv[1]), timeout=5)
    found = sorted(word for record in answer.answer for word in (str(data) for data in record))
    if found:
        print(dns.rcode.to_text(answer.rcode()), kind, *found, end=" ")
EOF
result=ok
check() { # NAME EXPECTED
  seen=$(PYTHONPATH="$folder/python" python3 ask.py "$port" "$1" | sed 's/ $//')
  printf '%-8s %s\n' "$1" "$seen"
  [ "$seen" = "$2" ] || result=changed
}
check both 'NOERROR A 10.0.0.2'
check lines 'NOERROR A 10.0.0.1 10.0.0.2'
check kinds 'NOERROR A 10.0.0.1 NOERROR AAAA fd00::1'
check pointed 'NOERROR A 10.0.0.3'
check alias 'NOERROR A pointed. NOERROR AAAA pointed.'
echo "$result"
[ "$result" = ok ]
