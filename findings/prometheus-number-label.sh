#!/bin/sh
# A list of targets for Prometheus (file_sd) may be YAML or JSON, and the two are not read alike. In YAML a
# label that is a number or a boolean is taken as text. The same value in JSON is an error, and not of the
# label alone: all targets of the file are refused. An exporter which changes from YAML to JSON with the same
# data, or gains one fact that is a number (a rack, a count of GPUs), so has all nodes of the file refused,
# where only one label is wrong. Turn every label into text before writing, and run `promtool check config`
# over it.
#
# Installs promtool of prometheus 2.42.0 of Debian 12 in a temporary folder. Fails if it behaves differently.
set -eu
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
apt-get -qq -o APT::Sandbox::User=root download prometheus=2.42.0+ds-5+deb12u1
dpkg-deb -x ./*.deb "$folder"
promtool() { "$folder/usr/bin/promtool" "$@"; }

promtool --version 2>&1 | sed -n 1p
result=ok
check() { # FORMAT LABELS EXPECTED
  printf '[{"targets": ["n1:9100"], "labels": {%s}}]\n' "$2" >"targets.$1"
  printf 'scrape_configs:\n- job_name: nodes\n  file_sd_configs: [{files: [targets.%s]}]\n' "$1" >config.yml
  seen=$(promtool check config config.yml 2>&1 | grep -o -e SUCCESS -e 'cannot unmarshal [a-z]*' | sed -n 1p)
  printf '%-5s {%-14s} %s\n' "$1" "$2" "$seen"
  [ "$seen" = "$3" ] || result=changed
}
check yml '"rack": "5"' SUCCESS
check json '"rack": "5"' SUCCESS
check yml '"rack": 5' SUCCESS
check json '"rack": 5' 'cannot unmarshal number'
check yml '"gpu": true' SUCCESS
check json '"gpu": true' 'cannot unmarshal bool'
echo "$result"
[ "$result" = ok ]
