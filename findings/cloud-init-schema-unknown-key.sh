#!/bin/sh
# `cloud-init schema -c FILE`, the check of user-data before a machine is booted with it, knows no misspelt
# key at the top: `ussers:`, `packges:` and `hostnam:` are "Valid cloud-config", exit code 0. Below the keys
# that it knows it is strict: `contents:` for `content:` in write_files is an error. So the check finds small
# slips inside of a section, and passes the one that loses the whole section: no account, no key, and a
# machine that nobody can log in to. Compare the keys at the top with those that you mean before you trust the
# check.
#
# Installs cloud-init 22.4.2 of Debian 12, and the Python libraries that it needs, in a temporary folder.
# Fails if cloud-init behaves differently.
set -eu
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
apt-get -qq -o APT::Sandbox::User=root download cloud-init
dpkg-deb -x ./*.deb "$folder"
python3 -m pip install -q --disable-pip-version-check --root-user-action ignore --target "$folder/python" \
  jsonschema==4.10.3 configobj==5.0.8 Jinja2==3.1.2 PyYAML==6.0.3 requests==2.32.3 jsonpatch==1.32 \
  oauthlib==3.2.2
PYTHONPATH=$folder/usr/lib/python3/dist-packages:$folder/python
export PYTHONPATH

result=ok
echo "cloud-init $(dpkg-deb -f ./*.deb Version)"
check() { # EXPECTED FILE
  code=0
  said=$(python3 -m cloudinit.cmd.main schema -c "$2" 2>&1) || code=$?
  printf 'exit code %s: %s\n' "$code" "$(echo "$said" | tail -n 1)"
  case "$code $said" in *"$1"*) ;; *) result=changed ;; esac
}
printf '#cloud-config\nhostnam: n1\npackges: [git]\nussers:\n  - name: ann\n' >misspelt
printf '#cloud-config\nwrite_files:\n  - path: /etc/n1\n    contents: text\n' >inside
check '0 Valid cloud-config' misspelt
check "'contents' was unexpected" inside
echo "$result"
[ "$result" = ok ]
