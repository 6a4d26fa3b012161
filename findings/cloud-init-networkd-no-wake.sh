#!/bin/sh
# cloud-init turns one description of a machine's network (version 2) into the files of what the image uses: eni,
# sysconfig, NetworkManager or systemd-networkd. Its page lists `wakeonlan: true` and a `metric` of a route without
# naming one of these. Wake-on-LAN comes out for three of them, and not for networkd: no .link file is written, and the
# machine cannot be woken after it was switched off. The metric of a route is lost for all four, so that a machine with
# two ways out takes the wrong one. (To netplan the text is handed on as it stands.) No warning is printed, the
# exit code is 0. Look at the result of `cloud-init devel net-convert` for the image's own system, and
# write the .link file (`[Link] WakeOnLan=magic`) by write_files.
#
# Installs cloud-init 22.4.2 of Debian 12, and the Python libraries that it needs, in a temporary folder. Fails if
# it behaves differently.
set -eu
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
apt-get -qq -o APT::Sandbox::User=root download cloud-init=22.4.2-1+deb12u4
dpkg-deb -x ./*.deb "$folder"
python3 -m pip install -q --disable-pip-version-check --root-user-action ignore --target "$folder/python" \
  jsonschema==4.10.3 configobj==5.0.8 Jinja2==3.1.2 PyYAML==6.0.3 requests==2.32.3 jsonpatch==1.32 \
  oauthlib==3.2.2
cat >network.yaml <<'END'
network:
  version: 2
  ethernets:
    eth0:
      match: {macaddress: "52:54:00:12:34:5a"}
      set-name: eth0
      wakeonlan: true
      mtu: 9000
      addresses: [10.0.0.1/24]
      routes:
      - {to: 10.9.0.0/16, via: 10.0.0.254, metric: 50}
END
convert() { # SYSTEM DISTRIBUTION
  PYTHONPATH="$folder/usr/lib/python3/dist-packages:$folder/python" PYTHONNOUSERSITE=1 python3 -W ignore -c '
import sys
from cloudinit.cmd.main import main
sys.exit(main())' devel net-convert -p network.yaml -k yaml -O "$1" -D "$2" -d "out-$1" -m eth0,52:54:00:12:34:5a
}
{
  for pair in eni:debian sysconfig:rhel network-manager:rhel networkd:arch; do
    system=${pair%:*}
    code=0
    convert "$system" "${pair#*:}" >said 2>&1 || code=$?
    has() { grep -rqi -e "$1" "out-$system" && echo yes || echo no; }
    echo "$system: exit code $code, mtu $(has 9000), route $(has 10.9.0.0), wake $(has 'wol\|wake')," \
      "metric $(has metric)$(has '[, ]50$' | sed 's/no//;s/yes/(50)/'), warnings $(grep -ci warn said || :)"
  done
} >seen
cat >expected <<'END'
eni: exit code 0, mtu yes, route yes, wake yes, metric no, warnings 0
sysconfig: exit code 0, mtu yes, route yes, wake yes, metric no, warnings 0
network-manager: exit code 0, mtu yes, route yes, wake yes, metric no, warnings 0
networkd: exit code 0, mtu yes, route yes, wake no, metric no, warnings 0
END
echo "cloud-init $(dpkg-deb -f ./*.deb Version)"
cat seen
if cmp -s seen expected; then echo ok; else diff expected seen; echo changed; exit 1; fi
