#!/bin/sh
# A timer of systemd for each day at 02:30 does not run on the day on which clocks go forward, if the machine's
# time is local: 02:30 does not exist then, and the next time after Saturday is Monday. systemd.time(7) says how
# to name a time zone, and nothing of such a day; crontab(5) of Debian promises that a job of the missing hour
# runs right after the change. So a nightly backup that is moved from cron to a timer misses one night a year,
# and nothing has failed. `systemd-analyze calendar` shows it, to those who ask about that week. Times in UTC
# and those outside of the missing hour are kept, and in autumn, when 02:30 comes twice, the timer runs once.
# Choose a time before 02:00 or after 03:00, or write `02:30 UTC`.
#
# Installs systemd 252.39 of Debian 12 in a temporary folder; starts no timer. Fails if it behaves differently.
set -eu
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
apt-get -qq -o APT::Sandbox::User=root download systemd=252.39-1~deb12u2 libsystemd-shared=252.39-1~deb12u2
for package in ./*.deb; do dpkg-deb -x "$package" "$folder"; done
libraries=$(dirname "$(find "$folder" -name 'libsystemd-shared-*.so' | sed -n 1p)")
analyze() { LD_LIBRARY_PATH=$libraries TZ=CET-1CEST,M3.5.0,M10.5.0/3 usr/bin/systemd-analyze "$@"; }

analyze --version | sed -n 1p
result=ok
check() { # EXPECTED START EXPRESSION
  seen=$(analyze calendar --iterations=2 --base-time="$2" "$3" \
    | sed -n 's/.*\(Next elapse\|Iter. #2\): \(.\{20\}\).*/\2/p' | paste -s -d ,)
  printf 'after %s, %-22s %s\n' "$2" "$3" "$seen"
  [ "$seen" = "$1" ] || result=changed
}
check 'Sat 2026-03-21 02:30,Sun 2026-03-22 02:30' '2026-03-20 12:00' '*-*-* 02:30'
check 'Mon 2026-03-30 02:30,Tue 2026-03-31 02:30' '2026-03-28 12:00' '*-*-* 02:30'
check 'Sun 2026-03-29 03:30,Mon 2026-03-30 03:30' '2026-03-28 12:00' '*-*-* 03:30'
check 'Sun 2026-03-29 04:30,Mon 2026-03-30 04:30' '2026-03-28 12:00' '*-*-* 02:30 UTC'
check 'Sun 2026-10-25 02:30,Mon 2026-10-26 02:30' '2026-10-24 12:00' '*-*-* 02:30'
echo "$result"
[ "$result" = ok ]
