#!/bin/sh
# netutils, helpers for programs about network devices, makes a list of VLANs of "an IOS-like vlan list of
# configurations": `vlanconfig_to_list`. It takes every number of the text and does not look at the words. `switchport
# trunk allowed vlan except 5`, by which IOS allows all but one, becomes [5], the only one that is forbidden. Behind
# `remove 5` the VLAN is in the list twice, not out of it; the native VLAN, a number in a description and those of the
# interface's name (`interface Gi1/0/1`) are VLANs as well. `all` and `none` are refused, and a slip at the end of a
# list is, so that the function looks as if it knew the form. A comparison of what is allowed with what should be so
# passes the port that has it the wrong way round. Take the lines that have only numbers behind `vlan` or `vlan add`,
# and refuse the others.
#
# Installs netutils 1.19.2 in a temporary folder. Fails if it behaves differently.
set -eu
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
python3 -m pip install -q --disable-pip-version-check --root-user-action ignore --target "$folder/python" \
  netutils==1.19.2
cat >look.py <<'END'
"""Print the VLANs of some lines of IOS."""
from importlib.metadata import version
from netutils.vlan import vlanconfig_to_list
print("netutils", version("netutils"))
TRUNK = "switchport trunk "
for text in (
    TRUNK + "allowed vlan 3-5,9",
    TRUNK + "allowed vlan 3-5\n" + TRUNK + "allowed vlan add 9",
    TRUNK + "allowed vlan except 5",
    TRUNK + "allowed vlan 3-5\n" + TRUNK + "allowed vlan remove 5",
    TRUNK + "allowed vlan 3-5\n" + TRUNK + "native vlan 99",
    "interface Gi1/0/2\n" + TRUNK + "allowed vlan 3-5",
    TRUNK + "allowed vlan all",
):
    try:
        vlans = vlanconfig_to_list(text)
    except ValueError:
        vlans = "refused"
    print(f"{' | '.join(line.removeprefix(TRUNK) for line in text.splitlines()):40} {vlans}")
END
PYTHONPATH="$folder/python" PYTHONNOUSERSITE=1 python3 look.py >seen
cat >expected <<'END'
netutils 1.19.2
allowed vlan 3-5,9                       [3, 4, 5, 9]
allowed vlan 3-5 | allowed vlan add 9    [3, 4, 5, 9]
allowed vlan except 5                    [5]
allowed vlan 3-5 | allowed vlan remove 5 [3, 4, 5, 5]
allowed vlan 3-5 | native vlan 99        [3, 4, 5, 99]
interface Gi1/0/2 | allowed vlan 3-5     [0, 1, 2, 3, 4, 5]
allowed vlan all                         refused
END
cat seen
if cmp -s seen expected; then echo ok; else diff expected seen; echo changed; exit 1; fi
