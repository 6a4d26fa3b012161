#!/bin/sh
# getmac tells the hardware address of a node by its IP address, "or None if a MAC could not be determined or found",
# as its page says: for Wake-on-LAN, or to see that a node is the one that it was. On Linux it looks into
# /proc/net/arp. A node that is off, and was looked for in the last minute, has an entry there whose flags are 0 (by
# arp(7) it is not completed) and whose address is zeros, and getmac gives these zeros as the node's address. Every
# node that is off has the same one. So a program that notes addresses overwrites a good one just when it is needed,
# and a test `is None` does not help. And it looks for the address anywhere in the line: of 10.0.0.6, which is not in
# the table, it says the hardware address of 110.0.0.6. Refuse zeros, or read `ip -json neigh` and take entries that
# have an lladdr.
#
# Installs getmac 0.9.6 in a temporary folder; it reads a table given by ARP_PATH, with the kernel's own lines, and
# asks nobody on the network. Fails if it behaves differently.
set -eu
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
python3 -m pip install -q --disable-pip-version-check --root-user-action ignore --target "$folder/python" getmac==0.9.6
cat >arp <<'END'
IP address       HW type     Flags       HW address            Mask     Device
10.0.0.4         0x1         0x2         52:54:00:00:00:04     *        eth0
10.0.0.5         0x1         0x0         00:00:00:00:00:00     *        eth0
110.0.0.6        0x1         0x2         52:54:00:00:00:16     *        eth1
END
cat >look.py <<'END'
"""Print the hardware address of some nodes: one that is on, one that is off, and two that have no entry."""
from importlib.metadata import version
from getmac import get_mac_address
print("getmac", version("getmac"))
for address in ("10.0.0.4", "10.0.0.5", "10.0.0.6", "10.0.0.7"):
    print(address, get_mac_address(ip=address, network_request=False))
END
ARP_PATH="$folder/arp" PYTHONPATH="$folder/python" PYTHONNOUSERSITE=1 python3 look.py >seen
cat >expected <<'END'
getmac 0.9.6
10.0.0.4 52:54:00:00:00:04
10.0.0.5 00:00:00:00:00:00
10.0.0.6 52:54:00:00:00:16
10.0.0.7 None
END
cat seen
if cmp -s seen expected; then echo ok; else diff expected seen; echo changed; exit 1; fi
