#!/bin/sh
# `promtool test rules` tests alerts on made-up series. The manual says how to test that an alert does not fire:
# leave `exp_alerts` empty. If no alert has that name (a slip, or a rule that was renamed) there is nothing that
# could fire, and the test is a SUCCESS, exit code 0, whatever the rules do. The same happens with a file of
# rules that does not exist: a warning, and SUCCESS. An unknown key of a test is an error. So after a rename
# the tests that guard against false alarms pass for ever, and the alert that woke somebody for nothing is
# tested by none. Ask in each such group for the alert to fire once (a test that expects it by name), or
# compare the names with `grep 'alert:'`.
#
# Installs promtool of prometheus 2.42.0 of Debian 12 in a temporary folder. Fails if it behaves differently.
set -eu
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
apt-get -qq -o APT::Sandbox::User=root download prometheus=2.42.0+ds-5+deb12u1
dpkg-deb -x ./*.deb "$folder"
promtool() { "$folder/usr/bin/promtool" "$@"; }
printf 'groups:\n- name: nodes\n  rules:\n  - {alert: NodeDown, expr: up == 0, for: 5m}\n' >rules.yml

promtool --version 2>&1 | sed -n 1p
result=ok
check() { # RULES ALERT EXPECTED
  cat >tests.yml <<YAML
rule_files: [$1]
tests:
- interval: 1m
  input_series: [{series: 'up{instance="n1"}', values: 0x20}]
  alert_rule_test: [{eval_time: 10m, alertname: $2, exp_alerts: []}]
YAML
  code=0
  promtool test rules tests.yml >said 2>&1 || code=$?
  seen="$code $(grep -o -e SUCCESS -e FAILED -e WARNING said | sort -u | paste -s -d ' ')"
  printf 'n1 is down for 10 minutes, no %-8s is expected of %-9s: %s\n' "$2" "$1" "$seen"
  [ "$seen" = "$3" ] || result=changed
}
check rules.yml NodeDown '1 FAILED'
check rules.yml NodeDwn '0 SUCCESS'
check rulez.yml NodeDown '0 SUCCESS WARNING'
echo "$result"
[ "$result" = ok ]
