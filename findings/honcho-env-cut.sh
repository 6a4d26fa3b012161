#!/bin/sh
# honcho runs the processes of a Procfile and gives them the variables of a file .env, as Docker Compose, python-dotenv
# and the shell read one. It breaks each line into the words of Python's shlex and joins what stands behind the sign
# again: of `PASSWORD=abc#1` it keeps "abc", as `#` begins a comment inside of a word too; `OPTIONS=-o Port=22` loses
# its blank; and `export TOKEN=1` is no variable at all. Nothing is printed, the exit code is 0. python-dotenv gives all
# three in full, and the shell the first and the last. So a service that was tried by `. ./.env` in a shell fails at
# its login under honcho, with a shorter password that nobody wrote. Quote every value, and leave out `export`: then
# all agree.
#
# Installs honcho 2.0.0 and python-dotenv 1.2.1 in a temporary folder. Fails if one of them behaves differently.
set -eu
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
python3 -m pip install -q --disable-pip-version-check --root-user-action ignore --target "$folder/python" \
  honcho==2.0.0 python-dotenv==1.2.1
export PYTHONPATH="$folder/python" PYTHONNOUSERSITE=1
cat >.env <<'END'
PLAIN=abc
PASSWORD=abc#1
QUOTED="abc#1"
OPTIONS=-o Port=22
BOTH="-o Port=22"
export TOKEN=1
END
cat >show.py <<'END'
"""Print the variables as this process has them."""
import os
names = ("PLAIN", "PASSWORD", "QUOTED", "OPTIONS", "BOTH", "TOKEN")
print(*(os.environ.get(name, "(unset)") for name in names), sep=" | ")
END
python3 -c '
from importlib.metadata import version
print("honcho", version("honcho"), "python-dotenv", version("python-dotenv"))'
{
  printf 'honcho:        '
  python3 -c 'from honcho.command import main; main()' run python3 show.py
  printf 'python-dotenv: '
  python3 -m dotenv run -- python3 show.py
} >seen
cat >expected <<'END'
honcho:        abc | abc | abc#1 | -oPort=22 | -o Port=22 | (unset)
python-dotenv: abc | abc#1 | abc#1 | -o Port=22 | -o Port=22 | 1
END
cat seen
if cmp -s seen expected; then echo ok; else diff expected seen; echo changed; exit 1; fi
