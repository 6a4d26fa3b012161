# The old commands' names, for bash and zsh. Made by 'stentor shell-init'; nothing is started by sourcing it.

tmux-cluster() { stentor tmux open ${1:+--session="$1"}; }
tmux-gpu() { stentor tmux open @gpu ${1:+--session="$1"}; }
tmux-attach-cluster() { stentor tmux attach; }
tmux-sync-on() { stentor tmux sync on "$@"; }
tmux-sync-off() { stentor tmux sync off "$@"; }
tmux-sync-toggle() { stentor tmux sync toggle "$@"; }
tn() { stentor tmux window "$@"; }
tnm() { stentor tmux window --mosh "$@"; }
cluster-ping() { stentor ping "$@"; }
cluster-status() { stentor status "$@"; }
cluster-tmux-list() { stentor tmux list "$@"; }
push-dotfiles() { stentor dotfiles push "$@" && _stentor_reload "$@"; }
sync-dotfiles() { stentor dotfiles sync "$@" && _stentor_reload "$@"; }

alias tc=tmux-cluster tg=tmux-gpu ta=tmux-attach-cluster tsync=tmux-sync-toggle
alias cstatus=cluster-status cping=cluster-ping csync=sync-dotfiles cpush=push-dotfiles

# New dotfiles take effect in a new shell; asked only of a person.
_stentor_reload() {
  case " $* " in *" -n "*|*" --dry-run "*|*" -h "*|*" --help "*) return 0 ;; esac
  [ -t 0 ] && [ -t 2 ] || return 0
  printf 'start a fresh shell with the new dotfiles? [y/N] ' >&2
  read -r REPLY
  case $REPLY in [yY]*) exec "${SHELL:-sh}" -l ;; esac
}
