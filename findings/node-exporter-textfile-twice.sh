#!/bin/sh
# The textfile collector of node_exporter takes metrics from files that jobs write. If two files have the same series
# (two jobs that both say patch_level{host="n1"}, an old file of a job that was renamed), one of them is left out; so
# is a metric whose type another file gives otherwise. By what the page of the collector names for errors nothing has
# happened: `node_textfile_scrape_error` is 0, `node_scrape_collector_success` is 1, both files have their mtime, and
# the answer is 200 with all the rest. `promtool check metrics` finds no fault in either file. Only the exporter's log
# has a line, at each scrape. The file whose name is first in the alphabet wins, so the value may be the old one for
# ever. Give each job a label of its own (`job="backup"`), and alert on mtimes that no longer change.
#
# Installs prometheus-node-exporter 1.5.0 and promtool of prometheus 2.42.0 of Debian 12 in a temporary folder; listens
# on loopback only. Needs curl. Fails if one of them behaves differently.
set -eu
folder=$(mktemp -d)
process=''
# shellcheck disable=SC2086 # none or one process id
trap 'kill $process 2>/dev/null || :; wait; rm -rf "$folder"' EXIT
cd "$folder"
apt-get -qq -o APT::Sandbox::User=root download prometheus-node-exporter=1.5.0-1+b6 prometheus=2.42.0+ds-5+deb12u1
for package in ./*.deb; do dpkg-deb -x "$package" "$folder"; done
mkdir metrics
cat >metrics/backup-old.prom <<'END'
# HELP patch_level Version of the data.
# TYPE patch_level gauge
patch_level{host="n1"} 1
# HELP copied Files copied.
# TYPE copied gauge
copied{host="n1"} 3
END
cat >metrics/backup.prom <<'END'
# HELP patch_level Version of the data.
# TYPE patch_level gauge
patch_level{host="n1"} 2
patch_level{host="n2"} 2
# HELP copied Files copied.
# TYPE copied untyped
copied{host="n2"} 4
END
for file in metrics/*.prom; do
  code=0
  usr/bin/promtool check metrics <"$file" >said 2>&1 || code=$?
  echo "promtool check metrics $file: exit code $code"
done >seen
port=$(python3 -c 'import socket; s = socket.socket(); s.bind(("127.0.0.1", 0)); print(s.getsockname()[1])')
usr/bin/prometheus-node-exporter --web.listen-address="127.0.0.1:$port" --collector.disable-defaults \
  --collector.textfile --collector.textfile.directory=metrics 2>log & process=$!
until curl -s -o page --max-time 5 "http://127.0.0.1:$port/metrics"; do sleep 0.3; done
{
  curl -s -o page -w 'status %{http_code}\n' --max-time 5 "http://127.0.0.1:$port/metrics"
  grep -e '^patch_level' -e '^copied' -e '^node_textfile_scrape_error' -e '^node_scrape_collector_success' page | sort
} >>seen
cat >expected <<'END'
promtool check metrics metrics/backup-old.prom: exit code 0
promtool check metrics metrics/backup.prom: exit code 0
status 200
copied{host="n1"} 3
node_scrape_collector_success{collector="textfile"} 1
node_textfile_scrape_error 0
patch_level{host="n1"} 1
patch_level{host="n2"} 2
END
usr/bin/prometheus-node-exporter --version 2>&1 | sed -n 1p
cat seen
if cmp -s seen expected; then echo ok; else diff expected seen; echo changed; exit 1; fi
