#!/bin/sh
# A template sees chezmoi's own configuration as `.chezmoi.config`. `chezmoi init --apply` makes the configuration from
# its template and applies with it: the data and the settings that it names hold, but `.chezmoi.config` is still that of
# before, on a new machine the defaults. So a template that reads it (`.chezmoi.config.data`, `.chezmoi.config.umask`)
# fails for lack of the key, or writes another file than the next `chezmoi apply`, which changes it without a question.
# Machines set up by the one command that the manual shows differ from those where `init` and `apply` were typed apart.
# Read `.name` instead of `.chezmoi.config.data.name`, or run `chezmoi init` and `chezmoi apply` one after the other.
#
# Needs git, and chezmoi 2.71.0 in PATH (the module chezmoi.io/chezmoi/v2 at v2.71.0). Fails if chezmoi behaves
# differently.
set -eu
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
export HOME="$folder/home" GIT_CONFIG_GLOBAL=/dev/null
unset XDG_CONFIG_HOME XDG_DATA_HOME XDG_CACHE_HOME
mkdir -p "$HOME" "$folder/repository"
cd "$folder/repository"
chezmoi() { command chezmoi --no-tty "$@" </dev/null; }
chezmoi --version | cut -d, -f1
git --version
printf '%s\n' 'umask = 0o077' '[data]' 'name = "one"' >.chezmoi.toml.tmpl
echo '{{ .name }} {{ .chezmoi.config.data | toJson }} {{ .chezmoi.config.umask }}' >dot_file.tmpl
git init -q
git add .
git -c user.name=n -c user.email=n@example.org commit -q -m one

chezmoi init --apply "$folder/repository" 2>/dev/null
first=$(cat "$HOME/.file") mode=$(stat -c %a "$HOME/.file")
said=$(chezmoi status)
chezmoi apply
second=$(cat "$HOME/.file")
echo "after init --apply: $first (mode $mode)"
echo "status: $said"
echo "after apply: $second"
[ "$first $mode" = 'one {} 18 600' ] || exit 1
[ "$said" = ' M .file' ] || exit 1
[ "$second" = 'one {"name":"one"} 63' ] || exit 1
echo ok
