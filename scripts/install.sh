#!/usr/bin/env bash
# Usage: scripts/install.sh: installs stentor for this user, with all extras, as ~/.local/bin/stentor.
# By pipx or uv where one of them is here, else in a virtual environment under ~/.local/share/stentor.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
python=${PYTHON:-python3}
bin=$HOME/.local/bin
what='.[all]'

scripts/packages.sh install
echo "Installing stentor with all extras from the package index (about half a minute) ..."
if command -v pipx >/dev/null; then
  pipx install --quiet --force --python "$(command -v "$python")" "$what"
  bin=$(pipx environment --value PIPX_BIN_DIR)
elif command -v uv >/dev/null; then
  uv tool install --quiet --force --python "$(command -v "$python")" "$what"
  bin=$(uv tool dir --bin)
else
  venv=${XDG_DATA_HOME:-$HOME/.local/share}/stentor/venv
  "$python" -m venv --clear "$venv"
  "$venv/bin/python" -m pip install --quiet --disable-pip-version-check "$what"
  mkdir -p "$bin"
  ln -sf "$venv/bin/stentor" "$bin/stentor"
fi
printf 'installed: %s/stentor (%s)\n' "$bin" "$("$bin/stentor" --version)"
if [[ ":$PATH:" != *":$bin:"* ]]; then
  # shellcheck disable=SC2016 # the reader's shell expands it
  printf 'Not in your PATH yet. Paste this line, and add it to your shell'\''s start-up file (~/.bashrc, ~/.zshrc):\n\n  export PATH="%s:$PATH"\n' "$bin"
fi
