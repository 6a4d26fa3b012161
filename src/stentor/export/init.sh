# The old commands' names, for bash and zsh. Made by 'stentor shell-init'; nothing is started by sourcing it.
# 'function': behind it no alias of yours is expanded. An alias of yours stays as it is, and hides the name here.

function tmux-cluster {
  case ${1-} in ''|-*) stentor tmux open "$@" ;; *) stentor tmux open "--session=$@" ;; esac
}
function tmux-gpu {
  case ${1-} in ''|-*) stentor tmux open @gpu "$@" ;; *) stentor tmux open @gpu "--session=$@" ;; esac
}
function tmux-attach-cluster { stentor tmux attach "$@"; }
function tmux-sync-on { stentor tmux sync on "$@"; }
function tmux-sync-off { stentor tmux sync off "$@"; }
function tmux-sync-toggle { stentor tmux sync toggle "$@"; }
function tn { stentor tmux window "$@"; }
function tnm { stentor tmux window --mosh "$@"; }
function cluster-ping { stentor ping "$@"; }
function cluster-status { stentor status "$@"; }
function cluster-tmux-list { stentor tmux list "$@"; }
function push-dotfiles { stentor dotfiles push "$@" && _stentor_reload "$@"; }
function sync-dotfiles { stentor dotfiles sync "$@" && _stentor_reload "$@"; }

function _stentor_short { alias "${1%%=*}" >/dev/null 2>&1 || alias "$1"; }
_stentor_short tc=tmux-cluster
_stentor_short tg=tmux-gpu
_stentor_short ta=tmux-attach-cluster
_stentor_short tsync=tmux-sync-toggle
_stentor_short cstatus=cluster-status
_stentor_short cping=cluster-ping
_stentor_short csync=sync-dotfiles
_stentor_short cpush=push-dotfiles
unset -f _stentor_short

# New dotfiles take effect in a new shell; asked only of a person.
function _stentor_reload {
  case " $* " in *" -n "*|*" --dry-run "*|*" -h "*|*" --help "*) return 0 ;; esac
  [ -t 0 ] && [ -t 2 ] || return 0
  printf 'start a fresh shell with the new dotfiles? [y/N] ' >&2
  read -r REPLY
  case $REPLY in [yY]*) exec "${SHELL:-sh}" -l ;; esac
}
