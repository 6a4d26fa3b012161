#!/bin/sh
# jc turns files and the output of programs into JSON, and has a parser for ssh_config. Of `Match` blocks its page
# says that they are ignored. It ignores all that follows them as well: a `Host` line ends a Match block for ssh and
# not for jc, so each host behind the first Match is listed with its name and nothing else, no port, no address.
# Where a setting is there twice, the last one is taken, and ssh takes the first. And of several RemoteForward or
# DynamicForward lines it keeps one, though it makes lists of LocalForward. The exit code is 0. An inventory or
# an audit that is built from the JSON so has wrong ports for some hosts, and none for those behind a Match. Pass
# `ssh -G HOST` to it instead, which its page names too, one host at a time.
#
# Installs jc 1.26.1 and openssh-client 9.2p1 of Debian 12 in a temporary folder; nothing connects. Fails if one of
# them behaves differently.
set -eu
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
apt-get -qq -o APT::Sandbox::User=root download openssh-client
dpkg-deb -x ./openssh-client*.deb "$folder"
python3 -m pip install -q --disable-pip-version-check --root-user-action ignore --target "$folder/python" jc==1.26.1
cat >config <<'END'
Host n1
  Port 2201
  Port 2202
  RemoteForward 1001 a:1
  RemoteForward 1002 a:2
Match host n2
  Port 2203
Host n3
  HostName 10.0.0.3
  Port 2204
END
cat >look.py <<'END'
"""Print port, address and forwards of each host, as ssh and as jc have them."""
import pathlib, subprocess
import jc
print("jc", jc.__version__)
blocks = {block["host"]: block for block in jc.parse("ssh_conf", pathlib.Path("config").read_text())}
for host in ("n1", "n3"):
    lines = subprocess.run(["usr/bin/ssh", "-F", "config", "-G", host], capture_output=True, text=True).stdout
    pairs = [line.split(" ", 1) for line in lines.splitlines()]
    for key in ("port", "hostname", "remoteforward"):
        ssh = [value for name, value in pairs if name == key]
        print(host, key, "ssh:", ", ".join(ssh) or "-", "jc:", blocks[host].get(key, "-"))
END
PYTHONPATH="$folder/python" PYTHONNOUSERSITE=1 python3 look.py >seen
cat >expected <<'END'
jc 1.26.1
n1 port ssh: 2201 jc: 2202
n1 hostname ssh: n1 jc: -
n1 remoteforward ssh: 1001 [a]:1, 1002 [a]:2 jc: 1002 a:2
n3 port ssh: 2204 jc: -
n3 hostname ssh: 10.0.0.3 jc: -
n3 remoteforward ssh: - jc: -
END
usr/bin/ssh -V
cat seen
if cmp -s seen expected; then echo ok; else echo changed; exit 1; fi
