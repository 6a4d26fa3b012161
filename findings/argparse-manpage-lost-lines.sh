#!/bin/sh
# argparse-manpage writes help texts into a man page without protecting the start of a line. A line which
# begins with a full stop or an apostrophe is a request to roff, and as no request has that name, the reader
# of the page sees nothing of it: help such as ".ssh/config is read first" or "'n[1-3]' selects three" is
# missing, in one case the whole paragraph. `--help` of the program shows it, argparse-manpage and man exit 0.
# man's warnings go to standard error, behind its pager. A line in the middle of a help text is lost too if
# the source breaks it there. Look for such lines (`grep "^['.]"`) and put `\&` in front, or begin no sentence
# with a file of that kind or a quote.
#
# Installs argparse-manpage 4.8 in a temporary folder; needs man. Fails if argparse-manpage behaves
# differently.
set -eu
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m pip install -q --disable-pip-version-check --root-user-action ignore --target "$folder/python" \
  argparse-manpage==4.8
cd "$folder"
cat >fleet.py <<'EOF'
import argparse
def parser():
    parser = argparse.ArgumentParser(prog="fleet", description=".ssh/config is read first")
    parser.add_argument("--plain", help="the file .ssh/known_hosts")
    parser.add_argument("--stop", help=".ssh/known_hosts, the file")
    parser.add_argument("--quote", help="'n[1-3]' selects three")
    return parser
EOF
export PYTHONPATH="$folder/python:$folder"
python3 -c 'from importlib.metadata import version as v; print("argparse-manpage", v("argparse-manpage"))'
python3 -c 'import fleet; fleet.parser().print_help()' >help
"$folder/python/bin/argparse-manpage" --pyfile fleet.py --function parser --project-name fleet --version 1 \
  --description fleet >fleet.1
MANWIDTH=100 man -l fleet.1 >page 2>said
result=ok
check() { # TEXT LINES-IN-HELP LINES-IN-THE-PAGE
  help=$(grep -c -F -e "$1" help || :) page=$(grep -c -F -e "$1" page || :)
  printf '%-28s in --help: %s  in the man page: %s\n' "$1" "$help" "$page"
  [ "$help $page" = "$2 $3" ] || result=changed
}
check 'the file .ssh/known_hosts' 1 1
check '.ssh/config is read first' 1 0
check '.ssh/known_hosts, the file' 1 0
check "'n[1-3]' selects three" 1 0
echo "$result"
[ "$result" = ok ]
