#!/bin/sh
# NAPALM checks the state of a device against a file of expected values (`compliance_report`). "You can use regular
# expressions", says its manual, and shows plain values: a version, a host name, a list of interfaces. Each text is
# searched for anywhere in what the device has, so that a part is enough: `hostname: n1` complies on n10, `4.1` on
# 14.17, and the interface eth1 is there if eth10 is, under `_mode: strict` as well, "the device has only those". A
# version without quotes, as in the manual's own example (`os_version: 4.17`), is a number for YAML, and complies on
# no device, not even on one with 4.17. So a check after an upgrade can pass on a device that was not upgraded. Write
# `^4\.17$`, in quotes, in lists too.
#
# Installs napalm 5.2.0 in a temporary folder, and asks its own driver "mock"; connects to nothing. Fails if napalm
# behaves differently.
set -eu
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
python3 -m pip install -q --disable-pip-version-check --root-user-action ignore --target "$folder/python" \
  napalm==5.2.0
mkdir device
cat >device/get_facts.1 <<'END'
{"hostname": "n10", "fqdn": "n10.lan", "vendor": "v", "model": "m", "serial_number": "s", "uptime": 5,
 "os_version": "14.17", "interface_list": ["eth10", "eth20"]}
END
cat >look.py <<'END'
"""Print whether the device complies with each of some expectations."""
from importlib.metadata import version
import yaml
from napalm import get_network_driver
CHECKS = """
hostname: n10
hostname: n1
hostname: n11
hostname: ^n1$
os_version: 14.17
os_version: '14.17'
os_version: '4.1'
interface_list: {list: [eth1]}
interface_list: {_mode: strict, list: [eth1, eth2]}
interface_list: {_mode: strict, list: [eth1]}
interface_list: {_mode: strict, list: [^eth1$, ^eth2$]}
"""
print("napalm", version("napalm"))
for line in CHECKS.strip().splitlines():
    device = get_network_driver("mock")("device", "user", "password", optional_args={"path": "device"})
    device.open()
    report = device.compliance_report(validation_source=[{"get_facts": yaml.safe_load(line)}])
    print(f"{line:56} {report['complies']}")
END
PYTHONPATH="$folder/python" PYTHONNOUSERSITE=1 python3 -W ignore look.py >seen
cat >expected <<'END'
napalm 5.2.0
hostname: n10                                            True
hostname: n1                                             True
hostname: n11                                            False
hostname: ^n1$                                           False
os_version: 14.17                                        False
os_version: '14.17'                                      True
os_version: '4.1'                                        True
interface_list: {list: [eth1]}                           True
interface_list: {_mode: strict, list: [eth1, eth2]}      True
interface_list: {_mode: strict, list: [eth1]}            False
interface_list: {_mode: strict, list: [^eth1$, ^eth2$]}  False
END
cat seen
if cmp -s seen expected; then echo ok; else diff expected seen; echo changed; exit 1; fi
