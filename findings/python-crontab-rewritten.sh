#!/bin/sh
# python-crontab reads a crontab, changes or adds a job, and writes the whole file again. Two things change that
# nobody named. A variable with blanks around its sign (`MAILTO = ops`, which crontab(5) allows) is left out: the
# mail about jobs that fail goes elsewhere, PATH is the short one. And a range that covers all days becomes a star.
# crontab(5): if both the day of the month and the day of the week are restricted, a job runs when either fits,
# and `1-31` is restricted where `*` is not. So `0 3 1-31 * 1`, each day, becomes `0 3 * * 1`, Mondays;
# `1-31/2` becomes `*/2` likewise. Nothing is printed. Write a file of your own in /etc/cron.d, or compare
# `crontab -l` before and after.
#
# Installs python-crontab 3.4.0, and cronsim 2.8, which computes the times as Debian's cron does, in a temporary
# folder. Fails if python-crontab behaves differently.
set -eu
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
python3 -m pip install -q --disable-pip-version-check --root-user-action ignore --target "$folder/python" \
  python-crontab==3.4.0 cronsim==2.8
cat >before <<'TAB'
MAILTO = ops
LANG=C
0 3 1-31 * 1 backup
0 4 1-31/2 * 1 clean
TAB
PYTHONPATH=$folder/python PYTHONNOUSERSITE=1 python3 - <<'PYTHON'
import datetime
import importlib.metadata
from cronsim import CronSim
from crontab import CronTab

print("python-crontab", importlib.metadata.version("python-crontab"))
tab = CronTab(tabfile="before")
tab.new(command="added").setall("0 5 * * *")
tab.write("after")
for name in ("before", "after"):
    print(f"{name}:")
    print("  " + open(name).read().strip().replace("\n", "\n  "))


def days(line):
    times = CronSim(line, datetime.datetime(2026, 1, 1))
    return [next(times).day for _ in range(4)]


for line in ("0 3 1-31 * 1", "0 3 * * 1", "0 4 1-31/2 * 1", "0 4 */2 * 1"):
    print(f"{line:15} runs on the days {days(line)} after 1 January 2026")
PYTHON
if [ "$(paste -s -d '|' after)" = 'LANG=C|0 3 * * 1 backup|0 4 */2 * 1 clean|0 5 * * * added' ]; then echo ok; else
  echo changed
  exit 1
fi
