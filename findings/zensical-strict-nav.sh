#!/bin/sh
# Zensical reads MkDocs' mkdocs.yml and has its `--strict`, but the two do not mean the same by it. A page in
# `nav` that does not exist and a picture that does not exist stop `mkdocs build --strict`; `zensical build
# --strict` says "No issues found", exits 0, and writes a site whose menu has a dead entry. (A dead link in a
# text stops both.) Whoever moved a project over, and relies on the strict build in CI, has lost two checks
# without a word. Compare the entries of nav and the pictures with the files yourself.
#
# Installs Zensical 0.0.73 and MkDocs 1.6.1 in a temporary folder. Fails if one of them behaves differently.
set -eu
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m pip install -q --disable-pip-version-check --root-user-action ignore --target "$folder/python" \
  zensical==0.0.73 mkdocs==1.6.1
mkdir "$folder/project" "$folder/project/docs"
cd "$folder/project"
export PYTHONPATH="$folder/python"
python3 -c 'from importlib.metadata import version as v
print("zensical", v("zensical"), "mkdocs", v("mkdocs"))'
result=ok
check() { # WHAT NAV TEXT EXPECTED
  printf 'site_name: x\nnav: [%s]\n' "$2" >mkdocs.yml
  printf '# Title\n\n%s\n' "$3" >docs/index.md
  mkdocs=0 zensical=0
  python3 -m mkdocs build --strict --site-dir site-mkdocs >/dev/null 2>&1 || mkdocs=$?
  "$folder/python/bin/zensical" build --clean --strict --config-file mkdocs.yml >/dev/null 2>&1 || zensical=$?
  seen="mkdocs $mkdocs zensical $zensical"
  printf '%-20s %s\n' "$1" "$seen"
  [ "$seen" = "$4" ] || result=changed
}
check 'no fault' index.md 'text' 'mkdocs 0 zensical 0'
check 'missing link' index.md '[gone](gone.md)' 'mkdocs 1 zensical 1'
check 'missing page in nav' 'index.md, gone.md' 'text' 'mkdocs 1 zensical 0'
check 'missing picture' index.md '![gone](gone.png)' 'mkdocs 1 zensical 0'
echo "$result"
[ "$result" = ok ]
