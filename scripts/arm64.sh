#!/usr/bin/env bash
# Usage: scripts/arm64.sh [PYTHON_VERSION...]: shows that stentor with all extras installs on 64-bit ARM (a Raspberry Pi, a
# Mac) without a compiler: every dependency, in the versions of the lock, has a wheel. Fails, and names it, where one has none.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
pip=(.venv/bin/python -m pip --disable-pip-version-check)
place=$(mktemp -d)
trap 'rm -rf "$place"' EXIT

# Debian 12 has glibc 2.36, Debian 13 2.41; macOS 11 is the first for ARM.
declare -A platforms=(
  [linux]='manylinux_2_17_aarch64 manylinux2014_aarch64 manylinux_2_28_aarch64'
  [macos]='macosx_11_0_arm64 macosx_10_9_universal2'
)
versions=("$@")
((${#versions[@]})) || versions=(3.11 3.12 3.13 3.14)

"${pip[@]}" wheel --quiet --no-deps --wheel-dir "$place" .
# Versions with their conditions, without the hashes.
sed -nE 's/^([A-Za-z0-9._-]+==[^\\]+[^ \\]) *\\?$/\1/p' requirements/dev.lock >"$place/versions"
# pip reads conditions by the Python that it runs on itself, whatever --python-version says.
of='import sys
from pip._vendor.packaging.requirements import Requirement
for one in map(Requirement, sys.stdin):
    target = {"python_version": sys.argv[1], "python_full_version": sys.argv[1] + ".0"}
    if not one.marker or one.marker.evaluate(target):
        print(f"{one.name}{one.specifier}")'
code=0
for version in "${versions[@]}"; do
  .venv/bin/python -c "$of" "$version" <"$place/versions" >"$place/constraints"
  for system in linux macos; do
    words=(--python-version "$version" --implementation cp --only-binary :all: --target "$place/none")
    words+=(--ignore-requires-python) # which pip compares with the Python that it runs on, too
    for platform in ${platforms[$system]}; do words+=(--platform "$platform"); done
    if "${pip[@]}" install --quiet --dry-run --ignore-installed --constraint "$place/constraints" "${words[@]}" \
      "$(echo "$place"/stentor-*.whl)[all]" 2>"$place/said"; then
      echo "Python $version, $system: every dependency has a wheel for arm64"
    else
      echo "Python $version, $system: not every dependency has a wheel for arm64" >&2
      cat "$place/said" >&2
      code=1
    fi
  done
done
exit $code
