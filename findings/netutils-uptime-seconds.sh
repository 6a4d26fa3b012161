#!/bin/sh
# netutils has two functions for the uptime of a device: `uptime_seconds_to_string` writes "5 minutes, 10 seconds",
# and `uptime_string_to_seconds` reads such a text. It stops at the minutes: what the first one wrote for 310 seconds
# is read as 300, and the rest is dropped without a word, though "4m15s" and "00:05:10" are read in full. A text
# without minutes ("5 hours") is refused, also where netutils itself wrote it. Who takes the time of the last start
# from it (now less the uptime) gets one that moves by up to a minute between two looks, as if the device had started
# anew. Keep the seconds themselves, and write the text only for people.
#
# Installs netutils 1.19.2 in a temporary folder. Fails if it behaves differently.
set -eu
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
python3 -m pip install -q --disable-pip-version-check --root-user-action ignore --target "$folder/python" \
  netutils==1.19.2
cat >look.py <<'END'
"""Print what is read from some texts, first those that netutils writes."""
from importlib.metadata import version
from netutils.time import uptime_seconds_to_string, uptime_string_to_seconds
def read(text):
    try:
        return uptime_string_to_seconds(text)
    except ValueError:
        return "refused"
print("netutils", version("netutils"))
for seconds in (300, 310, 359, 90061, 18000):
    text = uptime_seconds_to_string(seconds)
    print(f"{seconds:>6} is written {text!r} and read {read(text)}")
for text in ("00:05:10", "5m10s", "1 year, 5 minutes"):
    print(f"{text!r} is read {read(text)}")
END
PYTHONPATH="$folder/python" PYTHONNOUSERSITE=1 python3 look.py >seen
cat >expected <<'END'
netutils 1.19.2
   300 is written '5 minutes' and read 300
   310 is written '5 minutes, 10 seconds' and read 300
   359 is written '5 minutes, 59 seconds' and read 300
 90061 is written '1 day, 1 hour, 1 minute, 1 second' and read 90060
 18000 is written '5 hours' and read refused
'00:05:10' is read 310
'5m10s' is read 310
'1 year, 5 minutes' is read 31536300
END
cat seen
if cmp -s seen expected; then echo ok; else diff expected seen; echo changed; exit 1; fi
