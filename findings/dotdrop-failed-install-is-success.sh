#!/bin/sh
# `dotdrop install` exits 0 although files were not installed. Where a dotfile's template names a variable that this
# machine does not have, or the action that is to run before it fails, dotdrop prints an [ERR] line, leaves the file out,
# counts those that came ("1 dotfile(s) installed") and reports success; so it does if all of them failed. If an
# action after it fails, it is the same. `dotdrop compare` for a profile that does not exist exits 0 as well, as if
# nothing differed, while `install` with that profile exits 1. The manual gives no exit codes. A rollout or a timer
# that looks at them has machines that keep their old files and are reported as up to date. Look for [ERR] in
# what is printed, or run `dotdrop compare` afterwards, which does find the difference if the profile exists.
#
# Installs dotdrop 1.18.0 in a temporary folder. Fails if dotdrop behaves differently.
set -eu
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
python3 -m pip install -q --disable-pip-version-check --root-user-action ignore --target "$folder/python" \
  dotdrop==1.18.0
mkdir home dotfiles
export HOME="$folder/home"
cat >config.yaml <<'END'
config: {dotpath: dotfiles, create: true, backup: false}
actions:
  pre: {before: 'false'}
  post: {after: 'false'}
dotfiles:
  f_plain: {src: plain, dst: ~/.plain}
  f_template: {src: template, dst: ~/.template}
  f_before: {src: plain, dst: ~/.before, actions: [before]}
  f_after: {src: plain, dst: ~/.after, actions: [after]}
profiles:
  good: {dotfiles: [f_plain]}
  template: {dotfiles: [f_plain, f_template]}
  onlytemplate: {dotfiles: [f_template]}
  before: {dotfiles: [f_before]}
  after: {dotfiles: [f_after]}
END
echo plain >dotfiles/plain
echo 'host {{@@ gateway @@}}' >dotfiles/template
dotdrop() { PYTHONPATH="$folder/python" PYTHONNOUSERSITE=1 python3 -W ignore -m dotdrop.dotdrop "$@"; }

dotdrop --version
check() { # COMMAND PROFILE [OPTION]
  find home -mindepth 1 -delete
  code=0
  dotdrop "$1" -b -c config.yaml -p "$2" ${3+"$3"} >said 2>&1 </dev/null || code=$?
  echo "$1 -p $2: exit code $code, errors: $(grep -c '\[ERR\]' said), files: $(find home -type f | wc -l)"
}
{
  check install good -f
  check install template -f
  check install onlytemplate -f
  check install before -f
  check install after -f
  check install nosuch -f
  check compare good
  check compare nosuch
} >seen
cat >expected <<'END'
install -p good: exit code 0, errors: 0, files: 1
install -p template: exit code 0, errors: 1, files: 1
install -p onlytemplate: exit code 0, errors: 1, files: 0
install -p before: exit code 0, errors: 2, files: 0
install -p after: exit code 0, errors: 1, files: 1
install -p nosuch: exit code 1, errors: 0, files: 0
compare -p good: exit code 1, errors: 0, files: 0
compare -p nosuch: exit code 0, errors: 0, files: 0
END
cat seen
if cmp -s seen expected; then echo ok; else diff expected seen; echo changed; exit 1; fi
