#!/bin/sh
# `umask` in chezmoi's configuration says with which rights files and folders are made. Files get them, whatever the
# umask of the shell is: chezmoi sets their mode itself. Folders are made by mkdir, which the shell's umask still
# restricts, and nothing sets their mode afterwards. So with `umask = 0o002` and a shell of 022 (the default nearly
# everywhere) a folder gets 755 where the configuration means 775. chezmoi notes what it meant, not what came of it:
# right after an `apply` without a word, `status` says that each folder was edited since, and the next `apply` asks
# whether to overwrite it; without a terminal (cron, Ansible, ssh) it fails with "EOF". Nothing was touched.
# Answer once with `apply --force`, which sets the mode, or set the same umask in the shell before the first apply.
#
# Needs chezmoi 2.71.0 in PATH (the module chezmoi.io/chezmoi/v2 at v2.71.0). Fails if chezmoi behaves differently.
set -eu
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
export HOME="$folder/home"
unset XDG_CONFIG_HOME XDG_DATA_HOME XDG_CACHE_HOME
mkdir -p "$HOME/.config/chezmoi" "$HOME/.local/share/chezmoi/dot_folder"
cd "$HOME"
umask 022
chezmoi() { command chezmoi --no-tty "$@" </dev/null; }
chezmoi --version | cut -d, -f1
echo 'umask = 0o002' >.config/chezmoi/chezmoi.toml
echo text >.local/share/chezmoi/dot_folder/file
mode() { stat -c '%a %n' .folder .folder/file | tr '\n' ' '; }

chezmoi apply
first=$(mode)
said=$(chezmoi status)
code=0
again=$(chezmoi apply 2>&1) || code=$?
chezmoi apply --force
echo "after apply: $first"
echo "status: $said"
echo "apply again: exit code $code: $(echo "$again" | tail -n 1)"
echo "after apply --force: $(mode), status: $(chezmoi status)"
[ "$first" = '755 .folder 664 .folder/file ' ] || exit 1
[ "$said" = 'MM .folder' ] || exit 1
case "$code $again" in 1*'.folder has changed since chezmoi last wrote it'*EOF) ;; *) exit 1 ;; esac
[ "$(mode)$(chezmoi status)" = '775 .folder 664 .folder/file ' ] || exit 1
echo ok
