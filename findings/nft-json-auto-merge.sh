#!/bin/sh
# `nft -j list ruleset` is no full copy of a ruleset: the JSON form leaves out `auto-merge` of a set and the
# comments of tables, sets and chains, and `nft -j -f` reads it back without an error. The text form keeps
# them. A set without auto-merge refuses elements which overlap, so the restored firewall passes the same
# packets and then fails at the next update: adding an address to a list of blocked networks, which went well
# for months, is "interval overlaps with an existing one", and the whole transaction is undone. Save and
# compare rulesets as text (`nft -s list ruleset`), read facts from JSON.
#
# Installs nftables 1.0.6 of Debian 12 in a temporary folder; works in a network namespace of its own
# (unshare). Fails if nft behaves differently.
set -eu
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
apt-get -qq -o APT::Sandbox::User=root download nftables=1.0.6-2+deb12u2 libnftables1=1.0.6-2+deb12u2
for package in ./*.deb; do dpkg-deb -x "$package" "$folder"; done
cat >rules <<'EOF'
table inet t {
	set blocked {
		type ipv4_addr
		flags interval
		auto-merge
		comment "from the fleet"
		elements = { 10.0.0.0/24 }
	}
}
EOF
cat >look <<'EOF'
nft() { usr/sbin/nft "$@"; }
say() { echo "$1: $(nft list ruleset | grep -c -e auto-merge -e comment) of 2 lines, add 10.0.0.5: $2"; }
try() { nft add element inet t blocked '{ 10.0.0.5 }' 2>&1 | grep -o 'interval overlaps' || echo added; }
nft -f rules
nft list ruleset >text
nft -j list ruleset >json
say original "$(try)"
nft flush ruleset && nft -f text && say 'from text' "$(try)"
nft flush ruleset && nft -j -f json && say 'from JSON' "$(try)"
EOF
libraries=$(dirname "$(find "$folder" -name 'libnftables.so.1' | sed -n 1p)")
export LD_LIBRARY_PATH="$libraries"
usr/sbin/nft --version
unshare --map-root-user --net sh look | tee seen
cat >expected <<'EOF'
original: 2 of 2 lines, add 10.0.0.5: added
from text: 2 of 2 lines, add 10.0.0.5: added
from JSON: 0 of 2 lines, add 10.0.0.5: interval overlaps
EOF
diff expected seen
echo ok
