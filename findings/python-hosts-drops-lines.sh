#!/bin/sh
# python-hosts adds and removes entries of /etc/hosts, and writes the whole file again. A line that it cannot read is
# not written. Such a line is one with a link-local IPv6 address and its interface, as macOS has it in its own file
# (`fe80::1%lo0 localhost`): after another node was added, it is gone. Nothing is raised, and the counts that `add`
# returns say nothing of it. And a node that has an IPv4 address gets no IPv6 one: for `add` the name is there
# already, and the new entry is a duplicate that is left out; the count "duplicate_count" is all that shows it. With
# `force=True` the IPv4 line is removed in its place. `allow_name_duplication=True` keeps both. Compare the file with
# what it was before, or change the one line by other means.
#
# Installs python-hosts 1.1.3 in a temporary folder, and changes a file there. Fails if it behaves differently.
set -eu
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
python3 -m pip install -q --disable-pip-version-check --root-user-action ignore --target "$folder/python" \
  python-hosts==1.1.3
printf '127.0.0.1\tlocalhost\n10.0.0.3\tn3\nfe80::4%%lo0\tn4\n' >hosts
cat >look.py <<'END'
"""Add an entry to the file of hosts, with some options, and print the file as it is written."""
from importlib.metadata import version
from python_hosts import Hosts, HostsEntry
print("python-hosts", version("python-hosts"))
def add(kind, address, name, **options):
    hosts = Hosts(path="hosts")
    counts = hosts.add([HostsEntry(kind, address=address, names=[name])], **options)
    hosts.write(path="written")
    print("add", address, name, *options, {name: count for name, count in counts.items() if count})
    print(" ", open("written").read().replace("\t", " ").replace("\n", " | ").rstrip())
print("before\n ", open("hosts").read().replace("\t", " ").replace("\n", " | ").rstrip())
add("ipv4", "10.0.0.5", "n5")
add("ipv6", "fd00::3", "n3")
add("ipv6", "fd00::3", "n3", force=True)
add("ipv6", "fd00::3", "n3", allow_name_duplication=True)
END
PYTHONPATH="$folder/python" PYTHONNOUSERSITE=1 python3 look.py >seen
cat >expected <<'END'
python-hosts 1.1.3
before
  127.0.0.1 localhost | 10.0.0.3 n3 | fe80::4%lo0 n4 |
add 10.0.0.5 n5 {'ipv4_count': 1}
  127.0.0.1 localhost | 10.0.0.3 n3 | 10.0.0.5 n5 |
add fd00::3 n3 {'duplicate_count': 1}
  127.0.0.1 localhost | 10.0.0.3 n3 |
add fd00::3 n3 force {'ipv6_count': 1, 'replaced_count': 1}
  127.0.0.1 localhost | fd00::3 n3 |
add fd00::3 n3 allow_name_duplication {'ipv6_count': 1}
  127.0.0.1 localhost | 10.0.0.3 n3 | fd00::3 n3 |
END
cat seen
if cmp -s seen expected; then echo ok; else diff expected seen; echo changed; exit 1; fi
