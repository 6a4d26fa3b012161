#!/bin/sh
# A record of a zone file that begins with a blank belongs to the name above it: so hosts with an IPv4 and an IPv6
# address, or with a fingerprint of their SSH key, are written everywhere. zonefile-parser, a library of Python,
# gives such a record to the zone itself: the second address of n1 becomes one of "lan.". Of a text in two parts, and
# of SSHFP and other types that it does not name, it keeps the first word. A second `$TTL` does nothing, and a time
# behind the class (`n4 IN 600 A ...`, which RFC 1035 allows) is taken for the type: the record is of type "600"
# and its value "A". Nothing is raised and nothing printed, and the count of the records is right. Where an
# inventory is filled from a zone, hosts so lose addresses and the domain gains them. Use dnspython.
#
# Installs zonefile-parser 0.1.20 and dnspython 2.8.0 in a temporary folder. Fails if one of them behaves differently.
set -eu
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
python3 -m pip install -q --disable-pip-version-check --root-user-action ignore --target "$folder/python" \
  zonefile-parser==0.1.20 dnspython==2.8.0
cat >zone <<'END'
$ORIGIN lan.
$TTL 3600
@ IN SOA ns.lan. ops.lan. ( 1 3600 900 604800 3600 )
@ IN NS n1
n1 IN A 10.0.0.1
   IN AAAA fd00::1
n2 IN TXT "rack 3" "row 4"
n3 IN SSHFP 4 2 0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef
n4 IN 600 A 10.0.0.4
$TTL 60
n5 IN A 10.0.0.5
END
cat >look.py <<'END'
"""Print the records of the zone, without its SOA and NS, as the two libraries read them."""
from importlib.metadata import version
import dns.rdatatype
import dns.zone
import zonefile_parser
text = open("zone").read()
print("dnspython", version("dnspython"))
for name, ttl, data in dns.zone.from_text(text, origin="lan.", relativize=False).iterate_rdatas():
    if data.rdtype not in (dns.rdatatype.SOA, dns.rdatatype.NS):
        print(f"  {name} {ttl} {dns.rdatatype.to_text(data.rdtype)} {str(data)[:20]}")
print("zonefile-parser", version("zonefile-parser"))
for record in zonefile_parser.parse(text)[2:]:
    print(f"  {record.name} {record.ttl} {record.rtype} {record.rdata['value']}")
END
PYTHONPATH="$folder/python" PYTHONNOUSERSITE=1 python3 look.py >seen
cat >expected <<'END'
dnspython 2.8.0
  n1.lan. 3600 A 10.0.0.1
  n1.lan. 3600 AAAA fd00::1
  n2.lan. 3600 TXT "rack 3" "row 4"
  n3.lan. 3600 SSHFP 4 2 0123456789abcdef
  n4.lan. 600 A 10.0.0.4
  n5.lan. 60 A 10.0.0.5
zonefile-parser 0.1.20
  n1.lan. 3600 A 10.0.0.1
  lan. 3600 AAAA fd00::1
  n2.lan. 3600 TXT rack 3
  n3.lan. 3600 SSHFP 4
  n4.lan. 3600 600 A
  n5.lan. 3600 A 10.0.0.5
END
cat seen
if cmp -s seen expected; then echo ok; else diff expected seen; echo changed; exit 1; fi
