#!/bin/sh
# One line of a crontab, three libraries of Python, three sets of days. crontab(5): if the day of the month and
# the day of the week are both restricted, the job runs when either fits; Sunday is 0 or 7, Monday 1.
# The library `crontab` wants both: of `0 0 13 * 5` it makes Friday the 13th. APScheduler's `from_crontab`, which
# is for "a standard crontab expression", wants both as well, and counts from Monday as 0: it takes 5 for
# Saturday, and 7 is an error. croniter asks for either, like cron, but also where the day of the month begins
# with a star: `0 0 */2 * 1` is every other day and each Monday, where Debian's cron runs it on Mondays with an
# odd date. None of them says so at run time. Name the days (`mon`), restrict one of the two fields, and print
# the next times before you trust a line.
#
# Installs croniter 7.0.0, crontab 1.0.5, APScheduler 3.11.3, and cronsim 2.8, which computes the times as
# Debian's cron does, in a temporary folder. Fails if one of them behaves differently.
set -eu
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
python3 -m pip install -q --disable-pip-version-check --root-user-action ignore --target "$folder/python" \
  croniter==7.0.0 crontab==1.0.5 APScheduler==3.11.3 cronsim==2.8
PYTHONPATH=$folder/python PYTHONNOUSERSITE=1 python3 - <<'PYTHON'
import datetime
from importlib.metadata import version
from apscheduler.triggers.cron import CronTrigger
from croniter import croniter
from cronsim import CronSim
from crontab import CronTab

BEGIN = datetime.datetime(2026, 1, 1, 12, tzinfo=datetime.timezone.utc)  # a Thursday


def apscheduler(line, last):
    return CronTrigger.from_crontab(line, timezone=datetime.timezone.utc).get_next_fire_time(None, last)


READERS = {
    "cronsim": lambda line, last: next(CronSim(line, last)),
    "croniter": lambda line, last: croniter(line, last).get_next(datetime.datetime),
    "crontab": lambda line, last: CronTab(line).next(last, return_datetime=True, default_utc=True),
    "APScheduler": apscheduler,
}
EXPECTED = {
    "0 0 13 * 5": "Fri 02 Jan, Fri 09 Jan; " * 2 + "Fri 13 Feb, Fri 13 Mar; Sat 13 Jun, Sat 13 Feb",
    "0 0 */2 * 1": "Mon 05 Jan, Mon 19 Jan; Sat 03 Jan, Mon 05 Jan; "
    "Mon 05 Jan, Mon 19 Jan; Tue 13 Jan, Tue 27 Jan",
    "0 0 * * 7": "Sun 04 Jan, Sun 11 Jan; " * 3 + "ValueError",
}
print(*(f"{name} {version(name)}" for name in READERS), sep=", ")
seen = {}
for line in EXPECTED:
    times = []
    for name, reader in READERS.items():
        try:
            first = reader(line, BEGIN).replace(tzinfo=datetime.timezone.utc)
            second = reader(line, first + datetime.timedelta(minutes=1))
            found = f"{first:%a %d %b}, {second:%a %d %b}"
        except ValueError:
            found = "ValueError"
        times.append(found)
        print(f"{line:11} {name:11} {found}")
    seen[line] = "; ".join(times)
raise SystemExit(print("ok") if seen == EXPECTED else "changed")
PYTHON
