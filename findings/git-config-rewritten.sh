#!/bin/sh
# git changes one line when it sets a value in .gitconfig. GitPython and dulwich read the whole file, set the
# value, and write the whole file again, and not all that they write means to git what it meant before. dulwich
# puts no quotes around a value with a semicolon, where a comment begins for git: `!f() { git log "$1"; }; f`
# is `!f() { git log "$1"` from then on. GitPython escapes once more what is escaped already, where git wrote no
# quotes around a value: `log --grep="x y"` then searches for the quotes as well. Comments are gone in both.
# Nothing is printed, and the value that was to be set is right. So a program that sets `user.email` on a
# machine breaks aliases that it never named. Call `git config --file`.
#
# Installs GitPython 3.2.1 and dulwich 1.2.21 in a temporary folder; needs git. Fails if one of them behaves
# differently.
set -eu
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
python3 -m pip install -q --disable-pip-version-check --root-user-action ignore --target "$folder/python" \
  GitPython==3.2.1 dulwich==1.2.21
export HOME="$folder" PYTHONPATH="$folder/python" PYTHONNOUSERSITE=1
fresh() {
  printf '# mine\n[user]\n\tname = me\n' >config
  # shellcheck disable=SC2016 # the alias is a text
  git config -f config alias.one '!f() { git log "$1"; }; f'
  git config -f config alias.two 'log --grep="x y"'
}
show() { # WHO
  echo "$1"
  for key in user.email alias.one alias.two; do
    printf '  %-10s %s\n' "$key" "$(git config -f config "$key")"
  done
  printf '  comments   %s\n' "$(grep -c '# mine' config || true)"
}
python3 -c '
import git, dulwich
print("GitPython", git.__version__, "dulwich", ".".join(map(str, dulwich.__version__)))'
{
  fresh
  git config -f config user.email me@example.org
  show git
  fresh
  python3 -c '
from git.config import GitConfigParser
with GitConfigParser("config", read_only=False) as config:
    config.set_value("user", "email", "me@example.org")'
  show GitPython
  fresh
  python3 -c '
from dulwich.config import ConfigFile
config = ConfigFile.from_path("config")
config.set(b"user", b"email", b"me@example.org")
config.write_to_path("config")'
  show dulwich
} >seen
cat >expected <<'TEXT'
git
  user.email me@example.org
  alias.one  !f() { git log "$1"; }; f
  alias.two  log --grep="x y"
  comments   1
GitPython
  user.email me@example.org
  alias.one  !f() { git log "$1"; }; f
  alias.two  log --grep=\"x y\"
  comments   0
dulwich
  user.email me@example.org
  alias.one  !f() { git log "$1"
  alias.two  log --grep="x y"
  comments   0
TEXT
cat seen
if cmp -s seen expected; then echo ok; else echo changed; exit 1; fi
