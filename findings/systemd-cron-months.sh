#!/bin/sh
# The package systemd-cron of Debian 12 takes the place of cron: it makes timers of the lines of a crontab. Three
# kinds of lines that its own crontab(5) explains get another time, or none. Months by name are wrong at the end of
# the year, as its list of them has no October: `nov` is October, `dec` is November, and a job for `oct` is left out.
# A range that ends with 7 for Sunday (`5-7`) becomes each day of the week. And the example of the page, `30 4 1,15
# * 5`, "on the 1st and 15th of each month, plus every Friday", becomes Fridays that are the 1st or the 15th. The
# generator names `oct` and `5-7` in the kernel's log, at boot, and the rest nowhere. So a machine that changes over
# from cron keeps most of its jobs and moves some. Write months as numbers and Sunday as 0, restrict one of the two
# fields for days, and compare `systemctl list-timers` with the crontab.
#
# Installs systemd-cron 1.15.19 of Debian 12 in a temporary folder, and has its generator read one crontab. Starts
# no timer. Fails if it behaves differently.
set -eu
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
apt-get -qq -o APT::Sandbox::User=root download systemd-cron=1.15.19-5
dpkg-deb -x ./*.deb "$folder"
cat >table <<'END'
0 3 1 9 * nine
0 3 1 sep * sep
0 3 1 oct * oct
0 3 1 nov * nov
0 3 1 dec * dec
30 4 1,15 * 5 either
0 3 * * 1-5 weekdays
0 3 * * 5-7 weekend
0 3 * * 7 sunday
END
cat >look.py <<'END'
"""Run the generator's own functions over the file "table", as its main() does over a user's crontab."""
import importlib.machinery, importlib.util, itertools, pathlib, sys
sys.dont_write_bytecode = True
loader = importlib.machinery.SourceFileLoader("generator", "lib/systemd/system-generators/systemd-crontab-generator")
generator = importlib.util.module_from_spec(importlib.util.spec_from_loader("generator", loader))
loader.exec_module(generator)
generator.TARGET_DIR, generator.TIMERS_DIR = "units", "units/wants"
pathlib.Path("units/wants").mkdir(parents=True)
numbers = itertools.count()
for job in generator.parse_crontab("table", withuser=False):
    name = generator.generate_timer_unit(job, seq=numbers)
    lines = pathlib.Path("units", name).read_text().splitlines() if name else []
    times = [line.split("=", 1)[1] for line in lines if line.startswith("OnCalendar=")]
    print(f"{job['l']:24}", *(time.strip() for time in times or ["no timer"]))
END
python3 -W ignore look.py >seen 2>said
cat >expected <<'END'
0 3 1 9 * nine           *-9-1 3:0:00
0 3 1 sep * sep          *-9-1 3:0:00
0 3 1 oct * oct          no timer
0 3 1 nov * nov          *-10-1 3:0:00
0 3 1 dec * dec          *-11-1 3:0:00
30 4 1,15 * 5 either     Fri *-*-1,15 4:30:00
0 3 * * 1-5 weekdays     Mon,Tue,Wed,Thu,Fri *-*-* 3:0:00
0 3 * * 5-7 weekend      *-*-* 3:0:00
0 3 * * 7 sunday         Sun *-*-* 3:0:00
END
dpkg-deb -f ./*.deb Package Version
cat said seen
if cmp -s seen expected; then echo ok; else echo changed; exit 1; fi
